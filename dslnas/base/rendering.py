"""Renderers of diagnostics: as text with source lines and carets, and as JSON."""

from __future__ import annotations

from . import limits
from .diagnostics import Counterexample, Diagnostic
from .source import Span


def render_text(diagnostic: Diagnostic) -> str:
    """The diagnostic in the form of rustc: location, the lines of text, carets, notes and help."""
    lines = [f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"]
    if diagnostic.span:
        lines += [f"  --> {diagnostic.location}", *_excerpt(diagnostic, diagnostic.span)]
    for note in diagnostic.notes:
        lines.append(f"   = {note}")
    if diagnostic.counterexample:
        lines.append(f"   = counterexample: {show_counterexample(diagnostic.counterexample)}")
    if diagnostic.help:
        lines.append(f"   = help: {diagnostic.help}")
    return "\n".join(lines)


def show_counterexample(counterexample: Counterexample) -> str:
    """The choices of a counterexample, outermost first: `reduction/n1<-a = sep_conv_5x5, k = 5`.

    A choice inside an option that is shown already is shown without its path; the selection of an edge whose
    own choice follows is left out.
    """
    shown: list[str] = []
    for place, one in enumerate(counterexample):
        later = counterexample[place + 1 :]
        if len(one.taken) == 1 and any(other.edge == (one.point, one.taken[0]) for other in later):
            continue
        inside = any(other.point in one.around for other in counterexample[:place])
        name, joined = one.name if inside else one.point, " and ".join(one.taken)
        if inside and " = " in joined:
            shown.append(joined)
        else:
            shown.append(f"{name}: {joined}" if " = " in joined else f"{name} = {joined}")
    return ", ".join(shown)


def _excerpt(diagnostic: Diagnostic, span: Span) -> list[str]:
    """The spanned lines in the order of the text, each underlined: `^` for the place, `-` for the others."""
    marks = [(span, "^", diagnostic.label)]
    marks += [
        (label.span, "-", label.text) for label in diagnostic.labels if label.span.source == span.source
    ]
    marks.sort(key=lambda mark: (mark[0].line, mark[0].column))
    width = len(str(max(mark[0].line for mark in marks)))
    lines = [f"{'':{width}} |"]
    above = ""
    for place, mark, text in marks:
        shown, column = _window(place)
        end = column + place.end_column - place.column if place.end_line == place.line else len(shown) + 1
        lead = "".join("\t" if character == "\t" else " " for character in shown[: column - 1])
        under = lead + mark * max(1, min(end, len(shown) + 1) - column)
        line = f"{place.line:{width}} | {shown}"
        if line != above:  # several marks on one line stand below it, one a row
            above = line
            lines.append(line)
        lines.append(f"{'':{width}} | {under} {text}".rstrip())
    lines.append(f"{'':{width}} |")
    return lines


def _window(place: Span) -> tuple[str, int]:
    """The line of a place, and its column in it; of a very long line the part around the place."""
    line = place.source.line(place.line)
    if len(line) <= limits.LINE_SHOWN:
        return line, place.column
    start = max(0, place.column - 1 - limits.LINE_SHOWN // 4)
    before, after = "..." if start else "", "..." if start + limits.LINE_SHOWN < len(line) else ""
    return before + line[start : start + limits.LINE_SHOWN] + after, place.column - start + len(before)


def to_json(diagnostic: Diagnostic) -> dict[str, object]:
    """The diagnostic for editors and scripts; lines and columns count from 1."""
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "file": span.source.name if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "label": diagnostic.label,
        "labels": [
            {"line": label.span.line, "column": label.span.column, "text": label.text}
            for label in diagnostic.labels
        ],
        "notes": list(diagnostic.notes),
        "help": diagnostic.help,
        "counterexample": None
        if diagnostic.counterexample is None
        else {one.point: list(one.taken) for one in diagnostic.counterexample},
    }
