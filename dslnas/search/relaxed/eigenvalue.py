"""The guard of RobustDARTS: a search ends before the validation loss grows sharp in the architecture.

Zela et al. (2020) find that networks of a search generalise worse the larger the dominant eigenvalue is of
the Hessian of the validation loss by the architecture parameters: in a sharp minimum, what pruning changes
costs much. A search that sees it rise ends, and goes back to the architecture from before the rise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ...lower.modules.kernel_modes import kernels_of_torch
from .second_order import restored
from .step import Batch, RelaxedSearch

WINDOW = 5  # measurements that are averaged, and how far apart two averages are: k of the paper, section 5
RATIO = 0.75  # of the earlier average to the later one, below which a search ends
BACK = WINDOW + WINDOW // 2 + 1  # which measurement from the end is in the middle of the earlier window
PRODUCTS = 20  # with the Hessian, at most
ACCURACY = 1e-2  # of an eigenvalue, relative to it: no more than the batch says of it
Parameters = dict[str, Tensor]


class Eigenvalues:
    """The dominant eigenvalues of a search, one for each time that it was asked.

    steps: how many were done at each. kept: after which of them the architecture is the one that is kept;
    None while the search goes on.
    """

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.values: list[float] = []
        self.kept: int | None = None
        self._recent: list[Parameters] = []  # architectures of the last measurements

    def add(self, step: int, value: float, architecture: Mapping[str, Tensor]) -> None:
        """Add a measurement after so many steps, with the architecture parameters, which are copied."""
        self.steps.append(step)
        self.values.append(value)
        copied = {name: tensor.detach().clone() for name, tensor in architecture.items()}
        self._recent = [*self._recent, copied][-BACK:]

    def rose(self) -> bool:
        """Whether the average of the last measurements is too large beside that of as many before them."""
        if len(self.values) < 2 * WINDOW:
            return False
        before, now = fmean(self.values[-2 * WINDOW : -WINDOW]), fmean(self.values[-WINDOW:])
        return 0 < before < RATIO * now

    def go_back(self) -> Parameters:
        """The architecture parameters in the middle of the earlier window, which are kept."""
        self.kept = self.steps[-BACK]
        return self._recent[0]

    def figures(self) -> dict[str, Any]:
        """The measurements as a part of the metrics; empty where there are none."""
        if not self.values:
            return {}
        kept = {} if self.kept is None else {"kept": self.kept}
        return {"eigenvalues": {"steps": self.steps, "values": self.values, **kept}}

    def state_dict(self) -> dict[str, Any]:
        """What was measured, for the checkpoint."""
        return {"steps": self.steps, "values": self.values, "kept": self.kept, "recent": self._recent}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from the state of a checkpoint."""
        self.steps, self.values = list(state["steps"]), list(state["values"])
        self.kept, self._recent = state["kept"], list(state["recent"])


def dominant_eigenvalue(search: RelaxedSearch, batch: Batch) -> float:
    """The largest eigenvalue of the Hessian of the cross entropy by all architecture parameters.

    The weights stay as they are, and so does the search. Regularizers of the method are left out. Waits for
    the device.
    """
    x_NCFT, labels = batch
    parameters = search.arch_parameters
    search.supernet.train()
    with restored(list(search.supernet.network.buffers())), kernels_of_torch():
        logits = search.supernet(x_NCFT, search.training_weights())
        loss = F.cross_entropy(logits.float(), labels, search.class_weights)
        slopes = _flat_gradient(loss, parameters)

        def times_hessian(vector: Tensor) -> Tensor:
            return _flat_gradient(slopes @ vector, parameters).detach()

        return largest_eigenvalue(times_hessian, torch.zeros_like(slopes))


def _flat_gradient(value: Tensor, parameters: Sequence[Tensor]) -> Tensor:
    """The gradient of a scalar by parameters as one vector, which can be differentiated again."""
    found = torch.autograd.grad(
        value, parameters, create_graph=True, allow_unused=True, materialize_grads=True
    )
    return torch.cat([gradient.flatten() for gradient in found])


def largest_eigenvalue(product: Callable[[Tensor], Tensor], like: Tensor) -> float:
    """The largest eigenvalue of a symmetric matrix (size, size) that is known by its products with vectors.

    By a power iteration that keeps its vectors (Lanczos, 1950): of all combinations of them it takes the
    best, so that few products are enough, and a negative eigenvalue of larger modulus does no harm. It ends
    where the residual is below `ACCURACY`. like: a vector (size,) of the wanted precision and device.
    """
    chance = torch.Generator().manual_seed(0)
    start = torch.randn(len(like), generator=chance, dtype=torch.float64).to(like)
    basis = (start / start.norm()).unsqueeze(0)
    reduced = torch.zeros(0, 0, dtype=torch.float64)  # the matrix in the basis: tridiagonal
    largest, reach = 0.0, 0.0
    for size in range(1, min(len(like), PRODUCTS) + 1):
        towards = product(basis[-1])
        reduced = F.pad(reduced, (0, 1, 0, 1))
        reduced[-1, -1] = float(towards @ basis[-1])
        if size > 1:
            reduced[-1, -2] = reduced[-2, -1] = reach
        for _ in range(2):  # once leaves what rounding leaves
            towards = towards - (basis @ towards) @ basis
        values, vectors = torch.linalg.eigh(reduced)
        largest, reach = float(values[-1]), float(towards.norm())
        if reach * abs(float(vectors[-1, -1])) <= ACCURACY * abs(largest):
            break
        basis = torch.cat([basis, (towards / reach).unsqueeze(0)])
    return largest
