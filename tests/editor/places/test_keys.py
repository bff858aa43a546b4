"""Every key of every block is known to editors, and none that is not there."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from dslnas.check.check import EXPERIMENT_KEYS
from dslnas.editor.places import keys
from dslnas.editor.places.signatures import KIND_WORDS, PLACE_WORDS
from dslnas.ir.primitives.registry import Kind
from dslnas.methods.keys import KEYS
from dslnas.parse.vocabulary import NETWORK, PLACE
from dslnas.resolve.derive import CELL_SETTINGS
from dslnas.resolve.genotype_text import KEYS as GENOTYPE_KEYS
from dslnas.resolve.settings import DATA_KEYS, SEARCH_KEYS, SIZES, TRAIN_KEYS
from dslnas.resolve.sweeps import OF_EXPERIMENTS, SWEEP_KEYS

KNOWN = {
    "method": (keys.METHOD, KEYS),
    "experiment": (keys.EXPERIMENT, EXPERIMENT_KEYS),
    "sweep": (keys.SWEEP, (*SWEEP_KEYS, *OF_EXPERIMENTS)),
    "search": (keys.SEARCH, SEARCH_KEYS),
    "train": (keys.TRAIN, TRAIN_KEYS),
    "data": (keys.DATA, (*DATA_KEYS, "split")),
    "cell": (keys.CELL, CELL_SETTINGS),
    "genotype": (keys.GENOTYPE, GENOTYPE_KEYS),
    "sizes": (keys.SIZES, SIZES),
}


@pytest.mark.parametrize("block", KNOWN)
def test_the_keys_are_those_of_the_language(block: str) -> None:
    told, known = KNOWN[block]
    assert set(told) == set(known)
    for name, key in told.items():
        assert key.takes and key.doc, name
        assert not re.search(r"^[A-Z]|\.$", key.doc), f"{name}: lowercase, no full stop"


def test_a_profile_takes_a_front_end_and_the_stages_of_each_kind() -> None:
    stages = {f"{kind}.{stage}" for kind in ("real", "complex", "quick") for stage in ("search", "train")}
    assert set(keys.PROFILE) == {"frontend", *stages}
    assert set(keys.stage_of("quick.search")) == {*SEARCH_KEYS, *SIZES}
    assert set(keys.stage_of("real.train")) == {*TRAIN_KEYS, *SIZES}


def test_every_kind_of_parameter_and_every_given_name_has_words() -> None:
    assert set(KIND_WORDS) == set(get_args(Kind))
    assert set(PLACE_WORDS) == {*PLACE, *NETWORK, "earlier"}
