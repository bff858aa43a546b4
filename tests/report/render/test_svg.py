"""SVG: text is text, and pictures of one page keep apart."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from drawn_cells import BOTH

from dslnas.report.render.pictures import (
    render,
    svg_text,
)

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_svg_is_xml_whose_text_is_text(tmp_path: Path) -> None:
    found = texts(render(BOTH, tmp_path / "cells.svg", "What was found").read_text("utf-8"))
    wanted = [label for drawing in BOTH for _, _, label in drawing.edges]
    wanted += ["a", "b", "n1", "n2", "n3", "concat", "normal", "a", "b", "n1", "n2", "concat", "reduction"]
    assert sorted(found) == sorted([*wanted, "What was found"])


def test_inline_pictures_keep_apart_and_follow_the_page() -> None:
    first, second = svg_text(BOTH, prefix="one-"), svg_text(BOTH, prefix="two-")
    identifiers = [set(re.findall(r' id="([^"]+)"', svg)) for svg in (first, second)]
    assert identifiers[0].isdisjoint(identifiers[1])
    for svg, own in zip((first, second), identifiers, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg)) <= own
    assert "var(--node-fill, #fdeacc)" in first
    assert ElementTree.fromstring(first).get("aria-label") == "cells: normal, reduction"
