"""Guards against skips: one beside each edge, and the end of a search that would keep too many."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from small import batch, one_hot, program_of, random_genotype, small

from dslnas.methods.method import relaxed
from dslnas.methods.stages import WHOLE
from dslnas.prune.prune import prune_as
from dslnas.search.relaxed.progressive import Searching, steps_of_stages
from dslnas.search.relaxed.skips import AuxiliarySkips, too_many_skips
from dslnas.search.relaxed.step import RelaxedSearch

CPU = torch.device("cpu")


def searching(auxiliary: tuple[float, float] | None) -> RelaxedSearch:
    experiment = small("ss1", "darts", "repeat=1", nodes=1)
    method = replace(relaxed(experiment.method), auxiliary=auxiliary)
    return RelaxedSearch(program_of(experiment), method, 0, None, CPU)


def test_a_faded_skip_is_none_and_the_gradient_of_a_full_one_is_of_another_network() -> None:
    x, labels = batch(small(), clips=6)
    plain, faded, full = searching(None), searching((1.0, 0.0)), searching((1.0, 0.0))
    assert full.skips is not None
    full.skips.set(1.0)
    figures = [one.step((x, labels), (x, labels), 0.5) for one in (plain, faded, full)]
    assert figures[0] == figures[1] and figures[0]["validation_loss"] != figures[2]["validation_loss"]
    states = [one.supernet.state_dict() for one in (plain, faded, full)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert any(not torch.equal(states[0][name], states[2][name]) for name in states[0])


def test_the_skip_alone_weighs_more_and_edges_without_one_are_as_they_were() -> None:
    program = program_of(small())
    weights = one_hot(program, random_genotype(program, 0), torch.float32)
    guard = AuxiliarySkips(program, CPU)
    guard.set(0.25)
    found = guard.beside(weights)
    for id, before in weights.items():
        point = program.choices.get(id)
        raised = (
            [0.25 * (option in point.skips) for option in point.options] if point else [0.0] * len(before)
        )
        assert (found[id] - before).tolist() == pytest.approx(raised)


def test_skips_are_counted_in_cells_that_keep_the_size() -> None:
    experiment = small("ss1", "darts", "repeat=1")
    program, method = program_of(experiment), relaxed(experiment.method)
    gamma = {id: [1.0] * len(one.sources) for id, one in program.selections.items()}

    def liking(skip: float, cell: str) -> dict[str, list[float]]:
        return {
            id: [skip if option in p.skips and p.cell == cell else 0.5 for option in p.options]
            for id, p in program.choices.items()
        }

    all_skips = prune_as(method, program, liking(1.0, "normal"), gamma, "")
    reducing = prune_as(method, program, liking(1.0, "reduction"), gamma, "")
    none = prune_as(method, program, liking(0.0, "normal"), gamma, "")
    assert too_many_skips(program, all_skips, 4) and too_many_skips(program, all_skips, 0.99)
    assert not too_many_skips(program, all_skips, 5)
    for other in (none, reducing):
        assert not too_many_skips(program, other, 1) and not too_many_skips(program, other, 0.01)


def test_a_search_ends_once_a_cell_would_keep_that_many_and_not_while_weights_train_alone() -> None:
    search = searching(None)
    for size, ids in search.supernet.architecture.alpha_rows.items():
        for row, id in zip(search.supernet.architecture.alpha[size].data, ids, strict=True):
            point = search.program.choices[id]
            row.copy_(torch.tensor([5.0 * (option in point.skips) for option in point.options]))
    going = object.__new__(Searching)
    going.search, going.kept, going.stages = search, [{}], steps_of_stages(10, 0.3, WHOLE)

    def ended(done: int, stop: float | None) -> bool:
        going.done, search.method = done, replace(search.method, stop=stop)
        return going.ended()

    assert ended(4, 2.0) and ended(4, 0.5)
    assert not ended(4, 3.0) and not ended(4, None)
    assert not ended(3, 2.0) and not ended(10, 2.0)
