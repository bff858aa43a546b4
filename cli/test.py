"""`dslnas test`: tests the network of a run again."""

from __future__ import annotations

from .options import Device, DeviceOption, JsonOption, MovedOption, RootOption, RunArgument

EXAMPLE = "Example: dslnas test runs/ss1-digits-darts-s0"


def test(
    run: RunArgument,
    data: MovedOption = None,
    data_root: RootOption = None,
    device: DeviceOption = Device.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Test the trained network of a run on the test split of its data.

    The clips are those that the run keeps a list of, whatever has come to the data since.
    """
    from dslnas.runs.run import retest

    from .running import finish, opened, watched

    tested = opened(run, data_root, device, data=data)
    finish(run, watched(tested, lambda observer: retest(tested, observer)), as_json)
