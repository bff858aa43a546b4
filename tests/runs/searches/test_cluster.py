"""Candidates that are evaluated on a cluster have the figures that they have here."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from nested import NESTED
from recordings import refused, tiny

from dslnas.base.run_folder import EVALUATIONS, FRONT, GENOTYPE, SUPERNET
from dslnas.runs.begin import start
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.run import Run
from dslnas.runs.searches import cluster
from dslnas.runs.searches.cluster import check_engine
from dslnas.runs.searches.sampled import genes_of, heard_by, inherited_by
from dslnas.runs.searches.work import Work
from dslnas.search.evolved.archive import Archive
from dslnas.train.observer import Silent

pytestmark = pytest.mark.usefixtures("tiny_runs")
CPU = torch.device("cpu")
SHORT = ("search.batch=4", "search.steps=2", "method.evolve=nsga2(population: 6, generations: 2)")


def test_a_front_is_the_same_for_any_number_of_workers(tones: Path, tmp_path: Path, run_cache: Path) -> None:
    """Two and four, as here; and where a worker dies, what it was at is evaluated again."""
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    file = tmp_path / "nested.nas"
    file.write_text(NESTED)
    here = start(
        load(file, Request(data=f"folder:{tones}", overrides=SHORT)), tmp_path / "here", device="cpu"
    )
    here.execute(until="search")
    there = start(here.experiment, tmp_path / "there", device="cpu")
    (there.path / SUPERNET).write_bytes((here.path / SUPERNET).read_bytes())
    environment = {"env_vars": {"DSLNAS_CACHE": str(run_cache)}}
    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False, runtime_env=environment)
    try:
        work = Work(here.folder, here.experiment, here.prepared(Silent()), CPU, Silent(), None, 9.0)
        kept, genes = inherited_by(work, heard_by(work)), genes_of(here.experiment)
        entries = list(Archive.read(here.path / EVALUATIONS))
        paths = [genes.policy(one.candidate) for one in entries]
        workers = cluster.Workers(here.path, kept, CPU, 1, 2)
        figures = workers.figures_of(paths)
        found = [next(figures)]
        ray.kill(workers.actors[1], no_restart=False)
        found += figures
        for one, entry in zip(found, entries, strict=True):
            assert dict(one).items() <= dict(entry.figures).items()
        for actor in workers.actors:
            ray.kill(actor)
        replace(there, engine="ray").execute(until="search")
    finally:
        ray.shutdown()
    for product in (GENOTYPE, EVALUATIONS, FRONT):
        assert (there.path / product).read_bytes() == (here.path / product).read_bytes()
    assert len(json.loads((there.path / FRONT).read_text())["points"]) > 0


def test_what_a_cluster_cannot_do_is_told(tones: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    relaxed, sampled = tiny(tones), tiny(tones, "method=nasc")
    check_engine(relaxed, "here")
    told = "`--engine ray` evaluates candidates, and `forcedarts` has none"
    refused("N0603", told, lambda: check_engine(relaxed, "ray"))

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(cluster, "import_module", missing)
    help = refused("N0603", "Ray is not installed", lambda: check_engine(sampled, "ray"))
    assert "dslnas[ray]" in help


def test_an_engine_is_of_one_execution(tones: Path, tmp_path: Path) -> None:
    run = replace(start(tiny(tones, "method=nasc"), tmp_path / "run", device="cpu"), engine="ray")
    assert run.engine == "ray" and Run.open(run.path).engine == "here"
