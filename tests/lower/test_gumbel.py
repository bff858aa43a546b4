"""A draw by the Gumbel softmax: one option, and the gradient of the relaxed weights."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.lower.gumbel import draw


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-30, 30, width=32), min_size=2, max_size=8), st.floats(0.1, 10), st.integers(0, 10**6)
)
def test_a_draw_is_exactly_one_hot_and_has_the_gradient_of_the_relaxed_weights(
    logits: list[float], temperature: float, seed: int
) -> None:
    row = torch.tensor([logits], requires_grad=True)
    names = tuple(map(str, range(len(logits))))
    found = draw({"m": row}, {"m": ["e"]}, {"e": names}, temperature, torch.Generator().manual_seed(seed))
    weights = found.weights("m", row)
    picked = int(found.path.options["e"])
    assert weights.tolist() == [[float(place == picked) for place in range(len(logits))]]
    values = torch.randn(len(logits), generator=torch.Generator().manual_seed(seed))
    (gradient,) = torch.autograd.grad(weights[0] @ values, row)
    relaxed_row = ((torch.log_softmax(row, -1) + found.noise["m"]) / temperature).softmax(-1)
    (expected,) = torch.autograd.grad(relaxed_row[0] @ values, row)
    torch.testing.assert_close(gradient, expected)
    assert torch.isfinite(gradient).all()


def test_the_gradient_reaches_candidates_that_were_not_drawn() -> None:
    row = torch.zeros(1, 3, requires_grad=True)
    found = draw({"m": row}, {"m": ["e"]}, {"e": ("a", "b", "c")}, 1.0, torch.Generator().manual_seed(0))
    picked = int(found.picked["m"])
    (gradient,) = torch.autograd.grad(found.weights("m", row)[0, picked], row)
    others = [float(g) for place, g in enumerate(gradient[0]) if place != picked]
    assert float(gradient[0, picked]) > 0 and max(others) < 0


def test_options_are_drawn_as_often_as_the_softmax_says() -> None:
    logits = torch.tensor([[1.0, 0.0, -1.0, 0.5]]).repeat(20000, 1)
    ids = [str(number) for number in range(len(logits))]
    options = dict.fromkeys(ids, ("0", "1", "2", "3"))
    found = draw({"m": logits}, {"m": ids}, options, 0.1, torch.Generator().manual_seed(0))
    shares = torch.bincount(found.picked["m"], minlength=4) / len(logits)
    torch.testing.assert_close(shares, logits[0].softmax(0), atol=0.02, rtol=0)
    likeliest = draw({"m": logits}, {"m": ids}, options)
    assert set(likeliest.picked["m"].tolist()) == {0}
