"""What can be written, as it is explained: nothing is left out, and every example is right."""

from __future__ import annotations

from pathlib import Path

import pytest

import dslnas
from dslnas.base.source import Source
from dslnas.check.check import check_file
from dslnas.editor.places.constructs import GROUPS, KEYWORD, UNIT, VALUE
from dslnas.editor.places.keys import REGULARIZER_WORDS, keys_of
from dslnas.editor.places.signatures import SPACE_WORDS
from dslnas.editor.topics import Topic, named, of, topics, type_of
from dslnas.ir.primitives import REGISTRY
from dslnas.methods.keys import OPTIMIZERS
from dslnas.methods.loss import REGULARIZERS
from dslnas.parse.format import formatted
from dslnas.parse.grammar import keywords, lark
from dslnas.parse.vocabulary import LITERALS, MAGNITUDES, PHASES, UNITS, WORDS
from dslnas.resolve.library import find_space
from dslnas.resolve.settings import DATA_KEYS, SEARCH_KEYS, TRAIN_KEYS
from dslnas.runs.load import load
from dslnas.runs.request import Request

BEGINNINGS = ("use", "op", "space", "frontend e", "method e", "profile e", "#")
WRITTEN = [
    *{
        topic.details().example: topic
        for topic in topics()
        if topic.details().example.startswith(BEGINNINGS) and "key of" not in topic.group
    }.values()
]


@pytest.mark.parametrize("topic", WRITTEN, ids=lambda topic: topic.name)
def test_an_example_is_a_file_without_mistakes(topic: Topic, tmp_path: Path) -> None:
    text = topic.details().example + "\n"
    (tmp_path / "example.nas").write_text(text)
    assert list(check_file(tmp_path / "example.nas")) == []
    assert formatted(Source("", text)) == text


def test_the_example_of_a_setting_sets_it() -> None:
    settings = {topic.name: topic for topic in topics() if topic.group == "setting"}
    given = [topic.details().example.partition("--set ")[2] for topic in settings.values()]
    origins = load("ss1", Request(overrides=given)).settings.origins
    replaced = {"search.epochs", "train.epochs"}  # by the steps
    assert {name for name in settings if origins.get(name) == f"--set {name}"} == settings.keys() - replaced


def test_the_example_of_a_space_names_it() -> None:
    for topic in topics():
        if topic.group == "space":
            assert find_space(topic.details().example.removeprefix("dslnas run ")).is_file()


def test_nothing_that_can_be_written_is_left_out() -> None:
    names = {topic.name for topic in topics()}
    settings = {
        *(f"search.{key}" for key in SEARCH_KEYS),
        *(f"train.{key}" for key in TRAIN_KEYS),
        *(f"data.{key}" for key in ("split", *DATA_KEYS)),
    }
    kinds = ("method", "experiment", "sweep", "profile", "cell")
    keys = {key for kind in kinds for key in keys_of(kind)}
    shipped = {"sep_conv", "asym5", "forcedarts", "pcdarts", "logmel", "SS1", "NASC"}
    assert {*REGISTRY, *REGULARIZERS, *OPTIMIZERS, *settings, *keys, *shipped} - names == set()
    assert REGULARIZER_WORDS.keys() == REGULARIZERS.keys()


def test_every_word_and_sign_of_the_grammar_is_explained() -> None:
    """What the grammar spells out, and the words and units that have a meaning of their own."""
    spelled = {one.pattern.value for one in lark().terminals if one.pattern.type == "str"}
    compared = {"==", "!=", "<=", ">=", "<", ">"}  # one token
    values = {*LITERALS, *WORDS, *PHASES, *UNITS, *MAGNITUDES}
    wanted = {*keywords(), *spelled, *compared, *values, *SPACE_WORDS, "#", "by_profile"}
    found = {topic.name: topic for topic in topics() if topic.group in GROUPS}
    assert wanted - found.keys() == set()
    assert keywords() == {name for name, topic in found.items() if topic.group == KEYWORD}
    for name, topic in found.items():
        assert topic.doc and (name in topic.signature or topic.group == VALUE)
        assert name in topic.details().example or topic.group in (UNIT, VALUE)


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("conv", "C x F x T -> out x F x T; at stride 2 out x F/2 x T/2"),
        ("linear", "C x F x T -> out x F x T"),
        ("last", "C x T -> C"),
        ("magnitude", "complex C x F x T -> C x F x T"),
        ("real_imag", "C x F x T -> C x F x T; complex C x F x T -> 2C x F x T"),
        ("concat", "C x F x T, C x F x T -> 2C x F x T"),
        ("stft", "1 x 16000 -> 1 x 513 x 32"),
        ("wave", "-> 1 x 16000"),
        ("image", "-> 3 x 32 x 32"),
    ],
)
def test_a_type_is_that_of_the_rule(name: str, type: str) -> None:
    assert type_of(REGISTRY[name]) == type


def test_the_cost_is_that_of_a_network() -> None:
    (topic,) = named("sep_conv", topics())
    # Two depthwise 3x3 convolutions and two pointwise ones of 16 channels.
    params = 2 * (16 * 9 + 16 * 16)
    assert dict(topic.details().facts)["cost"] == (
        f"on 16 x 32 x 32: {params:,} parameters, {params * 32 * 32:,} multiply-accumulates"
    )


def test_a_primitive_of_a_plugin_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    from torch import nn

    monkeypatch.setattr("dslnas.lower.own_primitives.REGISTRY", registry := dict(REGISTRY))

    @dslnas.primitive()
    def gate(x: dslnas.TensorType, y: dslnas.TensorType, ratio: int = 4) -> nn.Module:
        """One gates the other."""
        return nn.Bilinear(1, 1, 1)

    topic = of(registry["gate"])
    assert topic.signature == "gate(ratio = 4)" and topic.doc == "One gates the other."
    facts = dict(topic.details().facts)
    assert facts["type"] == "C x F x T, C x F x T -> C x F x T" and facts["defined in"] == __file__
    assert "the module of primitive `gate` fails" in facts["cost"]
