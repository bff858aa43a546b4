"""Measured tables beside those of the ForceDARTS paper, from the files of `docs/results`.

A result file says what was run (`title`, and `command`, into which a row's columns go), what differs from the
paper (`differs`), and which of its data sets a row stands beside (`beside`). Its rows have the columns of the
tables of `dslnas sweep`: either here (`rows`), or in the CSV that a sweep writes (`table`, a file beside it).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dslnas.diagnostics import DslnasError
from dslnas.experiment import load
from dslnas.lower.walk import Everything, cost

from .tables import table

RESULTS = Path(__file__).parents[1] / "results"
PAPER = "paper"
NOTHING = "–"
ORDER = ("forcedarts", "darts", "fairdarts")  # the paper's finding: the gap grows in this order

Row = Mapping[str, Any]


@cache
def paper() -> dict[str, list[dict[str, Any]]]:
    """Tables 2 to 5 of the paper as data; parameters in millions, accuracies in percent."""
    found: dict[str, list[dict[str, Any]]] = json.loads((RESULTS / f"{PAPER}.json").read_text("utf-8"))
    return found


@cache
def measured(name: str) -> dict[str, Any]:
    """A result file with its rows, whether they stand in it or in a table of a sweep."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    if "table" in found:
        with (RESULTS / found["table"]).open(encoding="utf-8", newline="") as file:
            found["rows"] = [_read(line) for line in csv.DictReader(file)]
    return found


def result_names() -> list[str]:
    """The result files by name, without the paper's own."""
    return sorted(path.stem for path in RESULTS.glob("*.json") if path.stem not in (PAPER, "transfer"))


def _read(line: Mapping[str, str]) -> dict[str, Any]:
    """A line of a CSV with its numbers as numbers; what is empty is not known."""
    return {key: _value(text) for key, text in line.items()}


