"""The topics of words: functions, the grammar, parts of a loss, settings and keys."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...ir.primitives import REGISTRY
from ...ir.primitives.registry import Kind
from ...methods.keys import OPTIMIZERS
from ...resolve.settings import DATA_KEYS, SEARCH_KEYS, TRAIN_KEYS
from ..places import constructs as places
from ..places.keys import REGULARIZER_WORDS, Key, keys_of, staged
from ..places.signatures import (
    FUNCTION_WORDS,
    KIND_WORDS,
    PLACE_WORDS,
)
from .topic import Details, Texts, Topic, same


def functions() -> Iterator[Topic]:
    """The functions of the language, and the words that stand for the place of a call."""
    for name, (signature, doc) in FUNCTION_WORDS.items():
        if name not in REGISTRY:
            yield Topic(name, "function", signature, doc)
    for name, doc in PLACE_WORDS.items():
        yield Topic(name, "word of the place", name, doc)


def constructs() -> Iterator[Topic]:
    """Keywords, signs, units and values of the grammar."""
    for one in places.constructs():
        details = Details(example=one.example)
        yield Topic(one.name, one.group, one.signature, one.doc, partial(same, details))


def loss() -> Iterator[Topic]:
    """The parts of a loss, and the optimizers."""
    for name, (signature, doc, source) in REGULARIZER_WORDS.items():
        base = "fairdarts" if "gamma" in signature else "darts"  # which has weights that may all be 1
        loss = f"method example = {base} with {{\n    loss: cross_entropy + 10 * {signature} after 50%\n}}"
        details = Details(facts=(("of", source),), example=f'use "lib/methods.nas"\n\n{loss}')
        yield Topic(name, "regularizer", signature, doc, partial(same, details))
    for name, arguments in OPTIMIZERS.items():
        signature = f"{name}({', '.join(f'{one}: ...' for one in arguments)})"
        yield Topic(name, "optimizer", signature, "an optimizer: a value of `weights`, `arch` and `retrain`")


def settings() -> Iterator[Topic]:
    """What a profile, an experiment and `--set` set."""
    kinds: dict[str, Kind] = {
        **{f"search.{key}": kind for key, kind in SEARCH_KEYS.items()},
        **{f"train.{key}": kind for key, kind in TRAIN_KEYS.items()},
        **{f"data.{key}": kind for key, kind in DATA_KEYS.items()},
    }
    for name, key in staged().items():
        facts = (
            ("takes", KIND_WORDS[kinds[name]] if name in kinds else key.takes),
            ("set in", _setters(name)),
        )
        value = key.takes.partition(" | ")[0]
        example = f"dslnas run ss1 --set {name}={value}"
        yield _key_topic(name, "setting", key, facts, example)


def _setters(name: str) -> str:
    """Where a setting may stand, each place over those before it."""
    profile = () if name.startswith("data.") else ("a profile",)
    return ", ".join((*profile, "an experiment", f"`--set {name}=VALUE`"))


def keys() -> Iterator[Topic]:
    """The keys of definitions that are no settings."""
    plain = ((kind, name, key) for kind in ("method", "experiment", "sweep", "profile", "cell", "genotype")
             for name, key in keys_of(kind).items() if name not in staged())  # fmt: skip
    for kind, name, key in plain:
        value = key.takes.partition(" | ")[0]
        yield _key_topic(name, f"key of a {kind}".replace("a e", "an e"), key, (), f"{name}: {value}")


def _key_topic(name: str, group: str, key: Key, facts: Texts, example: str) -> Topic:
    return Topic(name, group, f"{name}: {key.takes}", key.doc, lambda: Details((), facts, example))
