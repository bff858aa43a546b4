"""What asks for too much ends in a diagnostic, in bounded memory, and never in a traceback or a hang."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hostile import TEXTS
from made_once import made_once
from repository import HELPERS

from dslnas.base import limits
from dslnas.base.diagnostics import Diagnostic

MEGABYTES = 512  # beside what dslnas itself takes
pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="memory is bounded on Linux")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The codes that each hostile text leads to, found in a process of bounded memory."""

    def check() -> Mapping[str, str]:
        folder = tmp_path_factory.mktemp("hostile")
        paths = []
        for number, (content, _) in enumerate(TEXTS.values()):
            own = folder / str(number)
            own.mkdir()
            paths.append(own / "hostile.nas")
            paths[-1].write_bytes(content)
        runner = HELPERS / "bounded.py"
        command = [sys.executable, str(runner), str(MEGABYTES), *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return dict(zip(TEXTS, json.loads(done.stdout), strict=True))

    found: Mapping[str, str] = made_once(tmp_path_factory, "hostile", check)
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_told_in_bounded_memory(name: str, said: Mapping[str, str]) -> None:
    _, code = TEXTS[name]
    assert said[name] == "" if code is None else code in said[name].split(), said[name]


# --- messages -----------------------------------------------------------------------------------------------


def test_a_message_of_very_many_names_is_cut() -> None:
    diagnostic = Diagnostic("N0201", "m" * 10_000, help="h" * 10_000)
    assert {len(diagnostic.message), len(diagnostic.help)} == {limits.MESSAGE + 3}
