"""`dslnas test`."""

from __future__ import annotations

from pathlib import Path

from fake_runs import FakeRun, invoke


def test_test_tests_again(fake: FakeRun) -> None:
    result = invoke("test", "runs/mine", "--data-root", "rec")
    assert result.exit_code == 0 and "98.75 %" in result.stdout
    assert fake.asked["data_root"] == Path("rec")
