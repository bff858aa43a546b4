"""What a run that prunes another was asked for, as it stands in its folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...base import limits
from ...base.diagnostics import fail
from ...base.files import read_json
from ...base.run_folder import PRUNING
from ...ir.genotype import Genotype, from_json, to_json
from ...ir.graph import Program
from ...ir.positions import network_of
from ...ir.walk import cost
from ...methods.adversarial import Adversarial
from ...prune.nodes import Goal, bound_on_cost, instances, removed_for, share_of_nodes
from ...prune.validate import validate
from ..experiment import Experiment

FORMAT, VERSION = "dslnas-pruning", 1
GAL = "gal"
METHODS = (GAL, "random", "l1", "bn", "taylor")


@dataclass(frozen=True)
class Asked:
    """A pruning: of which run and genotype, by which method, to which goal.

    nodes, to: the goal as it is written; both None: the method stops by itself. epochs: of the adversarial
    game; None: as many as its settings say. before: figures of the run that is pruned.
    """

    run: str
    genotype: Genotype
    method: str
    nodes: str | None
    to: str | None
    epochs: int | None
    before: dict[str, Any]

    @property
    def settings(self) -> Adversarial:
        """The settings of the adversarial game."""
        return Adversarial() if self.epochs is None else replace(Adversarial(), epochs=self.epochs)

    def goal(self, experiment: Experiment) -> Goal | None:
        """What the network comes down to; DslnasError N0301 where that is not understood."""
        if self.nodes is not None:
            return share_of_nodes(self.nodes)
        if self.to is None:
            return None
        whole = cost(*network_of(experiment.evaluation, self.genotype))
        return bound_on_cost(self.to, whole.params, whole.macs)

    def to_json(self) -> dict[str, Any]:
        """The content of `pruning.json`."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "run": self.run,
            "method": self.method,
            "nodes": self.nodes,
            "to": self.to,
            "epochs": self.epochs,
            "before": self.before,
            "genotype": to_json(self.genotype),
        }


def check(asked: Asked, experiment: Experiment) -> None:
    """Raise DslnasError where a network cannot be pruned so, before there is a run folder.

    N0603: its cells differ by position already, it has no nodes, the goal is out of reach, or the method
    needs one. N0301: the goal is not understood.
    """
    program, genotype = experiment.evaluation, asked.genotype
    if asked.method not in METHODS:
        raise fail("N0603", f"no method of pruning is called `{asked.method}`", help=", ".join(METHODS))
    if genotype.positions:
        help = "prune the run that it was made of"
        raise fail("N0603", f"nodes of {asked.run} are removed already", help=help)
    found = instances(program, genotype)
    if not found:
        message = f"the network of {asked.run} has no nodes that can be removed"
        raise fail("N0603", message, help="nodes are those of cells that the search has decided")
    if asked.nodes is not None and asked.to is not None:
        raise fail("N0603", "--nodes and --to are two goals", help="say one of them")
    goal = asked.goal(experiment)
    if goal is None and asked.method != GAL:
        message = f"`{asked.method}` ranks nodes, and does not say how many to keep"
        raise fail("N0603", message, help="`--nodes 1/2`, or `--to 'params < 60%'`")
    if asked.method == "bn" and not _has_scales(program):
        message = f"no batch norm in the cells of {asked.run} has a scale"
        raise fail("N0603", message, help="take another --method; some spaces have `--set affine=true`")
    if goal is not None:
        removed_for(program, genotype, found, goal)  # raises where it is out of reach of any order


def _has_scales(program: Program) -> bool:
    """Whether a norm on an edge of a cell has weights."""
    return any(
        node.primitive == "bn" and node.site.node and dict(node.attributes).get("affine")
        for graph in program.cells.values()
        for node in graph
    )


def read_asked(path: Path, experiment: Experiment) -> Asked:
    """What the run in a folder was asked for; raises DslnasError N0701 where the file cannot be used."""
    data = read_json(path / PRUNING)
    where = str(path / PRUNING)
    if not isinstance(data, dict) or data.get("format") != FORMAT or data.get("version") != VERSION:
        raise fail("N0701", f"{where}: this is no pruning that this dslnas knows")
    epochs = data.get("epochs")
    texts = (data.get("nodes"), data.get("to"))
    sound = (
        isinstance(data.get("run"), str)
        and data.get("method") in METHODS
        and all(text is None or isinstance(text, str) for text in texts)
        and (epochs is None or (type(epochs) is int and 0 < epochs <= limits.SIZE))
        and isinstance(data.get("before"), dict)
    )
    if not sound:
        raise fail("N0701", f"{where}: a part is missing or has another form")
    genotype = validate(from_json(data.get("genotype"), where), experiment.evaluation, where)
    asked = Asked(data["run"], genotype, data["method"], *texts, epochs, data["before"])
    check(asked, experiment)
    return asked
