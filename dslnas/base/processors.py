"""Processors: how many this process may use and others leave free, how threads wait, how processes end.

The OpenMP of torch's wheels (libgomp) has threads spin while they wait for one another. Beside other busy
processes each round of waiting then takes a slice of the scheduler, and a step hundreds of times as long.
"""

from __future__ import annotations

import os
import platform
import signal
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WAITING = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
COUNTING = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
IN_USE = 0.75  # of a processor, from which on it counts as taken
SECONDS = 0.5  # that others are watched for
SPINS = "10000"  # some microseconds: alone as fast as endless ones, and twice as fast as none


def sleep_while_waiting(environment: MutableMapping[str, str] | None = None) -> None:
    """Have the threads of OpenMP sleep where they wait for long, unless the environment says how they wait.

    It acts on what loads OpenMP later: call it before torch is imported. Processes started later have it too.
    """
    variables = os.environ if environment is None else environment
    if not any(name in variables for name in WAITING):
        variables["GOMP_SPINCOUNT"] = SPINS


def stated_threads() -> str:
    """The variable of the environment that says how many threads torch has; empty where none does."""
    return next((name for name in COUNTING if os.environ.get(name)), "")


def launched() -> bool:
    """Whether `torchrun` has started this process beside others."""
    return "TORCHELASTIC_RUN_ID" in os.environ and int(os.environ.get("WORLD_SIZE", "1")) > 1


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Block SIGINT in processes started within: Ctrl-C reaches this one alone, which ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ending(code: int | None) -> str:
    """The end of a process that has given no result, by its exit code, in words."""
    if code is None or code >= 0:
        return f"ended with exit code {code}"
    name = signal.Signals(-code).name
    reason = ", as happens where memory runs out" if name == "SIGKILL" else ""
    return f"was ended by {name}{reason}"


@dataclass(frozen=True)
class Processors:
    """The processors of this machine. usable: by this process; in_use: by other processes, of all."""

    count: int
    usable: int
    in_use: float

    @property
    def free(self) -> int:
        """How many this process may keep busy: those that it may use and others leave, at least one."""
        taken = int(self.in_use + 1.0 - IN_USE)
        return max(1, min(self.usable, self.count - taken))


def processors(seconds: float = SECONDS, root: Path = Path("/")) -> Processors:
    """The processors, and how many others use while this process sleeps. root: of /proc and /sys.

    Where the system does not count its time by processors, it is the load of the last minute.
    """
    count = os.cpu_count() or 1
    before = _ticks(root)
    if before is None:
        return Processors(count, _usable(count, root), _load())
    time.sleep(seconds)
    busy, passed = (now - then for now, then in zip(_ticks(root) or before, before, strict=True))
    return Processors(count, _usable(count, root), count * busy / passed if passed else 0.0)


def _ticks(root: Path) -> tuple[int, int] | None:
    """The ticks that all processors were busy, and those that passed, since the system started."""
    try:
        first = (root / "proc/stat").read_text().partition("\n")[0]
        name, *counted = first.split()
        # user, nice, system, idle, waiting for a disk, interrupts, more of them, taken by other machines
        times = [int(ticks) for ticks in counted[:8]]
    except (OSError, ValueError):
        return None
    if name != "cpu" or len(times) < 4 or not sum(times):
        return None
    return sum(times) - sum(times[3:5]), sum(times)


def _load() -> float:
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows
        return 0.0


def _usable(count: int, root: Path) -> int:
    """The processors that this process gets: by its affinity, and by the quotas of its control groups."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else count
    return max(1, min(own, *(int(quota) for quota in _quotas(root)), count))


def _quotas(root: Path) -> Iterator[float]:
    """The processors that each control group of this process may use, of those that are limited."""
    for path in _groups(root):
        try:
            if (path / "cpu.max").is_file():
                quota, period = (path / "cpu.max").read_text().split()
            else:
                quota = (path / "cpu.cfs_quota_us").read_text()
                period = (path / "cpu.cfs_period_us").read_text()
            if quota != "max" and int(quota) > 0:
                yield int(quota) / int(period)
        except (OSError, ValueError, ZeroDivisionError):
            continue


def _groups(root: Path) -> Iterator[Path]:
    """The folders of the control groups that may limit this process, with those above them."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, place = rest.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / ("cpu" if controllers else "")
        inside = top / place.strip("/")
        yield from (path for path in (inside, *inside.parents) if path.is_relative_to(top))


def processor_name(root: Path = Path("/")) -> str:
    """The processor in words, as the system calls it; its architecture where the system does not say."""
    try:
        lines = (root / "proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(filter(None, named), platform.processor() or platform.machine())
