"""What a preset cuts, in words; what a run tells of thresholds and of pairs."""

from __future__ import annotations

from pathlib import Path

import pytest
from pairs import drawn_weights
from small import program_of, small

from dslnas.methods.method import relaxed
from dslnas.prune.prune import prune_as
from dslnas.resolve.settings import PAPER_SEARCH
from dslnas.runs.load import load
from dslnas.runs.metrics import cut, describe_choices, threshold_figures
from dslnas.runs.request import Request


def test_what_quick_cuts_is_said() -> None:
    quick = cut(load("ss1", Request(data="fsdd")))
    assert "search: channels 8 instead of 16" in quick
    assert "retraining: repeat 1 instead of 6" in quick
    assert any("learning rate x steps" in line for line in quick)
    assert "search: the first 25% of the steps train the weights alone" in quick
    assert cut(load("ss1", Request(data="fsdd", preset="paper"))) == []


CUTTING = """use "ss1.nas"
space Mine = SS1 with { nodes: 2 }
experiment {
    space:         Mine
    method:        darts
    search.epochs: 5
    train.mixup:   0
}
"""


@pytest.mark.parametrize("preset", ["quick", "paper"])
def test_what_the_text_and_the_command_line_cut_is_said_with_its_place(preset: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.nas"
    file.write_text(CUTTING)
    said = cut(load(file, Request(data="fsdd", preset=preset, overrides=["search.channels=4"])))
    assert "search: nodes 2 instead of 3, as `space Mine` says" in said
    assert not any("retraining: nodes" in line for line in said), "it follows from the search"
    assert "search: 5 epochs instead of 60 epochs, as `mine.nas` says" in said
    assert "retraining: mixup 0 instead of 0.2, as `mine.nas` says" in said
    assert "search: channels 4 instead of 16, as `--set search.channels` says" in said
    if preset == "paper":
        assert len(said) == 4
    else:
        assert "retraining: channels 16 instead of 26" in said, "the preset itself needs no place"
    drawn = cut(load(file, Request(data="fsdd", preset=preset, overrides=["method=random"])))
    assert drawn and not any(line.startswith("search:") for line in drawn), "a draw takes no steps"


def test_a_run_tells_what_it_kept_below_the_threshold() -> None:
    """By FairDARTS' sigmoids, and not where the candidates of an edge share a softmax."""
    program = program_of(small("ss1", "fairdarts"))
    alpha, gamma = drawn_weights(program, 4)
    for name, told in (("fairdarts", True), ("darts", False)):
        method = relaxed(small("ss1", name).method)
        genotype = prune_as(method, program, alpha, gamma, "")
        figures = threshold_figures(method, program, genotype, alpha)
        assert bool(figures) == told
        if told:
            found = figures["threshold"]
            kept = [f"reduction/{n.name}<-{e.source}" for n in genotype.cells[0].nodes for e in n.edges]
            assert (found["value"], found["choices"]) == (0.85, len(kept))
            assert {one["choice"] for one in found["below"]} == {id for id in kept if max(alpha[id]) <= 0.85}


def test_the_choices_of_a_run_say_where_pairs_are_kept() -> None:
    for name, pairs in (("gdas", True), ("darts", None)):
        experiment = small("ss1", name)
        nodes = describe_choices(program_of(experiment), experiment.method)["nodes"].values()
        assert {node.get("pairs") for node in nodes} == {pairs}


def test_a_genotype_from_elsewhere_has_no_search_to_tell_of() -> None:
    quick = load("ss1", Request(data="fsdd"))
    told = cut(quick, searched=False)
    assert told and all(line.startswith("retraining: ") for line in told)


def test_what_the_user_sets_is_no_cut() -> None:
    assert "search: channels 4 instead of 16" not in cut(
        load("ss1", Request(data="fsdd", overrides=["search.channels=4"]))
    )


def test_a_profile_without_full_sizes_cuts_nothing(tmp_path: Path) -> None:
    file = tmp_path / "own.nas"
    file.write_text(
        'use "ss1.nas"\nuse "lib/frontends.nas"\nspace Own = SS1 with {}\n'
        "profile fsdd {\n    frontend: logmel(32)\n"
        "    quick.search: (nodes: 2, channels: 4, repeat: 0, batch: 4, epochs: 1)\n"
        "    quick.train: (channels: 4, repeat: 0, batch: 4, epochs: 1)\n}\n"
    )
    assert cut(load(file, Request(data="fsdd"))) == []


def test_how_far_quick_moves_the_architecture_stands_beside_the_paper() -> None:
    experiment = load("ss1", Request(data="fsdd"))
    assert experiment.settings.search.travel == 5
    assert PAPER_SEARCH.travel == pytest.approx(1.74)
    (said,) = (line for line in cut(experiment) if "learning rate x steps" in line)
    assert said.endswith("is 5 (the paper's 5,800 steps at 3e-4 come to 1.74)")
