"""Proximal steps on masks: exactly 0 where nothing holds them up, and 0 for good."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dslnas.search.adversarial.fista import Fista


def stepped(fista: Fista, mask: nn.Parameter, pull: Tensor, steps: int, rate: float = 0.01) -> None:
    """Steps by the gradient of pull / 2 * (mask - 1)^2, which holds masks at 1."""
    for step in range(steps):
        (pull / 2 * (mask - 1).square()).sum().backward()  # type: ignore[no-untyped-call]
        fista.step(step, rate)


def test_masks_end_where_pull_and_press_balance() -> None:
    mask = nn.Parameter(torch.ones(3))
    fista = Fista({"normal": mask}, press=0.5)
    stepped(fista, mask, torch.tensor([0.0, 1.0, 10.0]), 3000)
    assert mask[0] == 0.0
    torch.testing.assert_close(mask[1:].detach(), torch.tensor([0.5, 0.95]), rtol=1e-3, atol=1e-3)
    assert fista.reached["normal"][0] > 0
    assert fista.reached["normal"][1:].tolist() == [-1, -1]


def test_a_mask_of_0_stays_0() -> None:
    mask = nn.Parameter(torch.ones(2))
    fista = Fista({"normal": mask}, press=0.5)
    stepped(fista, mask, torch.zeros(2), 100)
    assert mask.tolist() == [0.0, 0.0]
    first = fista.reached["normal"].clone()
    stepped(fista, mask, torch.full((2,), 100.0), 50)
    assert mask.tolist() == [0.0, 0.0]
    assert torch.equal(fista.reached["normal"], first)


def test_without_a_press_masks_stay() -> None:
    mask = nn.Parameter(torch.ones(2))
    fista = Fista({"normal": mask}, press=0.0)
    stepped(fista, mask, torch.ones(2), 20)
    assert mask.tolist() == [1.0, 1.0]


def test_a_resumed_state_goes_on_to_the_same_masks() -> None:
    whole, first, second = (nn.Parameter(torch.ones(2)) for _ in range(3))
    pull = torch.tensor([0.1, 1.0])
    one = Fista({"normal": whole}, 0.5)
    stepped(one, whole, pull, 30)
    other = Fista({"normal": first}, 0.5)
    stepped(other, first, pull, 12)
    again = Fista({"normal": second}, 0.5)
    again.load_state_dict(other.state_dict())
    for step in range(12, 30):
        (pull / 2 * (second - 1).square()).sum().backward()  # type: ignore[no-untyped-call]
        again.step(step, 0.01)
    assert torch.equal(whole, second)
    assert torch.equal(one.reached["normal"], again.reached["normal"])
