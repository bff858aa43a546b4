"""What a message proposes works: with it, the phase that complained says it no more."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from repository import CASES

import dslnas
from dslnas.base.diagnostics import Diagnostic, DslnasError, errors
from dslnas.check.check import check_file
from dslnas.editor.repairs import repairs
from dslnas.editor.workspace import Workspace
from dslnas.methods.method import relaxed
from dslnas.methods.stages import SearchStage
from dslnas.runs.begin import start
from dslnas.runs.experiment import check_decided
from dslnas.runs.load import load
from dslnas.runs.plan.figures import plan
from dslnas.runs.request import Request
from dslnas.search.relaxed.progressive import steps_of_stages

FLAG = re.compile(r"--set (?:'([^']*)'|([^\s`']+))")
LAYERS = """
use "lib/methods.nas"
op layer(k = choose {3, 5}) = (x -> dwconv(k) -> conv(1, C_in) -> bn -> relu) + x
op wide(k = 3, out = 4) = x -> conv(k, out) -> bn
space Layers(channels = 4) {
    network = input -> conv(3) -> STAGES -> global_pool -> linear(classes)
}
experiment {
    space:  Layers
    method: METHOD
}
"""
VARYING = (
    "choose {1, 2} times layer",
    "conv(3, choose {4, 8})",
    "conv(3, 4, choose {1, 2})",
    "choose {maxpool(3, 2), relu}",
    "wide(choose {3, 5}, choose {4, 8})",
    "choose {1, 2} times layer -> conv(3, choose {4, 8}) -> choose {relu, avgpool(3, 2)}",
)


def written(folder: Path, stages: str, method: str) -> Path:
    path = folder / "layers.nas"
    path.write_text(LAYERS.replace("STAGES", stages).replace("METHOD", method), encoding="utf-8")
    return path


@pytest.mark.parametrize("stages", VARYING)
def test_a_relaxed_method_proposes_a_text_that_it_can_search(stages: str, tmp_path: Path) -> None:
    """Each message decides its own choice; with all of their texts the file checks, and is searched."""
    path = written(tmp_path, stages, "darts")
    found = [one for one in check_file(path) if one.code == "N0601"]
    assert len(found) == stages.count(" -> ") + 1
    text = path.read_text()
    before, decided = "Layers", ""
    for number, one in enumerate(found):
        (proposed,) = re.findall(r"`(space [^`]*)`", one.help)
        decided += proposed.replace("Decided = Layers", f"Decided{number} = {before}") + "\n"
        before = f"Decided{number}"
    path.write_text(
        text.replace("experiment {", f"{decided}\nexperiment {{").replace(
            "space:  Layers", f"space:  {before}"
        )
    )
    assert [one for one in check_file(path) if one.severity == "error"] == []
    relaxed(load(path).method)


@pytest.mark.parametrize("stages", VARYING)
def test_a_relaxed_method_proposes_a_method_that_searches_it(stages: str, tmp_path: Path) -> None:
    found = [one for one in check_file(written(tmp_path, stages, "darts")) if one.code == "N0601"]
    assert all("`method: nasc`" in one.help for one in found)
    start(load(written(tmp_path, stages, "nasc"), Request(data="fsdd")), tmp_path / "run")
    assert (tmp_path / "run" / "settings.json").is_file()


def flags(help: str) -> Iterator[str]:
    """The settings that a help proposes on the command line."""
    return (first or second for first, second in FLAG.findall(help))


# --- flags --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Complaint:
    """A request whose diagnostics propose a flag, whichever phase makes them."""

    file: str
    overrides: tuple[str, ...] = ()
    preset: str = "quick"
    free: float = 0  # the share that is free of the memory that a step of the search needs

    def told(self, folder: Path, more: tuple[str, ...] = ()) -> list[Diagnostic]:
        """What is said with some more settings."""
        path: str | Path = self.file
        if "\n" in self.file:
            path = folder / "mine.nas"
            path.write_text(self.file, encoding="utf-8")
        request = Request(data="fsdd", preset=self.preset, overrides=(*self.overrides, *more))
        try:
            experiment = load(path, request)
            check_decided(experiment)
            assert experiment.frontend
            needed = (
                plan(load(path, Request(data="fsdd", preset=self.preset))).memory.peak if self.free else 0
            )
            return list(plan(experiment, free=int(self.free * needed) or None).warnings)
        except DslnasError as error:
            return list(error.diagnostics)


FLAT = LAYERS.replace("STAGES", "2 times layer")
COMPLAINTS = {
    "channels of no edges": Complaint(FLAT.replace("METHOD", "pcdarts")),
    "a loss that divides by nothing": Complaint(FLAT.replace("METHOD", "forcedarts")),
    "a depth of no cells": Complaint(FLAT.replace("METHOD", "pdarts")),
    "a search that fits once it computes again": Complaint("ss1", free=0.9),
    "a search that fits with fewer examples": Complaint("ss1", free=0.3),
    "a front end that is to be chosen": Complaint(
        FLAT.replace("METHOD", "nasc\n    frontend: logmel(choose {32, 40})")
    ),
    "a network that has cells which are not searched": Complaint(
        "ss1", ("search.repeat=0", "train.repeat=1")
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_what_a_flag_is_proposed_for_is_gone_with_it(name: str, tmp_path: Path) -> None:
    complaint = COMPLAINTS[name]
    proposed = [(one, flag) for one in complaint.told(tmp_path) for flag in flags(one.help)]
    assert proposed
    for one, flag in proposed:
        after = complaint.told(tmp_path, (flag,))
        assert (one.code, one.message) not in [(left.code, left.message) for left in after]
        assert errors(after) == []


def test_a_search_of_fewer_steps_than_stages_proposes_enough(tmp_path: Path) -> None:
    stages = load("ss1", Request(data="fsdd", overrides=("method=pdarts",))).search_stages
    whole = [SearchStage() for _ in stages]
    with pytest.raises(DslnasError) as caught:
        steps_of_stages(len(stages) - 1, 0.0, whole)
    (flag,) = flags(caught.value.diagnostics[0].help)
    key, _, steps = flag.partition("=")
    assert key == "search.steps" and len(steps_of_stages(int(steps), 0.0, whole)) == len(stages)


# Flags that a message proposes, by the module that does; those of a step of a run are not tried here.
PROPOSED = {
    "check/methods.py": {"method=darts"},
    "ir/frontend.py": {"frontend=logmel(40)"},
    "methods/method.py": {"method=darts"},
    "resolve/settings.py": {"search.epochs=4"},
    "runs/experiment.py": {"search.repeat=1"},
    "runs/plan/memory.py": {"search.recompute=true", "search.batch="},
    "search/relaxed/progressive.py": {"search.steps=240"},
}
IN_A_RUN = {
    "runs/pruning/asked.py": {"affine=true", "method.of=edges"},
    "runs/pruning/named.py": {"method.keep=1e-3"},
    "prune/published.py": {"nodes="},
    "report/front/section.py": {"method.random=on"},
    "runs/searches/beside.py": {"method.random=on"},
    "runs/searches/cluster.py": {"method=nasc"},
    "runs/together.py": {"method=nasc"},
    "search/scored/scores.py": {"affine=true"},
    "data/features.py": {"data.skip_limit=50%"},
    "report/degeneracy.py": {"method=random"},
    "search/relaxed/formula.py": {"method=darts"},
    "train/loop.py": {"method.=sgd(lr: 0.005, momentum: 0.9)", "method.clip=1"},
}


def test_every_flag_that_a_message_proposes_is_listed() -> None:
    """A new one is tried above, as a complaint, and listed here."""
    package = Path(dslnas.__file__).parent
    found: dict[str, set[str]] = {}
    for path in package.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = {node.value for node in docstrings(tree)}
        for text in texts(tree):
            if text not in said and (proposed := {flag for flag in flags(text) if flag.find("=") > 0}):
                found.setdefault(path.relative_to(package).as_posix(), set()).update(proposed)
    assert found == PROPOSED | IN_A_RUN


def docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def texts(tree: ast.AST) -> Iterator[str]:
    """The texts of a module; what is filled into one is left out."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


# --- words --------------------------------------------------------------------------------------------------


MISSPELLED = [path.stem for path in sorted(CASES.glob("*.txt")) if "did you mean" in path.read_text()]


@pytest.mark.parametrize("name", MISSPELLED)
def test_a_word_that_is_proposed_mends_its_place(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES)
    path, workspace = (CASES / f"{name}.nas").resolve(), Workspace()
    text = path.read_text(encoding="utf-8")
    told = [(d.code, d.message) for d in workspace.analysis(path).diagnostics]
    for one in list(repairs(workspace.analysis(path), 1, text.count("\n") + 1)):
        mended = (one.diagnostic.code, one.diagnostic.message)
        lines = text.split("\n")
        line = lines[one.span.line - 1]
        end = one.span.end_column if one.span.end_line == one.span.line else len(line) + 1
        lines[one.span.line - 1] = line[: one.span.column - 1] + one.text + line[end - 1 :]
        workspace.put(path, "\n".join(lines))
        left = [(d.code, d.message) for d in workspace.analysis(path).diagnostics]
        assert left.count(mended) < told.count(mended), one.title
        workspace.put(path, text)
