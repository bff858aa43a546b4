"""Selection by perturbation: of each choice the option remains whose removal hurts the supernet most.

Wang et al. (2021), "Rethinking Architecture Selection in Differentiable NAS". The choices are decided one
after the other in an order drawn at random. For each, the accuracy of the supernet without each of its
options is taken; the option without which it is lowest remains, alone, and the weights are trained for a few
steps. Then the edges into each node are decided likewise. Norms take the statistics of the batch, as in
training, so that what is removed is made up for in scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from ...data.features import Split
from ...ir.analysis.genotypes import assembled
from ...ir.genotype import Genotype
from ...ir.graph import Program
from ...methods.deciding import Perturb
from ...methods.method import RelaxedMethod
from ...prune.prune import kept_edges, prune_as
from ...train.batches import seeded
from ..relaxed.progressive import Searching
from ..relaxed.second_order import restored
from .rerank import decisions_of

Figure = tuple[float, float]  # accuracy and loss without something


@dataclass(frozen=True)
class Action:
    """A step: to judge without an option of a choice, or without an edge of a selection, or to tune.

    of: the choice or the selection; place: of the option or of the edge.
    """

    kind: Literal["option", "edge", "tune"]
    of: str
    place: int = 0


def plan_of(program: Program, method: RelaxedMethod, tune: int, seed: int) -> list[Action]:
    """All actions in their order, which follows from the seed; none where there is nothing to decide."""
    tuning = [Action("tune", "")] * tune
    found: list[Action] = []
    for id in _shuffled(program.choices, seed, "options"):
        point = program.choices[id]
        if len(point.remaining) > 1:
            places = (point.options.index(option) for option in point.remaining)
            found += [*(Action("option", id, place) for place in places), *tuning]
    for id in _shuffled(program.selections, seed, "edges"):
        selection = program.selections[id]
        if len(selection.sources) > kept_edges(method, selection):
            edges = (Action("edge", id, place) for place in range(len(selection.sources)))
            found += [*edges, *tuning]
    return found


def _shuffled(ids: Mapping[str, Any], seed: int, name: str) -> list[str]:
    names = list(ids)
    order = torch.randperm(len(names), generator=seeded(seed, "perturb", name)).tolist()
    return [names[place] for place in order]


class Perturbing:
    """A finished search whose choices are decided, an action a step; its weights are trained on.

    judging: the clips of the judge, of which at most `deciding.clips` are used, chosen by the seed. batch:
    how many go through the supernet at once.
    """

    def __init__(
        self, searching: Searching, deciding: Perturb, judging: Split, batch: int, space_hash: str
    ) -> None:
        self.searching, self.space_hash = searching, space_hash
        search = searching.search
        self.program, self.method = search.program, search.method
        self.plan = plan_of(self.program, self.method, deciding.tune, searching.seed)
        alpha, gamma = search.mixed()
        self.by_weights = prune_as(self.method, self.program, alpha, gamma, space_hash)
        self._parts = _parts(judging, deciding.clips, batch, searching.seed)
        self.clips = sum(len(labels) for _, labels in self._parts)
        self._mixed = {id: weights.clone() for id, weights in search.weights().items()}
        self.figures: dict[Action, Figure] = {}

    @property
    def steps(self) -> int:
        """The actions."""
        return len(self.plan)

    def step(self, step: int) -> Mapping[str, Tensor]:
        """Do an action."""
        action, search = self.plan[step], self.searching.search
        if action.kind == "tune":
            tuned = sum(one.kind == "tune" for one in self.plan[:step])
            at = self.searching.steps + tuned
            with self.searching.losing.of(at):
                loss, accuracy = search.fit_weights(self.searching.train.at(at), self.weights())
            return {"loss": loss, "accuracy": accuracy}
        weights = self.weights()
        without = weights[action.of].clone()
        without[action.place] = 0.0
        accuracy, loss = self._judged({**weights, action.of: without})
        self.figures[action] = (float(accuracy), float(loss))
        return {"validation_accuracy": accuracy, "validation_loss": loss}

    def weights(self) -> dict[str, Tensor]:
        """The mixed weights as far as it is decided: one-hot options, and 0 on edges that are gone."""
        found = dict(self._mixed)
        for id, place in self.decided_options().items():
            found[id] = torch.zeros_like(found[id])
            found[id][place] = 1.0
        for id, places in self.decided_edges().items():
            kept = torch.zeros_like(found[id])
            kept[places] = found[id][places]
            found[id] = kept
        return found

    def _figures_of(self, id: str, kind: str) -> dict[int, Figure]:
        return {one.place: figure for one, figure in self.figures.items() if (one.of, one.kind) == (id, kind)}

    def decided_options(self) -> dict[str, int]:
        """The place of the option that remains of each choice that is decided by now."""
        found = {}
        for id, point in self.program.choices.items():
            judged = self._figures_of(id, "option")
            if len(judged) == len(point.remaining) > 1:
                found[id] = hurts_most(judged)[0]
            elif len(point.remaining) == 1:
                found[id] = point.options.index(point.remaining[0])
        return found

    def decided_edges(self) -> dict[str, list[int]]:
        """The places of the edges that remain of each selection that is decided by now."""
        found = {}
        for id, selection in self.program.selections.items():
            judged, count = self._figures_of(id, "edge"), kept_edges(self.method, selection)
            if len(judged) == len(selection.sources):
                found[id] = sorted(hurts_most(judged)[:count])
        return found

    @torch.no_grad()
    def _judged(self, weights: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """The accuracy and the cross entropy of the supernet with mixed weights, on the clips that judge."""
        search = self.searching.search
        search.supernet.train()
        right, losses = torch.zeros((), device=search.device), torch.zeros((), device=search.device)
        with restored(list(search.supernet.network.buffers())):
            for x_NCFT, labels in self._parts:
                answers = labels.to(search.device)
                logits = search.supernet(x_NCFT.to(search.device), weights).float()
                right += (logits.argmax(1) == answers).sum()
                losses += F.cross_entropy(logits, answers, reduction="sum")
        return right / self.clips, losses / self.clips

    @property
    def genotype(self) -> Genotype:
        """What is decided once all actions are done."""
        options, edges = self.decided_options(), self.decided_edges()
        names = {id: self.program.choices[id].options[place] for id, place in options.items()}
        kept = {
            id: [
                (place, names.get(selection.edges[place], ""))
                for place in edges.get(id, range(len(selection.sources)))
            ]
            for id, selection in self.program.selections.items()
        }
        beside = {id: names[id] for id, point in self.program.choices.items() if not point.node}
        return assembled(self.program, kept, beside, self.space_hash, self.method.name)

    def record(self) -> dict[str, Any]:
        """Nothing: the figures of a step say it all."""
        return {}

    def describe(self) -> dict[str, Any]:
        """What was decided, in its order, as a part of the metrics."""
        ours, by_weights = decisions_of(self.genotype), decisions_of(self.by_weights)
        rows = []
        for id in dict.fromkeys(one.of for one in self.plan if one.kind == "option"):
            judged, options = self._figures_of(id, "option"), self.program.choices[id].options
            first, second = hurts_most(judged)[:2]
            rows.append(_row(id, options[first], judged[first], options[second], judged[second]))
        for id in dict.fromkeys(one.of for one in self.plan if one.kind == "edge"):
            judged, sources = self._figures_of(id, "edge"), self.program.selections[id].sources
            ranked, count = hurts_most(judged), kept_edges(self.method, self.program.selections[id])
            last, lost = ranked[count - 1], ranked[count]
            rows.append(_row(id, sources[last], judged[last], sources[lost], judged[lost]))
        return {
            "by": "perturb",
            "clips": self.clips,
            "decisions": len(ours),
            "as_weights": len(ours & by_weights),
            "rows": rows,
        }

    def state_dict(self) -> dict[str, Any]:
        """The search, whose weights are trained on, and the figures so far."""
        figures = [[one.kind, one.of, one.place, *figure] for one, figure in self.figures.items()]
        return {"search": self.searching.state_dict(), "figures": figures}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from the state of a checkpoint."""
        known = {(one.kind, one.of, one.place): one for one in self.plan}
        self.figures = {
            known[kind, of, place]: (float(accuracy), float(loss))
            for kind, of, place, accuracy, loss in state["figures"]
        }


def hurts_most(judged: Mapping[int, Figure]) -> list[int]:
    """Places by what is left without them: the lowest accuracy first, of equals the greatest loss."""
    return sorted(judged, key=lambda place: (judged[place][0], -judged[place][1], place))


def _row(place: str, kept: str, without: Figure, lost: str, instead: Figure) -> dict[str, Any]:
    return {
        "of": place,
        "kept": kept,
        "without": without[0],
        "loss": without[1],
        "lost": lost,
        "without_lost": instead[0],
        "loss_lost": instead[1],
    }


def _parts(judging: Split, clips: int, batch: int, seed: int) -> list[tuple[Tensor, Tensor]]:
    """Batches of nearly the same size of at most so many clips, each features and labels."""
    order = torch.randperm(len(judging), generator=seeded(seed, "perturb", "clips"))[:clips].sort().values
    count = max(1, -(-len(order) // batch))
    if len(order) // count < 2:  # a norm may have a single value of one clip
        count = max(1, len(order) // 2)
    some = judging.part(order)
    features = some.features[0 : len(some)]
    mixed = torch.randperm(len(some), generator=seeded(seed, "perturb", "parts"))
    return [(features[part], some.labels[part]) for part in mixed.tensor_split(count)]
