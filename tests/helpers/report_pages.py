"""A report as a reader's browser sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from dslnas.report.page import write_report

VOID = {"meta", "br", "img", "input", "link", "hr", "wbr"}


class Page(HTMLParser):
    """What a reader's browser would see: headings, text per section, everything that fetches."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.section = ""
        self.text: dict[str, str] = {}
        self.pictures: dict[str, list[str]] = {}
        self.fetched: list[str] = []
        self.identifiers: list[str] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)
        assert self.open == [], "an element is never closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        self.handlers += [name for name in values if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "section":
            self.section = values["id"] or ""
        if "id" in values:
            self.identifiers.append(values["id"] or "")
        if tag == "svg":
            self.pictures.setdefault(self.section, []).append(values["aria-label"] or "")
        for name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster"):
            if values.get(name):
                self.fetched.append(values[name] or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text[self.section] = self.text.get(self.section, "") + data


def page_of(run: Path) -> tuple[str, Page]:
    path = write_report(run)
    assert path == run / "report.html"
    text = path.read_text("utf-8")
    return text, Page(text)


def edit(path: Path, change: Callable[[Any], None]) -> None:
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
