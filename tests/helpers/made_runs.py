"""Run folders that look real, made up from a seed: what the report's tests read."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

CANDIDATES = (
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def write_run(
    folder: Path,
    *,
    nodes: int = 3,
    epochs: int = 20,
    classes: tuple[str, ...] = DIGITS,
    candidates: tuple[str, ...] = CANDIDATES,
    method: str = "forcedarts",
    seed: int = 0,
) -> Path:
    """A finished run of a cell-based space with `nodes` nodes in a folder that is made, and returned."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    choices = _choices(nodes, candidates)
    goals = {name: [rng.gauss(0, 1) for _ in edge["candidates"]] for name, edge in choices["edges"].items()}
    pulls = {name: [rng.gauss(0, 1) for _ in node["sources"]] for name, node in choices["nodes"].items()}
    history = _history(choices, goals, pulls, epochs, method, rng)
    final = history[epochs - 1]
    _json(folder / "choices.json", choices)
    _json(folder / "genotype.json", _genotype(choices, final, nodes, method))
    (folder / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in history))
    test = _test(classes, rng)
    _json(folder / "test.json", test)
    _json(folder / "metrics.json", _metrics(test, history[0]["gap"], final["gap"], classes))
    _json(folder / "settings.json", _settings(nodes, epochs))
    (folder / "space.nas").write_text("space SS1 {\n    cell normal(prev2, prev) { }\n}\n")
    return folder


def _choices(nodes: int, candidates: tuple[str, ...]) -> dict[str, Any]:
    edges, chosen = {}, {}
    for cell in ("normal", "reduction"):
        sources = ["a", "b"]
        for number in range(1, nodes + 1):
            node = f"n{number}"
            for source in sources:
                edges[f"{cell}/{node}<-{source}"] = {
                    "cell": cell,
                    "node": node,
                    "source": source,
                    "candidates": list(candidates),
                }
            chosen[f"{cell}/{node}"] = {"cell": cell, "sources": list(sources), "keep": 2}
            sources.append(node)
    cells = {name: _traits(candidates, name == "reduction") for name in ("normal", "reduction")}
    return {"edges": edges, "nodes": chosen, "cells": cells}


def _traits(candidates: tuple[str, ...], reduces: bool) -> dict[str, Any]:
    """Pools have no parameters, skips none where the size stays; no candidate is a polynomial."""
    operations = {
        name: {
            "skip": "skip" in name,
            "parameters": "pool" not in name and (reduces or "skip" not in name),
            "order": 1,
        }
        for name in candidates
    }
    return {"reduces": reduces, "operations": operations}


def _softmax(logits: list[float]) -> list[float]:
    powers = [math.exp(logit) for logit in logits]
    return [round(power / sum(powers), 6) for power in powers]


def _history(
    choices: dict[str, Any],
    goals: dict[str, list[float]],
    pulls: dict[str, list[float]],
    epochs: int,
    method: str,
    rng: random.Random,
) -> list[dict[str, Any]]:
    strength = {"forcedarts": 3.0, "darts": 0.5, "fairdarts": 1.5}[method]
    lines: list[dict[str, Any]] = []
    for epoch in range(1, epochs + 1):
        share = epoch / epochs
        late = max(0.0, share - 0.5) * 2
        sharp = 0.35 * share + strength * late**1.4
        alpha = {n: _softmax([g * sharp + rng.gauss(0, 0.02) for g in goal]) for n, goal in goals.items()}
        gamma = {
            n: [round(1 / (1 + math.exp(-(p * 2.2 * sharp + rng.gauss(0, 0.03)))), 6) for p in pull]
            for n, pull in pulls.items()
        }
        loss = 2.3 * math.exp(-2.5 * share) + 0.1
        lines.append(
            {
                "stage": "search",
                "epoch": epoch,
                "epochs": epochs,
                "step": epoch * 40,
                "loss": loss + rng.gauss(0, 0.02),
                "accuracy": 1 - 0.88 * math.exp(-3 * share),
                "validation_loss": loss * 1.15 + rng.gauss(0, 0.04),
                "validation_accuracy": 0.97 - 0.86 * math.exp(-3 * share),
                "gap": 0.33 - 0.16 * late**0.8 + rng.gauss(0, 0.001),
                "seconds": 3.1,
                "alpha": alpha,
                "gamma": gamma,
            }
        )
    for epoch in range(1, 2 * epochs + 1):
        share = epoch / (2 * epochs)
        lines.append(
            {
                "stage": "train",
                "epoch": epoch,
                "epochs": 2 * epochs,
                "loss": 2.3 * math.exp(-4 * share) + 0.02,
                "accuracy": 1 - 0.9 * math.exp(-6 * share),
                "validation_loss": 2.1 * math.exp(-3.5 * share) + 0.08 + rng.gauss(0, 0.03),
                "validation_accuracy": 0.982 - 0.9 * math.exp(-6 * share) + rng.gauss(0, 0.004),
                "learning_rate": 0.0125 * (1 + math.cos(math.pi * share)),
                "seconds": 2.0,
            }
        )
    return lines


