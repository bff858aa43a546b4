"""Published genotypes that cannot be read or do not fit their space: each mistake has a place."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.base.source import Source
from dslnas.prune.darts_text import read_published
from dslnas.prune.dialects import OPERATIONS
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
        (changed("'skip_connect'", "'none'", 8), "N0502", None, "no edge leads into node 2, 3, 4, 5"),
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
    with pytest.raises(DslnasError, match="holds 12 genotypes: DARTS_V1, DARTS_V2, DARTS, "):
        read_published(source)
    with pytest.raises(DslnasError, match="no genotype `PDARST`") as error:
        read_published(source, "PDARST")
    assert error.value.diagnostics[0].help == "did you mean `PDARTS`?"


@pytest.mark.parametrize(("space", "nodes"), [("ss1", 4), ("darts", 3)])
def test_a_cell_with_other_nodes_says_what_to_set(space: str, nodes: int) -> None:
    text = WHOLE if nodes == 4 else WHOLE.replace(str(EVERY), str(EVERY[:6])).replace("2, 6", "2, 5")
    found = read_published(Source("g.py", text))
    with pytest.raises(DslnasError) as error:
        adopted(
            found,
            load(space, Request(data="digits")).evaluation if space == "ss1" else darts().evaluation,
            "",
            "g",
        )
    assert error.value.diagnostics[0].help == f"it has {nodes} nodes: `--set nodes={nodes}`"


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


OPS = ("sep_conv_3x3", "dil_conv_5x5", "skip_connect", "max_pool_3x3")
PAIRS = [(node, source) for node in range(2, 6) for source in (0, node - 1)]
EXPECTED = [(OPS[place % 4], node, source) for place, (node, source) in enumerate(PAIRS)]


def nni() -> str:
    found: dict[str, object] = {}
    for cell in ("normal", "reduce"):
        for place, (node, source) in enumerate(PAIRS):
            found[f"{cell}/op_{node}_{place % 2}"] = OPS[place % 4]
            found[f"{cell}/input_{node}_{place % 2}"] = [source] if place else source
    return json.dumps(found)


def nni_1() -> str:
    names = {"skip_connect": "skipconnect", "max_pool_3x3": "maxpool"}
    found: dict[str, object] = {}
    for cell in ("normal", "reduce"):
        for place, (node, source) in enumerate(PAIRS):
            op = OPS[place % 4]
            found[f"{cell}_n{node}_p{source}"] = [names.get(op, op.replace("_", "", 1).replace("_", ""))]
            found.setdefault(f"{cell}_n{node}_switch", []).append(f"{cell}_n{node}_p{source}")  # type: ignore
    return json.dumps(found)


def nasbench301() -> str:
    start = "NetworkSelectorDatasetInfo:darts:"
    found: dict[str, object] = {}
    for cell in ("normal", "reduce"):
        for place, (node, source) in enumerate(PAIRS):
            found[f"{start}edge_{cell}_{sum(range(2, node)) + source}"] = OPS[place % 4]
            if node > 2:
                found[f"{start}inputs_node_{cell}_{node}"] = f"0_{node - 1}"
    return str(found)  # as Python prints it


def pairs() -> str:
    cell = [(source, OPERATIONS.index(OPS[place % 4])) for place, (_, source) in enumerate(PAIRS)]
    return str((cell, cell))


@pytest.mark.parametrize("text", [nni(), nni_1(), nasbench301(), pairs()])
def test_data_of_other_tools_is_read(text: str) -> None:
    found = read(text)
    for edges, output in found:  # type: ignore[misc]
        assert sorted(edges) == sorted(EXPECTED) and output == (2, 3, 4, 5)  # type: ignore[has-type]
    adopted(read_published(Source("g", text)), darts().evaluation, "", "g")


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (nni().replace("sep_conv_3x3", "noise", 1), "normal/op_2_0", "no operation `noise`"),
        (nni().replace('"normal/input_2_0": 0', '"normal/input_2_0": "a"'), "normal/op_2_0", "from no state"),
        (pairs().replace("(0, 3)", "(0, 33)", 1), None, "has no operation"),
    ],
)
def test_data_that_is_no_genotype_says_why_and_where(text: str, place: str | None, message: str) -> None:
    with pytest.raises(DslnasError) as error:
        adopted(read_published(Source("g", text)), darts().evaluation, "", "g")
    (told,) = error.value.diagnostics
    assert message in told.message and told.span is not None
    assert place is None or told.span.text == place


@pytest.mark.parametrize(
    ("name", "nodes", "edges"),
    [
        ("02_nested_lists.py", 4, (2, 2, 2, 2)),
        ("05_log_line.txt", 4, (2, 2, 2, 2)),
        ("07_empty_node.py", 4, (2, 0, 1, 1)),
        ("17_three_nodes_katib.txt", 3, (2, 2, 2)),
    ],
)
def test_dialects_of_published_files(name: str, nodes: int, edges: tuple[int, ...], cases_root: Path) -> None:
    experiment = (
        darts() if nodes == 4 else load("darts", Request(preset="paper", overrides=(f"nodes={nodes}",)))
    )
    text = (cases_root / "genotypes" / name).read_text()
    found = adopted(read_published(Source(name, text)), experiment.evaluation, "", name)
    assert tuple(len(node.edges) for node in found.cell("normal").nodes) == edges


def test_a_list_for_each_node_and_a_line_of_a_log_say_the_same(cases_root: Path) -> None:
    texts = [
        (cases_root / "genotypes" / name).read_text() for name in ("02_nested_lists.py", "05_log_line.txt")
    ]
    lists, log = (adopted(read_published(Source("g", text)), darts().evaluation, "", "g") for text in texts)
    assert lists.cells == log.cells
    operations = [[edge.operation for edge in node.edges] for node in log.cell("reduction").nodes]
    assert operations[0] == ["max_pool_3x3", "sep_conv_3x3"] and operations[3] == [
        "skip_connect",
        "dil_conv_3x3",
    ]


def test_noise_says_why_it_is_none() -> None:
    with pytest.raises(DslnasError) as error:
        adopted(read_published(Source("g.py", changed("skip_connect", "noise"))), darts().evaluation, "", "g")
    assert "RobustDARTS" in error.value.diagnostics[0].help
