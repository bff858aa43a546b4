"""Names: where they are made and used, and that calling one otherwise changes nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import SpaceText, spaces

from dslnas.base.diagnostics import DslnasError, errors
from dslnas.editor.navigation import definition, references, renamable, rename, replaced
from dslnas.editor.places.lookup import Place
from dslnas.editor.workspace import Workspace
from dslnas.resolve.library import shipped

TEXT = """\
use "lib/darts.nas"
method mine(rate = 0.1) {
    loss: cross_entropy
    arch: adam(lr: rate)
}
op blur(k, out) {
    let a = x -> avgpool(k, stride)
    a -> conv(1, out)
}
space Base(width = 8, channels = 4) {
    candidates { soft = blur(3, out: C), own = skip }
    cell normal(prev) {
        let a = prev -> align(prev)
        node n[1..2] = sum(choose candidates(p) for p in earlier)
        concat(n)
    }
    cell reduction = normal with { stride: 2 }
    network = input -> conv(3, 2width) -> normal -> reduction(channels: 2C) -> global_pool -> linear(classes)
}
space Mine = Base with {
    width: 6
    candidates.soft = blur(5, out: C)
    reduction.stride: 1
}
experiment {
    space: Mine
    method: mine(rate: 0.2)
    search.width: 2
}
"""


def at(text: str, marked: str) -> Place:
    """The place that `|` marks in a piece of the text."""
    start = text.index(marked.replace("|", "")) + marked.index("|")
    return Place(text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path.resolve() / "it.nas"


@pytest.fixture
def workspace(path: Path) -> Workspace:
    workspace = Workspace([path.parent])
    workspace.put(path, TEXT)
    return workspace


@pytest.mark.parametrize(
    ("marked", "name", "lines"),
    [
        ("mine(|rate", "rate", [2, 4, 27]),
        ("method |mine", "mine", [2, 27]),
        ("op |blur", "blur", [6, 11, 22]),
        ("blur(|k", "k", [6, 7]),
        ("k, |out", "out", [6, 8, 11, 22]),
        ("    |a -> conv", "a", [7, 8]),
        ("let |a = prev", "a", [13]),
        ("space |Base", "Base", [10, 20]),
        ("space: |Mine", "Mine", [20, 26]),
        ("2|width", "width", [10, 18, 21, 28]),
        ("choose |candidates", "candidates", [11, 14, 22]),
        ("|soft = blur(5", "soft", [11, 22]),
        ("-> |normal", "normal", [12, 17, 18]),
        ("|reduction.stride", "reduction", [17, 18, 23]),
        ("align(|prev", "prev", [12, 13, 13]),
        ("concat(|n", "n", [14, 15]),
        ("candidates(|p)", "p", [14, 14]),
    ],
)
def test_every_use_of_a_name_is_found(
    workspace: Workspace, path: Path, marked: str, name: str, lines: list[int]
) -> None:
    found = references(workspace, path, at(TEXT, marked))
    assert [one.span.line for one in found] == lines
    assert {one.span.text for one in found} == {name}
    for one in found:
        assert definition(workspace, path, Place(one.span.line, one.span.column)) == one.symbol.span
    assert len({one.symbol.span for one in found}) == 1


def test_what_a_sweep_names_is_found(workspace: Workspace, path: Path) -> None:
    text = TEXT + "sweep more {\n    spaces: Base\n    methods: darts\n    search.channels: 4\n}\n"
    text = text.replace("Base", re.findall(r"^space (\w+)", TEXT, re.M)[0])
    workspace.put(path, text)
    named = workspace.analysis(path).occurrences
    lines = text.split("\n")
    for key, kind in (("    spaces: ", "space"), ("    methods: ", "method"), ("    search.ch", "parameter")):
        number = next(index for index, line in enumerate(lines, start=1) if line.startswith(key))
        (found,) = [one for one in named if one.span.line == number]
        assert found.symbol.kind == kind


def test_what_the_library_makes_is_found_there_and_stays(workspace: Workspace, path: Path) -> None:
    made = definition(workspace, path, at(TEXT, "= |skip"))
    assert made is not None and Path(made.source.name) == (shipped() / "lib/darts.nas").resolve()
    assert made.text == "skip"
    used = definition(workspace, path, at(TEXT, "lib/|darts"))
    assert used is not None and (used.source.name, used.line) == (made.source.name, 1)
    assert renamable(workspace, path, at(TEXT, "= |skip")) is None
    with pytest.raises(DslnasError, match="no file of yours"):
        rename(workspace, path, at(TEXT, "= |skip"), "jump")


def test_the_sizes_that_profiles_set_keep_their_names(workspace: Workspace, path: Path) -> None:
    assert renamable(workspace, path, at(TEXT, "8, |channels")) is None


@pytest.mark.parametrize("name", ["cell", "choose", "2nd", "a-b", "", "stride", "relu", "true"])
def test_what_cannot_be_a_name(workspace: Workspace, path: Path, name: str) -> None:
    with pytest.raises(DslnasError, match="cannot be a name"):
        rename(workspace, path, at(TEXT, "op |blur"), name)


@pytest.mark.parametrize(
    ("marked", "name"),
    [("blur(|k", "out"), ("let |a = x", "k"), ("op |blur", "normal"), ("cell |normal", "blur")],
)
def test_names_that_would_come_to_mean_another(
    workspace: Workspace, path: Path, marked: str, name: str
) -> None:
    with pytest.raises(DslnasError, match="means something already"):
        rename(workspace, path, at(TEXT, marked), name)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(space=spaces(), data=st.data())
def test_a_renamed_space_is_as_well_formed_as_before(
    space: SpaceText, data: st.DataObject, tmp_path: Path
) -> None:
    path = tmp_path.resolve() / "drawn.nas"
    workspace = Workspace([path.parent])
    workspace.put(path, space.text)
    before = workspace.analysis(path)
    assert not errors(before.diagnostics)
    one = data.draw(st.sampled_from(before.occurrences))
    place = Place(one.span.line, one.span.column)
    if renamable(workspace, path, place) is None:
        return
    changed = rename(workspace, path, place, "fresh_1")
    assert list(changed) == [path]
    renamed = Workspace([path.parent])
    renamed.put(path, replaced(before.source, changed[path], "fresh_1"))
    after = renamed.analysis(path)
    assert not errors(after.diagnostics), after.diagnostics
    assert len(after.types) == len(before.types)
    names = [name for name in (found.span.text for found in after.occurrences) if name != "fresh_1"]
    assert names == [f.span.text for f in before.occurrences if f.span not in changed[path]]


def test_a_genotype_is_found_from_the_space_that_it_fixes(workspace: Workspace, path: Path) -> None:
    """Also where only a part of it fixes."""
    cell = "    cell normal(a) {\n        node n1 = own(a)\n        output: n1\n    }\n"
    text = f"genotype found of Base {{\n{cell}}}\n"
    for part in ("found", "found.normal"):
        written = f"{TEXT}{text}space Fixed = Base with {part}\n"
        workspace.put(path, written)
        made = definition(workspace, path, at(written, "with |found"))
        assert made is not None and (made.text, made.line) == ("found", TEXT.count("\n") + 1)
        assert [one.span.text for one in references(workspace, path, at(written, "with |found"))] == [
            "found",
            "found",
        ]


FOUND = """\
genotype found of Base {
    cell normal(a) {
        node n1 = own(a)
        node n2 = soft(a) + own(n1)
        output: n1, n2
    }
}
space Fixed = Base with found.normal
"""


@pytest.mark.parametrize(
    ("marked", "lines"),
    [
        ("|soft = blur(3", [11, 22, 33]),
        ("let |a = prev", [13, 31, 32, 33]),
        ("node |n[", [14, 15, 32, 33, 33, 34, 34]),
        ("cell |normal(prev", [12, 17, 18, 31, 37]),
        ("space |Base", [10, 20, 30, 37]),
    ],
)
def test_a_genotype_is_renamed_with_its_space(
    workspace: Workspace, path: Path, marked: str, lines: list[int]
) -> None:
    text = TEXT + FOUND
    workspace.put(path, text)
    before = errors(workspace.analysis(path).diagnostics)
    found = references(workspace, path, at(text, marked))
    assert [one.span.line for one in found] == lines
    changed = rename(workspace, path, at(text, marked), "other")
    workspace.put(path, replaced(workspace.read(path), changed[path], "other"))
    assert len(errors(workspace.analysis(path).diagnostics)) == len(before) == 0


LETS = """\
space Named(width = 8) {
    let thick = 2width
    let layer = x -> conv(3, thick) -> relu
    cell normal(prev) {
        let thick_too = prev -> conv(1, thick) -> layer
        thick_too
    }
    network {
        let stem = input -> layer
        let side = stem -> normal
        concat(stem, side) -> layer -> global_pool -> linear(classes)
    }
}
space Other = Named with {
    layer = x -> conv(5, thick)
}
"""


@pytest.mark.parametrize(
    ("marked", "lines"),
    [
        ("|stem = input", [9, 10, 11]),
        ("-> |layer\\n        let side", [3, 5, 9, 11, 15]),
        ("let |thick =", [2, 3, 5, 15]),
        ("2|width", [1, 2]),
    ],
)
def test_the_names_of_a_space_and_of_its_network_are_found_and_renamed(
    workspace: Workspace, path: Path, marked: str, lines: list[int]
) -> None:
    workspace.put(path, LETS)
    place = at(LETS, marked.replace("\\n", "\n"))
    found = references(workspace, path, place)
    assert [one.span.line for one in found] == lines
    made = definition(workspace, path, place)
    assert made is not None and made.line == lines[0]
    source = workspace.analysis(path).source
    new = replaced(source, rename(workspace, path, place, "fresh")[path], "fresh")
    workspace.put(path, new)
    assert errors(workspace.analysis(path).diagnostics) == []
    assert new.count("fresh") == len(lines)
