"""Tones and front ends made for these tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from dslnas.ir.frontend import FrontEnd, FrontEndStep
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.tensortype import Domain

Chain = list[tuple[str, dict[str, Any]]]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def tone(hertz: float, seconds: float, rate: int) -> npt.NDArray[np.float64]:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def chain(rate: float = 16000.0, clip: float = 1.0, bands: int = 32) -> Chain:
    """The stages of the shipped `logmel` front end."""
    return [
        ("gain", {"range": (-6.0, 6.0)}),
        ("fade", {"length": 0.2, "rate": rate}),
        ("stft", {"window": 0.064, "hop": 0.032, "rate": rate}),
        ("mel", {"bands": bands, "rate": rate}),
        ("log", {}),
        ("add_noise", {"probability": 0.5, "snr": (0.0, 30.0)}),
        ("stretch", {"range": (0.9, 1.1)}),
        ("mask_time", {"width": 4}),
        ("mask_freq", {"width": 4}),
    ]


def front_end(
    stages: Chain | None = None, rate: int = 16000, clip: float = 1.0, domain: Domain = "real"
) -> FrontEnd:
    """A front end whose types come from the type rules."""
    given = {"clip": clip, "rate": rate}
    before = REGISTRY["wave"].type_rule((), given, "real")
    source = FrontEndStep("wave", tuple(given.items()), before)
    made: list[FrontEndStep] = []
    for name, attributes in stages if stages is not None else chain(rate, clip):
        before = REGISTRY[name].type_rule((before,), attributes, domain)
        made.append(FrontEndStep(name, tuple(sorted(attributes.items())), before))
    return FrontEnd("logmel", domain, source, tuple(made))


class Reading(TorchDispatchMode):
    """Notes every operation that makes the host wait for a value, or a shape depend on one."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        waits = ("_local_scalar_dense", "nonzero", "masked_select", "equal", "unique", "is_nonzero")
        if any(func.__name__.split(".")[0] == name for name in waits):
            self.seen.append(func.__name__)
        return func(*args, **(kwargs or {}))
