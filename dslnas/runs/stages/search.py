"""The search of a run, or the pruning that stands in its place: from data to a genotype."""

from __future__ import annotations

from ...base import run_folder as files
from ...ir.genotype import Genotype, to_json
from ...methods.method import RelaxedMethod
from ..metrics import describe_choices
from ..searches.cluster import check_engine
from ..searches.work import Work


def search(work: Work) -> None:
    """Search to the end from the checkpoint on; the genotype is written into the folder."""
    experiment, folder = work.experiment, work.folder
    built = experiment.built(experiment.search_stages[-1])
    folder.write_json(files.CHOICES, describe_choices(built, experiment.method))
    check_engine(experiment, work.engine)
    genotype = _found(work)
    folder.write_json(files.GENOTYPE, to_json(genotype))  # written last: it marks the search as done
    folder.drop_checkpoint()


def _found(work: Work) -> Genotype:
    """What the search finds, by the kind of its method; what pruning leaves, in a run that prunes."""
    from ..pruning.work import prune_parts
    from ..searches import relaxed, sampled

    if work.folder.has(files.PRUNING):
        return prune_parts(work)
    mixes = isinstance(work.experiment.method, RelaxedMethod)
    return relaxed.search(work) if mixes else sampled.search(work)
