"""Published genotypes that cannot be read or do not fit their space: each mistake has a place."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.base.source import Source
from dslnas.prune.darts_text import read_published
from dslnas.prune.published import adopted
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

FILE = Path(__file__).with_name("published_genotypes.txt")


@cache
def darts() -> Experiment:
    return load("darts", Request(preset="paper"))


EDGES = "[('skip_connect', 0), ('skip_connect', 1)]"
FORM = f"g = Genotype(normal={EDGES} * 1, normal_concat=range(2, 6), reduce={EDGES}, reduce_concat=[2])"
EVERY = [("skip_connect", source) for _ in range(4) for source in (0, 1)]
WHOLE = f"g = Genotype(normal={EVERY}, normal_concat=range(2, 6), reduce={EVERY}, reduce_concat=range(2, 6))"


def changed(old: str, new: str, times: int = 1) -> str:
    """The whole text with its first parts of a kind changed."""
    assert old in WHOLE
    return WHOLE.replace(old, new, times)


@pytest.mark.parametrize(
    ("text", "code", "place", "message"),
    [
        ("", "N0501", "", "holds no genotype"),
        ("import os\nos.remove('x')\n", "N0501", "", "holds no genotype"),
        ("g = Genotype(\n  normal=[(", "N0501", "(", "no Python"),
        (FORM, "N0501", f"{EDGES} * 1", "a list of edges"),
        (
            changed("normal_concat=", "normal_conc="),
            "N0501",
            "normal_conc=range(2, 6)",
            "no field `normal_conc`",
        ),
        (changed(", reduce_concat=range(2, 6)", ""), "N0501", None, "lacks `reduce_concat`"),
        (
            changed("('skip_connect', 0)", "'skip_connect'"),
            "N0501",
            "'skip_connect'",
            "an edge is an operation",
        ),
        (changed("t', 0)", "t', -1)"), "N0501", "-1", "a state is a whole"),
        (changed("('skip_connect', 0), ", ""), "N0501", None, "7 edges"),
        (changed("0)", "2, 0)"), "N0501", None, "some edges name their node"),
        (changed("range(2, 6)", "range(2, 10**9)"), "N0501", "10**9", "a state is a whole"),
        (changed("range(2, 6)", "range(2, 6, 1)"), "N0501", "range(2, 6, 1)", "a list of states"),
        (changed("skip_connect", "skip_conect"), "N0502", "('skip_conect', 0)", "no operation `skip_conect`"),
        (changed("t', 0", "t', 4"), "N0502", "('skip_connect', 4)", "comes from state 4"),
        (changed("t', 0", "t', 1"), "N0502", "('skip_connect', 1)", "two edges from state 1 with"),
        (changed("range(2, 6)", "[3, 4, 5]"), "N0502", "[3, 4, 5]", "hands out the states 3, 4, 5"),
        (changed("'skip_connect'", "'none'", 2), "N0502", None, "no edge leads into node 2"),
        (changed("skip_connect", "é"), "N0502", "('é', 0)", "no operation `é`"),
        (
            changed("g = ", "'é'; é = ").replace("t', 0", "t', 4"),
            "N0502",
            "('skip_connect', 4)",
            "from state 4",
        ),
    ],
)
def test_a_mistake_has_a_place(text: str, code: str, place: str | None, message: str) -> None:
    """place: the text that is underlined; None for a whole list or call."""
    with pytest.raises(DslnasError) as error:
        adopted(read_published(Source("g.py", text)), darts().evaluation, "", "g.py")
    (told,) = error.value.diagnostics
    assert told.code == code and message in told.message
    assert told.span is not None
    if place is None:
        assert told.span.text[0] in "[G" and told.span.text[-1] in "])"
    else:
        assert told.span.text == place


def test_several_genotypes_are_listed_and_names_are_guessed() -> None:
    source = Source(FILE.name, FILE.read_text())
    with pytest.raises(DslnasError, match="holds 9 genotypes: DARTS_V1, DARTS_V2, DARTS, "):
        read_published(source)
    with pytest.raises(DslnasError, match="no genotype `PDARST`") as error:
        read_published(source, "PDARST")
    assert error.value.diagnostics[0].help == "did you mean `PDARTS`?"


def test_a_cell_with_fewer_nodes_is_told() -> None:
    with pytest.raises(DslnasError, match="no edge leads into node 3"):
        found = read_published(Source(FILE.name, FILE.read_text()), "FairDARTS_a")
        adopted(found, darts().evaluation, "", FILE.name)


MANY = 100_000
HOSTILE = {
    "parentheses": "g = Genotype(" + "(" * MANY + ")" * MANY + ")",
    "lists": "g = Genotype(normal=" + "[" * 90 + "]" * 90 + ")",
    "minuses": "g = " + "-" * MANY + "1",
    "attributes": "g = a" + ".a" * MANY,
    "calls": "g = Genotype" + "()" * MANY,
    "sums": "g = 1" + " + 1" * MANY,
    "digits": f"g = Genotype(normal=[('none', {'9' * MANY})], normal_concat=[], reduce=[], reduce_concat=[])",
    "edges": f"g = Genotype({'(1, ' * 80}{')' * 80}, normal_concat=[], reduce=[], reduce_concat=[])",
    "names": "".join(f"g{n} = Genotype()\n" for n in range(20_000)),
    "other names": "g0 = Genotype()\n" + "".join(f"g{n + 1} = g{n}\n" for n in range(20_000)),
    "zero": "g = '\0'",
    "half a character": "g = '\ud800'",
    "a range": changed("range(2, 6)", "range(128)"),
    "many edges": f"g = Genotype([{'(1, 2), ' * MANY}], [], [], [])",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_told(name: str) -> None:
    with pytest.raises(DslnasError) as error:
        adopted(read_published(Source("g.py", HOSTILE[name])), darts().evaluation, "", "g.py")
    assert error.value.diagnostics[0].code in ("N0501", "N0502")


NESTED = [EVERY[place : place + 2] for place in range(0, 8, 2)]


def read(text: str, name: str | None = None) -> tuple[object, object]:
    """The edges of both cells of a genotype in a text, without their places."""
    found = read_published(Source("g.py", text), name)
    return tuple(  # type: ignore[return-value]
        ([(edge.operation, edge.node, edge.source) for edge in cell.edges], cell.output)
        for cell in (found.normal, found.reduce)
    )


def test_edges_may_be_grouped_by_node() -> None:
    assert read(WHOLE.replace(str(EVERY), str(NESTED))) == read(WHOLE)
    one_or_three = [NESTED[0][:1], [*NESTED[1], ("skip_connect", 2)], *NESTED[2:]]
    (edges, _), _ = read(WHOLE.replace(str(EVERY), str(one_or_three), 1))  # type: ignore[misc]
    assert [node for _, node, _ in edges] == [2, 3, 3, 3, 4, 4, 5, 5]  # type: ignore[has-type]


@pytest.mark.parametrize("before", ["2024-05-01 10:00:00,123 genotype = ", "INFO: é: ", "genotype: "])
def test_the_line_of_a_log_is_read(before: str) -> None:
    line = before + WHOLE.removeprefix("g = ")
    assert read(f"epoch 1 of 2\n{line}\nend of it") == read(WHOLE)
    with pytest.raises(DslnasError) as error:
        read_published(Source("log", f"{line}\n{line}\nthe end"))
    assert "2 genotypes: line_1, line_2" in error.value.diagnostics[0].message
    assert read(f"{line}\n{line}\nthe end", "line_2") == read(WHOLE)
    with pytest.raises(DslnasError) as error:
        read_published(Source("log", line.replace("t', 0)", "t', -1)", 1)))
    span = error.value.diagnostics[0].span
    assert span is not None
    assert span.source.line(span.line)[span.column - 1 : span.end_column - 1] == "-1"


def test_noise_says_why_it_is_none() -> None:
    with pytest.raises(DslnasError) as error:
        adopted(read_published(Source("g.py", changed("skip_connect", "noise"))), darts().evaluation, "", "g")
    assert "RobustDARTS" in error.value.diagnostics[0].help
