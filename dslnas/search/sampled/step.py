"""The training of a sampled supernet: several paths a batch, and one step (algorithm 1 of NASC-net)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from ...ir.walk import Chosen
from ...lower.modules.dropping import Losing
from ...lower.paths import SampledSupernet
from ...methods.method import SampledMethod
from ...train.average import Average
from ...train.batches import Batches
from ...train.memory import keep_freed_memory
from ...train.optimizers import make_optimizer, set_rate, take_up, warmed_up
from ...train.processes import ALONE, Processes
from ...train.replay import Figures
from .branches import Branches
from .draws import Draws


class SupernetTraining:
    """A sampled supernet in training.

    heard: the batches of each input of the network: of each front end, where the space chooses one. They are
    of the same clips.
    Each path of a batch is trained on the same clips. Gradients are summed over the paths, and one step is
    taken. Where the draws are fair, choice points with fewer options than paths go round several times: the
    gradient of a weight that v of the paths used, and not all, is divided by v. So an option takes a step as
    long as that of the longest choice point's, however often it had its turn, while the weights that all
    paths share keep the sum, as in algorithm 1. Weights that no path used stay as they are: they have no
    gradient, no decay, and no part in the step of the optimizer. `uniform` and `sandwich` plainly sum.
    """

    def __init__(
        self,
        supernet: SampledSupernet,
        method: SampledMethod,
        draws: Draws,
        heard: Sequence[Batches],
        steps: int,
        bfloat16: bool = False,
        polynomial: Sequence[nn.Parameter] = (),
        processes: Processes = ALONE,
    ) -> None:
        if next(supernet.parameters()).device.type == "cpu":
            keep_freed_memory()
        self.supernet, self.method, self.draws = supernet, method, draws
        self.heard, self.steps, self.processes = tuple(heard), steps, processes
        self.class_weights = self.heard[0].weights
        self.parameters = list(supernet.parameters())
        self.optimizer = make_optimizer(method.weights, self.parameters, polynomial=polynomial)
        self.rate = float(method.weights.arguments["lr"])
        self.average = None if method.average is None else Average(supernet, method.average)
        self.autocast = torch.autocast(self.heard[0].device.type, torch.bfloat16, enabled=bfloat16)
        self._losing = Losing(supernet, draws.seed)

    @property
    def per_epoch(self) -> int:
        """The steps of an epoch."""
        return self.heard[0].per_epoch

    def step(self, step: int) -> Figures:
        """Train the paths of a step, from 0; their mean loss and accuracy as scalars on the device."""
        rate = warmed_up(self.rate, self.method.weights_warmup * self.per_epoch, step, self.steps)
        set_rate(self.optimizer, rate)
        with self._losing.of(step):
            figures = self.gather(step, self.draws.at(step))
        if self.method.clip is not None:
            nn.utils.clip_grad_norm_(self.parameters, self.method.clip, foreach=True)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.average is not None:
            self.average.follow(step)
        return figures

    def gather(self, step: int, paths: Sequence[Chosen]) -> Figures:
        """Form the gradients of a step: the sum over its paths, corrected for how often each weight was used.

        Weights that no path used have none. Several processes have each a part of the batch, and the sums of
        all of them after the last path.
        """
        if not self.supernet.training:  # a walk over all modules
            self.supernet.train()
        shared = self.processes
        losses: dict[int, Tensor] = {}
        right: dict[int, Tensor] = {}
        heard = cache(lambda number: self.heard[number].at(step))  # one batch for all paths that hear alike
        branches = Branches(self.supernet, paths, self._forward)

        def loss_of(path: int, logits: Tensor) -> Tensor:
            _, labels = heard(branches.inputs[path])
            loss = shared.mean_loss(logits.float(), labels, self.class_weights)
            recognised = (logits.detach().argmax(1) == shared.part(labels)).float()
            losses[path], right[path] = loss.detach(), shared.mean(recognised, len(labels))
            return loss

        branches.backward(lambda input: shared.part(heard(input)[0]), loss_of)
        shared.sum_up(
            [
                *(one.grad for one in self.parameters if one.grad is not None),
                *losses.values(),
                *right.values(),
            ]
        )
        if self.draws.fair:
            self._share(paths)
        return {
            name: torch.stack(list(one.values())).mean()
            for name, one in (("loss", losses), ("accuracy", right))
        }

    @contextmanager
    def _forward(self) -> Iterator[None]:
        with self.autocast, self.processes.statistics():
            yield

    def _share(self, paths: Sequence[Chosen]) -> None:
        """Divide the gradient of each weight that some of the paths used by their number."""
        used = Counter(part for path in paths for part in self.supernet.parts_on(path))
        some = [(part, count) for part, count in used.items() if 1 < count < len(paths)]
        gradients, counts = [], []
        for part, count in some:
            for parameter in part.parameters():
                if parameter.grad is not None:
                    gradients.append(parameter.grad)
                    counts.append(float(count))
        if gradients:
            torch._foreach_div_(gradients, counts)

    def averaged(self) -> AbstractContextManager[None]:
        """A context in which the supernet has the weights that are judged and handed over."""
        return nullcontext() if self.average is None else self.average.in_place()

    def record(self) -> dict[str, Any]:
        """The learning rate, for the history."""
        return {"learning_rate": float(self.optimizer.param_groups[0]["lr"])}

    def state_dict(self) -> dict[str, Any]:
        """The supernet, its optimizer and the average."""
        average = {} if self.average is None else {"average": self.average.state_dict()}
        return {"supernet": self.supernet.state_dict(), "optimizer": self.optimizer.state_dict(), **average}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from the state of a checkpoint."""
        self.supernet.load_state_dict(state["supernet"])
        take_up(self.optimizer, state["optimizer"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
