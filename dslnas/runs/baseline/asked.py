"""The baseline that a run is asked for: `probe`, or `onnx:FILE` for a probe of a model's embedding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.diagnostics import DslnasError, fail
from ...base.places import found_from, from_folder, remember
from ...base.run_folder import PROBE, RunFolder
from ...base.source import Source, Span
from ...base.spelling import did_you_mean
from ..experiment import Experiment

WORD, PREFIX = "probe", "onnx:"


@dataclass(frozen=True)
class Baseline:
    """A probe. model: the file of the model whose embedding it probes; None: of statistics of recordings."""

    model: Path | None = None

    @property
    def name(self) -> str:
        """How a report calls it, without the folder of the model."""
        return WORD if self.model is None else f"{WORD} of {self.model.name}"

    def refused(self, message: str, help: str = "") -> DslnasError:
        """An error at the text of the option."""
        text = WORD if self.model is None else f"{PREFIX}{self.model}"
        return fail("N0603", f"--baseline {text}: {message}", _span(text), help=help)


def read_baseline(text: str) -> Baseline:
    """The baseline of a text; raises DslnasError N0603 where it is none."""
    if text == WORD:
        return Baseline()
    if text.startswith(PREFIX) and text != PREFIX:
        return Baseline(Path(text.removeprefix(PREFIX)).expanduser())
    help = did_you_mean(text, (WORD,)) or "`--baseline probe`, `--baseline onnx:FILE`"
    raise fail("N0603", f"there is no baseline `{text}`", _span(text), help=help)


def _span(text: str) -> Span:
    return Span(Source("--baseline", text), 1, 1, 1, max(2, len(text) + 1))


def check_baseline(asked: Baseline, experiment: Experiment) -> None:
    """Raise DslnasError N0603 where the probe could not be fitted, before there is a run folder."""
    frontend = experiment.ways[0].frontend
    if frontend.sees_images:
        raise asked.refused("a probe hears recordings, and these are pictures", "leave it out")
    if asked.model is not None:
        from ...train.probe.embedding import load_embedding

        load_embedding(asked.model, frontend, 1, asked.refused)


def ask(asked: Baseline, folder: RunFolder) -> None:
    """Note in the folder of a run that it is to have a probe; the model as a path from there."""
    told: dict[str, Any] = {}
    if asked.model is not None:
        told = {"model": from_folder(asked.model, folder.path), "place": remember(asked.model)}
    folder.write_json(PROBE, {"asked": told})


def asked_in(folder: RunFolder) -> Baseline | None:
    """The probe that a run is still to have; None where it has none to fit. Raises DslnasError N0701."""
    if not folder.has(PROBE):
        return None
    found = folder.read_json(PROBE)
    told = found.get("asked") if isinstance(found, dict) else None
    if not isinstance(told, dict):
        raise fail("N0701", f"{folder.path / PROBE} does not say which probe it is")
    if "clips" in found:
        return None
    if "model" not in told:
        return Baseline()
    return Baseline(found_from(str(told["model"]), folder.path, str(told.get("place", ""))))
