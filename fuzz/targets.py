"""What is fuzzed: each target takes any bytes, and returns unless dslnas does what it never may.

It may refuse its input with diagnostics that can be shown. Whatever else it raises is a defect.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from dslnas.base.diagnostics import Diagnostic, DslnasError
from dslnas.base.rendering import render_text, to_json
from dslnas.base.source import Source
from dslnas.check.check import check_file
from dslnas.ir.genotype import from_json, read
from dslnas.ir.genotype import to_json as genotype_json
from dslnas.parse.parse import parse
from dslnas.prune.darts_text import read_published
from dslnas.prune.nasbench201 import read_cell
from dslnas.report.rundata import FILES, read_run
from dslnas.resolve.genotype_text import read_source, text_of
from dslnas.resolve.library import read_source as read_text
from dslnas.resolve.settings import parse_override
from dslnas.runs.load import load
from dslnas.runs.plan import plan
from dslnas.runs.plan import to_json as plan_json
from dslnas.runs.request import Request
from dslnas.runs.run_settings import read_run_settings
from dslnas.search.evolved.archive import Archive
from dslnas.search.evolved.front_file import front_json, front_of_json, read_front

Target = Callable[[bytes], None]


def parser(data: bytes) -> None:
    """Text to syntax tree; `--set` as well."""
    text = data.decode("utf-8", "replace")
    shown(*parse(Source("fuzzed", text))[1])
    tolerant(lambda: parse_override(text))


def checker(data: bytes) -> None:
    """A file with all that is checked in it."""
    in_file(data, "fuzzed.nas", lambda path: shown(*check_file(path)))


def planner(data: bytes) -> None:
    """A file to an experiment, its program and its plan."""
    in_file(data, "fuzzed.nas", lambda path: json.dumps(plan_json(plan(load(path, Request(data="digits"))))))


def genotype(data: bytes) -> None:
    """The two forms of a genotype; what is read from one is read alike from all."""
    in_file(data, "fuzzed.nas", read_source)
    in_file(data, "genotype.json", _same_in_every_form)


def _same_in_every_form(path: Path) -> None:
    found = read(path)
    assert from_json(json.loads(json.dumps(genotype_json(found)))) == found
    written = path.with_name("found.nas")
    written.write_text(text_of(found), encoding="utf-8")
    assert read_source(written) == found


def importer(data: bytes) -> None:
    """A published genotype; what is read of it has states that can be counted."""
    in_file(data, "genotypes.py", lambda path: read_cell(read_text(path)) or read_published(read_text(path)))


def run_folder(data: bytes) -> None:
    """A run folder in which one file is anything: the first byte says which."""
    name = FILES[data[0] % len(FILES)] if data else FILES[0]
    in_file(data[1:], name, lambda path: read_run(path.parent))
    in_file(data, "settings.json", read_run_settings)


def front(data: bytes) -> None:
    """What an evolution leaves: the front, and what was evaluated; a front is written as it was read."""
    in_file(data, "front.json", _same_once_written)
    in_file(data, "evaluations.jsonl", Archive.open)


def _same_once_written(path: Path) -> None:
    found = read_front(path)
    assert front_of_json(json.loads(json.dumps(front_json(found)))) == found


TARGETS: Mapping[str, Target] = {
    target.__name__: target for target in (parser, checker, planner, genotype, importer, run_folder, front)
}


def in_file(data: bytes, name: str, work: Callable[[Path], object]) -> None:
    """Work on a file that holds the data."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        tolerant(lambda: work(path))


def tolerant(work: Callable[[], object]) -> None:
    """Work that may end in diagnostics, of which there is one at least."""
    try:
        work()
    except DslnasError as error:
        assert error.diagnostics, "an error that says nothing"
        shown(*error.diagnostics)


def shown(*diagnostics: Diagnostic) -> None:
    """Every diagnostic as people and as editors see it."""
    for diagnostic in diagnostics:
        render_text(diagnostic).encode("utf-8", "backslashreplace")
        json.dumps(to_json(diagnostic))
