"""Explanations of the diagnostics: what each code means, an example that causes it, and the example mended.

One file for each code, `N0302.md`, in one form: a paragraph; under `## Wrong` the files of an example and the
command that reports the code; under `## Mended` what to do, the files that change, and the command where it
changes. A file is a fenced block with a title (```nas title="mine.nas"), a command one of `sh`. The tests
run both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from ..diagnostics import CODES

_FENCE = re.compile(r'^```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.M | re.S)


@dataclass(frozen=True)
class Example:
    """Files by name and a command line, run in a folder that holds them; `text` explains it."""

    text: str
    files: Mapping[str, str]
    command: str


@dataclass(frozen=True)
class Explanation:
    """One code: its title, its meaning, an example that causes it, and the example mended.

    mended: its files are all those of the mended example, the unchanged ones included.
    """

    code: str
    title: str
    meaning: str
    wrong: Example
    mended: Example

    @property
    def changed(self) -> Mapping[str, str]:
        """The files of the mended example that differ from those of the wrong one."""
        files = self.mended.files.items()
        return {name: text for name, text in files if self.wrong.files.get(name) != text}


def path_of(code: str) -> Path:
    """The file that explains a code."""
    return Path(__file__).parent / f"{code}.md"


def explained() -> list[str]:
    """The codes that have an explanation, in order."""
    return sorted(path.stem for path in Path(__file__).parent.glob("N*.md"))


@cache
def explanation(code: str) -> Explanation:
    """The explanation of a code; KeyError where it has none."""
    if code not in explained():
        raise KeyError(code)
    text = path_of(code).read_text(encoding="utf-8")
    meaning, wrong_text, mended_text = re.split(r"^## (?:Wrong|Mended)$", text, flags=re.M)
    wrong = _example(wrong_text)
    mended = _example(mended_text, wrong)
    return Explanation(code, CODES[code], meaning.strip(), wrong, mended)


def _example(text: str, before: Example | None = None) -> Example:
    """The example of a section; files and a command that it leaves out are those of the example before."""
    files = dict(before.files) if before else {}
    command = before.command if before else ""
    for fence in _FENCE.finditer(text):
        if fence["title"]:
            files[fence["title"]] = fence["text"]
        else:
            command = fence["text"].strip()
    return Example(_FENCE.sub("", text).strip(), MappingProxyType(files), command)
