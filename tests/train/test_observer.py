"""What a training tells while it goes on."""

from __future__ import annotations

import pytest

from dslnas.train.observer import Silent


def test_the_silent_observer_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    silent = Silent()
    silent.begin("search", 3)
    silent.advance("search", 1, loss=0.5)
    silent.say("hello")
    assert capsys.readouterr() == ("", "")
