"""Any bytes end in a diagnostic: random bytes, random words, and shipped files with tokens moved about.

What a target may do is said in `fuzz/targets.py`; a fuzzer that is guided by coverage runs the same ones.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dslnas.base.source import Source
from dslnas.parse.tokens import tokens_of
from dslnas.resolve.library import shipped
from fuzz.seeds import WORDS, seeds
from fuzz.targets import TARGETS, checker, front, genotype, parser, planner, run_folder

SHIPPED = {path.stem: path.read_text(encoding="utf-8") for path in sorted(shipped().rglob("*.nas"))}
FOUND = [json.loads(seed) for seed in seeds("genotype") if seed.startswith(b"{")]
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes(name: str, data: bytes) -> None:
    TARGETS[name](data)


@quick
@given(st.lists(st.sampled_from(WORDS), max_size=80).map(" ".join))
def test_any_words(text: str) -> None:
    for target in (parser, checker, planner, genotype):
        target(text.encode())


@quick
@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_any_words_within_a_space(text: str) -> None:
    definition = (
        f'use "lib/darts.nas"\nspace S(channels = 4) {{\n    network = input -> conv(3, 4) -> {text}\n}}\n'
    )
    for target in (checker, planner):
        target(definition.encode())


@st.composite
def changed(draw: st.DrawFn) -> str:
    """A shipped file in which tokens are left out, repeated, exchanged or replaced."""
    text = SHIPPED[draw(st.sampled_from(sorted(SHIPPED)))]
    found, _ = tokens_of(Source("shipped", text))
    pieces, end = list[str](), 0
    for token in found:  # a token and what stands before it, so that the layout stays
        pieces.append(text[end : token.end_pos])
        end = token.end_pos or end
    for _ in range(draw(st.integers(1, 4))):
        place, other = (draw(st.integers(0, len(pieces) - 1)) for _ in range(2))
        match draw(st.sampled_from(("leave out", "repeat", "exchange", "replace"))):
            case "leave out":
                pieces[place] = ""
            case "repeat":
                pieces.insert(other, pieces[place])
            case "exchange":
                pieces[place], pieces[other] = pieces[other], pieces[place]
            case _:
                pieces[place] = f" {draw(st.sampled_from(WORDS))} "
    return "".join(pieces)


@quick
@given(changed())
def test_shipped_files_with_tokens_moved_about(text: str) -> None:
    for target in (parser, checker, planner):
        target(text.encode())


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def changed_json(draw: st.DrawFn, sound: dict[str, Any]) -> str:
    """A JSON object of which one part, at any depth, is anything else or gone."""
    data = json.loads(json.dumps(sound))
    part: Any = data
    while True:
        keys = range(len(part)) if isinstance(part, list) else list(part)
        key = draw(st.sampled_from(keys))
        if isinstance(part[key], dict | list) and part[key] and draw(st.booleans()):
            part = part[key]
            continue
        if draw(st.booleans()):
            part[key] = draw(values)
        else:
            del part[key]
        return json.dumps(data)


@quick
@given(st.sampled_from(FOUND).flatmap(changed_json))
def test_genotypes_of_which_a_part_is_anything(text: str) -> None:
    genotype(text.encode())


TOLD = {
    "space": "SS1",
    "method": "darts",
    "preset": "quick",
    "seed": 0,
    "set": ["nodes=2"],
    "data": {"name": "digits", "classes": ["zero", "one"]},
    "data_root": None,
    "device": "cpu",
}


@quick
@given(st.integers(0, 6), changed_json(TOLD) | values.map(json.dumps))
def test_run_folders_of_which_a_file_is_anything(which: int, text: str) -> None:
    run_folder(bytes([which]) + text.encode())
    run_folder(text.encode())


FRONT = {
    "format": "dslnas-front",
    "version": 1,
    "objectives": {"maximize": ["accuracy"], "minimize": ["params"]},
    "require": ["params < 100"],
    "evaluations": 2,
    "exhausted": False,
    "points": [
        {
            "number": 1,
            "figures": {"accuracy": 0.5, "params": 50},
            "feasible": True,
            "knee": True,
            "genotype": {
                "format": "dslnas-genotype",
                "version": 1,
                "space": {"name": "S", "hash": "sha256:0"},
                "method": "nasc",
                "cells": {},
                "choices": {"network/conv_1": "k = 3"},
            },
        }
    ],
    "random": [{"figures": {"accuracy": 0.4, "params": 50}}],
    "population": [[50, 0.5, 1], [60, 0.4, 1]],
    "random_population": [[50, 0.4, 1]],
    "hypervolume": [[2, 0.5, None]],
    "reference": {"params": 61.0, "accuracy": 0.39},
    "shares": [[1, 1.0]],
    "options": {"network/conv_1": {"k = 3": 1}},
}
EVALUATION = {
    "key": "0",
    "candidate": {"network/conv_1": "k = 3", "normal/n1": ["a", "b"]},
    "figures": {"accuracy": 0.5, "params": 50},
    "by": "random",
    "generation": 1,
    "asked": ["params < 100"],
}


@quick
@given(changed_json(FRONT) | changed_json(EVALUATION).map("{}\n".format))
def test_fronts_of_which_a_part_is_anything(text: str) -> None:
    front(text.encode())
