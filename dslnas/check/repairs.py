"""Repairs: the edits that mend what diagnostics complain of, for editors, scripts and `dslnas check --fix`.

A repair follows from the help of its diagnostic: where that proposes `did you mean ...?`, the proposal
replaces the span; where it proposes a `use`, that line is inserted after the others, else at the top. Only
what one edit mends has one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches

from ..base.diagnostics import Diagnostic
from ..base.rendering import to_json
from ..base.source import Source, Span
from ..parse import syntax
from ..parse.parse import parse

_WORD = re.compile(r"[A-Za-z_][\w.]*")
_QUOTED = re.compile(r'"[^"\n]*"')
_SUFFIXED = re.compile(r"(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([A-Za-z_]\w*)")
# How alike two words are, as difflib measures it: one is misspelled (`fare`, `fair`), one is perhaps meant.
_ALIKE, _NEARLY = 0.75, 0.5
_USE = re.compile(r"`(use \"[^\"]+\")` at the top of the file")


@dataclass(frozen=True)
class Repair:
    """A text that replaces a span, and the diagnostic that it mends.

    safe: it says what was meant and nothing else; what holds a number that nobody wrote, or an operation
    more, is for the author to judge.
    """

    span: Span
    text: str
    diagnostic: Diagnostic
    safe: bool = True

    @property
    def title(self) -> str:
        """The title under which an editor offers it."""
        if not self.text.strip():
            return "Begin a new line" if "\n" in self.text else f"Remove `{self.span.text.strip()}`"
        return f"Change to `{self.text}`" if self.span.text else f"Insert `{self.text.strip()}`"


def repairs(diagnostics: Iterable[Diagnostic], source: Source) -> Iterator[Repair]:
    """The repairs of mistakes in a source, in the order of its diagnostics; at most one of each."""
    for diagnostic in diagnostics:
        if diagnostic.span is not None and diagnostic.span.source == source:
            found = _repair(diagnostic, diagnostic.span)
            if found is not None:
                yield found


def at_once(source: Source, chosen: Iterable[Repair]) -> list[Repair]:
    """The repairs of a source that can be done together, in the order of the text, without overlaps."""
    kept, done = list[Repair](), 0
    starts = _starts(source)
    for one in sorted(chosen, key=lambda one: _offsets(one.span, starts)):
        start, end = _offsets(one.span, starts)
        again = any((one.span, one.text) == (other.span, other.text) for other in kept)
        if start >= done and not again:
            kept.append(one)
            done = end
    return kept


def mended(source: Source, chosen: Iterable[Repair]) -> str:
    """The text of a source after repairs that can be done together."""
    starts, parts, done = _starts(source), list[str](), 0
    for one in chosen:
        start, end = _offsets(one.span, starts)
        parts += [source.text[done:start], one.text]
        done = end
    return "".join((*parts, source.text[done:]))


def _starts(source: Source) -> list[int]:
    """The offset at which each line begins, then that of a line after the last."""
    starts = [0]
    for line in source.lines:
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _offsets(span: Span, starts: list[int]) -> tuple[int, int]:
    """The offsets of a span, of which the end of the text is the last."""
    last = starts[-1] - 1
    start, end = (
        min(last, starts[min(line, len(starts)) - 1] + column - 1)
        for line, column in ((span.line, span.column), (span.end_line, span.end_column))
    )
    return start, end


def diagnostic_json(diagnostic: Diagnostic, source: Source | None = None) -> dict[str, object]:
    """The diagnostic for scripts, with its repair as `fix`; None where one edit does not mend it.

    source: the text in which it is mended; by default the one that it complains of.
    """
    place = diagnostic.span.source if diagnostic.span else None
    found = next(repairs([diagnostic], source or place), None) if place is not None else None
    return {**to_json(diagnostic), "fix": None if found is None else _fix_json(found)}


def _fix_json(repair: Repair) -> dict[str, object]:
    span = repair.span
    return {
        "title": repair.title,
        "safe": repair.safe,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "text": repair.text,
    }


def use_place(source: Source, definitions: Iterable[syntax.Definition]) -> Span:
    """Where a further `use` goes: after the last one, else at the top."""
    line = max((one.span.line for one in definitions if isinstance(one, syntax.Use)), default=0) + 1
    return Span(source, line, 1, line, 1)


# --- one rule for each kind of help -------------------------------------------------------------------------

_Edit = tuple[Span, str]


def _repair(diagnostic: Diagnostic, span: Span) -> Repair | None:
    """The repair that the help of a diagnostic proposes; None where it proposes none, or no single edit."""
    if (use := _USE.search(diagnostic.help)) is not None:
        definitions = parse(span.source)[0].definitions
        return Repair(use_place(span.source, definitions), f"{use[1]}\n", diagnostic)
    for pattern, rule, safe in _RULES:
        if (help := re.search(pattern, diagnostic.help)) is not None:
            found = rule(span, help)
            if found is None:
                return None
            known = "(" not in found[1] or rule is _last_stage
            sure = safe and known and (rule is not _word or _is_alike(found[0].text, found[1]))
            return Repair(*found, diagnostic, sure)
    return None


def _is_alike(written: str, meant: str) -> bool:
    """Whether one word is the other misspelled: part by part, with the same digits."""
    parts = list(zip(written.strip('"').split("."), meant.strip('"').split("."), strict=False))
    return written.count(".") == meant.count(".") and all(
        _likeness(one, other) >= _ALIKE and re.findall(r"\d", one) == re.findall(r"\d", other)
        for one, other in parts
    )


def _likeness(one: str, other: str) -> float:
    """How alike two words are, from 0 to 1, whatever their case."""
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio()


def _word(span: Span, help: re.Match[str]) -> _Edit | None:
    """The part of a span to replace, and its replacement; None where the span is no single word."""
    text, meant = span.text, help[1]
    if _QUOTED.fullmatch(text):
        return span, meant if text.strip('"') == meant else f'"{meant}"'
    if (number := _SUFFIXED.fullmatch(text)) is not None:
        return replace(span, column=span.column + len(number[1])), meant
    if not _WORD.fullmatch(text):
        return None
    if "." in meant or "." not in text:
        return (span, meant) if _likeness(text, meant) >= _NEARLY else None
    part = get_close_matches(meant, text.split("."), n=1, cutoff=0)[0]  # of `candidatess.soft` the first
    if _likeness(part, meant) < _NEARLY:  # what is meant stands elsewhere
        return None
    start = span.column + text.index(part)
    return replace(span, column=start, end_column=start + len(part)), meant


def _norm(span: Span, help: re.Match[str]) -> _Edit | None:
    """The name of an operation in the place of a keyword."""
    return span, help[1]


def _called(span: Span, help: re.Match[str]) -> _Edit | None:
    """The name by which an operation goes here, with arguments only where none are written."""
    name, arguments = help[1], help[2] or ""
    if not _WORD.fullmatch(span.text):
        return None
    return span, name if _after(span).lstrip().startswith("(") else name + arguments


def _colon(span: Span, help: re.Match[str]) -> _Edit | None:
    """A colon in the place of the sign behind a key."""
    sign = re.match(r"([^=\n]*?)( *=)(?!=)", span.text + _after(span))
    if sign is None or span.line != span.end_line:
        return None
    start = span.column + len(sign[1])
    return replace(span, column=start, end_column=start + len(sign[2])), ":"


def _sign(span: Span, help: re.Match[str]) -> _Edit | None:
    """Another sign between a name and its value."""
    before, after = _before(span), _after(span)
    sign = ": " if help[0].startswith("an argument") else " = "
    start, end = len(before.rstrip()) + 1, span.end_column + len(after) - len(after.lstrip())
    return replace(span, column=start, end_column=end), sign


def _new_line(span: Span, help: re.Match[str]) -> _Edit | None:
    """A new line, as far indented as this one, in the place of a sign or before a word."""
    before = _before(span)
    start = len(before.rstrip()) + 1
    text = "\n" + before[: len(before) - len(before.lstrip())]
    if help[1] == "before":
        return replace(span, column=start, end_line=span.line, end_column=span.column), text
    rest = _after(span)
    if not rest.strip() or rest.lstrip().startswith("#"):
        return replace(span, column=start), ""
    return replace(span, column=start, end_column=span.end_column + len(rest) - len(rest.lstrip())), text


def _without_stage(span: Span, help: re.Match[str]) -> _Edit | None:
    """Nothing in the place of a stage of a pipe and of the arrow before it."""
    arrow = re.search(r"\s*->\s*$", _before(span))
    return None if arrow is None else (replace(span, column=arrow.start() + 1), "")


def _comment(span: Span, help: re.Match[str]) -> _Edit | None:
    """`#` for a `//` with which a line begins; within an expression it may divide."""
    if _before(span).strip() or not _after(span).startswith("/"):
        return None
    return replace(span, end_column=span.end_column + 1), "#"


def _last_stage(span: Span, help: re.Match[str]) -> _Edit | None:
    """The last stage, in the place of a softmax that follows another one or it."""
    if re.search(r"linear\(classes\)\s*->\s*$", _before(span)):
        return _without_stage(span, help)
    return (span, help[1]) if _before(span).rstrip().endswith("->") else None


def _added_stage(span: Span, help: re.Match[str]) -> _Edit | None:
    """One more stage behind the last one."""
    start = replace(span, line=span.end_line, column=span.end_column)
    return (start, f" {help[1]}") if _before(span).rstrip().endswith("->") else None


def _before(span: Span) -> str:
    return span.source.line(span.line)[: span.column - 1]


def _after(span: Span) -> str:
    return span.source.line(span.end_line)[span.end_column - 1 :]


# Of each kind of help: how it reads, the edit that it proposes, and whether that is safe.
_RULES: tuple[tuple[str, Callable[[Span, re.Match[str]], _Edit | None], bool], ...] = (
    (r"did you mean `([^`]+)`\?", _word, True),
    (r"^it is called `(\w+)(\([^`]*\))?` here$", _called, True),
    (r"^instance norm is `(\w+)`$", _norm, True),
    (r"^`[\w.]+: \.\.\.`$", _colon, True),
    (r"^(an argument is named by a colon|a parameter gets its value by `=`)", _sign, True),
    (r"^begin a new line (before|instead)\b", _new_line, True),
    (r"^leave the cast out$", _without_stage, True),
    (r"^a comment begins with `#`$", _comment, True),
    (r"^end on `(linear\(classes\))`", _last_stage, True),
    (r"^`(-> linear\(classes\))`", _added_stage, False),
)
