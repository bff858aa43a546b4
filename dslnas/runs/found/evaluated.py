"""The networks that a search by sampling compared, from `evaluations.jsonl` of its run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.diagnostics import fail
from ...base.figures import is_number
from ...base.run_folder import EVALUATIONS
from ...ir.analysis.genes import Candidate, Genes
from ...ir.genotype import Genotype
from ..experiment import Experiment


@dataclass(frozen=True)
class Evaluated:
    """A network that was compared: its decisions and its figures. by: the search that drew it."""

    key: str
    candidate: Candidate
    figures: Mapping[str, float]
    by: str


def read_evaluated(folder: Path) -> list[Evaluated]:
    """The networks in the order in which they were compared, each once; empty where there is no such file.

    A line that a kill has cut is left out. Raises DslnasError N0701 with the line that is broken.
    """
    path = folder / EVALUATIONS
    if not path.is_file():
        return []
    found: dict[str, Evaluated] = {}
    lines = path.read_bytes().splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        if line.endswith(b"\n"):
            one = _evaluated(line, f"{path}:{number}")
            found.setdefault(one.key, one)
    return list(found.values())


def _evaluated(line: bytes, where: str) -> Evaluated:
    try:
        data = json.loads(line)
        candidate = {str(gene): _decision(value) for gene, value in data["candidate"].items()}
        figures = {name: float(value) for name, value in data["figures"].items() if is_number(value)}
        return Evaluated(str(data["key"]), candidate, figures, str(data.get("by")))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise fail("N0701", f"{where}: this is no evaluation of a network") from None


def _decision(value: Any) -> str | tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(str, value))
    if not isinstance(value, str):
        raise TypeError
    return value


def genes_of(experiment: Experiment) -> Genes:
    """The genes of an experiment's space."""
    return Genes.of(experiment.supernet, experiment.method.keeping)


def genotypes_of(experiment: Experiment, found: Sequence[Evaluated]) -> list[Genotype]:
    """The genotypes of networks that were compared."""
    genes = genes_of(experiment)
    return [genes.genotype(one.candidate, experiment.space_hash, experiment.method.name) for one in found]
