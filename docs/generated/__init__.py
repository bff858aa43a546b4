"""What the documentation takes from the program itself, so that the two cannot drift.

A page under `docs/pages` is Markdown. Between `<!-- generated: NAME ARGUMENTS -->` and `<!-- end -->` stands
what a generator makes; the pages of the shipped spaces, `docs/pages/spaces`, and the pictures,
`docs/pages/pictures`, are generated whole. All of it is committed, so that every page reads complete without
a build; the tests hold the text current, and this writes it again:

    DSLNAS_WRITE_CASES=1 python -m pytest tests/whole/test_documentation.py

A new place for generated text is a line `[[NAME ARGUMENTS]]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from dslnas.resolve.library import shipped

from . import (
    commands,
    compared,
    errors,
    findings,
    handmade,
    honesty,
    language,
    one_page,
    pictures,
    python,
    reproduced,
    spaces,
)

PAGES = Path(__file__).parents[1] / "pages"
GENERATORS: dict[str, Callable[..., str]] = {
    "api": python.api,
    "commands": commands.commands,
    "compared": compared.compared,
    "data": language.data_sets,
    "degeneracy": honesty.degeneracy,
    "errors": errors.errors,
    "examples": spaces.examples,
    "findings": findings.findings,
    "grammar": language.grammar,
    "library": language.library,
    "handmade": handmade.table_of_networks,
    "keywords": one_page.reserved,
    "limits": language.limits,
    "listed": one_page.listed,
    "named": one_page.named,
    "primitives": language.primitives,
    "results": reproduced.all_results,
    "spaces": spaces.table_of_spaces,
    "supernets": reproduced.supernets,
    "operations": language.operations,
    "paper_transfer": reproduced.paper_transfer,
    "transfer": reproduced.transfer,
    "units": language.units,
}
_PLACE = re.compile(r"^<!-- generated: (\w+)(?: ([^\n]+?))? -->$.*?^<!-- end -->$", re.MULTILINE | re.DOTALL)
_NEW = re.compile(r"^\[\[(\w+)(?: (.+?))?\]\]$", re.MULTILINE)


def current(markdown: str) -> str:
    """A page with its generated text as the program makes it now; KeyError for an unknown generator."""
    return _PLACE.sub(_filled, _NEW.sub(_filled, markdown))


def _filled(place: re.Match[str]) -> str:
    words = " ".join(filter(None, place.groups()))
    made = GENERATORS[place[1]](*(place[2] or "").split())
    return f"<!-- generated: {words} -->\n\n{made}\n\n<!-- end -->"


def by_hand(markdown: str) -> str:
    """A page without its generated text."""
    return _PLACE.sub("", markdown)


def page_names() -> list[str]:
    """Every page by its path; those of the shipped spaces whether they are written yet or not."""
    written = [path.relative_to(PAGES).as_posix() for path in sorted(PAGES.rglob("*.md"))]
    shipped_ones = (f"spaces/{path.stem}.md" for path in spaces.shipped_spaces())
    by_hand = (f"spaces/{handmade.FOLDER}/{path.stem}.md" for path in handmade.files())
    return [*dict.fromkeys([*written, *shipped_ones, *by_hand])]


def page(name: str) -> str:
    """A page by its path, as the program makes it now."""
    if Path(name).parent.name == handmade.FOLDER:
        return handmade.page(shipped() / handmade.FOLDER / f"{Path(name).stem}.nas")
    if Path(name).parent.name == "spaces":
        return spaces.page(shipped() / f"{Path(name).stem}.nas")
    return current((PAGES / name).read_text(encoding="utf-8"))


def pictures_drawn() -> dict[str, str]:
    """The pictures as SVG, by their paths."""
    drawn = [*spaces.shipped_spaces(), *spaces.example_spaces(), *handmade.files()]
    return {
        "pictures/compiler.svg": pictures.compiler(),
        **{f"pictures/{path.stem}.svg": pictures.of_space(path) for path in drawn},
        **compared.pictures(),
    }
