"""The guard of RobustDARTS: the eigenvalue is that of the exact Hessian, and the search goes back in time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from recordings import history_of, metrics_of, tiny
from small import batch, program_of, small
from torch.func import functional_call

from dslnas.base.run_folder import GENOTYPE
from dslnas.lower.modules.kernel_modes import kernels_of_torch
from dslnas.report.fields import Tree
from dslnas.report.signal import ending
from dslnas.runs.begin import start
from dslnas.runs.prepared import prepare_data
from dslnas.runs.run import Run
from dslnas.runs.trainees import searching
from dslnas.search.relaxed import eigenvalue
from dslnas.search.relaxed.eigenvalue import Eigenvalues, dominant_eigenvalue, largest_eigenvalue
from dslnas.search.relaxed.step import RelaxedSearch
from dslnas.train.observer import Silent

CPU = torch.device("cpu")
ENDING = ("nodes=1", "search.steps=13", "search.warmup=0%", "method=darts", "method.stop=eigenvalue")


@given(st.integers(0, 99), st.integers(1, 30), st.floats(-3, 3))
def test_the_largest_eigenvalue_is_found_whatever_the_others_are(seed: int, size: int, shift: float) -> None:
    """Also where a negative one has a larger modulus."""
    some = torch.randn(size, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    matrix = some @ some.T / size + shift * torch.eye(size, dtype=torch.float64)
    exact, spread = float(torch.linalg.eigvalsh(matrix)[-1]), float(torch.linalg.matrix_norm(matrix, 2))
    found = largest_eigenvalue(lambda vector: matrix @ vector, torch.zeros(size, dtype=torch.float64))
    assert found <= exact + 1e-9 * spread and found == pytest.approx(exact, abs=0.02 * spread)


def test_it_is_that_of_the_exact_hessian(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a supernet without passes, in double precision; ours has them all."""
    monkeypatch.setattr(eigenvalue, "ACCURACY", 1e-5)
    monkeypatch.setattr(eigenvalue, "PRODUCTS", 99)
    experiment = small("ss1", "darts", nodes=1)
    program, (x, labels) = program_of(experiment), batch(experiment, 2, dtype=torch.float64)
    ours, plain = (
        RelaxedSearch(program, experiment.method, 0, None, CPU, **more) for more in ({}, {"passes": ()})
    )
    for search in (ours, plain):
        search.supernet.double().train()
    named = {n: p for n, p in plain.supernet.named_parameters() if n.startswith("architecture.")}
    sizes = [p.numel() for p in named.values()]

    def loss(flat: torch.Tensor) -> torch.Tensor:
        parts = zip(named, flat.split(sizes), strict=True)
        given = {name: part.view_as(named[name]) for name, part in parts}
        return F.cross_entropy(functional_call(plain.supernet, given, (x,)), labels)

    with kernels_of_torch():
        flat = torch.cat([p.detach().flatten() for p in named.values()])
        hessian = torch.autograd.functional.hessian(loss, flat)  # type: ignore[no-untyped-call]
    exact = float(torch.linalg.eigvalsh(hessian)[-1])
    assert exact > 0.0
    assert dominant_eigenvalue(ours, (x, labels)) == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize("domain", ["real", "complex"])
