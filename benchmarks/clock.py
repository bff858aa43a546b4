"""How long work takes on a device, and how fast the device multiplies."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import torch


def wait_for(device: torch.device) -> None:
    """Until the device has done what it was told to do; a CPU has already."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds_of(work: Callable[[], object], device: torch.device) -> float:
    """Seconds from the start of some work to its end on the device."""
    wait_for(device)
    started = time.perf_counter()
    work()
    wait_for(device)
    return time.perf_counter() - started


def macs_per_second(device: torch.device, runs: int = 5) -> float:
    """Multiply-accumulates a second of a large convolution in float32, 128 channels of 32x32 pixels."""
    batch, channels, size = 512 if device.type == "cuda" else 32, 128, 32
    x = torch.randn(batch, channels, size, size, device=device)
    x = x.contiguous(memory_format=torch.channels_last)
    conv = torch.nn.Conv2d(channels, channels, 3, padding=1, bias=False, device=device)
    conv = conv.to(memory_format=torch.channels_last)
    with torch.no_grad():
        seconds = [seconds_of(lambda: conv(x), device) for _ in range(runs + 1)]
    return batch * channels**2 * 9 * size**2 / median(seconds[1:])


def name_of(device: torch.device) -> str:
    """The device in words."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{torch.get_num_threads()} threads"
