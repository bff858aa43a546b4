"""`dslnas test`: test the network of a run again."""

from __future__ import annotations

from .options import DeviceOption, JsonOption, RootOption, RunArgument

EXAMPLE = "Example: dslnas test runs/ss1-digits-darts-s0"


def test(
    run: RunArgument,
    data_root: RootOption = None,
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
) -> None:
    """Test the trained network of a run on the test split of its data."""
    from dslnas import runs

    from .run import finish
    from .running import watched

    opened = runs.Run.open(run)
    metrics = watched(opened, lambda watcher: runs.retest(opened, watcher, data_root=data_root, device=device))
    finish(run, metrics, as_json)
