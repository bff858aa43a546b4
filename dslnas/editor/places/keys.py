"""The keys of blocks, with their values and meanings, for hover and completion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from ...ir.primitives.registry import KIND_OPTIONS
from ...methods.adversarial import PARTS, RANKS
from ...methods.budget import PRICES, QUALITIES, SCORES
from ...methods.deciding import WRITTEN
from ...methods.keys import OPTIMIZERS
from ...methods.loss import MIXINGS
from ...methods.method import Wanted
from ...methods.pruning import game_words
from ...resolve.settings import DOMAINS, PRECISIONS, SPLITS


@dataclass(frozen=True)
class Key:
    """The documentation of a key: the values it takes, as they are written, and what it means."""

    takes: str
    doc: str


# What is shown of those words that take arguments.
_WITH_ARGUMENTS = {
    "gumbel": "gumbel(10 .. 0.1)",
    "sgd": "sgd(lr: 0.025)",
    "adam": "adam(lr: 3e-4)",
    "adamw": "adamw(lr: 3e-4)",
}


def _one_of(words: Iterable[str]) -> str:
    return " | ".join(_WITH_ARGUMENTS.get(word, word) for word in words)


_OPTIMIZER = _one_of(OPTIMIZERS)
_PRICES = (
    "`params` of the network; `macs`, multiply-accumulates for one example; `latency`, the time of one "
    "example on one thread of this machine; `memory`, the peak of the activations of one example"
)

METHOD: Mapping[str, Key] = {
    "mix.candidates": Key(
        _one_of(MIXINGS["candidates"]),
        "how the weights of an edge's candidates come about; `gumbel` draws one and computes it alone, at a "
        "temperature that falls during the search",
    ),
    "mix.edges": Key(
        _one_of(MIXINGS["edges"]),
        "how the weights of the edges into a node come about: `joint` is one softmax over these and all "
        "their candidates, `sum` weighs each edge 1",
    ),
    "mix.channels": Key(
        "1 / 4", "the part of an edge's channels that its candidates see; the rest goes past them"
    ),
    "order": Key(
        "1 | 2", "of the architecture's gradient: 1 takes the weights as given, 2 lets them step ahead"
    ),
    "unroll": Key(
        "0.025", "at `order: 2`, how far they step ahead; without it the learning rate of `weights`"
    ),
    "start": Key("normal(1e-3)", "what the architecture parameters are drawn from"),
    "loss": Key(
        "cross_entropy + 10 * zero_one(alpha)",
        "what the search minimizes; `alpha` are the weights of candidates, `gamma` those of edges",
    ),
    "arch": Key(
        f"{_OPTIMIZER} | none",
        "the optimizer of the architecture parameters; none: they stay as they are drawn",
    ),
    "arch.clip": Key("5 | none", "the norm at which the gradient of the architecture is clipped"),
    "weights.schedule": Key(
        "cosine(1e-3) | warmup(3) | constant",
        "the learning rate of `weights` in the search: of a relaxed supernet a cosine to its last one, in "
        "each stage anew; of a sampled one a rise from 0 over so many epochs, and then constant",
    ),
    "mix.skips": Key(
        "1 .. 0 | none",
        "what the weight of the skip of each edge is more in training, at the start and at the end of it",
    ),
    "stop": Key(
        "skips(3) | skips(50%) | eigenvalue | none",
        "the search ends once a cell that keeps the size would keep so many skips, or such a share of them, "
        "or once the loss grows sharp in the architecture, which then goes back to before that",
    ),
    "stages": Key(
        "(dropout: 10%), (candidates: 5, depth: 50%, dropout: 40%)",
        "the search goes on in supernets of their own: `candidates` of an edge that remain, the strongest; "
        "`depth`, the share of the way to the depth that is trained; `dropout` of skips",
    ),
    "weights": Key(_OPTIMIZER, "the optimizer of the weights of the supernet, or of the student"),
    "clip": Key("5", "the norm at which gradients are clipped"),
    "split": Key("50%", "the share of the training data that trains the weights; the rest moves the choices"),
    "prune": Key(
        "top(1, candidates, above: 85%), top(2, edges, by: candidates), top(2, skips) | top(2, pairs) | "
        + " | ".join(WRITTEN)
        + " | "
        + " | ".join(game_words().get(word, word) for word in RANKS),
        "of a search, what remains of every edge, of every node, and of the skips of a cell that keeps the "
        "size; `above` leaves out the edges of which no candidate weighs more, `by: candidates` ranks an "
        "edge by its strongest one, `pairs` are edges with a candidate each, of which an edge may keep "
        "several; `rerank` judges networks that are drawn by the weights, in the supernet or trained, "
        "`perturb` keeps the option without which it recognises least. Of a method that makes a trained "
        "network smaller, how what goes is ranked: by a game of "
        "`epochs`, with so much `noise`, stopped `within` the accuracy of the network, and for a bound in "
        "`trials`; at random; by weights, norms or gradients",
    ),
    "retrain": Key(_OPTIMIZER, "the optimizer of the pruned network; without it that of `weights`"),
    "schedule": Key(
        "cosine(1e-5) | warmup(3) | constant",
        "the learning rate of the retraining: `warmup` rises from 0 over so many epochs and stays",
    ),
    "average": Key(
        "0.9986 | none",
        "the share that an exponential moving average of the weights keeps at each step, in a sampled "
        "supernet and in the retraining; judged and tested is the average",
    ),
    "of": Key(
        _one_of(PARTS),
        "what goes, of a method that makes a trained network smaller: nodes, edges, or channels",
    ),
    "discriminator": Key(
        "mlp(128, 256, 128)", "the hidden layers of what tells the student from its teacher, by their logits"
    ),
    "generator": Key(
        "logits + 0.1 * adversarial + 0.6 * sparse(masks)",
        "what the student lowers: half the squared distance of the logits, what the discriminator tells, and "
        "the sum of the masks",
    ),
    "masks": Key("fista(lr: 0.01)", "the proximal step of the masks, which begin at 1"),
    "keep": Key("1e-2", "the mask below which nothing is kept: it becomes 0"),
    "patience": Key("10 | none", "after so many epochs without a better student on validation the game ends"),
    "supernet": Key(
        "fair | uniform(paths: 1) | sandwich(random: 2) | none | none(train: 100)",
        "how the paths of a batch are drawn: `fair` has every option once, `uniform` so many at random, "
        "`sandwich` the largest, the smallest and so many at random; their gradients are summed. `none`: "
        "there is no supernet, and networks are compared by scores, or once each is trained for so many "
        "steps (`train`)",
    ),
    "evolve": Key(
        "nsga2(population: 64, generations: 70) | random(sample: 16)",
        "what looks for the best paths: an evolution, or `random`, which draws so many of those that keep to "
        "`require`",
    ),
    "maximize": Key(
        " | ".join((*QUALITIES, *SCORES)),
        f"what more is better of; {', '.join(SCORES)} are scores of networks with new weights: "
        "`supernet: none`",
    ),
    "minimize": Key(" | ".join(PRICES), f"what less is better of: {_PRICES}"),
    "require": Key(
        "params < 100k | macs < 20M | latency < 5ms | memory < 110KB | none",
        f"what a network that is handed over stays below, several with commas: {_PRICES}. `k`, `M`, `G` are "
        "thousands, millions, billions; `KB` is 1024 bytes, `MB` 1024 of these, as in the data sheets of "
        "microcontrollers",
    ),
    "random": Key(
        _one_of(get_args(Wanted)),
        "whether random search compares as many networks beside the evolution; `auto`, as without it: where "
        "that takes less than a tenth of the work of the search, in multiply-accumulates",
    ),
}

# The regularizers of a loss: how each is written, where it is least, and whose it is.
REGULARIZER_WORDS: Mapping[str, tuple[str, str, str]] = {
    "entropy": (
        "entropy(alpha)",
        "least where each vector of weights is one-hot (normalised entropy); for `softmax`",
        "the ForceDARTS paper, equation 7",
    ),
    "gini": (
        "gini(alpha)",
        "least where each vector of weights is one-hot, by the Gini impurity; for `softmax`",
        "the ForceDARTS paper, equation 7",
    ),
    "zero_one": (
        "zero_one(alpha)",
        "least where each weight is 0 or 1; for `softmax` and `sigmoid`",
        "FairDARTS (Chu et al., 2019)",
    ),
    "multihot": (
        "multihot(gamma, 2)",
        "least where two edges of a node have weight and the others none; for `sigmoid`",
        "the ForceDARTS paper, section 3.1",
    ),
    "multihot_strict": (
        "multihot_strict(gamma, 2)",
        "least where two edges of a node have weight 1 and the others 0; for `sigmoid`",
        "dslnas",
    ),
}

EXPERIMENT: Mapping[str, Key] = {
    "space": Key("a space", "what is searched"),
    "method": Key("a method", "how it is searched: `darts`, `darts(order: 2)`"),
    "domain": Key(_one_of(DOMAINS), "in which numbers the network computes"),
    "precision": Key(_one_of(PRECISIONS), "in which precision the network computes"),
    "frontend": Key("logmel(32)", "the front end, in place of the profile's"),
    "data": Key("a data set", "the recordings, where the command line names none"),
}

SWEEP: Mapping[str, Key] = {
    "spaces": Key("spaces", "what is searched: `SS1, SSPolAsym5`"),
    "methods": Key("methods", "how each space is searched: `darts, forcedarts`"),
    "domains": Key(_one_of(DOMAINS), "in which numbers the networks compute; else that of each space"),
    "data": Key("data sets", "the recordings: `fsdd, sc09`"),
    "searches": Key("2", "searches of each method on each space, with seeds from 0 on: A, B, C in tables"),
    "retrains": Key("3", "how often each network that is found is trained, with seeds from 0 on"),
    "baselines": Key("spaces", "spaces without choices, which are trained for comparison"),
    "precision": EXPERIMENT["precision"],
    "frontend": EXPERIMENT["frontend"],
}

# The keys whose values name definitions, and of which kind.
NAMING: Mapping[str, str] = {
    "space": "space",
    "spaces": "space",
    "baselines": "space",
    "method": "method",
    "methods": "method",
    "frontend": "frontend",
}

_BALANCE = Key(
    _one_of(KIND_OPTIONS["balance"]),
    "classes of different sizes: rare ones count more in the loss, or are drawn as often, also as mixtures",
)

SEARCH: dict[str, Key] = {
    "batch": Key("96", "examples a step"),
    "epochs": Key("60", "how long the stage is, in passes over its data"),
    "steps": Key("240", "how long the stage is, in steps"),
    "travel": Key("1.74", "learning rate x steps of the architecture"),
    "warmup": Key("50%", "the share of the steps before the architecture moves"),
    "recompute": Key("true", "cells are computed again in the backward pass: less memory, more time"),
    "judge": Key(
        _one_of(KIND_OPTIONS["judge"]),
        "what trains the architecture: groups (speakers, sources) that train no weight, or any clips; by "
        "default groups where the test is of strangers",
    ),
    "balance": _BALANCE,
}

TRAIN: dict[str, Key] = {
    "batch": Key("128", "examples a step"),
    "epochs": Key("200", "how long the stage is, in passes over its data"),
    "steps": Key("800", "how long the stage is, in steps"),
    "mixup": Key("0.2", "the parameter of mixup's beta distribution; 0 is none"),
    "lr": Key("0.1", "the learning rate, in place of the method's"),
    "weight_decay": Key("1e-3", "the weight decay, in place of the method's"),
    "balance": _BALANCE,
}

DATA: Mapping[str, Key] = {
    "split": Key(_one_of(SPLITS), "which recordings train and which test"),
    "fold": Key("1", "which fold tests, where a data set has folds"),
    "folds": Key("5", "into how many folds the data set is divided, in place of its split; 0 is none"),
    "clips": Key("4000", "how many clips are taken; 0 is all"),
    "skip_limit": Key("10%", "the share of recordings that may be unreadable"),
    "windows": Key(
        _one_of(KIND_OPTIONS["windows"]),
        "what is taken of recordings that are longer than a clip: the loudest stretch, or all in windows",
    ),
}

CELL: Mapping[str, Key] = {
    "stride": Key("2", "the stride of the edges from the cell's inputs: 2 halves the size")
}

SIZES: dict[str, Key] = {
    "nodes": Key("3", "nodes of a cell"),
    "channels": Key("16", "channels of the first cells"),
    "repeat": Key("2", "normal cells between two reductions"),
    "affine": Key("true | false", "whether the norms inside of cells have weights"),
}

GENOTYPE: Mapping[str, Key] = {
    "method": Key("darts", "the method that found it"),
    "hash": Key('"sha256:..."', "of the space in which it was found"),
}

_STAGE = "(nodes: 3, channels: 16, repeat: 2, batch: 96, epochs: 60)"

PROFILE: Mapping[str, Key] = {
    "frontend": Key("logmel(32)", "the front end for this data set"),
    **{
        f"{kind}.{stage}": Key(_STAGE, f"the sizes of the {what} {of}")
        for kind, of in (
            ("real", "of a real space, preset `paper`"),
            ("complex", "of a complex space, preset `paper`"),
            ("quick", "under the preset `quick`"),
        )
        for stage, what in (("search", "search"), ("train", "retraining"))
    },
}


# The keys of one search stage in the `stages` of a method.
SEARCH_STAGE: Mapping[str, Key] = {
    "candidates": Key("5", "how many candidates of an edge remain, the strongest of the stage before"),
    "depth": Key(
        "40%", "the share of the way from `search.repeat` to `train.repeat`, at which its network is"
    ),
    "dropout": Key("40%", "the share of its values that a skip loses in training at first; it falls"),
}


def staged() -> dict[str, Key]:
    """The keys of an experiment and of a sweep that have a dot: `search.epochs`, `data.fold`."""
    groups = {"search": SEARCH, "train": TRAIN, "data": DATA}
    return {f"{group}.{name}": key for group, keys in groups.items() for name, key in keys.items()}


def keys_of(kind: str) -> Mapping[str, Key]:
    """The keys of a block by the keyword of its definition; none for what takes none."""
    known: Mapping[str, Mapping[str, Key]] = {
        "method": METHOD,
        "experiment": {**EXPERIMENT, **staged()},
        "sweep": {**SWEEP, **staged()},
        "profile": PROFILE,
        "cell": CELL,
        "genotype": GENOTYPE,
    }
    return known.get(kind, {})


def stage_of(key: str) -> Mapping[str, Key]:
    """The keys in the parentheses of a key: of `quick.search` in a profile those of a search, of `stages`
    in a method those of a search stage.
    """
    stages = {"search": SEARCH | SIZES, "train": TRAIN | SIZES, "stages": SEARCH_STAGE}
    return stages.get(key.rpartition(".")[2], {})
