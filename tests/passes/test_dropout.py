"""The pass that lets skips lose values."""

from __future__ import annotations

import pytest
import torch
from small import batch, program_of, small

from dslnas.ir.verify import verify
from dslnas.lower.dropout import dropping
from dslnas.lower.supernet import Supernet
from dslnas.methods.method import relaxed
from dslnas.passes import SUPERNET_PASSES
from dslnas.passes.dropout import drop_skips


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("domain", ["real", "complex"])
def test_only_skips_lose_values_and_only_in_training(domain: str) -> None:
    """Each edge others. At a rate of 0, and in evaluation, nothing changes."""
    experiment = small("ss1", "pdarts", "repeat=1", f"domain={domain}", nodes=2)
    program, method = program_of(experiment), relaxed(experiment.method)
    dropped = verify(drop_skips(program), "dropout")
    for name, graph in dropped.cells.items():
        made = {node.id for node in graph.of_kind("dropout")}
        edges = [
            mix.id for mix in graph.of_kind("mix") if not name.startswith("reduction") or "<-n" in mix.id
        ]
        assert made == {f"{edge}/skip_connect/dropout" for edge in edges}
    plain = Supernet(program, method, 0).double()
    search = Supernet(program, method, 0, (drop_skips, *SUPERNET_PASSES)).double()
    assert search.state_dict().keys() == plain.state_dict().keys()
    x, _ = batch(experiment, 2, dtype=torch.float64)
    with torch.no_grad():
        expected = plain.train()(x)
        with dropping(search.network, 0.0, seeded(0)):
            torch.testing.assert_close(search.train()(x), expected, rtol=1e-9, atol=1e-9)
        with dropping(search.network, 0.5, seeded(0)):
            torch.testing.assert_close(search.eval()(x), plain.eval()(x), rtol=1e-9, atol=1e-9)
            assert not torch.allclose(search.train()(x), expected, rtol=1e-3)
