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
from ...methods.adversarial import PruningMethod
from ...prune.parts import Goal, bound_on_cost, instances, removed_for, share_of_nodes
from ...prune.validate import validate
from ..experiment import Experiment
from .named import EARLIER, Named, of_earlier, taken_up

FORMAT, VERSION = "dslnas-pruning", 2


@dataclass(frozen=True)
class Asked:
    """A pruning: of which run and genotype, by which method, to which goal.

    nodes, to: the goal as it is written; both None: the method stops by itself. epochs: of the adversarial
    game; None: as many as the method says. before: figures of the run that is pruned.
    """

    run: str
    genotype: Genotype
    named: Named
    nodes: str | None
    to: str | None
    epochs: int | None
    before: dict[str, Any]

    @property
    def method(self) -> PruningMethod:
        """The method, with the epochs that are asked for."""
        method = self.named.method
        if self.epochs is None:
            return method
        return replace(method, game=replace(method.game, epochs=self.epochs))

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
            "method": self.named.call,
            "text": self.named.text,
            "nodes": self.nodes,
            "to": self.to,
            "epochs": self.epochs,
            "before": self.before,
            "genotype": to_json(self.genotype),
        }


def check(asked: Asked, experiment: Experiment) -> None:
    """Raise DslnasError where a network cannot be pruned so, before there is a run folder.

    N0603: its cells differ by position already, it has nothing to remove, the goal is out of reach, or the
    method needs one. N0301: the goal is not understood.
    """
    program, genotype = experiment.evaluation, asked.genotype
    if genotype.positions:
        help = "prune the run that it was made of"
        raise fail("N0603", f"parts of {asked.run} are removed already", help=help)
    method = asked.method
    found = instances(program, genotype, method.of)
    if not found and instances(program, genotype):
        message = f"no cell of {asked.run} can have fewer channels: none can be told from those of others"
        raise fail("N0603", message, experiment.space.span, help="`--set method.of=edges`")
    if not found:
        message = f"space `{experiment.space.name}` has no cell with nodes, and nodes are what is removed"
        help = "a space with `node n[...]` in a cell whose edges are searched, such as `ss1`"
        raise fail("N0603", message, experiment.space.span, help=help)
    if asked.epochs is not None and not method.plays:
        message = f"`{method.name}` ranks by scores, and has no epochs"
        raise fail("N0603", message, help="leave `--epochs` out")
    if asked.nodes is not None and asked.to is not None:
        raise fail("N0603", "--nodes and --to are two goals", help="say one of them")
    if asked.nodes is not None and method.of != "nodes":
        message = f"`--nodes` is a share of the nodes, and `{method.name}` removes {method.of}"
        raise fail("N0603", message, help="`--to 'macs < 60%'`")
    goal = asked.goal(experiment)
    if goal is None and not method.plays:
        message = f"`{method.name}` ranks {method.of}, and does not say how many to keep"
        help = "`--nodes 1/2`, or `--to 'params < 60%'`" if method.of == "nodes" else "`--to 'macs < 60%'`"
        raise fail("N0603", message, help=help)
    if method.rank == "bn" and not _has_scales(program):
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
    version = data.get("version") if isinstance(data, dict) else None
    if not isinstance(data, dict) or data.get("format") != FORMAT or version not in (1, VERSION):
        raise fail("N0701", f"{where}: this is no pruning that this dslnas knows")
    epochs = data.get("epochs")
    goals = (data.get("nodes"), data.get("to"))
    sound = (
        isinstance(data.get("run"), str)
        and isinstance(data.get("method"), str)
        and (data["method"] in EARLIER if version == 1 else isinstance(data.get("text"), str))
        and all(text is None or isinstance(text, str) for text in goals)
        and (epochs is None or (type(epochs) is int and 0 < epochs <= limits.SIZE))
        and isinstance(data.get("before"), dict)
    )
    if not sound:
        raise fail("N0701", f"{where}: a part is missing or has another form")
    method = data["method"]
    named = of_earlier(method) if version == 1 else taken_up(data["text"], method, path / PRUNING)
    genotype = validate(from_json(data.get("genotype"), where), experiment.evaluation, where)
    asked = Asked(data["run"], genotype, named, *goals, epochs, data["before"])
    check(asked, experiment)
    return asked
