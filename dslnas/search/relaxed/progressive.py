"""A relaxed search over two halves of the training clips: in one stage, or in several (P-DARTS)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import Tensor

from ...base.diagnostics import fail
from ...lower.dropout import dropping
from ...lower.modules.dropping import Losing
from ...methods.stages import SearchStage
from ...passes.narrow import Kept
from ...prune.prune import prune_as, strongest_candidates
from ...train.batches import Batches, seeded
from ...train.optimizers import cosine
from ...train.replay import ASIDE, Figures, replay_on
from .eigenvalue import Eigenvalues, dominant_eigenvalue
from .formula import moment
from .gumbel import drawn
from .signal import Signal, gradient_of, witnesses
from .skips import too_many_skips
from .step import RelaxedSearch

WARM_UP = (-1.0,)  # the moment of steps of the weights alone

Begin = Callable[[int, Kept], RelaxedSearch]  # from the number of a stage and the candidates left in it


@dataclass(frozen=True)
class SearchStageSteps:
    """The steps of a stage of a search: from `first` up to, but without, `end`.

    warmup: how many of them, the first ones, train the weights alone; the method's schedule runs over the
    others.
    """

    stage: SearchStage
    first: int
    end: int
    warmup: int

    @property
    def moving(self) -> int:
        """The steps that move the architecture."""
        return self.end - self.first - self.warmup

    def progress(self, step: int) -> float:
        """The share of the moving steps that is done before a step."""
        return max(0.0, (step - self.first - self.warmup) / self.moving)

    def way(self, step: int) -> float:
        """The share of the way from the first moving step, 0, to the last one, 1; before them 0."""
        return max(0.0, (step - self.first - self.warmup) / max(1, self.moving - 1))


def steps_of_stages(steps: int, warmup: float, stages: Sequence[SearchStage]) -> tuple[SearchStageSteps, ...]:
    """The steps of a search, split evenly over its stages; warmup: a share of the steps of each.

    Raises DslnasError N0601 where there are fewer steps than stages; a search of no steps has one stage.
    """
    count = len(stages)
    if steps < count and count > 1:
        message = f"a search in {count} stages needs as many steps, and has {steps}"
        raise fail("N0601", message, help="`--set search.steps=240`")
    bounds = [steps * number // count for number in range(count + 1)]
    return tuple(
        SearchStageSteps(stage, first, end, max(0, min(end - first - 1, round(warmup * (end - first)))))
        for stage, first, end in zip(stages, bounds, bounds[1:], strict=False)
    )


class Searching:
    """A search in training, in its stages, with batches `train` for the weights and `held` for the
    architecture.

    A stage begins with its first step, from the candidates that are strongest at the end of the one before,
    and with weights and architecture parameters of its own, in `search`.
    offered: the options of each choice point, from which all stages choose; kept: the options that are left
    in each stage that has begun. seed: of the random draws of a step.
    """

    def __init__(
        self,
        begin: Begin,
        stages: Sequence[SearchStageSteps],
        offered: Kept,
        train: Batches,
        held: Batches,
        seed: int = 0,
    ) -> None:
        self.stages, self.train, self.held, self.seed = stages, train, held, seed
        self._begin, self._offered = begin, offered
        self._witnesses = witnesses(held)
        self.eigenvalues = Eigenvalues()
        self._measured = held.part(held.indices, "search-eigenvalue")
        self.kept: list[Kept] = []
        self.done = 0  # steps
        self.enter(0, {})

    def enter(self, number: int, kept: Kept) -> None:
        """Begin a stage, numbered from 0, whose choice points offer what is kept."""
        self.kept = [*self.kept[:number], kept]
        self.search = self._begin(number, kept)
        self.signal: Signal | None = Signal(self.present.moving)
        self._replay = replay_on(self.search.device)
        self.losing = Losing(self.search.supernet.network, self.seed)

    @property
    def number(self) -> int:
        """The number of the present stage, from 0."""
        return len(self.kept) - 1

    @property
    def present(self) -> SearchStageSteps:
        """The steps of the present stage."""
        return self.stages[self.number]

    @property
    def steps(self) -> int:
        """The steps of all stages."""
        return self.stages[-1].end

    @property
    def per_epoch(self) -> int:
        """The steps of an epoch of the clips that train the weights."""
        return self.train.per_epoch

    def step(self, step: int) -> Figures:
        """Run a step, from 0, after beginning the stage that it is of; figures are scalars on the device."""
        while step >= self.present.end:
            self._go_on()
        self._set_weight_rate(step)
        self._set_auxiliary(step)
        self.done = step + 1
        if step < self.present.first + self.present.warmup:
            return self.warm_up(step)
        self._ask(step)
        figures = self.alternate(step, self.present.progress(step))
        if self.signal is not None:
            self.signal.pass_by(self.search, self._moved(step) + 1)
        return figures

    def _moved(self, step: int) -> int:
        """The steps that have moved the architecture of the present stage before a step."""
        return step - self.present.first - self.present.warmup

    def _ask(self, step: int) -> None:
        """Ask both halves of the clips that judge for their gradients, at a few steps; it changes nothing."""
        if self.signal is None or self._witnesses is None or not self.signal.asks(self._moved(step)):
            return
        one, other = self._witnesses
        with self._chance(step, self.present.progress(step)):
            self._replay(ASIDE, self._listen, *one.at(step), *other.at(step))

    def _listen(self, x_NCFT: Tensor, labels: Tensor, others_NCFT: Tensor, answers: Tensor) -> Figures:
        assert self.signal is not None
        found = (gradient_of(self.search, (x_NCFT, labels)), gradient_of(self.search, (others_NCFT, answers)))
        self.signal.hear(found)
        return {}

    def _set_weight_rate(self, step: int) -> None:
        """The learning rate of the weights at a step, where the method lets it fall: in each stage anew."""
        method, part = self.search.method, self.present
        if method.weights_floor is not None:
            start = float(method.weights.arguments["lr"])
            rate = cosine(start, method.weights_floor, step - part.first, part.end - part.first)
            self.search.use_weight_rate(rate)

    def _set_auxiliary(self, step: int) -> None:
        """How much more the skips weigh at a step, where the method says so: in each stage anew."""
        between = self.search.method.auxiliary
        if self.search.skips is not None and between is not None:
            first, last = between
            self.search.skips.set(first + (last - first) * self.present.way(step))

    def ended(self) -> bool:
        """Whether the search is over before its last step, as the method says with `stop`.

        To be asked once after a step: where eigenvalues decide, one is measured.
        """
        search, limit = self.search, self.search.method.stop
        if limit is None or self.number + 1 < len(self.stages) or self.done == self.steps:
            return False
        if self.done <= self.present.first + self.present.warmup:
            return False
        if limit == "eigenvalue":
            return self._sharpens()
        found = prune_as(search.method, search.program, *search.mixed(), "")
        return too_many_skips(search.program, found, limit)

    def _sharpens(self) -> bool:
        """Measure the dominant eigenvalue; where it rose, go back to the architecture before that."""
        with self._chance(self.done, self.present.progress(self.done)):
            self._replay(ASIDE, self._measure, *self._measured.at(0))
        if not self.eigenvalues.rose():
            return False
        self.search.supernet.architecture.load_state_dict(self.eigenvalues.go_back())
        return True

    def _measure(self, x_NCFT: Tensor, labels: Tensor) -> Figures:
        value = dominant_eigenvalue(self.search, (x_NCFT, labels))
        self.eigenvalues.add(self.done, value, self.search.supernet.architecture.state_dict())
        return {}

    def warm_up(self, step: int) -> Figures:
        """A step of the weights alone."""
        with self._chance(step, 0.0):
            return self._replay(self._moment(WARM_UP), self._weights_alone, *self.train.at(step))

    def alternate(self, step: int, progress: float) -> Figures:
        """A step of the architecture, then of the weights. progress: the share of such steps that is done."""
        batches = (*self.held.at(step), *self.train.at(step))
        with self._chance(step, progress):
            at = self._moment(moment(self.search.method.loss, progress))
            return self._replay(at, partial(self._both, progress), *batches)

    @contextmanager
    def _chance(self, step: int, progress: float) -> Iterator[None]:
        """A context of the random draws of a step, candidates and dropout: they follow from seed and step."""
        rate = self.present.stage.dropout_at(progress)
        with ExitStack() as stack:
            stack.enter_context(drawn(self.search, self.seed, step, self.present.way(step)))
            stack.enter_context(self.losing.of(step))
            if rate:
                network, chance = self.search.supernet.network, seeded(self.seed, "dropout", step)
                stack.enter_context(dropping(network, rate, chance))
            yield

    def _moment(self, of_loss: tuple[float, ...] | None) -> Hashable:
        """Identifies what the host decides about a step; None where every step draws something anew."""
        by_chance = self.search.method.temperature is not None or self.present.stage.dropout > 0
        return None if by_chance else of_loss

    def _weights_alone(self, x_NCFT: Tensor, labels: Tensor) -> Figures:
        return self.search.warm_up((x_NCFT, labels))

    def _both(
        self, progress: float, held: Tensor, answers: Tensor, x_NCFT: Tensor, labels: Tensor
    ) -> Figures:
        return self.search.step((held, answers), (x_NCFT, labels), progress)

    def _go_on(self) -> None:
        """Begin the next stage with what is strongest now."""
        alpha, _ = self.search.mixed()
        number = self.number + 1
        kept = strongest_candidates(self.search.program, alpha, self.stages[number].stage.candidates)
        del self.search, self._replay  # two supernets need not be there at once
        self.enter(number, kept)

    def record(self) -> dict[str, Any]:
        """Gap, learning rates and mixed weights of all candidates, for the history; 0 for dropped ones."""
        alpha, gamma = self.search.mixed()
        optimizers = {"learning_rate": self.search.weight_optimizer, "arch_rate": self.search.arch_optimizer}
        rates = {name: float(one.param_groups[0]["lr"]) for name, one in optimizers.items()}
        entry = {
            "gap": self.search.gap(),
            **rates,
            "alpha": _rounded(self._whole(alpha)),
            "gamma": _rounded(gamma),
        }
        return entry if len(self.stages) == 1 else {"search_stage": self.number + 1, **entry}

    def agreements(self) -> dict[str, Any]:
        """The signal of a finished search, of its last stage, as a part of the metrics; empty without one."""
        found = self.signal.figures(self.search) if self.signal is not None and self.steps else {}
        return {"signal": found} if found else {}

    def _whole(self, alpha: Mapping[str, list[float]]) -> dict[str, list[float]]:
        whole = {}
        for id, weights in alpha.items():
            by_name = dict(zip(self.search.program.choices[id].options, weights, strict=True))
            whole[id] = [by_name.get(option, 0.0) for option in self._offered[id]]
        return whole

    def state_dict(self) -> dict[str, Any]:
        """The options kept in each stage, and the state of the present search."""
        kept = [{id: list(options) for id, options in one.items()} for one in self.kept]
        signal = None if self.signal is None else self.signal.state_dict()
        asked = {"signal": signal, "eigenvalues": self.eigenvalues.state_dict()}
        return {"kept": kept, "done": self.done, **asked, **self.search.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from the state of a checkpoint, in its stage."""
        self.done = int(state.get("done", 0))
        *before, kept = state["kept"]
        if before:
            self.kept = before
            self.enter(len(before), kept)
        self.search.load_state_dict(state)
        if (eigenvalues := state.get("eigenvalues")) is not None:
            self.eigenvalues.load_state_dict(eigenvalues)
        if (signal := state.get("signal")) is None:
            self.signal = None  # begun before there was one: it would be of a part of the search
        elif self.signal is not None:
            self.signal.load_state_dict(signal, self.search.device)


def _rounded(weights: Mapping[str, list[float]]) -> dict[str, list[float]]:
    return {id: [round(value, 6) for value in values] for id, values in weights.items()}