def test_measuring_changes_nothing(domain: str) -> None:
    """And what can be differentiated twice computes the same."""
    experiment = small("ss1", "darts", f"domain={domain}", nodes=1)
    search = RelaxedSearch(program_of(experiment), experiment.method, 0, None, CPU)
    before = {name: value.clone() for name, value in search.supernet.state_dict().items()}
    chance, clips = torch.get_rng_state(), batch(experiment)
    first, second = (dominant_eigenvalue(search, clips) for _ in range(2))
    assert first == second
    assert all(torch.equal(before[name], value) for name, value in search.supernet.state_dict().items())
    assert all(parameter.grad is None for parameter in search.supernet.parameters())
    assert torch.equal(chance, torch.get_rng_state())
    own = search.supernet(clips[0])
    with kernels_of_torch():
        torch.testing.assert_close(search.supernet(clips[0]), own, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("before", "later", "rises"), [(1.0, 1.4, True), (1.0, 1.3, False), (1.4, 1.0, False), (-1.0, 1.0, False)]
)
def test_a_search_ends_where_the_ratio_is_below_three_quarters(
    before: float, later: float, rises: bool
) -> None:
    """And goes back to the architecture in the middle of the earlier window."""
    found = Eigenvalues()
    for step, value in enumerate([9.0, *[before] * 5, *[later] * 5]):
        assert not found.rose(), "there are not yet two windows, or the first value is in one"
        found.add(10 * step, value, {"alpha": torch.tensor([float(step)])})
    assert found.rose() == rises
    kept = found.go_back()
    assert found.kept == 30 and kept["alpha"].item() == 3.0
    assert found.figures()["eigenvalues"]["kept"] == 30


def test_what_ends_has_the_architecture_from_before(
    tones: Path, tiny_runs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eigenvalue, "RATIO", 1e9)
    monkeypatch.setattr(eigenvalue, "PRODUCTS", 3)
    experiment = tiny(tones, *ENDING)
    found = searching(experiment, prepare_data(experiment, None, Silent()), CPU)
    records = []
    for step in range(13):
        found.step(step)
        records.append(found.record())
        if found.ended():
            break
    assert found.done == 10 and found.eigenvalues.kept == 3
    for weights in ("alpha", "gamma"):
        assert found.record()[weights] == records[2][weights] != records[9][weights]


def test_a_killed_search_ends_at_the_same_step_with_the_same_values(
    tones: Path, tmp_path: Path, tiny_runs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eigenvalue, "RATIO", 1e9)
    monkeypatch.setattr(eigenvalue, "PRODUCTS", 3)
    experiment = tiny(tones, *ENDING)
    once = start(experiment, tmp_path / "once", device="cpu")
    once.execute(until="search")
    run = replace(start(experiment, tmp_path / "run", device="cpu"), checkpoint_seconds=0.0)
    with pytest.raises(KeyboardInterrupt):
        run.execute(_StopsAt(6), until="search")
    Run.open(run.path).execute(until="search")
    assert (run.path / GENOTYPE).read_bytes() == (once.path / GENOTYPE).read_bytes()
    assert history_of(run.path) == history_of(once.path)
    metrics = metrics_of(run.path)["search"]
    assert metrics == metrics_of(once.path)["search"]
    assert metrics["stopped"] == 10 and metrics["eigenvalues"]["steps"] == [*range(1, 11)]
    told = ending(Tree("metrics.json", metrics_of(run.path)))
    assert told.startswith("The search ended after 10 of 13 steps") and "after step 3 is kept" in told


class _StopsAt(Silent):
    """A kill after a step."""

    def __init__(self, step: int) -> None:
        self.step = step

    def advance(self, stage: str, done: int, **figures: float) -> None:
        if stage == "search" and done == self.step:
            raise KeyboardInterrupt


def test_the_end_of_a_search_is_a_sentence() -> None:
    def told(**search: object) -> str:
        return ending(Tree("metrics.json", {"search": {"steps": 60, **search}}))

    values = {"steps": [10, 20], "values": [0.5, 0.625]}
    assert told() == ""
    assert told(stopped=20) == "The search ended after 20 of 60 steps, as `stop` says."
    assert told(eigenvalues=values) == (
        "The dominant eigenvalue of the Hessian of the loss by the architecture parameters went from 0.5 "
        "after step 10 to 0.625 after step 20, and did not end the search."
    )
    assert told(eigenvalues={**values, "kept": 10}, stopped=20) == (
        "The search ended after 20 of 60 steps, as `stop` says: the dominant eigenvalue of the Hessian of "
        "the loss by the architecture parameters rose from 0.5 after step 10 to 0.625 after step 20. The "
        "architecture after step 10 is kept."
    )
