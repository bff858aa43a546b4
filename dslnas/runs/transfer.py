"""Transfer of a trained network to another data set: as it is, and with a new last layer (linear probing).

Only the last layer is trained: the rest of the network computes features, once for each clip, and a logistic
regression on them gives the optimal last layer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base import run_folder as files
from ..base.diagnostics import DslnasError, fail
from ..base.files import write_atomically, write_json
from ..base.lock import locked
from ..data.catalog import Spec, parse_spec
from ..data.classes import holds_images
from ..data.dataset import DataSet
from ..data.own.contents import with_contents
from ..data.splits import check
from ..ir.schedule import part_name
from ..ir.walk import Chosen, walk
from ..lower.pruned import PrunedNetwork
from ..train.devices import pick_device
from ..train.observer import Observer, Silent
from ..train.testing import Tested, evaluate, test
from .experiment import Experiment
from .load import load
from .prepared import prepare_data
from .run import Run
from .run_settings import read_run_settings

if TYPE_CHECKING:
    from ..data.features import Prepared, Split

FOLDER, RESULT, HEAD = "transfer", "transfer.json", "head.safetensors"
DECAYS = (1e-4, 1e-3, 1e-2, 1e-1)  # of which the one with the least validation loss is taken
STEPS = 200  # of L-BFGS: the loss is convex, and its minimum is found long before


@dataclass(frozen=True)
class AsItIs:
    """The test of a network on the clips of another data set, without training.

    confusion: a row for each class of the data, a column for each class of the network. known: the classes of
    the data that the network has too; accuracy: on the clips of those, None where there are none.
    """

    confusion: list[list[int]]
    known: list[str]
    clips: int
    accuracy: float | None


@dataclass(frozen=True)
class Transfer:
    """The results on another data set. retrained: those with a new last layer; None without one."""

    data: str
    classes: tuple[str, ...]
    network_classes: tuple[str, ...]
    as_it_is: AsItIs
    retrained: Tested | None
    folder: Path

    def figures(self) -> dict[str, Any]:
        """The results for `transfer` in `metrics.json`: without confusion matrices and clips."""
        known = {key: value for key, value in asdict(self.as_it_is).items() if key != "confusion"}
        trained = {} if self.retrained is None else {"retrained": self.retrained.figures}
        return {"data": self.data, "classes": len(self.classes), "as_it_is": known, **trained}

    def to_json(self) -> dict[str, Any]:
        """All results, for `transfer.json`."""
        details = {} if self.retrained is None else {"retrained_details": self.retrained.details}
        return {
            **self.figures(),
            "classes": list(self.classes),
            "network_classes": list(self.network_classes),
            "confusion": self.as_it_is.confusion,
            **details,
        }


def transfer(
    run: Run,
    data: str,
    retrain_head: bool = False,
    overrides: Sequence[str] = (),
    observer: Observer | None = None,
) -> Transfer:
    """Test the trained network of a run on another data set; results go to `transfer/DATA` in its folder.

    The recordings are read as those of the run: resampled to its rate, cut to its clip length, through its
    front end. overrides: `data.KEY=VALUE`. Raises DslnasError N0701 where there is no trained network, N0604
    where the data is not found, N0603 for other overrides or images, N0601 where the network ends in no
    `linear`.
    """
    watching = observer or Silent()
    device = pick_device(run.device)
    network = run.network(device)
    other = _other(run, data, overrides)
    prepared = prepare_data(other, run.data_root, watching, training=False, changed=_strange_to(run, other))
    for note in prepared.notes:
        watching.say(note)
    watching.begin("test", 1)
    classes = run.experiment.classes
    found = as_it_is(network, prepared.test, prepared.classes, classes, device)
    head, tested = None, None
    if retrain_head:
        head, tested = _retrained(run, network, prepared, device)
    watching.advance("test", 1)
    place = run.path / FOLDER / re.sub(r"\W+", "-", data).strip("-").lower()
    result = Transfer(data, prepared.classes, classes, found, tested, place)
    with locked(run.path):
        _write(run, result, head)
    return result


def _other(run: Run, data: str, overrides: Sequence[str]) -> Experiment:
    """The run's experiment with other data and data settings, for reading that data."""
    if holds_images(data) != run.experiment.frontend.sees_images:
        seen, held = (
            ("images", "recordings") if run.experiment.frontend.sees_images else ("recordings", "images")
        )
        raise fail(
            "N0603", f"the network is of {seen}, and `{data}` holds {held}", help=f"name data of {seen}"
        )
    for text in overrides:
        if not text.startswith("data."):
            help = "what a trained network is, no setting changes"
            raise fail("N0603", f"`--set {text}` is no setting of the data", help=help)
    own = read_run_settings(run.path / files.SETTINGS).request
    kept = [text for text in own.overrides if not text.startswith("data.")]
    request = replace(own, overrides=(*kept, *overrides))
    settings = load(run.path / files.SPACE, request).settings
    own_data = str(_absolute(data)) == run.experiment.data and not overrides
    if own_data:
        return run.held
    return replace(run.experiment, data=data, settings=settings, manifest=None)


def _absolute(data: str) -> Spec:
    spec = parse_spec(data)
    return spec if spec.path is None else replace(spec, path=spec.path.absolute())


def _strange_to(run: Run, other: Experiment) -> Callable[[DataSet], DataSet]:
    """Leaves out of a test what the run has trained or chosen with: recordings of the same bytes."""
    known = set() if other.manifest is not None else _heard_by(run)

    def without(data: DataSet) -> DataSet:
        data = with_contents(data) if known else data
        clips = [clip for clip in data.clips if clip.split != "test" or clip.content not in known]
        left_out = len(data.clips) - len(clips)
        if not left_out:
            return data
        note = f"{left_out} recordings of the test have trained the network or validated it, and are left out"
        return check(replace(data, clips=tuple(clips), notes=(*data.notes, note)))

    return without


