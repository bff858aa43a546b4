"""Names as readers know them."""

from __future__ import annotations

from pathlib import Path

from made_runs import CANDIDATES, write_run
from report_pages import edit, page_of

from dslnas.report.reader.wording import Wording, legend, worded, wording_of
from dslnas.report.render.palette import FAMILIES, styles
from dslnas.report.rundata import RunData, read_run
from dslnas.runs.load import load

POLYNOMIALS = {"sep_conv_5x5": "asym5(7, 1)", "dil_conv_5x5": "asym5(5, 3)"}
WRITTEN = Wording({cell: {"a": "prev2", "b": "prev"} for cell in ("normal", "reduction")}, POLYNOMIALS)


def run_of(folder: Path, space: str = "sspolasym5") -> RunData:
    """A made run in a shipped space, whose two 5x5 convolutions are polynomials."""
    run = write_run(folder, nodes=2, epochs=2)
    experiment = load(space)
    (run / "space.nas").write_text(experiment.text)

    def orders(data: dict[str, dict[str, dict[str, dict[str, dict[str, int]]]]]) -> None:
        for cell in data["cells"].values():
            for name in POLYNOMIALS:
                cell["operations"][name]["order"] = 2

    edit(run / "choices.json", orders)
    edit(run / "genotype.json", lambda data: data["space"].update(name=experiment.space.name))
    return read_run(run)


def test_inputs_and_polynomials_are_read_off_the_space(tmp_path: Path) -> None:
    assert wording_of(run_of(tmp_path / "run")) == WRITTEN
    assert wording_of(read_run(write_run(tmp_path / "unreadable", nodes=1, epochs=1))) == Wording()


def test_settings_that_change_the_space_count(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run")
    edit(run.folder / "settings.json", lambda data: data.update(set=["candidates.sep_conv_5x5=asym4(3,1)"]))
    assert wording_of(read_run(run.folder)).operations["sep_conv_5x5"] == "asym4(3, 1)"


def test_two_candidates_of_one_text_keep_their_names(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run")
    edit(run.folder / "settings.json", lambda data: data.update(set=["candidates.sep_conv_5x5=asym5(5, 3)"]))
    assert wording_of(read_run(run.folder)).operations == {}


def test_a_run_is_worded_throughout(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run")
    found = worded(run, WRITTEN)
    assert found.genotype is not None and run.genotype is not None
    assert [edge.identifier for edge in found.edges] == [edge.identifier for edge in run.edges]
    assert {edge.source for edge in found.edges} == {"prev2", "prev", "n1"}
    assert set(found.edges[0].candidates) == {*CANDIDATES} - {*POLYNOMIALS} | {*POLYNOMIALS.values()}
    assert found.cells["normal"].operations["asym5(7, 1)"].polynomial
    for before, after in zip(run.genotype.cells, found.genotype.cells, strict=True):
        assert after.inputs == ("prev2", "prev")
        for old, new in zip(before.nodes, after.nodes, strict=True):
            assert [edge.operation for edge in new.edges] == [
                WRITTEN.operation(e.operation) for e in old.edges
            ]
    assert worded(run, Wording()) == run


def test_polynomials_have_a_colour_of_their_own() -> None:
    worn = styles([*CANDIDATES, *POLYNOMIALS.values()])
    assert worn["asym5(7, 1)"].colour == worn["asym5(5, 3)"].colour
    others = {worn[name].colour for name in CANDIDATES}
    assert worn["asym5(7, 1)"].colour not in others


def test_the_legend_says_what_each_kept_operation_is(tmp_path: Path) -> None:
    run = worded(run_of(tmp_path / "run"), WRITTEN)
    assert run.genotype is not None
    entries = legend(run, WRITTEN)
    kept = [edge.operation for cell in run.genotype.cells for node in cell.nodes for edge in node.edges]
    assert {one.operation: one.edges for one in entries} == {name: kept.count(name) for name in kept}
    worn = styles(kept)
    for one in entries:
        assert FAMILIES[int(one.colour.removeprefix("--family-"))][0] == worn[one.operation].colour
        if one.operation in POLYNOMIALS.values():
            assert one.kind.startswith("a polynomial of order 2, candidate ")
        elif one.operation == "skip_connect":
            assert one.kind == "a skip"
        else:
            assert one.kind == ("without weights" if "pool" in one.operation else "with weights")


def test_the_page_speaks_the_words_of_the_space(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run")
    text, page = page_of(run.folder)
    assert "prev2 is called a and prev is called b" in page.text["cells"]
    assert ">prev2</text>" in text and ">asym5(7, 1)</text>" in text
    assert "sep_conv_5x5" not in page.text["decisions"] and "sep_conv_5x5" not in page.text["search"]
