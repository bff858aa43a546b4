"""Candidates evaluated on a Ray cluster: the one that `RAY_ADDRESS` names, or one of this machine alone.

What a supernet is judged with goes to the object store once, and each worker has a judge of its own. A figure
depends on nothing but the network, so that the front is the same for any number of workers. A worker that
dies is started again, and what it was at is evaluated again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ...base.diagnostics import fail
from ...base.run_folder import SETTINGS
from ...ir.walk import Chosen
from ...methods.method import SampledMethod
from ..experiment import Experiment
from ..plugins import bring
from ..run_settings import read_run_settings

if TYPE_CHECKING:
    import torch

    from ...search.sampled.judge import Judge
    from ...search.zerocost.scorer import Scorer
    from .alone import ShortTraining

    AJudge = Judge | ShortTraining | Scorer

Engine = Literal["here", "ray"]
Figures = Mapping[str, float]
BLOCKS = 2  # that each worker gets of a generation: fewer wait longer for the last, more share less


def check_engine(experiment: Experiment, engine: Engine) -> None:
    """Raise DslnasError N0603 where an engine cannot evaluate the candidates of an experiment."""
    if engine == "here":
        return
    if not isinstance(experiment.method, SampledMethod):
        message = f"`--engine ray` evaluates candidates, and `{experiment.method.name}` has none"
        raise fail("N0603", message, help="leave it out, or take `--set method=nasc`")
    installed()


def installed() -> Any:
    """The module `ray`; raises DslnasError N0603 where it is not installed."""
    try:
        return import_module("ray")
    except ImportError:
        help = "`pip install 'dslnas[ray]'`, or leave out `--engine ray`"
        raise fail("N0603", "Ray is not installed", help=help) from None


def connected(threads: int) -> Any:
    """The module `ray`, connected to its cluster.

    Raises DslnasError N0603 where it is not installed, or no machine of the cluster has so many threads.
    """
    ray = installed()
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False)
    most = max((node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"]), default=0)
    if threads > most:
        message = f"no machine of the cluster has {threads} processors for a trial: the largest has {most:g}"
        raise fail("N0603", message, help=f"`--threads {max(1, int(most))}`")
    return ray


class Workers:
    """Judges on the machines of a cluster that share a file system, each with processor threads of its own.

    folder: of the run, whose plugins each loads. make: gives a judge on a device; it is sent once, with all
    that it holds. threads: of each; their number changes the last digits of sums. count: of workers; None: as
    many as there are processors for, or GPUs where the device is one.
    """

    def __init__(
        self,
        folder: Path,
        make: Callable[[torch.device], AJudge],
        device: torch.device,
        threads: int,
        count: int | None = None,
    ) -> None:
        ray = connected(threads)
        gpus = 1 if device.type == "cuda" else 0
        there = ray.cluster_resources()
        room = there.get("GPU", 0) if gpus else there["CPU"] // threads
        self._kept = ray.put(make)  # a worker that is started again reads it again
        remote = ray.remote(num_cpus=threads, num_gpus=gpus, max_restarts=-1, max_task_retries=-1)(_Worker)
        self.actors = [
            remote.remote(folder.absolute(), self._kept, device, threads)
            for _ in range(count or max(1, int(room)))
        ]

    def figures_of(self, paths: Sequence[Chosen]) -> Iterator[Figures]:
        """The figures of each path, in their order, as soon as they and all before are there."""
        pool = import_module("ray.util").ActorPool(self.actors)
        size = max(1, -(-len(paths) // (BLOCKS * len(self.actors))))
        blocks = [paths[start : start + size] for start in range(0, len(paths), size)]
        for found in pool.map(lambda actor, block: actor.figures_of.remote(block), blocks):
            yield from found


class _Worker:
    """A judge in a process of the cluster."""

    def __init__(
        self,
        folder: Path,
        make: Callable[[torch.device], AJudge],
        device: torch.device,
        threads: int,
    ) -> None:
        import torch

        torch.set_num_threads(threads)
        bring(folder, read_run_settings(folder / SETTINGS).plugins)
        self._judge = make(device)

    def figures_of(self, paths: Sequence[Chosen]) -> list[dict[str, float]]:
        """The figures of each path."""
        return list(self._judge.figures_of(paths))
