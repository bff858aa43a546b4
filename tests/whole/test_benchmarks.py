"""The benchmarks run, and what they measure grows in proportion, by count of calls instead of seconds."""

from __future__ import annotations

import cProfile
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from pixels import SafeStrides
from repository import ROOT

from benchmarks import balance, evolve, judge, large_sets, methods, phase, pruning, resample, step
from benchmarks import complex as complex_forms
from benchmarks.check import layers
from benchmarks.rows import rows_of
from dslnas.check.check import check_file
from dslnas.lower.paths import SampledSupernet
from dslnas.methods.method import Sampling
from dslnas.parse.parse import _parsed
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.search.relaxed.step import RelaxedSearch
from dslnas.search.sampled.draws import Draws


def calls(path: Path) -> int:
    """How many calls of functions the check of a file takes."""
    check_file(path)
    _parsed.cache_clear()
    profile = cProfile.Profile()
    profile.runcall(check_file, path)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("kind", ["choice points", "operations", "candidates of a cell"])
def test_checking_takes_work_in_proportion(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "long.nas"
    taken = []
    for count in (0, 100, 200):
        if kind == "choice points":
            path.write_text(layers(count))
        elif kind == "operations":
            path.write_text("".join(f"op f{n} = x -> conv(3) -> relu\n" for n in range(count)) + layers(1))
        else:
            options = "".join(
                f"        c{n} = conv(1, C, stride, dilation: {n + 1})\n" for n in range(count + 2)
            )
            path.write_text(CELL.format(options=options))
        assert check_file(path) == []
        taken.append(calls(path))
    assert taken[2] - taken[0] < 2.3 * (taken[1] - taken[0])


CELL = """space S(channels = 4) {{
    candidates {{
{options}    }}
    cell normal(prev2, prev) {{
        node n[1..2] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }}
    network = input -> conv(3, channels) -> normal -> global_pool -> linear(classes)
}}
"""


def test_a_measured_space_has_the_choice_points_that_it_says(tmp_path: Path) -> None:
    path = tmp_path / "layers.nas"
    path.write_text(layers(5))
    assert len(load(path).supernet.choices) == 5


@pytest.mark.parametrize("domain", ["real", "complex"])
def test_the_reference_of_the_step_computes_what_ours_does(domain: str) -> None:
    """The same losses, and the same weights and architecture after the step.

    Three scales of a whitening norm are ours and the ForceDARTS paper's; complextorch moves four. The strided
    1x1 convolutions of the reference are torch's own, of contiguous tensors, which are safe.
    """
    size, cpu = step.Size("sc09", 2, 2, 1, 6, 3, domain), torch.device("cpu")
    one = step.experiment(size)
    ours = RelaxedSearch(one.supernet, one.method, 0, None, cpu)
    theirs = step.reference_of(one, size, ours)
    before = step.reference_of(one, size, ours).supernet
    held, train = step.batches(one, size, cpu)
    with SafeStrides(contiguous=True):
        expected = theirs.step(*((step.in_domain(x, domain), labels) for x, labels in (held, train)))
    with SafeStrides():
        found = ours.step(held, train, 0.0)
    assert float(found["validation_loss"]) == pytest.approx(float(expected[0]), rel=1e-5)
    assert float(found["loss"]) == pytest.approx(float(expected[1]), rel=1e-5)
    after = step.reference_of(one, size, ours).supernet
    moved = zip(before.parameters(), theirs.supernet.parameters(), after.parameters(), strict=True)
    for start, other, own in (those for those in moved if those[0].dim() != 3):
        torch.testing.assert_close(own - start, other - start, rtol=1e-3, atol=2e-6)


def test_the_forms_of_complex_convolutions_compute_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    complex_forms.main(["--size", "quick-complex", "--batch", "1", "--runs", "1", "--no-step", "--json"])
    found = json.loads(capsys.readouterr().out)["quick-complex"]
    assert len(found) == 4 + 8
    for kind, figures in found.items():
        assert list(figures) == ["ours", "structured", "three", "four", "complex64"]
        assert max(one["difference"] for one in figures.values()) < 1e-4, kind
        rounding = [figures[form]["difference"] for form in ("three", "complex64")]
        assert min(rounding) > 0, f"another form has another rounding: {kind}"


def test_a_method_that_computes_less_takes_fewer_operators_and_less_memory() -> None:
    """One drawn candidate of each edge beside all of them."""
    found = methods.measured(step.Size("sc09", 2, 2, 1, 2, 3), ["gdas"], runs=1)
    assert list(found) == ["darts", "gdas"]
    assert found["gdas"].operators < 0.8 * found["darts"].operators
    assert found["gdas"].memory_ratio < 0.8 < found["darts"].memory_ratio == 1.0


def test_the_phases_are_compared_and_nothing_is_trained_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSLNAS_CACHE", str(tmp_path / "cache"))
    out = tmp_path / "rows.jsonl"
    asked = ["--out", str(out), "--quick", "--data", "digits", "--split", "official", "--device", "cpu"]
    phase.main([*asked, "--forms", "real", "centre"])
    first = phase.rows_of(out)
    assert [row["form"] for row in first] == ["real", "centre"]
    real, centre = (row["params"] for row in first)
    assert abs(centre / real - 1) < 0.2, "real parameters are alike"
    with out.open("a") as file:
        file.write('{"form": "sta')  # a kill in the middle of a line
    capsys.readouterr()
    phase.main(asked)
    found = phase.rows_of(out)
    assert found[:2] == first and [row["form"] for row in found[2:]] == ["start", "relative", "moduli"]
    told = capsys.readouterr()
    assert told.err.count(" of 3: ") == 3
    assert [line.split()[0] for line in told.out.splitlines()] == ["features", *phase.FORMS]


def test_a_table_of_phases_has_means_and_deviations() -> None:
    accuracies = {"real": (0.8, 0.9, 0.6, 0.7), "start": (0.4, 0.5, 0.4, 0.3)}
    rows = [
        {"form": form, "fold": fold, "seed": seed, "params": 1, "tested": f"s{fold}", "accuracy": value}
        for form, values in accuracies.items()
        for (fold, seed), value in zip([(1, 0), (1, 1), (2, 0), (2, 1)], values, strict=True)
    ]
    lines = [line.split() for line in phase.table(rows).splitlines()]
    assert lines[1] == ["real", "1", "4", "75.0", "7.1", "10.0", "85.0", "65.0", "+35.0", "±", "5.0"]
    assert lines[2] == ["start", "1", "4", "40.0", "7.1", "5.0", "45.0", "35.0", "-35.0", "±", "5.0"]


def test_resampling_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """The way that is taken keeps what can be heard and drops the rest, as that of old runs does not."""
    threads = torch.get_num_threads()
    resample.main(["--quick", "--json"])
    torch.set_num_threads(threads)
    (found,) = json.loads(capsys.readouterr().out).values()
    assert list(found) == ["soxr", "kaiser", "hann"]
    assert found["soxr"]["0.9"] > -0.1 > -1 > found["hann"]["0.9"]
    assert found["soxr"]["1.04"] < -100 < -10 < found["hann"]["1.04"]


def test_the_judges_are_compared_and_nothing_is_searched_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSLNAS_CACHE", str(tmp_path / "cache"))
    out = tmp_path / "rows.jsonl"
    asked = ["--out", str(out), "--quick", "--data", "digits", "--split", "official", "--device", "cpu"]
    judge.main(asked)
    first = judge.rows_of(out)
    assert [(row["asked"], row["judge"]) for row in first] == [(one, one) for one in judge.JUDGES]
    assert {"rows", "chance", "halves", "survives", "thirds"} == set(first[0]["signal"])
    lines = out.read_text().splitlines(keepends=True)
    out.write_text(lines[0] + lines[1][:30])  # a kill in the middle of a line
    capsys.readouterr()
    judge.main(asked)
    again = judge.rows_of(out)
    told = capsys.readouterr()
    assert told.err.count(" of 1: ") == 1
    assert again[0] == first[0] and again[1]["genotype"] == first[1]["genotype"]
    assert [line.split()[0] for line in told.out.splitlines()] == ["judge", *judge.JUDGES]


def test_a_table_of_judges_has_paired_differences_over_searches_and_over_folds() -> None:
    accuracies = {"clips": (0.5, 0.6, 0.7, 0.8), "groups": (0.6, 0.6, 0.7, 0.9)}
    signal = {"rows": 9, "chance": 0.2, "halves": {"same": 0.5}}
    rows = [
        {"asked": one, "fold": fold, "seed": seed, "accuracy": value, "validation": 0.9, "signal": signal}
        for one, values in accuracies.items()
        for (fold, seed), value in zip([(1, 0), (1, 1), (2, 0), (2, 1)], values, strict=True)
    ]
    lines = [line.split() for line in judge.table(rows).splitlines()]
    assert lines[1] == ["clips", "4", "65.0", "55.0", "75.0", "90.0", "50.0", "20.0"]
    assert lines[2][:8] == ["groups", "4", "70.0", "60.0", "80.0", "90.0", "50.0", "20.0"]
    assert lines[2][8:] == ["+5.0", "±", "2.9", "+5.0", "±", "0.0"]


def test_classes_are_thinned_from_few_clips_to_all() -> None:
    found = balance.sizes(10, 160, 10, seed=3)
    assert sorted(found) == list(range(10)) and min(found.values()) == 10 and max(found.values()) == 160
    ordered = sorted(found.values())
    steps = [later / before for before, later in pairwise(ordered)]
    assert max(steps) / min(steps) < 1.2
    assert found != balance.sizes(10, 160, 10, seed=4)


@pytest.mark.usefixtures("tiny_runs")
def test_balances_are_compared_in_pairs(
    tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "rows.jsonl"
    asked = ["--data", f"folder:{tones}", "--rare", "2", "--seeds", "1", "--steps", "1", "--batch", "4"]
    monkeypatch.setattr(sys, "argv", ["balance.py", "--out", str(out), *asked])
    balance.main()
    rows = balance.rows_of(out)
    assert [row["balance"] for row in rows] == list(balance.BALANCES)
    assert all(0 <= row["figures"]["macro_f1"] <= 1 for row in rows)
    capsys.readouterr()
    balance.main()
    told = capsys.readouterr()
    assert told.err == "" and balance.rows_of(out) == rows
    assert [line.split()[0] for line in told.out.splitlines()] == ["balance", *balance.BALANCES]


def test_a_measurement_of_large_sets_goes_on_after_a_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clips that are whole stay, one that is cut off is made again, and no row is measured twice."""
    asked: list[tuple[str, int]] = []

    def measure(folder: Path, cache: Path, kind: str, clips: int, steps: int) -> dict[str, Any]:
        asked.append((kind, clips))
        if len(asked) == 3:
            raise KeyboardInterrupt
        figures = {"clips": clips, "seconds": 1.0, "peak": 2.0}
        both = {"memory": 1.0, "disk": 1.0, "ratio": 1.0, "same": True, "resumed": True}
        return figures if kind == "course" else both

    monkeypatch.setattr(large_sets, "in_process", measure)
    with pytest.raises(KeyboardInterrupt):
        list(large_sets.measured(tmp_path, 8, 2))
    assert asked == [("course", 2), ("course", 2), ("course", 4)]
    first, second = tmp_path / "falls" / "0.wav", tmp_path / "rises" / "1.wav"
    made, when = first.read_bytes(), second.stat().st_mtime_ns
    first.write_bytes(made[:-9])
    assert len(list(large_sets.measured(tmp_path, 8, 2))) == 6
    assert asked[3:] == [("course", 4)] * 2 + [("course", 8)] * 2 + [("compared", 8)]
    assert first.read_bytes() == made and second.stat().st_mtime_ns == when
    before = [*asked]
    assert list(large_sets.measured(tmp_path, 8, 2))[1].split() == ["2", "1.0", "2.0", "1.0", "2.0"]
    assert asked == before


def test_an_unknown_method_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        methods.main(["--method", "dart", "--batch", "2"])
    assert "dart" in capsys.readouterr().err


def test_the_benchmark_prints_figures_for_tools() -> None:
    code = "import benchmarks.check as b; b.POINTS = (2, 3, 4); b.main()"
    command = [sys.executable, "-c", code, "--runs", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    found = json.loads(done.stdout)
    assert len(found) == 4 + 3 + 2
    assert all(set(one) == {"wall_ms", "cpu_ms"} and min(one.values()) >= 0 for one in found.values())


def test_a_search_by_sampling_is_compared_with_plain_code(capsys: pytest.CaptureFixture[str]) -> None:
    """Of the same networks: as many weights on every path, and as many in all."""
    threads = torch.get_num_threads()
    evolve.main(["--quick", "--json", "--space", "keywords"])
    torch.set_num_threads(threads)
    found = json.loads(capsys.readouterr().out)["keywords"]
    assert list(found) == ["a fair batch", "a candidate"]
    assert all(min(one.values()) > 0 for one in found.values())
    for name in evolve.PLAIN:
        one = load(name, Request(data="fsdd"))
        plain, ours = evolve.PLAIN[name](len(one.classes)), SampledSupernet(one.supernet, 0)
        for path in Draws(one.supernet, one.method.keeping, Sampling("uniform", 2), 0).at(0):
            x = torch.randn(2, *one.supernet.network["input"].type.stored)
            F.cross_entropy(plain(x, path.options), torch.tensor([0, 1])).backward()
            used = sum(p.numel() for p in plain.parameters() if p.grad is not None)
            parts = {id(p): p.numel() for part in ours.parts_on(path) for p in part.parameters()}
            assert used == sum(parts.values())
            plain.zero_grad()
        assert sum(p.numel() for p in plain.parameters()) == sum(p.numel() for p in ours.parameters())


def test_nodes_edges_and_channels_are_compared_at_bounds() -> None:
    """A share of the nodes is a goal for nodes alone; every network has a folder of its own."""
    todo = list(pruning.planned(["l1"], ["1/2", "macs < 60%"], [0], ["nodes", "edges", "channels"]))
    assert [(one.of, one.goal) for one in todo[1:]] == [
        ("nodes", "1/2"),
        *((of, "macs < 60%") for of in ("nodes", "edges", "channels")),
    ]
    assert len({one.folder for one in todo}) == len(todo)


@pytest.mark.usefixtures("tiny_runs")
def test_prunings_are_compared_and_nothing_is_trained_twice(
    tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rows.jsonl"
    data = ["--data", f"folder:{tones}", "--split", "", "--device", "cpu"]
    asked = ["--out", str(out), "--quick", *data, "--goals", "1/2", "--methods", "gal", "chance"]
    pruning.main(asked)
    first = rows_of(out)
    assert [row["pruning"] for row in first] == ["before", "gal", "chance"]
    assert first[1]["nodes"] == first[2]["nodes"] and first[0]["params"] > first[1]["params"]
    lines = out.read_text().splitlines(keepends=True)
    out.write_text("".join(lines[:-1]) + lines[-1][:30])  # a kill in the middle of a line
    capsys.readouterr()
    pruning.main(asked)
    told = capsys.readouterr()
    assert told.err.count(" of 1: ") == 1
    again = rows_of(out)
    assert again[:2] == first[:2]
    assert {**again[2], "seconds": 0} == {**first[2], "seconds": 0}
    assert [line.split()[0] for line in told.out.splitlines()] == ["network", "before", "gal", "chance"]