def _heard_by(run: Run) -> set[str]:
    """What the recordings contain that the run has trained or chosen with; empty where that is not known.

    The list of a run of a known data set does not say it: its files are read, where they are there.
    """
    held = run.held
    if held.manifest is None:
        return set()
    if found := held.manifest.contents("train", "validation"):
        return found
    try:
        data = with_contents(held.open_data(run.data_root, training=False))
    except DslnasError:
        return set()
    return {clip.content for clip in data.clips if clip.split != "test" and clip.content}


def as_it_is(
    network: nn.Module, split: Split, classes: Sequence[str], own: Sequence[str], device: torch.device
) -> AsItIs:
    """The test of a network with classes `own` on clips of `classes`; names match in any case."""
    predicted = evaluate(network, split.features, device).argmax(dim=1)
    places = split.labels * len(own) + predicted
    confusion = places.bincount(minlength=len(classes) * len(own)).reshape(len(classes), len(own))
    column = {name.casefold(): place for place, name in enumerate(own)}
    known = {row: column[name.casefold()] for row, name in enumerate(classes) if name.casefold() in column}
    clips = int(confusion[list(known)].sum()) if known else 0
    right = sum(int(confusion[row, place]) for row, place in known.items())
    return AsItIs(
        confusion.tolist(), [classes[row] for row in known], clips, right / clips if clips else None
    )


# --- the last layer ----------------------------------------------------------------------------------------


def _retrained(
    run: Run, network: PrunedNetwork, prepared: Prepared, device: torch.device
) -> tuple[nn.Linear, Tested]:
    """A new last layer for the classes of the data, and the test of the network with it."""
    name = _last_layer(run)
    parts = network.network.parts
    parts[name] = nn.Identity()
    train, validation = (
        (evaluate(network, split.features, device), split.labels)
        for split in (prepared.train, prepared.validation)
    )
    head = fit_head(train, validation, len(prepared.classes))
    parts[name] = head.to(device)
    return head, test(network, prepared.test, prepared.classes, device)


def _last_layer(run: Run) -> str:
    """The name of the module that makes the logits; raises DslnasError N0601 where it is no `linear`."""
    graph = run.experiment.evaluation.network
    steps = {step.node.id: step for step in walk(graph, Chosen.of(run.genotype))}
    (id,) = steps[graph.output.id].inputs
    while steps[id].node.kind in ("mix", "sum") and len(steps[id].inputs) == 1:
        (id,) = steps[id].inputs
    node = steps[id].node
    if node.primitive != "linear":
        raise fail(
            "N0601", f"the network ends in `{node.primitive or node.kind}`, not in `linear`", node.span
        )
    return part_name(id)


def fit_head(train: tuple[Tensor, Tensor], validation: tuple[Tensor, Tensor], classes: int) -> nn.Linear:
    """The linear layer (features -> classes) of least cross-entropy, by L-BFGS on standardised features.

    train, validation: features (N, D) and labels (N,). The weight decay, 1/2 decay |W|^2, is that of `DECAYS`
    with the least loss on the validation. It is deterministic.
    """
    mean, scale = train[0].double().mean(dim=0), train[0].double().std(dim=0, correction=0).clamp_min(1e-6)
    seen, unseen = (((x.double() - mean) / scale, y) for x, y in (train, validation))
    fitted = [_regression(*seen, classes, decay) for decay in DECAYS]
    losses = [float(F.cross_entropy(F.linear(unseen[0], *one), unseen[1])) for one in fitted]
    weight, bias = fitted[losses.index(min(losses))]
    head = nn.Linear(len(mean), classes)
    with torch.no_grad():
        head.weight.copy_(weight / scale)
        head.bias.copy_(bias - (weight / scale) @ mean)
    return head.requires_grad_(False)


def _regression(features: Tensor, labels: Tensor, classes: int, decay: float) -> tuple[Tensor, Tensor]:
    """Weights (classes, D) and biases (classes,) of a logistic regression."""
    weight = features.new_zeros(classes, features.shape[1], requires_grad=True)
    bias = features.new_zeros(classes, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(F.linear(features, weight, bias), labels) + decay / 2 * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    with torch.enable_grad():
        optimizer.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach(), bias.detach()


# --- files -------------------------------------------------------------------------------------------------


def _write(run: Run, result: Transfer, head: nn.Linear | None) -> None:
    """Write results, pictures and the new layer; update the metrics and the report of the run."""
    from safetensors.torch import save

    from ..report.confusion import confusion_matrix
    from ..report.page import write_report
    from ..report.render.figure import saved

    place = result.folder
    place.mkdir(parents=True, exist_ok=True)
    found = result.as_it_is
    picture = confusion_matrix(result.classes, found.confusion, result.network_classes)
    write_atomically(place / "confusion.svg", saved(picture, "svg"))
    if head is not None and result.retrained is not None:
        picture = confusion_matrix(result.classes, result.retrained.details["confusion"])
        write_atomically(place / "retrained.svg", saved(picture, "svg"))
        write_atomically(
            place / HEAD, save({name: one.contiguous() for name, one in head.state_dict().items()})
        )
    write_json(place / RESULT, result.to_json())
    old = run.folder.metrics().get(FOLDER, {}).get(place.name, {})
    run.folder.update_metrics(transfer={place.name: {**old, **result.figures()}})
    write_report(run.path)
