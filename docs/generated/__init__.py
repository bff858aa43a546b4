"""What the documentation takes from the program itself, so that the two cannot drift.

A page under `docs/pages` is Markdown; a line `[[name argument ...]]` in it stands for what a generator makes.
`page(name)` is a page as the site shows it; `page_names()` are all of them, with those of the shipped spaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from dslnas.resolve.library import shipped

from . import commands, errors, findings, honesty, language, pictures, python, reproduced, spaces

PAGES = Path(__file__).parents[1] / "pages"
GENERATORS: dict[str, Callable[..., str]] = {
    "api": python.api,
    "commands": commands.commands,
    "data": language.data_sets,
    "degeneracy": honesty.degeneracy,
    "errors": errors.errors,
    "examples": spaces.examples,
    "findings": findings.findings,
    "grammar": language.grammar,
    "library": language.library,
    "limits": language.limits,
    "primitives": language.primitives,
    "regularizers": language.regularizers,
    "results": reproduced.all_results,
    "spaces": spaces.table_of_spaces,
    "supernets": reproduced.supernets,
    "operations": language.operations,
    "paper_transfer": reproduced.paper_transfer,
    "transfer": reproduced.transfer,
    "units": language.units,
}
_DIRECTIVE = re.compile(r"^\[\[(\w+)(?: (.+))?\]\]$", re.MULTILINE)


def expand(markdown: str) -> str:
    """A page with what its directives stand for; KeyError for one that is not known."""
    return _DIRECTIVE.sub(lambda match: GENERATORS[match[1]](*(match[2] or "").split()), markdown)


def generated_pages() -> dict[str, str]:
    """The pages that are generated whole, by their paths."""
    return {f"spaces/{path.stem}.md": spaces.page(path) for path in spaces.shipped_spaces()}


def generated_pictures() -> dict[str, str]:
    """The SVG files of the site, by their paths."""
    drawn = [*spaces.shipped_spaces(), *spaces.example_spaces()]
    return {
        "pictures/compiler.svg": pictures.compiler(),
        **{f"pictures/{path.stem}.svg": pictures.of_space(path) for path in drawn},
    }


def page_names() -> list[str]:
    """Every page of the site by its path."""
    written = [path.relative_to(PAGES).as_posix() for path in sorted(PAGES.rglob("*.md"))]
    return [*written, *(f"spaces/{path.stem}.md" for path in spaces.shipped_spaces())]


def page(name: str) -> str:
    """A page of the site as Markdown, by its path."""
    if (PAGES / name).is_file():
        return expand((PAGES / name).read_text(encoding="utf-8"))
    return spaces.page(shipped() / f"{Path(name).stem}.nas")
