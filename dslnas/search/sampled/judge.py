"""How good the networks of a sampled supernet are, with the weights that they inherit from it.

The running statistics of a supernet are of many networks. So each network is judged with statistics of its
own (Guo et al., 2020): those of calibration clips, the same for all, that go through it as one batch, so that
each norm sees what the norms before it hand out. They depend on nothing but the network: a figure is the
same to the bit, whatever was judged before, in whatever order, by whichever worker.

Networks with the same decisions up to some place compute the same up to there. What they hand on there, of
calibration clips and of validation clips, is remembered within some memory, and networks that branch off
later go on from it.
"""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from math import prod

import torch
from torch import Tensor

from ...data.features import Split
from ...ir.graph import Program
from ...ir.schedule import Instruction, Route
from ...ir.walk import Chosen
from ...lower.joined import join_layers
from ...lower.modules.norms import Norms
from ...lower.paths import SampledSupernet
from ...train.memory import keep_freed_memory
from ...train.testing import qualities
from .clips import AT_ONCE, CALIBRATION, fitting

MEMORY = 2**30  # bytes of what is remembered: what many networks begin with stays there for generations
DECIDING = ("mix", "sum", "call")  # after these, what was decided may differ

Values = dict[str, Tensor]  # what a network hands on at some place, by the ids of its nodes


class Judge:
    """A supernet with calibration and validation clips, which stay on the device.

    calibration: features (N, C, F, T) of training clips, of which as many as fit are used. validation: the
    clips that figures are of, of so many `classes`. Both are the same clips for each input of the network,
    of which there are several where the space chooses a front end. memory: bytes of what is remembered. The
    supernet is the judge's own from now on: it changes its statistics.
    """

    def __init__(
        self,
        supernet: SampledSupernet,
        program: Program,
        calibration: Sequence[Tensor],
        validation: Sequence[Split],
        classes: int,
        device: torch.device,
        memory: int = MEMORY,
    ) -> None:
        self.supernet, self.program, self.classes = supernet.to(device).eval(), program, classes
        if device.type == "cpu":
            keep_freed_memory()
            join_layers(supernet)
        fit = fitting(program)
        self._clips: dict[str, list[Tensor]] = {}  # by input: those of calibration, then of validation
        for id, first, then in zip(supernet.network.inputs, calibration, validation, strict=True):
            size = min(AT_ONCE, fit)
            starts = range(0, len(then), size)
            parts = [first[: min(CALIBRATION, fit)], *(then.features[at : at + size] for at in starts)]
            self._clips[id] = [part.to(device) for part in parts]
        self._labels = validation[0].labels.to(device)
        self._norms = Norms(supernet)
        self._kept, self._met = _Kept(memory), Counter[str]()
        clips = min(CALIBRATION, fit, len(calibration[0])) + len(self._labels)
        self._bytes = {node.id: 4 * clips * prod(node.type.stored) for node in program.network}

    def figures(self, path: Chosen, computed: _Computed | None = None) -> dict[str, float]:
        """The accuracy and the macro F1, each 0 .. 1, of the network on a path on the validation clips."""
        return qualities(self.logits(path, computed), self._labels, self.classes)

    def figures_of(self, paths: Sequence[Chosen]) -> list[dict[str, float]]:
        """The figures of each path; those that share a beginning are judged one after the other.

        Only beginnings that several paths have had are remembered, of these or of earlier ones.
        """
        computed = [_Computed(self, self.supernet.route(path)) for path in paths]
        names = [list(one.cuts.values()) for one in computed]
        self._met.update(name for those in names for name in those)
        for one in computed:
            one.often = self._met
        found: dict[int, dict[str, float]] = {}
        for place in sorted(range(len(paths)), key=names.__getitem__):
            found[place] = self.figures(paths[place], computed[place])
        return [found[place] for place in range(len(paths))]

    @torch.no_grad()
    def logits(self, path: Chosen, computed: _Computed | None = None) -> Tensor:
        """The logits (N, classes) of the network on a path for the validation clips, on the device."""
        route = self.supernet.route(path)
        computed = computed or _Computed(self, route)
        start, states = self._begin(computed)
        kept = {place: name for place, name in computed.worth(self._kept.memory).items() if place >= start}
        found: dict[str, list[Values]] = {name: [] for name in kept.values()}
        self._norms.reset()
        for place, values in enumerate(states):  # first the calibration clips
            with self._norms.estimating(place == 0):
                done = start
                for until, name in kept.items():
                    self._advance(computed.steps[done : until + 1], route, values)
                    found[name].append(dict(values))
                    done = until + 1
                self._advance(computed.steps[done:], route, values)
        for name, handed_on in found.items():
            self._kept.add(name, handed_on)
        return torch.cat([values["output"] for values in states[1:]]).float()

    def _advance(self, steps: Sequence[Instruction], route: Route, values: Values) -> None:
        self.supernet.network.advance(steps, values, None, route)

    def _begin(self, computed: _Computed) -> tuple[int, list[Values]]:
        """The first instruction to execute, and the values before it: of calibration, then of validation."""
        for place, name in reversed(computed.cuts.items()):
            if (known := self._kept.get(name)) is not None:
                return place + 1, [dict(values) for values in known]
        (input,) = (id for id in self._clips if id in computed.read)
        return 0, [{input: self._laid_out(x)} for x in self._clips[input]]

    @staticmethod
    def _laid_out(x_NCFT: Tensor) -> Tensor:
        return x_NCFT.contiguous(memory_format=torch.channels_last)


