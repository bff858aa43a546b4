"""Figures of networks as people read them: `12,345 parameters`, `91.25 %`, `4.31 ms`, `82.4 KB`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...base.figures import between, millions, percent

NAMES = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "synflow": "synflow (log)",
    "params": "parameters",
    "macs": "MACs",
    "latency": "latency",
    "memory": "memory",
}

SHARES = ("accuracy", "macro_f1")  # that are read as per cent


def name_of(figure: str) -> str:
    """What a figure is called: `macro F1` for `macro_f1`."""
    return NAMES.get(figure, figure)


def value_of(figure: str, value: float | None) -> str:
    """The value of a figure with its unit; a dash where there is none. A KB are 1,024 bytes."""
    if value is None:
        return "–"
    if figure in SHARES:
        return percent(value)
    if figure == "latency":
        return f"{1000 * value:.3g} ms"
    if figure == "memory":
        return f"{value / 2**20:.2f} MB" if value >= 2**20 else f"{value / 2**10:.1f} KB"
    if figure in ("params", "macs"):
        return millions(value)
    return f"{value:g}"


INTERVAL = "95 % interval"  # of an accuracy, beside which it stands


def cells(figures: Iterable[str], values: Mapping[str, float], judged: int) -> Iterator[tuple[str, str]]:
    """The columns of a table of networks: what each is called, and its value.

    judged: on how many independent clips accuracies were measured, which tells their intervals; 0: unknown.
    """
    for figure in figures:
        value = values.get(figure)
        yield name_of(figure), value_of(figure, value)
        if figure == "accuracy" and judged:
            yield INTERVAL, value_of(figure, None) if value is None else between(value, judged)


def told(figure: str, value: float | None) -> str:
    """A figure in a sentence: `12,345 parameters`, `an accuracy of 91.25 %`."""
    text = value_of(figure, value)
    if figure in ("params", "macs"):
        return f"{text} {name_of(figure)}"
    article = "an" if name_of(figure)[0] in "aeiou" else "a"
    return f"{article} {name_of(figure)} of {text}"


def before_told(figure: str, trained: int) -> str:
    """What networks were ranked by before they were retrained.

    figure: its name. trained: the steps that each was trained for by then; 0: none.
    """
    if figure != "accuracy":
        return name_of(figure)
    return f"accuracy after {trained:,} steps" if trained else "accuracy with inherited weights"
