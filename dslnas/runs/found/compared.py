"""The networks that a search by sampling compared, and their genotypes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...base.run_folder import EVALUATIONS
from ...ir.genotype import Genotype
from ...search.evolved.archive import Archive, Entry
from ..experiment import Experiment
from ..searches.sampled import genes_of


def compared_in(folder: Path) -> list[Entry]:
    """The networks in the order in which they were compared; empty where the run has compared none.

    Raises DslnasError N0701 with the line that is broken.
    """
    path = folder / EVALUATIONS
    return list(Archive.read(path)) if path.is_file() else []


def genotypes_of(experiment: Experiment, found: Sequence[Entry]) -> list[Genotype]:
    """The genotypes of networks that were compared."""
    genes = genes_of(experiment)
    return [genes.genotype(one.candidate, experiment.space_hash, experiment.method.name) for one in found]
