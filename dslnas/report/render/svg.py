"""Post-processing of matplotlib's SVG: smaller files, and elements that can share one HTML page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

from .drawing import shown
from .palette import css_variables

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
TIP = "tip:"  # an artist whose gid begins with it has the rest as its tooltip
FONTS = "'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_FONT = re.compile(r"'DejaVu Sans'[^;]*")


def tidy(text: str) -> str:
    """The SVG for a file: without metadata, numbers to a hundredth, generic fonts to fall back on."""
    root = _cleaned(text, "")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + _serialised(root) + "\n"


def inline(text: str, prefix: str, title: str) -> str:
    """The SVG for a page: ids begin with `prefix`, colours follow the page's CSS variables.

    title: the description for screen readers (`aria-label`).
    """
    root = _cleaned(text, prefix)
    colours = {light: f"var({name}, {light})" for name, (light, _) in css_variables().items()}
    hexes = re.compile("|".join(colours))
    for element in root.iter():
        if style := element.get("style"):
            element.set("style", hexes.sub(lambda match: colours[match[0]], style))
    root.set("role", "img")
    root.set("aria-label", shown(title, len(title)))
    # The view box keeps the proportions; the page decides how wide a picture may get.
    root.set("style", f"max-width: {float(root.get('width', '0pt')[:-2]) * 4 / 3:.0f}px")
    del root.attrib["width"], root.attrib["height"]
    return _serialised(root)


def _cleaned(text: str, prefix: str) -> ElementTree.Element:
    root = ElementTree.fromstring(text)
    for metadata in root.findall(f"{{{SVG}}}metadata"):
        root.remove(metadata)
    used = set(_references(root))
    for element in root.iter():
        _rename(element, used, prefix)
        if element.get("transform", "").startswith("rotate(-0 "):
            del element.attrib["transform"]  # a turn by nothing
        for name in ("d", "points", "transform", "x", "y", "width", "height", "style"):
            if name in element.attrib:
                value = element.attrib[name]
                short = _LONG_NUMBER.sub(
                    lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), value
                )
                element.attrib[name] = " ".join(_FONT.sub(FONTS, short).split())
    return root


def _references(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        if link := element.get(f"{{{XLINK}}}href"):
            yield link.removeprefix("#")
        for value in element.attrib.values():
            yield from _REFERENCE.findall(value)


def _rename(element: ElementTree.Element, used: set[str], prefix: str) -> None:
    identifier = element.attrib.pop("id", "")
    if identifier.startswith(TIP):
        tip = ElementTree.Element(f"{{{SVG}}}title")
        tip.text = identifier.removeprefix(TIP)
        element.insert(0, tip)
    elif identifier in used:
        element.set("id", prefix + identifier)
    for name, value in element.attrib.items():
        if name == f"{{{XLINK}}}href" and value.startswith("#"):
            element.set(name, f"#{prefix}{value[1:]}")
        elif "url(#" in value:
            element.set(name, _REFERENCE.sub(rf"url(#{prefix}\1)", value))


def _serialised(root: ElementTree.Element) -> str:
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    for element in root.iter():
        if element.tag not in (f"{{{SVG}}}text", f"{{{SVG}}}tspan", f"{{{SVG}}}title"):
            element.text = None
        element.tail = None
    return ElementTree.tostring(root, encoding="unicode")
