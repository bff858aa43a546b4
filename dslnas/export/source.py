"""Classes and the rest of an exported file as text."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from textwrap import wrap

from . import parts
from .recipe import ModuleClass

WIDTH = 100


def class_text(one: ModuleClass) -> str:
    """The text of a class."""
    lines = [f"class {one.name}(nn.Module):", *_docstring(one.doc)]
    if one.members:
        arguments = ["self", *(f"{name}: {annotation}" for name, annotation in one.parameters)]
        lines += ["", *_broken(f"    def __init__({', '.join(arguments)}) -> None:")]
        lines += ["        super().__init__()"]
        for name, made in one.members:
            lines += _broken(f"        self.{name} = {made}")
    lines += ["", f"    def forward(self, {', '.join(f'{name}: Tensor' for name in one.inputs)}) -> Tensor:"]
    for line in one.lines:
        lines += _broken(f"        {line}")
    return "\n".join(lines)


def _docstring(text: str) -> list[str]:
    return [f'    """{line}"""' for line in [text.replace("\\", "\\\\").replace('"', "'")]]


def _broken(line: str) -> list[str]:
    """A line; where it is too long, what its outermost parentheses hold has lines of its own."""
    first, last = line.find("("), line.rfind(")")
    if len(line) <= WIDTH or first < 0:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    inner = f"{indent}    {line[first + 1 : last]}"
    if len(inner) > WIDTH:
        arguments = re.split(r", (?![^(\[]*[)\]])", line[first + 1 : last])
        return [line[: first + 1], *(f"{indent}    {one}," for one in arguments), f"{indent}{line[last:]}"]
    return [line[: first + 1], inner, f"{indent}{line[last:]}"]


def part_text(name: str) -> str:
    """The text of a class or a function of `parts.py`, without what only its own checks need."""
    text = inspect.getsource(getattr(parts, name)).rstrip()
    return re.sub(r"  # type: ignore\S*", "", text)


def paragraphs(texts: Iterable[str]) -> str:
    """Texts as paragraphs of lines that are not too long."""
    return "\n\n".join("\n".join(wrap(text, WIDTH - 4)) if "\n" not in text else text for text in texts)
