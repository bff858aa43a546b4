"""Selection by perturbation: what matters remains, in any order of the decisions."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from small import program_of, small, split_of
from three_choices import three_choices
from torch import Tensor, nn

from dslnas.data.features import Split
from dslnas.ir.graph import Program
from dslnas.lower.modules.dropping import Losing
from dslnas.methods.deciding import Perturb
from dslnas.methods.method import RelaxedMethod, relaxed
from dslnas.prune.validate import validate
from dslnas.search.decided.perturb import Action, Perturbing, hurts_most, plan_of
from dslnas.search.relaxed.progressive import Searching
from dslnas.search.relaxed.step import RelaxedSearch

CPU = torch.device("cpu")


class Still:
    """A search that is over: its supernet, and the same batch in every step."""

    def __init__(self, search: RelaxedSearch, x: Tensor, labels: Tensor, seed: int = 0) -> None:
        self.search, self.seed, self.steps, self.x, self.labels = search, seed, 3, x, labels
        self.train = self
        self.losing = Losing(search.supernet.network, seed)

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        return self.x, self.labels

    def state_dict(self) -> dict[str, Any]:
        return self.search.state_dict()


def perturbing(search: RelaxedSearch, judging: Split, deciding: Perturb, seed: int = 0) -> Perturbing:
    still = Still(search, judging.features[0 : len(judging)], judging.labels, seed)
    return Perturbing(cast(Searching, still), deciding, judging, 16, "sha256:0")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[Program, RelaxedMethod]:
    experiment = three_choices(tmp_path_factory.mktemp("three"))
    return experiment.supernet, relaxed(experiment.method)


@pytest.mark.parametrize("seed", range(4))
def test_the_operations_that_the_labels_are_of_remain(
    three: tuple[Program, RelaxedMethod], seed: int
) -> None:
    """The labels are what the supernet answers by one path: without an operation of it they are missed."""
    program, method = three
    search = RelaxedSearch(program, method, seed, None, CPU)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(64, *program.network["input"].type.stored, generator=generator)
    wanted = {
        id: int(place)
        for id, place in zip(
            program.choices, torch.randint(2, (len(program.choices),), generator=generator), strict=True
        )
    }
    path = {id: torch.eye(2)[place] for id, place in wanted.items()}
    with torch.no_grad():
        (linear,) = (one for one in search.supernet.modules() if isinstance(one, nn.Linear))
        linear.bias -= search.supernet.train()(x, path).mean(0)  # each class is answered
        labels = search.supernet(x, path).argmax(1)
    found = perturbing(search, split_of(x, labels.tolist()), Perturb(tune=0), seed)
    for step in range(found.steps):
        found.step(step)
    assert found.decided_options() == wanted


def test_a_cell_is_decided_as_its_space_says_and_the_search_is_trained_on() -> None:
    experiment = small()
    program = program_of(experiment)
    search = RelaxedSearch(program, relaxed(experiment.method), 0, None, CPU)
    x = torch.randn(8, *experiment.frontend.output.stored, generator=torch.Generator().manual_seed(0))
    judging = split_of(x, [0, 1] * 4)
    found = perturbing(search, judging, Perturb(tune=1, clips=4))
    assert found.clips == 4
    buffers = {name: value.clone() for name, value in search.supernet.network.named_buffers()}
    before = {name: value.clone() for name, value in search.supernet.network.named_parameters()}
    done = 0
    while found.plan[done].kind != "tune":
        found.step(done)
        done += 1
    assert all(torch.equal(buffers[name], one) for name, one in search.supernet.network.named_buffers())
    assert len(found.decided_options()) == 1
    (choice,) = found.decided_options()
    assert sorted(found.weights()[choice].tolist()) == [0.0] * (len(program.choices[choice].options) - 1) + [
        1
    ]
    for step in range(done, found.steps):
        found.step(step)
    now = dict(search.supernet.network.named_parameters())
    assert any(not torch.equal(before[name], now[name]) for name in before)
    genotype = validate(found.genotype, program)
    told = found.describe()
    assert told["decisions"] == sum(len(node.edges) for cell in genotype.cells for node in cell.nodes)
    assert 0 <= told["as_weights"] <= told["decisions"]
    again = perturbing(search, judging, Perturb(tune=1, clips=4))
    again.load_state_dict(found.state_dict())
    assert again.genotype == genotype and again.describe() == told


def test_the_plan_is_of_every_choice_once_then_of_every_node_and_follows_from_the_seed() -> None:
    experiment = small()
    program, method = program_of(experiment), relaxed(experiment.method)
    found = plan_of(program, method, 2, 0)
    assert found == plan_of(program, method, 2, 0) != plan_of(program, method, 2, 1)
    assert sorted(map(str, found)) == sorted(map(str, plan_of(program, method, 2, 1)))
    kinds = [one.kind for one in found if one.kind != "tune"]
    assert kinds == sorted(kinds, reverse=True)  # options first
    options = [(one.of, one.place) for one in found if one.kind == "option"]
    remaining = [
        (id, point.options.index(option))
        for id, point in program.choices.items()
        for option in point.remaining
    ]
    assert sorted(options) == sorted(remaining)
    assert {one.of for one in found if one.kind == "edge"} == {"reduction/n2"}
    assert Action("tune", "") in found and Action("tune", "") not in plan_of(program, method, 0, 0)


def test_the_lowest_accuracy_decides_and_of_equals_the_greatest_loss() -> None:
    assert hurts_most({0: (0.5, 1.0), 1: (0.4, 1.0), 2: (0.4, 2.0), 3: (0.9, 9.0)}) == [2, 1, 0, 3]
