"""The formatter of `.nas` files: indentation, spaces, empty lines and columns of canonical text.

Line breaks inside an expression stay, since they group what belongs together; an operator leads its line.
Three things are aligned in columns: the values of consecutive keys; those of consecutive `name = value`
lines; and, where the text has several spaces before a `->`, an `after` or a `from`, the parts of an
expression that begin with these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby

from ..base.diagnostics import DslnasError, errors
from ..base.source import Source
from .format_lines import CLOSING, OPENING, Block, Comment, Line, Word, lines_of
from .format_spacing import begins_column, cells, head_end, joined, leads, pieces
from .parse import parse

INDENT = 4


def formatted(source: Source) -> str:
    """The canonical text of a file; raises DslnasError with its syntax errors, where it has any."""
    _, diagnostics = parse(source)
    if errors(diagnostics):
        raise DslnasError(*diagnostics)
    lines, rest = lines_of(source)
    page = _Page()
    page.lines(lines, 0)
    page.comments(rest, 0)
    return page.text()


@cache
def one_line(text: str) -> str:
    """A piece of text without syntax errors, spaced canonically, on one line and without its comments."""
    lines, _ = lines_of(Source("", text))
    return " ".join(joined(line.words) for line in lines)


@dataclass
class _Row:
    """One line of the output. Its cells are aligned with those of the other rows of its table."""

    indent: int
    cells: list[str]
    table: object = None
    blank: bool = False  # an empty line before it
    comment: str = ""
    widths: dict[int, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        padded = [cell.ljust(self.widths.get(place, 0)) for place, cell in enumerate(self.cells)]
        return (" " * self.indent + " ".join(padded)).rstrip()


class _Page:
    """The output as rows, from the first to the last."""

    def __init__(self) -> None:
        self.rows: list[_Row] = []

    def text(self) -> str:
        _align_tables(self.rows)
        written: list[str] = []
        for run in _runs_of_comments(self.rows):
            width = max(len(row.text) for row in run)
            written += [""] if run[0].blank and written else []
            written += [f"{row.text.ljust(width)}  {row.comment}" if row.comment else row.text for row in run]
        return "".join(f"{line}\n" for line in written)

    def comments(self, comments: Iterable[Comment], indent: int, blanks: bool = True) -> None:
        """Comments on lines of their own, and those at the end of the last row."""
        for comment in comments:
            if comment.own_line or not self.rows:
                self.rows.append(_Row(indent, [comment.text], blank=comment.blank and blanks))
            else:
                self.rows[-1].comment = comment.text

    def lines(self, lines: Sequence[Line], indent: int) -> None:
        """The lines of a block, or of the file."""
        widths = iter(_widths_of_keys(lines))
        for run in _runs_of_names(lines):
            table = object() if len(run) > 1 else None
            wide = any(_asks_for_columns(line.words) for line in run)
            for line in run:
                start = len(self.rows)
                self._line(line, indent, next(widths), table, wide)
                if line is lines[0] and start < len(self.rows):
                    self.rows[start].blank = False

    def _line(self, line: Line, indent: int, width: int, table: object, wide: bool) -> None:
        """A line with its block. width: of the widest neighbouring key; table: of the neighbouring names."""
        first, *others = pieces(line.words)
        self.comments(first[0].comments, indent)
        key = _key_end(line)
        if key:
            row = [joined(first[:key]).ljust(width), *_some(joined(first[key:]))]
        elif table:
            end = head_end(first)
            row = [joined(first[:end]), *(cells(first[end:]) if wide else [joined(first[end:])])]
        else:
            row = [joined(first)]
        self.rows.append(_Row(indent, row, table, first[0].blank))
        inner = object() if _asks_for_columns([word for piece in others for word in piece]) else None
        margins = _margins(first, others, indent, indent + (width + 1 if key else INDENT))
        for piece, margin in zip(others, margins, strict=True):
            self.comments(piece[0].comments, margin, blanks=False)
            self.rows.append(_Row(margin, cells(piece) if inner else [joined(piece)], inner))
        if line.block is not None:
            self._block(line.block, indent)

    def _block(self, block: Block, indent: int) -> None:
        if not block.lines and not block.end.comments:
            self.rows[-1].cells[-1] += "}"
            return
        self.lines(block.lines, indent + INDENT)
        self.comments(block.end.comments, indent + INDENT, blanks=bool(block.lines))
        self.rows.append(_Row(indent, ["}"]))


def _some(text: str) -> list[str]:
    return [text] if text else []


def _key_end(line: Line) -> int:
    """Where the key of `key: value` ends; 0 where a line has none."""
    end = head_end(line.words)
    return end if end and line.words[end - 1].kind == "COLON" else 0


def _margins(
    first: Sequence[Word], others: Iterable[Sequence[Word]], indent: int, value: int
) -> Iterator[int]:
    """The indentation of the further pieces of a line, deeper inside of brackets that end a piece.

    value: the indentation outside of such brackets.
    """
    opened: list[tuple[int, int]] = []  # the margin of the piece that a bracket ends, and the bracket's depth
    margin = indent
    last = first[-1]
    for piece in others:
        if last.kind in OPENING:
            opened.append((margin, last.depth))
        if opened and piece[0].kind in CLOSING and piece[0].depth == opened[-1][1]:
            margin, _ = opened.pop()
        elif opened:
            margin = opened[-1][0] + INDENT * (2 if leads(piece, 0) else 1)
        else:
            margin = value + INDENT * (piece[0].depth > 0)  # what is in a bracket stands deeper
        yield margin
        last = piece[-1]


# --- columns ----------------------------------------------------------------------------------------------


def _widths_of_keys(lines: Sequence[Line]) -> list[int]:
    """For each line the width of the widest key among those that follow each other there."""
    found: list[int] = []
    for _, run in groupby(lines, lambda line: _key_end(line) > 0):
        keys = [joined(line.words[: _key_end(line)]) for line in run]
        found += [max(map(len, keys))] * len(keys)
    return found


def _runs_of_names(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines that form a table: `name = value` of one kind on one line each, one after the other."""
    run: list[Line] = []
    for line in lines:
        if run and not (_is_name(line) and _is_name(run[-1]) and _follows(line, run[-1])):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _is_name(line: Line) -> bool:
    """Whether a line is `name = value` on one line of text."""
    end = head_end(line.words)
    is_equal = end > 0 and line.words[end - 1].kind != "COLON"
    return is_equal and line.block is None and len(pieces(line.words)) == 1


def _follows(line: Line, before: Line) -> bool:
    first = line.words[0]
    apart = first.blank or any(comment.own_line for comment in first.comments)
    return not apart and first.kind == before.words[0].kind


def _asks_for_columns(words: Iterable[Word]) -> bool:
    return any(word.wide and begins_column(word) for word in words)


def _align_tables(rows: Iterable[_Row]) -> None:
    """Widths for the cells of neighbouring rows of one table, as far as they have a cell after these."""
    runs = [(list(run), 0) for table, run in groupby(rows, lambda row: row.table) if table is not None]
    while runs:
        run, column = runs.pop()
        reach = [len(row.cells) > column + 1 for row in run]
        for reaches, part in groupby(zip(reach, run, strict=True), lambda pair: pair[0]):
            if reaches:
                reaching = [row for _, row in part]
                width = max(len(row.cells[column]) for row in reaching)
                for row in reaching:
                    row.widths[column] = width
                runs.append((reaching, column + 1))


def _runs_of_comments(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """Neighbouring rows that end with comments, which begin in one column; every other row by itself."""
    run: list[_Row] = []
    for row in rows:
        if run and not (row.comment and run[-1].comment and not row.blank):
            yield run
            run = []
        run.append(row)
    if run:
        yield run
