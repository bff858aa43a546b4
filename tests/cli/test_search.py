"""`dslnas search`."""

from __future__ import annotations

from pathlib import Path

from fake_runs import FakeRun, invoke


def test_search_stops_at_the_genotype(fake: FakeRun) -> None:
    result = invoke("search", "sspolasym5", "--data", "fsdd", "--seed", "2")
    assert result.exit_code == 0 and fake.asked["until"] == "search"
    assert fake.path == Path("runs/sspolasym5-fsdd-forcedarts-s2")
    assert f"genotype: {fake.path}/genotype.json" in result.stderr
