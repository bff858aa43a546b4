"""What the processes do that `torchrun` starts beside the one that leads a run (`train/processes.py`).

They read the folder of the run and the data where the leader has them: machines share a file system.
"""

from __future__ import annotations

from ..base.diagnostics import fail
from ..methods.method import SampledMethod
from ..train.observer import Silent
from .experiment import Experiment
from .run import Run
from .searches.sampled import TrainAlong, train_along
from .searches.work import Work


def follow() -> None:
    """Train along what the leader trains, until it ends."""
    from ..train.processes import hear

    while (told := hear()) is not None:
        assert isinstance(told, TrainAlong), "nothing else is told"
        train_along(_work(told))


def check_shared(experiment: Experiment) -> None:
    """Raise DslnasError N0603 where several processes were started for what one process does alone."""
    from ..train.processes import present

    method = experiment.method
    if present().count > 1 and isinstance(method, SampledMethod) and method.supernet is None:
        message = f"{present().count} processes share the training of a supernet: `{method.name}` has none"
        raise fail(
            "N0603", message, help="run it without torchrun; `--engine ray` scores on several machines"
        )
    if present().count > 1 and not isinstance(method, SampledMethod):
        message = (
            f"{present().count} processes share a search by sampling: `{experiment.method.name}` is none"
        )
        raise fail("N0603", message, help="run it without torchrun, or take `--set method=nasc`")


def _work(told: TrainAlong) -> Work:
    from ..train.devices import pick_device

    run = Run.open(told.path, told.data_root, told.device)
    prepared = run.prepared(Silent())
    device, root = pick_device(told.device), run.data_root
    return Work(run.folder, run.held, prepared, device, Silent(), None, run.checkpoint_seconds, root)
