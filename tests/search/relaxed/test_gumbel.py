"""GDAS: one candidate of each edge is drawn and computed alone, and all of them learn from it."""

from __future__ import annotations

import pytest
import torch
from small import batch, one_hot, program_of, random_genotype, small
from torch import Tensor, nn
from unread import unread

from dslnas.ir.schedule import Route
from dslnas.ir.walk import Chosen, Path, walk
from dslnas.lower.network import GraphModule
from dslnas.lower.supernet import Supernet
from dslnas.methods.method import relaxed
from dslnas.methods.stages import WHOLE
from dslnas.search.relaxed.gumbel import drawn
from dslnas.search.relaxed.progressive import Searching, steps_of_stages
from dslnas.search.relaxed.step import RelaxedSearch
from dslnas.train.batches import seeded

CPU = torch.device("cpu")


def searching(seed: int = 0) -> RelaxedSearch:
    experiment = small("ss1", "gdas")
    return RelaxedSearch(program_of(experiment), relaxed(experiment.method), seed, None, CPU)


def random_path(search: RelaxedSearch, seed: int) -> Path:
    chosen = Chosen.of(random_genotype(search.program, seed)).options
    first = {id: point.options[0] for id, point in search.program.choices.items()}
    return Path({**first, **chosen})


# --- what is computed ---------------------------------------------------------------------------------------


def called(search: RelaxedSearch) -> set[str]:
    """Fills with the names of the primitives that are called from now on."""
    names: set[str] = set()
    for name, module in search.supernet.network.named_modules():
        if list(module.children()) or isinstance(module, nn.ModuleDict | GraphModule):
            continue
        module.register_forward_hook(lambda *_, name=name: names.add(name))
    return names


def test_what_is_not_drawn_is_not_computed_and_does_not_move() -> None:
    """The modules that run are those of the drawn path, and theirs are the only weights that move."""
    search = searching()
    before = {name: p.detach().clone() for name, p in search.supernet.network.named_parameters()}
    experiment, names = small("ss1", "gdas"), called(search)
    with drawn(search, 0, 3, 0.5):
        path = search.supernet.architecture.drawn.path  # type: ignore[union-attr]
        search.step(batch(experiment, 4, 0), batch(experiment, 4, 1), 0.5)
    expected = {
        name
        for name, module in search.supernet.network.named_modules()
        if isinstance(module, GraphModule)
        for name in _on_path(name, module, path)
    }
    assert names == expected
    for name, parameter in search.supernet.network.named_parameters():
        module = name.rpartition(".")[0]
        assert torch.equal(parameter, before[name]) == (module not in names)
        if module not in names:
            assert parameter not in search.weight_optimizer.state


def _on_path(name: str, module: GraphModule, path: Path) -> list[str]:
    prefix = f"{name}." if name else ""
    steps = [step.node for step in walk(module.graph, path)]
    return [f"{prefix}parts.{node.id}" for node in steps if node.kind == "primitive"]


def test_all_architecture_parameters_move_by_one_draw() -> None:
    search = searching()
    before = [p.detach().clone() for p in search.arch_parameters]
    experiment = small("ss1", "gdas")
    with drawn(search, 0, 0, 0.0):
        search.step(batch(experiment, 4, 0), batch(experiment, 4, 1), 0.0)
    for old, new in zip(before, search.arch_parameters, strict=True):
        assert bool((old != new).all())


@pytest.mark.parametrize("seed", range(2))
def test_a_path_computes_what_its_one_hot_weights_compute(seed: int) -> None:
    """And what they compute is what the pruned network computes, as for every method."""
    search = searching()
    supernet = search.supernet.double().eval()
    genotype = random_genotype(search.program, seed)
    weights = one_hot(search.program, genotype)
    of_path = random_path(search, seed)
    x, _ = batch(small("ss1", "gdas"), 2, dtype=torch.float64)
    with torch.no_grad():
        whole = supernet(x, weights)
        alone = supernet.network([x], weights, Route(of_path))
    torch.testing.assert_close(alone, whole, rtol=1e-12, atol=1e-12)