def _genotype(choices: dict[str, Any], final: dict[str, Any], nodes: int, method: str) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name, node in choices["nodes"].items():
        cell, _, own = name.partition("/")
        weights = dict(zip(node["sources"], final["gamma"][name], strict=True))
        kept = sorted(sorted(weights, key=lambda source: -weights[source])[:2], key=node["sources"].index)
        edges = []
        for source in kept:
            alpha = final["alpha"][f"{name}<-{source}"]
            candidates = choices["edges"][f"{name}<-{source}"]["candidates"]
            edges.append({"from": source, "op": candidates[alpha.index(max(alpha))]})
        cells.setdefault(cell, {"inputs": ["a", "b"], "nodes": {}, "output": []})
        cells[cell]["nodes"][own] = edges
        cells[cell]["output"].append(own)
    return {
        "format": "dslnas-genotype",
        "version": 1,
        "space": {"name": "SS1", "hash": "5e0c9d1f2a"},
        "method": method,
        "cells": cells,
        "choices": {},
    }


def _test(classes: tuple[str, ...], rng: random.Random) -> dict[str, Any]:
    count = len(classes)
    confusion = [[0] * count for _ in classes]
    clips = []
    for true in range(count):
        for number in range(rng.randint(24, 32)):
            wrong = rng.random() < 0.05
            predicted = (true + rng.choice([1, 1, 1, 2, 4, 5])) % count if wrong else true
            confusion[true][predicted] += 1
            clips.append(
                {
                    "path": f"{classes[true]}/voice_{number:03}.wav",
                    "label": classes[true],
                    "predicted": classes[predicted],
                    "probability": round(rng.uniform(0.4, 1.0), 4),
                }
            )
    return {"classes": list(classes), "confusion": confusion, "clips": clips}


def _metrics(test: dict[str, Any], start: float, end: float, classes: tuple[str, ...]) -> dict[str, Any]:
    total = sum(map(sum, test["confusion"]))
    right = sum(row[index] for index, row in enumerate(test["confusion"]))
    return {
        "seed": 0,
        "search": {"gap": end, "gap_start": start},
        "validation": {
            "clips": 300,
            "chance": 0.1,
            "supernet": 0.941,
            "discretised": 0.233,
            "recalibrated": 0.872,
            "retrained": 0.977,
        },
        "params": {"supernet": 1609000, "live": 412340, "with_dead_edges": 988100},
        "test": {"accuracy": right / total, "macro_f1": right / total - 0.002, "clips": total},
        "time": {"data": 12.5, "search": 131.0, "train": 88.4, "total": 232.9},
        "versions": {"dslnas": "0.1.0", "torch": "2.14.1", "python": "3.12.3"},
        "data": {
            "name": "digits",
            "classes": list(classes),
            "train": 2400,
            "validation": 300,
            "test": total,
            "notes": ["spoken by a synthesiser: easier than real speech, and no measure of it"],
            "skipped": [
                ["five/broken.wav", "the file is empty"],
                ["nine/nan.wav", "holds values that are no numbers"],
            ],
        },
        "cut": [
            "search: 20 epochs instead of 60",
            "training: channels 16 instead of 26, 40 epochs instead of 200",
        ],
    }


def _settings(nodes: int, epochs: int) -> dict[str, Any]:
    return {
        "command": ["dslnas", "run", "spaces/ss1.nas", "--data", "digits", "--seed", "0"],
        "preset": "quick",
        "domain": "real",
        "device": "cpu",
        "search": {"nodes": nodes, "channels": 16, "repeat": 1, "batch": 64, "epochs": epochs},
        "train": {"channels": 16, "repeat": 2, "batch": 64, "epochs": 2 * epochs, "mixup": 0.2},
        "method": {"name": "forcedarts", "arch": {"lr": 0.01, "betas": [0.5, 0.999]}},
    }


def _json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data), encoding="utf-8")
