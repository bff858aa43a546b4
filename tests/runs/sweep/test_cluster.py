"""Trials on a cluster come to the same figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from recordings import metrics_of, refused
from small_sweep import A1, A, B, Quiet, laid_out, name

from dslnas.base.run_folder import SETTINGS
from dslnas.runs.sweep.folder import SweepFolder
from dslnas.runs.sweep.work import jobs_of
from dslnas.runs.threads import Threads

pytestmark = pytest.mark.usefixtures("tiny_runs")


def test_a_cluster_comes_to_the_same_figures(
    done: SweepFolder, tones: Path, tmp_path: Path, run_cache: Path
) -> None:
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    from dslnas.runs.sweep.cluster import Cluster

    folder = laid_out(tmp_path, tones)
    (folder.run(name(B, folder)) / SETTINGS).write_text("{}")
    wanted = [name(trial, folder) for trial in (A, A1, B)]
    jobs = [job for job in jobs_of(folder, folder.pending()) if job.name in wanted]
    environment = {"env_vars": {"DSLNAS_CACHE": str(run_cache)}}
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, runtime_env=environment)
    try:
        watch = Quiet()
        outcomes = {one.job.name: one.error for one in Cluster(threads=Threads(1))(jobs, watch)}
        refused("N0603", "has 64 processors", lambda: list(Cluster(threads=Threads(64))(jobs, watch)))
    finally:
        ray.shutdown()
    a, a1, b = wanted
    assert outcomes[a] is None and outcomes[a1] is None and f"{SETTINGS}: a part" in (outcomes[b] or "")
    assert watch.seen == [] and set(outcomes) == set(wanted)
    for trial, other in ((a, A), (a1, A1)):
        assert metrics_of(folder.run(trial)) == metrics_of(done.run(name(other, done)))
