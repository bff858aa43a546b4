"""Ids are labels: what they are made of is told by fields, and nothing reads it out of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = next(path / "dslnas" for path in Path(__file__).parents if (path / "dslnas").is_dir())

# What `dslnas.ir.names` and `Graph` put between the names in an id.
SEPARATORS = ("/", "<-", " [", ":")
TAKE_APART = {
    "partition",
    "rpartition",
    "split",
    "rsplit",
    "startswith",
    "endswith",
    "removeprefix",
    "removesuffix",
    "count",
    "find",
    "index",
    "replace",
}

# Those that read text from outside, by module and function.
READERS = {
    ("resolve/found.py", "names_of"),  # the key of a choice in a genotype
    ("resolve/library.py", "find_space"),  # the name of a space
    ("report/rundata.py", "_nodes"),  # `choices.json` of a run
    ("data/catalog.py", "parse_spec"),  # `folder:PATH` of a command line
    ("train/events.py", "scalars"),  # `history.jsonl` of a run
    ("base/processors.py", "processor_name"),  # `proc/cpuinfo`
    ("data/sets/recordings.py", "_take_rows"),  # FILE:LINE of a table
    ("base/processors.py", "_groups"),  # `proc/self/cgroup`
    ("data/sets/voxceleb.py", "speaker"),  # SPEAKER/VIDEO/FILE of its list
    ("data/sets/voxceleb.py", "video"),
    ("data/sets/voxceleb.py", "_listed"),
    ("check/repairs.py", "_comment"),  # `//` in a text
}


def _functions(tree: ast.AST, name: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every node of a module with the innermost function that it is in."""
    for child in ast.iter_child_nodes(tree):
        inside = child.name if isinstance(child, ast.FunctionDef) else name
        yield inside, child
        yield from _functions(child, inside)


def _takes_apart(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=attr), args=[first, *_]) if attr in TAKE_APART:
            return _separates(first)
        case ast.Compare(left=ast.Constant() as left, ops=[ast.In() | ast.NotIn()]):
            return _separates(left)
    return False


def _separates(text: ast.expr) -> bool:
    """Whether a text is a separator, or is made with one of what is only known when it runs."""
    match text:
        case ast.Constant(value=str(value)):
            return value in SEPARATORS
        case ast.JoinedStr(values=parts):
            return any(isinstance(part, ast.Constant) and part.value in SEPARATORS for part in parts)
    return False


def test_no_id_is_taken_apart() -> None:
    found = {
        (path.relative_to(PACKAGE).as_posix(), function)
        for path in sorted(PACKAGE.rglob("*.py"))
        for function, node in _functions(ast.parse(path.read_text(encoding="utf-8")))
        if _takes_apart(node)
    }
    assert found == READERS


def test_what_takes_an_id_apart_is_found() -> None:
    texts = (
        'id.partition("/")[0]',
        'graph.name.split(":")',
        '"<-" in key',
        'id.startswith(f"{point}/")',
        'id.replace("<-", "_from_")',
    )
    for text in texts:
        assert any(_takes_apart(node) for _, node in _functions(ast.parse(text))), text
