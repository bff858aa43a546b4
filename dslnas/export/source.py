"""Generates the source text of an exported file: its classes, and the copied parts that they need."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from textwrap import wrap

from . import complex_parts, parts
from .recipe import ModuleClass

WIDTH = 100
# What files may need of `parts.py` and `complex_parts.py`, each after those that it needs.
PARTS = (
    *(
        "Recurrent",
        "LongRecurrent",
        "nearest",
        "Bias",
        "Position",
        "Token",
        "scores",
        "attend",
        "PowerSpectrum",
        "MelFilters",
        "Cepstrum",
        "Colour",
        "Normalize",
        "Scaled",
        "Weighted",
        "SubSpectralNorm",
        "ChannelNorm",
        "heard",
        "in_windows",
    ),
    *("split", "paired", "product", "rescaled", "bounded", "structured", "whitened"),
    *("ComplexConv2d", "ComplexLinear", "ComplexNorm", "ComplexBatchNorm2d"),
    *("ComplexSubSpectralNorm", "ComplexInstanceNorm2d"),
    *("ComplexMaxPool2d", "Spectrum", "log_modulus"),
    *("in_direction", "CentredSpectrum", "RelativeSpectrum", "PhasedMelFilters"),
)


def class_text(one: ModuleClass) -> str:
    """The source of a class, with constructor and forward pass."""
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
    """A line; where it is too long, it is broken inside its outermost parentheses."""
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
    """The source of one of `PARTS`, without its `type: ignore` comments."""
    text = inspect.getsource(getattr(parts if hasattr(parts, name) else complex_parts, name)).rstrip()
    return re.sub(r"  # type: ignore\S*", "", text)


def parts_of(texts: Sequence[str]) -> list[str]:
    """The sources of the parts that texts name, and of those that these name in turn."""
    known = {name: part_text(name) for name in PARTS}
    wanted: set[str] = set()
    frontier = list(texts)
    while frontier:
        text = frontier.pop()
        new = {name for name in known if re.search(rf"\b{name}\b[()]", text)} - wanted
        wanted |= new
        frontier += [known[name] for name in new]
    return [text for name, text in known.items() if name in wanted]


def paragraphs(texts: Iterable[str]) -> str:
    """Texts as paragraphs of wrapped lines; a text of several lines stays as it is."""
    return "\n\n".join("\n".join(wrap(text, WIDTH - 4)) if "\n" not in text else text for text in texts)
