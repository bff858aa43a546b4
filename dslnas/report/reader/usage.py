"""What a reader of a report does next: commands that use the network, and the command that makes it again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...base.diagnostics import DslnasError
from ...base.figures import is_number
from ...base.run_folder import WEIGHTS
from ...data.classes import holds_images
from ..rundata import RunData

# Commands with these options; a sweep and the Python API keep theirs elsewhere.
_SEEDED = ("run", "search", "train")


@dataclass(frozen=True)
class Command:
    """A command, and what it is for."""

    text: str
    purpose: str


def name_of(run: RunData) -> str:
    """How a command names the run from where it was written, without the folders above: `runs/mine`."""
    folder = run.folder.resolve()
    here = Path.cwd()
    if folder.is_relative_to(here) and folder != here:
        return folder.relative_to(here).as_posix()
    return folder.name


def uses(run: RunData) -> list[Command]:
    """The commands that use the trained network of a run; empty where there is none yet."""
    if run.test is None and not (run.folder / WEIGHTS).is_file():
        return []
    name = shlex.quote(name_of(run))
    commands = [
        Command(f"dslnas export {name} --to onnx", "an ONNX model, which needs no dslnas"),
        Command(f"dslnas export {name} --to python", "one Python file with weights, which needs torch alone"),
        Command(f"dslnas test {name}", "its test again, with a new report"),
        Command(f"dslnas print {name} -o found.nas", "its cells as text that a space can use"),
    ]
    seen = (
        ("picture.png", "what it sees in pictures")
        if sees_images(run)
        else ("recording.wav", "what it hears in recordings")
    )
    commands.insert(0, Command(f"dslnas predict {name} {seen[0]}", f"{seen[1]} of yours"))
    return commands


def sees_images(run: RunData) -> bool:
    """Whether the data of a run holds images, which nobody can hear."""
    try:
        return holds_images(str(run.settings.get("data.name")))
    except DslnasError:
        return False


def again(run: RunData) -> str:
    """The command of a run with the preset, the seed and the threads that it took; empty where unknown.

    It names no folder for the run: that of this one is taken.
    """
    words = _without_folder(_words(run))
    if len(words) < 2:
        return ""
    if words[1] in _SEEDED:
        for option, value in (("--preset", run.settings.get("preset")), ("--seed", _seed(run))):
            if value is not None and not _says(words, option):
                words += [option, str(value)]
    threads = run.metrics.get("machine.threads")
    device = str(run.metrics.get("machine.device"))
    lead = f"OMP_NUM_THREADS={threads} " if is_number(threads) and device == "CPU" else ""
    return lead + shlex.join(words)


def facts(run: RunData) -> list[tuple[str, str]]:
    """What decides a run beside its command: seed, preset, data, device, threads, precision."""
    found = [
        ("seed", _seed(run)),
        ("preset", run.settings.get("preset")),
        ("data", run.metrics.get("data.name") or run.settings.get("data.name")),
        ("split", run.metrics.get("data.split") or run.settings.get("data.split")),
        ("device", run.metrics.get("machine.device")),
        ("processor threads", run.metrics.get("machine.threads")),
        ("precision", run.settings.get("precision")),
    ]
    return [(name, str(value)) for name, value in found if value is not None]


def _seed(run: RunData) -> object:
    seed = run.metrics.get("seed")
    return run.settings.get("seed") if seed is None else seed


def _words(run: RunData) -> list[str]:
    command = run.settings.get("command")
    if isinstance(command, list):
        return list(map(str, command))
    try:
        return shlex.split(command) if isinstance(command, str) else []
    except ValueError:
        return command.split() if isinstance(command, str) else []


def _without_folder(words: Sequence[str]) -> list[str]:
    pairs = zip(["", *words], words, strict=False)
    return [word for before, word in pairs if "--out" not in (before, word) and not word.startswith("--out=")]


def _says(words: Sequence[str], option: str) -> bool:
    return any(word == option or word.startswith(f"{option}=") for word in words)
