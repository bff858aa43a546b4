"""Microphones: found by number or name, and every trouble with them is told."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from recordings import refused

from dslnas.runs.listening.microphone import Microphone, heard_channels, microphones, pick, recording


class FakeError(Exception):
    pass


def fake(devices: list[dict[str, Any]], first: int = -1) -> Any:
    """The package, with a device that records a ramp."""

    class InputStream:
        def __init__(self, callback: Any, channels: int, blocksize: int, **more: Any) -> None:
            self.callback, self.shape = callback, (blocksize, channels)

        def start(self) -> None:
            for number in range(3):
                self.callback(np.full(self.shape, number / 4, np.float32), self.shape[0], None, None)

        stop = close = lambda self: None

    return SimpleNamespace(
        query_devices=lambda: devices,
        default=SimpleNamespace(device=(first, -1)),
        InputStream=InputStream,
        PortAudioError=FakeError,
    )


def device(name: str, channels: int = 1) -> dict[str, Any]:
    return {"name": name, "max_input_channels": channels, "default_samplerate": 44100.0}


def test_a_microphone_is_found_by_number_or_name(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [device("Speakers", 0), device("Built-in"), device("USB headset", 64), device("USB camera")]
    monkeypatch.setitem(sys.modules, "sounddevice", fake(found, 2))
    assert [one.number for one in microphones()] == [1, 2, 3]
    assert pick(None) == Microphone(2, "USB headset", 64, 44100, True) == pick("head") == pick("2")
    assert heard_channels(pick(None)) == 2
    assert "3 (USB camera)" in refused("N0603", "several microphones", lambda: pick("usb"))
    assert "1 (Built-in)" in refused("N0603", "no microphone is called `Speakers`", lambda: pick("Speakers"))


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert "pip install 'dslnas[listen]'" in refused("N0603", "not installed", microphones)
    monkeypatch.setitem(sys.modules, "sounddevice", fake([]))
    assert "--file" in refused("N0603", "there is no microphone", lambda: pick(None))

    def broken(**more: Any) -> None:
        raise FakeError("Device unavailable [PaErrorCode -9985]", -9985)

    library = fake([device("Built-in")])
    library.InputStream = broken
    monkeypatch.setitem(sys.modules, "sounddevice", library)

    def record() -> None:
        with recording(pick(None), lambda: False):
            pass

    refused("N0603", "Device unavailable", record)


def test_blocks_come_in_order_and_end_when_they_are_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", fake([device("Built-in")]))
    seen: list[float] = []
    with recording(pick(None), lambda: len(seen) == 3) as blocks:
        for block in blocks:
            assert block.shape == (2205, 1)
            seen.append(float(block[0, 0]))
    assert seen == [0, 0.25, 0.5]


def test_blocks_that_nobody_took_in_time_are_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dslnas.runs.listening.microphone.WAITING", 2)
    monkeypatch.setitem(sys.modules, "sounddevice", fake([device("Built-in")]))
    seen: list[float] = []
    with recording(pick(None), lambda: len(seen) == 3) as blocks:
        for block in blocks:
            seen.append(float(block[0, 0]))
    assert seen == [0, 0, 0.25], "of three blocks the last was lost: its time is there, and silent"