def _value(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text or None


# --- one row beside the paper's ----------------------------------------------------------------------------


def _percent(mean: float | None, deviation: float | None) -> str:
    """Percent with its standard deviation, where there is one."""
    if mean is None:
        return NOTHING
    return f"{mean:.2f}" + (f" ± {deviation:.2f}" if deviation is not None else "")


def _scaled(row: Row, key: str, factor: float, digits: int) -> str:
    value = row.get(key)
    return NOTHING if value is None else f"{factor * value:.{digits}f}"


def _accuracy(row: Row) -> str:
    mean, deviation = row.get("accuracy_mean"), row.get("accuracy_sd")
    return _percent(*(None if value is None else 100 * value for value in (mean, deviation)))


Show = Callable[[Row], str]
# A column, what is measured, and what the paper says, both as text.
COLUMNS: tuple[tuple[str, Show, Show], ...] = (
    ("accuracy (%)", _accuracy, lambda row: _percent(row.get("accuracy"), row.get("deviation"))),
    ("gap", lambda row: _scaled(row, "gap", 1, 3), lambda row: _scaled(row, "gap", 1, 2)),
    (
        "polynomials (%)",
        lambda row: _scaled(row, "polynomials", 100, 0),
        lambda row: _scaled(row, "polynomials", 1, 0),
    ),
    (
        "parameters with dead edges (M)",
        lambda row: _scaled(row, "parameters_with_dead_edges", 1e-6, 2),
        lambda row: _scaled(row, "parameters", 1, 2),
    ),
    ("live parameters (M)", lambda row: _scaled(row, "parameters_live", 1e-6, 2), lambda _: NOTHING),
    (
        "training (h)",
        lambda row: _scaled(row, "train_seconds", 1 / 3600, 2),
        lambda row: _scaled(row, "hours", 1, 0),
    ),
)


def _beside(row: Row, beside: Mapping[str, str]) -> list[Row]:
    """The paper's rows of the same space and method: that of the same search, or all where there is none."""
    data = beside.get(row["data"], row["data"])
    wanted = (data, row["domain"], row["space"], row.get("method") or "")
    rows = [*paper()["table_3"], *paper()["table_4"]]
    found = [one for one in rows if (one["data"], one["domain"], one["space"], one["method"]) == wanted]
    return [one for one in found if one["search"] == (row.get("search") or "")] or found


def results(name: str) -> str:
    """A section: the table, what differs from the paper, and the command of each row in their order."""
    found = measured(name)
    pairs = [(row, _beside(row, found.get("beside", {}))) for row in found["rows"]]
    told = [column for column in COLUMNS if any(column[1](row) not in (NOTHING, "0") for row, _ in pairs)]
    compared = {
        name for name, _, theirs in told if any(theirs(one) != NOTHING for _, rows in pairs for one in rows)
    }
    heads = ["data", "domain", "space", "method", "search"]
    for column, _, _ in told:
        heads += [column, "the paper"] if column in compared else [column]
    lines = []
    for row, theirs in pairs:
        line = [str(row.get(key) or NOTHING) for key in ("data", "domain", "space", "method", "search")]
        for column, ours, of_paper in told:
            line.append(ours(row))
            if column in compared:
                line.append(" / ".join(map(of_paper, theirs)) or NOTHING)
        lines.append(line)
    commands = dict.fromkeys(found["command"].format(**row) for row in found["rows"])
    differs = "\n".join(f"- {one}" for one in found["differs"])
    shell = "\n".join(f"{command} # takes minutes" for command in commands)
    return (
        f"### {found['title']}\n\n{table(heads, lines)}\n\nWhat differs:\n\n{differs}\n\n```sh\n{shell}\n```"
    )


def all_results() -> str:
    """The sections of all result files."""
    return "\n\n".join(map(results, result_names()))


# --- the findings ------------------------------------------------------------------------------------------


def findings() -> str:
    """What the measured rows say of the paper's findings, counted."""
    searches = [found for name in result_names() for found in _searches(measured(name)["rows"])]
    gaps = [[one[method]["gap"] for method in ORDER] for one in searches if _have(one, "gap", ORDER)]
    ordered = sum(gap == sorted(gap) and len(set(gap)) == len(gap) for gap in gaps)
    rivals = ("darts", "forcedarts")
    scores = [
        tuple(one[method]["accuracy_mean"] for method in rivals)
        for one in searches
        if _have(one, "accuracy_mean", rivals)
    ]
    rows = [
        ("gap ForceDARTS < DARTS < FairDARTS", _counted(ordered, len(gaps))),
        (
            "accuracy of ForceDARTS not below DARTS",
            _counted(sum(force >= darts for darts, force in scores), len(scores)),
        ),
    ]
    return table(("the paper's finding", "measured here"), rows)


def _counted(kept: int, of: int) -> str:
    return f"holds in {kept} of {of} searches" if of else "not measured yet"


def _searches(rows: Iterable[Row]) -> Iterator[dict[str, Row]]:
    """The rows of one search each, by method: those that differ in nothing but the method."""
    groups: dict[tuple[Any, ...], dict[str, Row]] = {}
    for row in rows:
        place = tuple(row.get(key) for key in ("data", "domain", "space", "search"))
        groups.setdefault(place, {})[row.get("method") or ""] = row
    yield from groups.values()


def _have(search: Mapping[str, Row], figure: str, methods: Iterable[str]) -> bool:
    return all(search.get(method, {}).get(figure) is not None for method in methods)


def transfer() -> str:
    """Table 5 of the paper, networks of one data set on AudioMNIST, beside the rows of `transfer.json`."""
    ours = measured("transfer")["rows"] if (RESULTS / "transfer.json").is_file() else []
    keys, figures = ("trained_on", "network", "domain"), ("without_retraining", "with_retraining")
    rows = []
    for row in paper()["table_5"]:
        mine = next((one for one in ours if all(one[key] == row[key] for key in keys)), {})
        found = [row["trained_on"], row["network"], row["domain"]]
        for figure, deviation in zip(figures, ("deviation_without", "deviation_with"), strict=True):
            found += [_percent(row[figure], row[deviation]), _scaled(mine, figure, 100, 2)]
        rows.append(found)
    heads = (
        "trained on",
        "network",
        "domain",
        "as it is: the paper (%)",
        "here",
        "last layer retrained: the paper",
        "here",
    )
    return table(heads, rows)


# --- sizes, counted when the page is made ------------------------------------------------------------------


def supernets() -> str:
    """Table 2 of the paper beside the parameters of the same supernets, counted now."""
    rows = []
    for row in paper()["table_2"]:
        sizes = (row["data"], row["domain"], *(str(row[key]) for key in ("nodes", "channels", "repeat")))
        rows.append((*sizes, f"{row['parameters']:.2f}", _parameters(row["data"], row["domain"])))
    return table(("data", "domain", "nodes", "channels", "repeat", "the paper (M)", "here (M)"), rows)


def _parameters(data: str, domain: str) -> str:
    """Millions of parameters of the SS1 supernet at the paper's sizes; nothing where it cannot be built."""
    try:
        experiment = load("ss1", data=data, preset="paper", overrides=(f"domain={domain}",))
        return f"{cost(experiment.built(experiment.settings.search), Everything()).params / 1e6:.3f}"
    except DslnasError:
        return NOTHING
