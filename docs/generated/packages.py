"""The packages of dslnas and what each imports, as a picture that is drawn from the program text."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path

import networkx as nx

_ROOT = Path(__file__).parents[2]
_PACKAGE = _ROOT / "dslnas"
_ROW, _LEFT, _NAME, _TEXT, _WIDTH = 34, 250, 92, 12, 1060  # heights and widths in pixels
_STYLE = (
    "text{font:13px sans-serif;fill:#1f2328}.name{font-weight:bold;text-anchor:middle}"
    "rect{fill:#eaeef2;stroke:#57606a}.torch{fill:#fdebd0;stroke:#b9770e}"
    "path{fill:none;stroke:#57606a;stroke-width:1.2}.implied{stroke:#c9d1d9;stroke-width:.8}"
)
_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto"><path d="M0 0 L8 4 L0 8" style="stroke:#57606a" /></marker></defs>'
)


def layers() -> list[list[str]]:
    """The packages in the order of the road, first the one that all others stand on; beside each other where
    neither imports the other. From the contract that `lint-imports` checks.
    """
    contract = _contract("layers")
    return [re.split(r" [|:] ", layer) for layer in reversed(contract["layers"])]


def free_of_torch() -> frozenset[str]:
    """The packages that need neither torch nor numpy, from the contract that says so."""
    return frozenset(name.removeprefix("dslnas.") for name in _contract("forbidden")["source_modules"])


def _contract(kind: str) -> dict[str, list[str]]:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: dict[str, list[str]] = next(
        one for one in project["tool"]["importlinter"]["contracts"] if one["type"] == kind
    )
    return found


def imports() -> Counter[tuple[str, str]]:
    """How many imports lead from one package of dslnas to another: at the top of a module, in functions, and
    for types alone.
    """
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted(_PACKAGE.rglob("*.py")):
        module = path.relative_to(_PACKAGE).with_suffix("").parts
        for name in _imported(ast.parse(path.read_text(encoding="utf-8")), module[:-1]):
            if name and name[0] != module[0]:
                found[module[0], name[0]] += 1
    return found


def _imported(tree: ast.Module, package: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The modules below dslnas that a module of `package` imports."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        named = tuple((node.module or "").split(".")) if node.module else ()
        if node.level:
            around = package[: len(package) - node.level + 1]
            yield from ((*around, *named),) if named or around else ((one.name,) for one in node.names)
        elif named[:1] == ("dslnas",):
            yield named[1:]


def describe(package: str) -> str:
    """What a package or a module says of itself: the first sentence of its docstring."""
    path = _PACKAGE / package / "__init__.py"
    text = (path if path.is_file() else _PACKAGE / f"{package}.py").read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(text)) or ""
    return re.split(r"[.;](?:\s|$)", " ".join(said.split()), maxsplit=1)[0]


def picture() -> str:
    """The packages as SVG, in the order of the road, with an arrow from each to what it imports.

    An arrow that follows from others is pale.
    """
    order = [package for layer in layers() for package in layer]
    arrows = {pair for pair in imports() if set(pair) <= set(order)}
    needed = set(nx.transitive_reduction(nx.DiGraph(arrows)).edges)
    place = {package: _TEXT + number * _ROW for number, package in enumerate(order)}
    parts = [
        *(_arrow(place, pair, "implied") for pair in sorted(arrows - needed)),
        *(_arrow(place, pair, "") for pair in sorted(needed)),
        *(part for package in order for part in _box(package, place[package])),
    ]
    height = 2 * _TEXT + len(order) * _ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">'
        f"<style>{_STYLE}</style>{_TIP}{_lines(parts)}</svg>\n"
    )


def _lines(parts: Iterable[str]) -> str:
    return "\n" + "\n".join(parts) + "\n"


def _box(package: str, top: int) -> Iterator[str]:
    kind = "" if package in free_of_torch() else ' class="torch"'
    yield f'<rect{kind} x="{_LEFT}" y="{top}" width="{_NAME}" height="{_ROW - 8}" rx="5" />'
    yield f'<text class="name" x="{_LEFT + _NAME // 2}" y="{top + 18}">{package}</text>'
    yield f'<text x="{_LEFT + _NAME + 12}" y="{top + 18}">{escape(describe(package))}</text>'


def _arrow(place: Mapping[str, int], pair: tuple[str, str], kind: str) -> str:
    importer, imported = (place[package] + (_ROW - 8) // 2 for package in pair)
    out = _LEFT - 14 - (importer - imported) * 0.55
    x = _LEFT - 2
    tip = "" if kind else ' marker-end="url(#tip)"'
    path = f"M{x} {importer} C{out:.0f} {importer} {out:.0f} {imported} {x} {imported}"
    return f'<path class="{kind}" d="{path}"{tip} />'
