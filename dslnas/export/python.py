"""Exports a network as one self-contained PyTorch file, and its weights under the names of that file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from ..base.places import without_places
from ..ir.frontend import FrontEnd
from ..ir.genotype import Genotype
from ..ir.graph import GraphNode
from ..ir.positions import network_of
from ..runs.experiment import Experiment
from .body import Body, Step
from .graphs import NetworkWriter, form_of
from .naming import Names
from .recipe import Leaf, Member, Recipe, classes_of, weight_names
from .source import PARTS, WIDTH, class_text, paragraphs, parts_of
from .words import Words

OWN_NAMES = (
    *("torch", "nn", "F", "Tensor", "CLASSES", "RATE", "SAMPLES", "SHAPE", "TEMPERATURE"),
    *("Network", "FrontEnd", "classify"),
)

CLASSIFY_IMAGE = '''@torch.no_grad()
def classify(network: Network, image: Tensor) -> dict[str, float]:
    """The probability of each class for an image of `SHAPE`, its values from 0 to 1."""
    logits = network(FrontEnd()(image.unsqueeze(0)))
    probabilities = torch.softmax(logits, dim=1)[0]
    return dict(zip(CLASSES, probabilities.tolist(), strict=True))'''

CLASSIFY_WAVE = '''@torch.no_grad()
def classify(network: Network, wave: Tensor) -> dict[str, float] | None:
    """The probability of each class for a wave (length,) or (channels, length) at `RATE` hertz.

    Of a longer one than a clip it is the mean over its windows. None where there is nothing to hear.
    """
    windows = in_windows(heard(torch.as_tensor(wave)), SAMPLES)
    sounding = windows[windows.any(dim=1)]
    if not len(sounding):
        return None
    logits = torch.cat([network(FrontEnd()(part)) for part in sounding.split(64)])
    probabilities = torch.softmax(logits, dim=1).mean(dim=0)
    return dict(zip(CLASSES, probabilities.tolist(), strict=True))'''


@dataclass(frozen=True)
class PythonFile:
    """An exported file. names: the prefix of each module's weights in it, and in the lowered network."""

    text: str
    names: tuple[tuple[str, str], ...]

    def weights(self, ours: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The weights of a lowered network as the `state_dict` of the file's `Network`."""
        taken = {
            f"{own}{key.removeprefix(prefix)}": value
            for own, prefix in self.names
            for key, value in ours.items()
            if key.startswith(prefix)
        }
        assert len(ours) <= len(taken), "a weight of the network has no place in the file"
        return taken


def python_file(
    experiment: Experiment, genotype: Genotype, weights: str, about: str, temperature: float = 1.0
) -> PythonFile:
    """The network of a genotype, at the sizes of the retraining.

    weights: the name of the file that the text loads them from; about: what they are; temperature: by what
    logits are divided before they become probabilities. Raises DslnasError N0702 where a primitive has no
    form outside dslnas.
    """
    whole = experiment.built(experiment.settings.train)
    program, chosen = network_of(whole, genotype)
    words = Words(experiment.space, experiment.definitions)
    network = NetworkWriter(program, chosen, words, whole).network()
    front = frontend_recipe(experiment.frontend)
    names = Names([*OWN_NAMES, *PARTS])
    texts = [class_text(one) for one in classes_of([network, front], names)]
    classify = CLASSIFY_IMAGE if experiment.frontend.sees_images else CLASSIFY_WAVE
    if temperature != 1:
        classify = classify.replace("softmax(logits,", "softmax(logits / TEMPERATURE,")
    body = [*parts_of([*texts, classify]), *texts, classify]
    head = _head(experiment, genotype, weights, about, any("math." in text for text in body))
    if temperature != 1:
        head += f"\nTEMPERATURE = {temperature!r}  # by what logits are divided, as validation has it"
    return PythonFile("\n\n\n".join([head, *body]) + "\n", tuple(weight_names(network, "", "network.")))


def frontend_recipe(frontend: FrontEnd) -> Recipe:
    """The front end without augmentation, over batches of waves or images."""
    members: list[Member] = []
    steps: list[Step] = []
    source = before = frontend.source.primitive
    nodes: list[GraphNode] = []
    for step in frontend.steps:
        node = GraphNode(
            step.primitive,
            "primitive",
            step.output,
            step.primitive,
            attributes=tuple({**dict(step.attributes), "phase": frontend.phase}.items()),
            span=step.span,
        )
        form = form_of(node, nodes[-1:])
        nodes.append(node)
        if form.made:
            members.append(Member(step.primitive, Leaf(form.made, form.holes), ""))
        steps.append(Step(f"{len(steps)}", step.primitive, (before,), form))
        before = steps[-1].id
    body = Body({source: "x"}, steps, before)
    shape = ", ".join(map(str, frontend.output.stored))
    doc = f"{_raw(frontend)} -> features (N, {shape})."
    return Recipe("FrontEnd", doc, tuple(members), ("x",), tuple(body.lines))


def _raw(frontend: FrontEnd) -> str:
    """The shape and range of the input of the front end."""
    if frontend.sees_images:
        return f"Images (N, {', '.join(map(str, frontend.raw_shape))}), in [0, 1]"
    return f"Waves (N, {frontend.samples}) at {frontend.rate} Hz, in [-1, 1]"


def _head(experiment: Experiment, genotype: Genotype, weights: str, about: str, math: bool) -> str:
    classes, frontend = experiment.classes, experiment.frontend
    shape = ", ".join(map(str, frontend.output.stored))
    load = f"torch.load({json.dumps(weights, ensure_ascii=False)}, weights_only=True)"
    one = "an image of `SHAPE`" if frontend.sees_images else f"a wave at {frontend.rate} Hz"
    source = frontend.source.primitive
    about_file = [
        f"{genotype.space}, found by `{genotype.method}`: a classifier of {len(classes)} classes "
        f"(`{without_places(experiment.data)}`), exported by dslnas.",
        "    network = Network().eval()\n"
        f"    network.load_state_dict({load})\n"
        f"    classify(network, {source})  # {one}: the probability of each class",
        f"`Network` takes features (N, {shape}), which `FrontEnd` makes of {source}s, and returns logits "
        f"(N, {len(classes)}). {about}",
    ]
    text = paragraphs(about_file).replace("\\", "\\\\").replace('"""', "'''")
    lines = [f'"""{text}\n"""', "", *(["import math", ""] if math else []), "import torch"]
    lines += ["import torch.nn.functional as F", "from torch import Tensor, nn", ""]
    lines += _classes(classes)
    if frontend.sees_images:
        lines += [f"SHAPE = {frontend.raw_shape}  # channels, height, width"]
    else:
        lines += [f"RATE = {frontend.rate}  # hertz", f"SAMPLES = {frontend.samples}  # of a clip"]
    return "\n".join(lines)


def _classes(classes: Sequence[str]) -> list[str]:
    words = [json.dumps(name, ensure_ascii=False) for name in classes]
    line = f"CLASSES = ({', '.join(words)}{',' if len(words) == 1 else ''})"
    return [line] if len(line) <= WIDTH else ["CLASSES = (", *(f"    {word}," for word in words), ")"]
