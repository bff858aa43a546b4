"""Measured tables beside those of the ForceDARTS paper, from the files of `docs/results`.

A result file says what was run (`title`, and `command`, into which a row's columns go), on what (`machine`),
what differs from the paper (`differs`), what else to know (`remarks`), and how the networks do on other data
(`transfers`). Its rows have the columns of the tables of `dslnas sweep`: either here (`rows`), or in the CSV
that `dslnas sweep --publish` writes beside it (`table`).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.walk import Everything, cost
from dslnas.runs.load import load
from dslnas.runs.request import Request

from .tables import table

RESULTS = Path(__file__).parents[1] / "results"
PAPER = "paper"
ELSEWHERE = ("handmade",)  # measurements with a page of their own
NOTHING = "–"
# Data that the paper has not, and its own that is most like it.
BESIDE = {"fsdd": "sc09", "digits": "sc09", "audiomnist": "sc09", "esc10": "esc50"}

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
    """The result files by name, without the paper's own figures and those with a page of their own."""
    return sorted(path.stem for path in RESULTS.glob("*.json") if path.stem not in (PAPER, *ELSEWHERE))


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
    shown = _percent(*(None if value is None else 100 * value for value in (mean, deviation)))
    done, planned = (int(row.get(key) or 0) for key in ("retrainings", "retrainings_planned"))
    return f"{shown} ({done} of {planned})" if 0 < done < planned else shown


LABELS = ("data", "domain", "space", "method", "search")
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


def _beside(row: Row) -> list[Row]:
    """The paper's rows of the same space and method: that of the same search, or all where there is none."""
    data = BESIDE.get(row["data"], row["data"])
    wanted = (data, row["domain"], row["space"], row.get("method") or "")
    rows = [*paper()["table_3"], *paper()["table_4"]]
    found = [one for one in rows if (one["data"], one["domain"], one["space"], one["method"]) == wanted]
    return [one for one in found if one["search"] == (row.get("search") or "")] or found


def results(name: str) -> str:
    """A section: the table, on what it was measured, what differs from the paper, and the commands."""
    found = measured(name)
    commands = dict.fromkeys(found["command"].format(**row) for row in found["rows"])
    machines = "; ".join(found.get("machine", ()))
    parts = [
        f"### {found['title']}",
        _results_table(found["rows"]),
        f"Measured on: {machines}." if machines else "",
        "What differs:",
        "\n".join(f"- {one}" for one in (*found["differs"], *found.get("remarks", ()))),
        "```sh\n" + "\n".join(f"{command} # takes minutes" for command in commands) + "\n```",
    ]
    return "\n\n".join(filter(None, parts))


def _results_table(rows: Iterable[Row]) -> str:
    """Searches sorted by their place, each figure that some have beside the paper's."""
    pairs = [(row, _beside(row)) for row in sorted(rows, key=_order)]
    told = [column for column in COLUMNS if any(column[1](row) not in (NOTHING, "0") for row, _ in pairs)]
    compared = {
        name for name, _, theirs in told if any(theirs(one) != NOTHING for _, found in pairs for one in found)
    }
    heads = [*LABELS]
    for column, _, _ in told:
        heads += [column, "the paper"] if column in compared else [column]
    lines = []
    for row, found in pairs:
        line = [str(row.get(key) or NOTHING) for key in LABELS]
        for column, ours, of_paper in told:
            line.append(ours(row))
            if column in compared:
                line.append(" / ".join(map(of_paper, found)) or NOTHING)
        lines.append(line)
    return table(heads, lines)


def _order(row: Row) -> tuple[Any, ...]:
    """By data and domain, networks that were searched before the others."""
    labels = [str(row.get(key) or "") for key in LABELS]
    return (*labels[:2], not labels[4], *labels[2:])


def all_results() -> str:
    """The sections of all result files."""
    return "\n\n".join(map(results, result_names()))


# --- other data --------------------------------------------------------------------------------------------

TRANSFERRED = (("as_it_is", "without_retraining"), ("retrained", "with_retraining"))  # here, and in the paper


def paper_transfer() -> str:
    """Table 5 of the paper: networks of one data set on AudioMNIST."""
    rows = [
        (
            row["trained_on"],
            row["network"],
            row["domain"],
            _percent(row["without_retraining"], row["deviation_without"]),
            _percent(row["with_retraining"], row["deviation_with"]),
        )
        for row in paper()["table_5"]
    ]
    heads = ("trained on", "network", "domain", "as it is (%)", "last layer retrained (%)")
    return table(heads, rows)


def transfer() -> str:
    """The networks of our sweeps on other data, beside the paper's of the same space and domain."""
    rows = [row for name in result_names() for row in measured(name).get("transfers", ())]
    if not rows:
        return "Not measured yet: `dslnas transfer` in the runs of a sweep, then `--publish`."
    heads = ["trained on", "tested on", "domain", "space", "method", "search"]
    keys = ("trained_on", "data", "domain", "space", "method", "search")
    for name in ("as it is (%)", "last layer retrained (%)"):
        heads += [name, "the paper"]
    lines = []
    for row in rows:
        line = [str(row.get(key) or NOTHING) for key in keys]
        for ours, theirs in TRANSFERRED:
            scaled = [None if row[key] is None else 100 * row[key] for key in (ours, f"{ours}_sd")]
            line += [_percent(*scaled), _paper_transferred(row, theirs)]
        lines.append(line)
    return table(heads, lines)


def _paper_transferred(row: Row, figure: str) -> str:
    """The paper's figure of the network of the same space and domain, of the data that ours stands for."""
    close = BESIDE.get(row["trained_on"], row["trained_on"])
    place = ("sc35" if close == "sc09" else close, row["space"], row["domain"])  # it transfers none of SC09
    deviation = f"deviation_{figure.partition('_')[0]}"
    found = [
        _percent(one[figure], one[deviation])
        for one in paper()["table_5"]
        if (one["trained_on"], one["network"], one["domain"]) == place
    ]
    return " / ".join(found) or NOTHING


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
        experiment = load("ss1", Request(data=data, preset="paper", overrides=(f"domain={domain}",)))
        return f"{cost(experiment.built(experiment.settings.search), Everything()).params / 1e6:.3f}"
    except DslnasError:
        return NOTHING
