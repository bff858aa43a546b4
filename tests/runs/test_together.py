"""What several processes may do together."""

from __future__ import annotations

import pytest
from nested import nested
from recordings import refused
from small import small

from dslnas.runs.together import check_shared
from dslnas.train import processes
from dslnas.train.processes import Processes


def test_a_relaxed_search_is_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    relaxed, sampled = small("ss1", "fairdarts", nodes=2), nested()
    check_shared(relaxed)
    monkeypatch.setattr(processes, "present", lambda: Processes(0, 2))
    check_shared(sampled)
    told = "2 processes share a search by sampling: `fairdarts` is none"
    assert "torchrun" in refused("N0603", told, lambda: check_shared(relaxed))