def test_outside_of_a_step_weights_are_probabilities() -> None:
    """The gap, the history and pruning take the softmax, not what was drawn last."""
    search = searching()
    with drawn(search, 0, 0, 0.0):
        assert all(sorted(w.tolist())[-2:] == [0.0, 1.0] for w in alpha_of(search).values())
    alpha = alpha_of(search)
    assert all(float(w.sum()) == pytest.approx(1.0) and float(w.max()) < 0.2 for w in alpha.values())
    uniform = (6 / 7 + 6 * 1 / 7) / 7  # of the candidates of a kept edge
    of_nodes = (0 + 1 / 3) / 2  # two of two edges are kept, and two of three; all weigh 1
    edges = 4  # kept, on two nodes
    expected = (edges * uniform + 2 * of_nodes) / (edges + 2)
    assert search.gap() == pytest.approx(expected, abs=1e-3)


def alpha_of(search: RelaxedSearch) -> dict[str, Tensor]:
    weights = search.weights()
    return {id: weights[id] for id in search.program.choices}


def test_a_supernet_by_itself_takes_the_likeliest_candidates() -> None:
    search = searching()
    x, _ = batch(small("ss1", "gdas"), 2)
    supernet: Supernet = search.supernet.eval()
    names = called(search)
    with torch.no_grad():
        found = supernet(x)
        with supernet.architecture.drawing():
            path = supernet.architecture.drawn.path  # type: ignore[union-attr]
    assert path.options == {
        id: search.program.choices[id].options[int(w.argmax())] for id, w in alpha_of(search).items()
    }
    assert len(names) < sum(1 for _ in supernet.network.modules()) / 3
    assert torch.isfinite(found).all()


def test_a_draw_follows_from_the_seed_and_the_step() -> None:
    search = searching()

    def path(seed: int, step: int) -> dict[str, str]:
        with drawn(search, seed, step, 0.5):
            assert search.supernet.architecture.drawn is not None
            return dict(search.supernet.architecture.drawn.path.options)

    assert path(0, 5) == path(0, 5)
    assert len({tuple(path(seed, step).values()) for seed in (0, 1) for step in range(4)}) > 6
    assert search.supernet.architecture.drawn is None


def test_the_temperature_falls_evenly() -> None:
    search = searching()
    found = []
    for way in (0.0, 0.5, 1.0):
        with search.supernet.architecture.drawing(1.0, seeded(0)), drawn(search, 0, 0, way):
            found.append(search.supernet.architecture.drawn.temperature)  # type: ignore[union-attr]
    assert found == pytest.approx([10.0, 5.05, 0.1])


class Temperatures(Searching):
    """Notes the temperature of each step, and trains nothing."""

    def warm_up(self, step: int) -> dict[str, Tensor]:
        """The temperature of a step of the weights alone."""
        return self.alternate(step, 0.0)

    def alternate(self, step: int, progress: float) -> dict[str, Tensor]:
        """The temperature of a step."""
        with self._chance(step, progress):
            drawn = self.search.supernet.architecture.drawn
            assert drawn is not None
            return {"temperature": torch.tensor(drawn.temperature)}


@pytest.mark.parametrize(
    ("steps", "warmup", "expected"),
    [
        (240, 0.5, {0: 10.0, 119: 10.0, 120: 10.0, 239: 0.1}),  # the preset `quick`
        (10, 0.0, {0: 10.0, 3: 6.7, 9: 0.1}),
        (3, 0.4, {0: 10.0, 1: 10.0, 2: 0.1}),
        (4, 1.0, {2: 10.0, 3: 10.0}),  # a single step moves the architecture: its first and its last
    ],
)
def test_the_first_step_of_the_architecture_has_10_and_the_last_has_a_tenth(
    steps: int, warmup: float, expected: dict[int, float]
) -> None:
    search, batches = searching(), unread()
    stages = steps_of_stages(steps, warmup, WHOLE)
    found = Temperatures(lambda *_: search, stages, {}, batches, batches)
    seen = {step: float(found.step(step)["temperature"]) for step in range(steps)}
    assert {step: seen[step] for step in expected} == pytest.approx(expected)
    assert list(seen.values()) == sorted(seen.values(), reverse=True)
