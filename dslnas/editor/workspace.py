"""The workspace of an editor: open documents over the files on disk, with an analysis of each file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path

from ..base.diagnostics import Diagnostic, DslnasError, errors
from ..base.source import Source, Span, start_of
from ..check.check import check
from ..check.repairs import use_place
from ..parse import syntax
from ..parse.parse import parse
from ..resolve.definitions import Definitions
from ..resolve.library import LIBRARY, find_used, may_use, project_of, read_source, shipped
from ..resolve.resolve import resolve
from .places.lookup import Text
from .places.references import Occurrence, occurrences
from .places.symbols import Visible
from .types import Costs, Facts, costs_of, types_of

FILE_LIMIT = 1000  # files of a folder that are searched for uses of a name
WITNESS_LIMIT = 8  # files that are elaborated to find the types in another


class Workspace:
    """The texts that an editor holds, unsaved changes among them, and the folders it shows.

    Every path is absolute and resolved. The name of a source is its path, so that each span has its file.
    """

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self.folders = [folder.resolve() for folder in folders]
        self._texts: dict[Path, str] = {}
        self._analyses: dict[Path, Analysis] = {}
        self._parsed: dict[Path, syntax.File] = {}

    @property
    def documents(self) -> list[Path]:
        """The open documents, in the order in which they were opened."""
        return list(self._texts)

    def put(self, path: Path, text: str) -> None:
        """Open a document, or change the text of an open one."""
        self._texts[path] = text
        self.forget()

    def close(self, path: Path) -> None:
        """Close a document: its text is read from disk again."""
        self._texts.pop(path, None)
        self.forget()

    def forget(self) -> None:
        """Drop all analyses, since a text has changed."""
        self._analyses.clear()

    def read(self, path: Path, span: Span | None = None) -> Source:
        """The text of a file as the editor has it, else from disk; raises DslnasError N0102."""
        path = path.resolve()
        text = self._texts.get(path)
        return Source(str(path), read_source(path, span).text if text is None else text)

    def parsed(self, path: Path, source: Source) -> syntax.File:
        """The definitions in a text, with what is left of broken ones; an unchanged text is parsed once."""
        file = self._parsed.get(path)
        if file is None or file.source != source:
            read = parse(source)[0]
            left = (rest.definition for rest in read.rests)
            found = sorted((*read.definitions, *left), key=lambda one: (one.span.line, one.span.column))
            file = self._parsed[path] = replace(read, definitions=tuple(found))
        return file

    def analysis(self, path: Path) -> Analysis:
        """The analysis of a file, made once for each state of the texts."""
        if path not in self._analyses:
            self._analyses[path] = Analysis(self, path)
        return self._analyses[path]

    def reachable(self) -> list[Path]:
        """Every file that open documents use or that lies in an open folder, documents first."""
        found = dict.fromkeys(self._texts)
        for folder in self.folders:
            visible = (p for p in sorted(folder.rglob("*.nas")) if not _hidden(p.relative_to(folder)))
            found |= dict.fromkeys(
                path.resolve() for path, _ in zip(visible, range(FILE_LIMIT), strict=False)
            )
        frontier = list(found)
        while frontier:
            for used in self.analysis(frontier.pop()).used:
                if used not in found:
                    found[used] = None
                    frontier.append(used)
        return list(found)

    def diagnostics(self) -> dict[Path, list[Diagnostic]]:
        """The diagnostics of the open documents and of the files they use, by file."""
        found: dict[Path, list[Diagnostic]] = {path: [] for path in self._texts}
        for document in self._texts:
            for diagnostic in self.analysis(document).diagnostics:
                file = file_of(diagnostic.span.source) if diagnostic.span else document
                known = found.setdefault(file, [])
                if not any(_same(diagnostic, other) for other in known):
                    known.append(diagnostic)
        return found

    def witnesses(self, path: Path) -> Iterator[Analysis]:
        """Files whose spaces may use the text of a file: itself, open documents, others that use it."""
        for file in islice(self._users(path), WITNESS_LIMIT):
            yield self.analysis(file)

    def _users(self, path: Path) -> Iterator[Path]:
        yield path
        for file in self.reachable():
            if file != path and path in self.analysis(file).closure:
                yield file


class Analysis:
    """The analysis of one file with all it uses, as far as they can be parsed; each part made on demand."""

    def __init__(self, workspace: Workspace, path: Path) -> None:
        self.workspace = workspace
        self.path = path

    @cached_property
    def source(self) -> Source:
        """The text; empty where the file cannot be read."""
        try:
            return self.workspace.read(self.path)
        except DslnasError:
            return Source(str(self.path), "")

    @cached_property
    def file(self) -> syntax.File:
        """The definitions of the file itself that can be read."""
        return self.workspace.parsed(self.path, self.source)

    @cached_property
    def used(self) -> tuple[Path, ...]:
        """The files that this one names in a `use` and that exist."""
        uses = (one for one in self.file.definitions if isinstance(one, syntax.Use))
        found = (find_used(use.path, self.path) for use in uses)
        project = project_of(self.path)
        return tuple(path for path in found if path is not None and may_use(path, project))

    @property
    def use_place(self) -> Span:
        """Where a further `use` goes: after the last one, else at the top."""
        return use_place(self.source, self.file.definitions)

    @cached_property
    def text(self) -> Text:
        """The tokens of the file, broken definitions included."""
        return Text(self.source)

    @cached_property
    def visible(self) -> Visible:
        """The definitions that are visible in the file."""
        library = [self.workspace.analysis((shipped() / name).resolve()).file for name in LIBRARY]
        return Visible([self.workspace.analysis(path).file for path in self.closure], library)

    @cached_property
    def occurrences(self) -> list[Occurrence]:
        """Every occurrence in the file of a name that is defined."""
        return occurrences(self.file, self.visible)

    @cached_property
    def closure(self) -> list[Path]:
        """The files that this one uses, directly or through others, and itself at the end."""
        found: dict[Path, None] = {}
        entered: set[Path] = set()

        def enter(path: Path) -> None:
            entered.add(path)
            for used in self.workspace.analysis(path).used:
                if used not in entered:
                    enter(used)
            found[path] = None

        enter(self.path)
        return list(found)

    @cached_property
    def _resolved(self) -> tuple[Definitions | None, list[Diagnostic]]:
        try:
            return resolve(self.path, self.workspace.read)
        except DslnasError as error:
            return None, list(error.diagnostics)

    @property
    def definitions(self) -> Definitions | None:
        """The definitions of the file and of those it uses; None where it cannot be read."""
        return self._resolved[0]

    @cached_property
    def diagnostics(self) -> list[Diagnostic]:
        """Every error and warning of the file and of those it uses."""
        definitions, found = self._resolved
        try:
            return found if definitions is None else check(definitions, found)
        except RecursionError:
            message, help = "the text is nested too deeply", "name parts of it with `let` or `op`"
            return [*found, Diagnostic("N0103", message, start_of(self.source), help=help)]

    @cached_property
    def types(self) -> Facts:
        """The types of the expressions that the file's spaces elaborate, here and in the files it uses."""
        return types_of(self.definitions) if self.definitions is not None else {}

    @cached_property
    def costs(self) -> Costs | None:
        """The types at the sizes of the file's experiment, with costs; None where there are errors."""
        if self.definitions is None or errors(self.diagnostics):
            return None
        return costs_of(self.path, self.definitions)


def file_of(source: Source) -> Path:
    """The file of a source; the name of a library source is its path among the shipped files."""
    path = Path(source.name)
    return path if path.is_absolute() else (shipped() / path.relative_to("spaces")).resolve()


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _same(one: Diagnostic, other: Diagnostic) -> bool:
    """Whether two diagnostics are the same but for the `use`s that lead to their place."""
    return (one.code, one.message, one.span) == (other.code, other.message, other.span)
