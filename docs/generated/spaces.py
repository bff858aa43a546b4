"""A page for each shipped space: what it is, its picture, its figures, its text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from dslnas.resolve.library import shipped
from dslnas.runs.load import load
from dslnas.runs.plan import plan, to_json
from dslnas.runs.request import Request

from .tables import code, table


def shipped_spaces() -> list[Path]:
    """The files of the spaces that come with dslnas."""
    return sorted(shipped().glob("*.nas"))


def example_spaces() -> list[Path]:
    """The files of the spaces that were written by copying the tutorial."""
    return sorted((Path(__file__).parents[1] / "examples").glob("*.nas"))


@cache
def planned(path: Path) -> dict[str, Any]:
    """What `dslnas plan FILE --json` says of a space at its published size."""
    return to_json(plan(load(path, Request(preset="paper"))))


def _row(path: Path) -> tuple[str, ...]:
    figures = planned(path)
    return (
        f"[{figures['space']}](spaces/{path.stem}.md)",
        _count(figures["size"]),
        f"{figures['params']['supernet']:,}",
        f"{figures['macs']['supernet']:,}",
        _what(path),
    )


def page(path: Path) -> str:
    """The page of one space."""
    figures = planned(path)
    data = figures["data"]
    parts = [
        f"# {figures['space']}",
        f"{_what(path)} By name: `dslnas check {path.stem}`.",
        f"![{_pictured(figures)}](../pictures/{path.stem}.svg)",
        f"Figures of `dslnas plan {path.stem}`, on `{data['name']}` ({data['classes']} classes):",
        _figures(figures),
        *_choices(figures),
        "## The text",
        f'```nas title="spaces/{path.name}"\n{path.read_text(encoding="utf-8")}```',
    ]
    return "\n\n".join(parts) + "\n"


def _pictured(figures: dict[str, Any]) -> str:
    """What the picture of a space shows, for those who do not see it."""
    if figures["cells"]:
        return f"The cells of {figures['space']}: every edge, with how many candidates compete on it"
    return f"The layers of {figures['space']}, with how many options compete at each"


def head_of(path: Path) -> str:
    """The comment at the head of a file, on one line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return " ".join(line.removeprefix("# ") for line in _while_comment(lines))


def _what(path: Path) -> str:
    """The comment at the head of the file, without the name before its colon."""
    head = head_of(path)
    what = head.partition(": ")[2] or head
    return what[:1].upper() + what[1:]


def _while_comment(lines: list[str]) -> list[str]:
    end = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return lines[:end]


def _count(number: int) -> str:
    return f"{number:,}" if number < 10**18 else f"{number:.3e}"


def _figures(figures: dict[str, Any]) -> str:
    rows = [("choice points", f"{figures['choices']:,}"), ("architectures", _count(figures["size"]))]
    if (distinct := figures["size_up_to_isomorphism"]) not in (None, figures["size"]):
        rows.append(("architectures that differ as graphs", _count(distinct)))
    for key, name in (("params", "parameters"), ("macs", "multiply-accumulates per example")):
        one = figures[key]
        rows.append((f"{name} of the supernet", f"{one['supernet']:,}"))
        low, high = one["pruned"]["min"], one["pruned"]["max"]
        rows.append((f"{name} of the pruned networks", f"{low:,} to {high:,}"))
    operations, cells = figures["order"]["operations"], figures["order"]["cells"]
    orders = [
        f"{max(found.values())} of {what}"
        for what, found in (("an option", operations), ("a cell", cells))
        if found
    ]
    rows.append(("polynomial order, at most", ", ".join(orders)))
    return table(("figure", "value"), rows)


def _choices(figures: dict[str, Any]) -> list[str]:
    """The cells and the other choices, as tables; nothing for what the space lacks."""
    cells = [
        (code(name), str(cell["nodes"]), str(cell["edges"]), str(cell["keep"]), str(cell["uses"]))
        for name, cell in figures["cells"].items()
    ]
    others: dict[tuple[str, ...], list[str]] = {}
    for name, options in figures["other_choices"].items():
        others.setdefault(tuple(options), []).append(code(name))
    found = []
    if cells:
        found.append(table(("cell", "nodes", "edges", "kept per node", "uses"), cells))
        names = dict.fromkeys(one for cell in figures["cells"].values() for one in cell["candidates"])
        found.append("Candidates: " + ", ".join(map(code, names)) + ".")
    if others:
        rows = [("; ".join(map(code, options)), ", ".join(names)) for options, names in others.items()]
        found.append(table(("options", "of the choices"), rows))
    return found


def table_of_spaces() -> str:
    """All shipped spaces with their sizes."""
    columns = ("space", "architectures", "parameters of the supernet", "MACs", "what")
    return table(columns, map(_row, shipped_spaces()))


def examples() -> str:
    """A section for each example: what it is, its picture, its text."""
    return "\n\n".join(map(_example, example_spaces()))


def _example(path: Path) -> str:
    figures = planned(path)
    parts = [
        f"## {figures['space']}",
        f"{_what(path)} {_count(figures['size'])} architectures.",
        f"![{_pictured(figures)}](pictures/{path.stem}.svg)",
        f'```nas title="{path.name}"\n{path.read_text(encoding="utf-8")}```',
        f"```sh\ndslnas run {path.name} --data folder:recordings --dry-run\n```",
    ]
    return "\n\n".join(parts)