class _Computed:
    """What a route computes of the network: its instructions, and names of what is handed on at some places.

    cuts: place of an instruction -> the name of all values that are needed after it; equal names stand for
    equal computations. read: the values that are read at all. often: how many paths have each name; None: it
    is not known.
    """

    def __init__(self, judge: Judge, route: Route) -> None:
        self.steps = route.through(judge.program.network)
        self.read = {source for step in self.steps for source in step.sources}
        self.cuts: dict[int, str] = {}
        self.often: Mapping[str, int] | None = None
        self._size: dict[int, int] = {}
        cells = dict.fromkeys(judge.program.cells, "")
        names: dict[str, str] = {id: id for id in judge.supernet.network.inputs}
        alive = {id for id in names if id in self.read}
        for place, step in enumerate(self.steps[:-1]):
            inside = ""
            if step.kind == "call":
                cell = judge.program.network[step.target].cell
                inside = cells[cell] = cells[cell] or _digest(
                    *_said(route.through(judge.program.cells[cell]))
                )
            names[step.target] = _digest(step.target, inside, *(names[source] for source in step.sources))
            alive = (alive | {step.target}) - set(step.last)
            if step.kind in DECIDING:
                self.cuts[place] = _digest(*sorted(names[id] for id in alive))
                self._size[place] = sum(judge._bytes[id] for id in alive)

    def worth(self, memory: int) -> dict[int, str]:
        """The cuts to remember: those of several paths, or evenly some, in half of the memory at most."""
        places = [one for one, name in self.cuts.items() if self.often is None or self.often[name] > 1]
        for apart in range(1, len(places) + 1):
            some = places[apart - 1 :: apart]
            if sum(self._size[place] for place in some) <= memory // 2:
                return {place: self.cuts[place] for place in some}
        return {}


def _said(steps: Sequence[Instruction]) -> list[str]:
    return [f"{step.target}={step.sources}" for step in steps]


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


class _Kept:
    """What networks handed on, by name, within some memory: the latest that were asked for."""

    def __init__(self, memory: int) -> None:
        self.memory, self._used = memory, 0
        self._states: OrderedDict[str, list[Values]] = OrderedDict()

    def get(self, name: str) -> list[Values] | None:
        """What goes by a name; None where it is not there any more."""
        if name in self._states:
            self._states.move_to_end(name)
        return self._states.get(name)

    def add(self, name: str, states: list[Values]) -> None:
        """Remember something in place of what nobody asked for the longest."""
        if name in self._states:
            return
        self._states[name] = states
        self._used += _bytes_of(states)
        while self._used > self.memory:
            _, gone = self._states.popitem(last=False)
            self._used -= _bytes_of(gone)


def _bytes_of(states: Sequence[Mapping[str, Tensor]]) -> int:
    return sum(one.numel() * one.element_size() for values in states for one in values.values())
