"""Python identifiers for the names of a graph: no keywords, each used once in its scope."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable


class Names:
    """The names that are taken in one scope."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def fresh(self, wanted: str) -> str:
        """The wanted name, or with a number behind it where it is taken; it is taken from now on."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}" if wanted.islower() else f"{wanted}{number}"
        self._taken.add(name)
        return name


def identifier(id: str) -> str:
    """An id of the graph as an identifier: `pre/conv_1` is `pre_conv_1`."""
    name = re.sub(r"\W+", "_", id).strip("_") or "value"
    if name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) else name


def class_name(text: str) -> str:
    """A name of the space as that of a class: `sep_conv_3x3` is `SepConv3x3`."""
    words = re.sub(r"\W+", "_", text).split("_")
    name = "".join(word[:1].upper() + word[1:] for word in words) or "Module"
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"Module{name}"
