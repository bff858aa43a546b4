"""Processors are counted as they are free, from files of the system; what a user states stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dslnas.base import processors as counting
from dslnas.base.processors import WAITING, Processors, processors, sleep_while_waiting


@pytest.mark.parametrize(
    ("count", "usable", "in_use", "free"),
    [
        (2, 2, 0.0, 2),
        (2, 2, 0.7, 2),  # somebody does something now and then
        (2, 2, 0.98, 1),
        (2, 2, 2.0, 1),  # one thread there is always
        (64, 64, 40.1, 24),
        (64, 2, 40.1, 2),  # others are on the other processors
        (64, 2, 63.9, 1),
    ],
)
def test_what_others_use_is_not_free(count: int, usable: int, in_use: float, free: int) -> None:
    assert Processors(count, usable, in_use).free == free


def system(root: Path, stat: str, groups: str = "0::/\n", **files: str) -> Path:
    """The files of a system under a folder; those of control groups by their path, `_` for `/`."""
    (root / "proc" / "self").mkdir(parents=True)
    (root / "proc" / "stat").write_text(stat)
    (root / "proc" / "self" / "cgroup").write_text(groups)
    for name, text in files.items():
        path = root / "sys/fs/cgroup" / name.replace("__", "/").replace("cpu_max", "cpu.max")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def eight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight processors, all of them ours."""
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.mark.usefixtures("eight")
def test_busy_ticks_are_told_from_idle_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = system(tmp_path, "cpu  100 0 50 850 0 0 0 0 0 0\ncpu0 1 2 3 4\n")

    def later(_: float) -> None:
        # In 400 ticks of all processors: 70 of users, 20 of nice ones, 10 taken by other machines, 300 idle.
        (root / "proc" / "stat").write_text("cpu  170 20 50 1100 50 0 0 10 0 0\n")

    monkeypatch.setattr(counting.time, "sleep", later)
    found = processors(root=root)
    assert found == Processors(8, 8, pytest.approx(2.0)) and found.free == 6


@pytest.mark.usefixtures("eight")
@pytest.mark.parametrize(
    ("groups", "files", "usable"),
    [
        ("0::/\n", {}, 8),
        ("0::/\n", {"cpu_max": "max 100000\n"}, 8),
        ("0::/\n", {"cpu_max": "250000 100000\n"}, 2),
        ("0::/\n", {"cpu_max": "50000 100000\n"}, 1),
        ("0::/a/b\n", {"a__cpu_max": "300000 100000\n", "a__b__cpu_max": "max 100000\n"}, 3),
        ("0::/a/b\n", {"cpu_max": "200000 100000\n"}, 2),  # a container sees its own group as the top
        ("0::/\n", {"cpu_max": "what 100000\n"}, 8),
        (
            "4:cpu,cpuacct:/a\n3:memory:/b\n",
            {"cpu__a__cpu.cfs_quota_us": "400000\n", "cpu__a__cpu.cfs_period_us": "100000\n"},
            4,
        ),
        ("4:cpu:/\n", {"cpu__cpu.cfs_quota_us": "-1\n", "cpu__cpu.cfs_period_us": "100000\n"}, 8),
        ("nonsense\n\n", {}, 8),
    ],
)
def test_quotas_of_control_groups_count(
    tmp_path: Path, groups: str, files: dict[str, str], usable: int
) -> None:
    root = system(tmp_path, "cpu  1 0 0 1 0 0 0 0\n", groups, **files)
    assert processors(0.0, root).usable == usable


@pytest.mark.usefixtures("eight")
@pytest.mark.parametrize("stat", ["", "cpu\n", "cpu a b c d\n", "intr 1 2 3 4\n", "cpu 0 0 0 0 0 0 0 0\n"])
def test_a_system_that_does_not_count_has_a_load(
    tmp_path: Path, stat: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (3.2, 0.0, 0.0))
    assert processors(0.0, system(tmp_path, stat)).in_use == 3.2
    monkeypatch.delattr(os, "getloadavg")
    assert processors(0.0, tmp_path).in_use == 0.0


@pytest.mark.parametrize("name", WAITING)
def test_how_threads_wait_is_left_to_who_states_it(name: str) -> None:
    variables = {name: "1"}
    sleep_while_waiting(variables)
    assert variables == {name: "1"}


def test_threads_sleep_where_nobody_states_how_they_wait() -> None:
    variables: dict[str, str] = {}
    sleep_while_waiting(variables)
    assert variables == {"GOMP_SPINCOUNT": "10000"}


def test_the_command_line_says_it_before_torch_is_there() -> None:
    code = (
        "import os, sys\n"
        "from typer.testing import CliRunner\n"
        "from cli.app import app\n"
        "result = CliRunner().invoke(app, ['explain', 'N0302'])\n"
        "print(result.exit_code, 'torch' in sys.modules, os.environ['GOMP_SPINCOUNT'])\n"
    )
    kept = {name: value for name, value in os.environ.items() if name not in WAITING}
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, env=kept)
    assert done.stdout.split() == ["0", "False", "10000"], done.stderr
