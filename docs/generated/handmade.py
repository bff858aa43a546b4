"""A page for each file of networks that were made by hand: what they are, a picture, figures, the text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from dslnas.resolve.library import shipped
from dslnas.resolve.resolve import resolve
from dslnas.runs.load import load
from dslnas.runs.plan import plan, to_json
from dslnas.runs.request import Request

from .spaces import head_of
from .tables import code, table

FOLDER = "handmade"
PICTURES = (
    "cifar10"  # what networks for pictures are counted on; those for sounds on what a run takes by itself
)


def files() -> list[Path]:
    """The files of networks that were made by hand."""
    return sorted((shipped() / FOLDER).glob("*.nas"))


def page(path: Path) -> str:
    """The page of one file."""
    spaces = names(path)
    name, what = title(path), head_of(path)
    first = planned(path, spaces[0])
    data = first["data"]
    option = f" --data {PICTURES}" if data["name"] == PICTURES else ""
    other = f"; `--set space={spaces[-1]}` another one" if len(spaces) > 1 else ""
    parts = [
        f"# {name}",
        f"{what} It is no search space: nothing in it is chosen.",
        f"`dslnas run {path.stem}{option}` trains {code(spaces[0])}{other}.",
        f"![The layers of {spaces[0]}](../../pictures/{path.stem}.svg)",
        f"Figures of `dslnas plan {path.stem}{option}`, on `{data['name']}` ({data['classes']} classes):",
        table(
            ("space", "parameters", "multiply-accumulates per example"), [_row(path, one) for one in spaces]
        ),
        "## The text",
        f'```nas title="spaces/{FOLDER}/{path.name}"\n{path.read_text(encoding="utf-8")}```',
    ]
    return "\n\n".join(parts) + "\n"


def table_of_networks() -> str:
    """All files with their networks, parameters and what they are."""
    rows = []
    for path in files():
        spaces = names(path)
        counts = [planned(path, one)["params"]["supernet"] for one in spaces]
        span = f"{min(counts):,}" + f" to {max(counts):,}" * (len(counts) > 1)
        link = f"[{title(path)}](spaces/{FOLDER}/{path.stem}.md)"
        rows.append((link, code(path.stem), ", ".join(map(code, spaces)), span))
    return table(("network", "name", "spaces", "parameters"), rows)


def title(path: Path) -> str:
    """What the networks of a file are called: the head of its comment, up to a bracket or a colon."""
    return head_of(path).partition(" (")[0].partition(":")[0]


@cache
def names(path: Path) -> tuple[str, ...]:
    """The spaces of a file in their order."""
    return tuple(resolve(path)[0].own_spaces)


@cache
def planned(path: Path, space: str) -> dict[str, Any]:
    """What `dslnas plan FILE --json` says of a network."""
    experiment = resolve(path)[0].experiment
    data = None if experiment is not None else PICTURES
    return to_json(plan(load(path, Request(preset="paper", data=data, overrides=(f"space={space}",)))))


def _row(path: Path, space: str) -> tuple[str, ...]:
    figures = planned(path, space)
    return code(space), f"{figures['params']['supernet']:,}", f"{figures['macs']['supernet']:,}"
