"""An evolution over a small space with a made-up accuracy: better than chance, the same after any kill."""

from __future__ import annotations

import json
import random as global_random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evolving import Judge, assess, layers, method
from small_genes import genes_of

from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import EVALUATIONS
from dslnas.ir.analysis.genes import Genes
from dslnas.methods.budget import Requirement
from dslnas.search.evolved.archive import Archive
from dslnas.search.evolved.evolve import Progress, answer, asked, evolve, evolve_on
from dslnas.search.evolved.front import Evolved
from dslnas.search.evolved.front_file import front_json, to_front
from dslnas.search.evolved.population import chance_of, evolved_share


def result(evolved: Evolved, genes: Genes) -> str:
    """All that comes out, as text."""
    return json.dumps(front_json(to_front(evolved, genes, "sha256:0", "made")))


def test_the_share_that_is_evolved_is_that_of_equation_1() -> None:
    shares = {i: evolved_share(i, 70) for i in range(1, 71)}
    assert all(shares[i] == 0.0 for i in range(1, 16))
    assert shares[16] == pytest.approx(1 / 68.75) and shares[42] == pytest.approx(27 / 68.75)
    assert shares[70] == pytest.approx(0.8)
    assert evolved_share(10, 10) == pytest.approx(0.8) and evolved_share(2, 10) == 0.0
    assert evolved_share(20, 40) == pytest.approx(shares[35])


def test_a_generation_draws_what_the_seed_and_its_number_say() -> None:
    first = [chance_of(*where).random() for where in ((0, "a", 1), (1, "a", 1), (0, "b", 1), (0, "a", 2))]
    assert len(set(first)) == 4
    assert chance_of(0, "a", 1).random() == first[0]


@pytest.mark.parametrize("seed", range(3))
def test_evolution_finds_more_than_random_search_with_as_many_evaluations(seed: int) -> None:
    genes = layers()
    evolved = evolve(genes, method(16, 25), assess(genes), seed, Archive())
    assert len(evolved.found) == len(evolved.random or ()) == 400
    count, own, other = evolved.hypervolume[-1]
    assert count == 400 and other is not None and own > other
    volumes = [own for _, own, _ in evolved.hypervolume]
    assert volumes == sorted(volumes) and 0 < volumes[0] < volumes[-1] < 1


def test_no_network_is_evaluated_twice() -> None:
    genes = genes_of("normal -> reduction", nodes=2, keep=1)
    judge, archive = Judge(genes), Archive()
    evolved = evolve(genes, method(12, 12), judge, 0, archive)
    assert len(set(judge.keys)) == len(judge.keys) == len(archive)
    for individuals in (evolved.found, evolved.random or ()):
        assert len({one.key for one in individuals}) == len(individuals) == 144
    assert len(archive) < 288  # random search draws some that the evolution has evaluated
    assert all(size <= 12 for size in judge.batches)


def test_the_new_candidates_of_a_generation_are_assessed_at_once() -> None:
    genes = layers()
    judge = Judge(genes)
    evolve(genes, method(16, 6), judge, 0, Archive(), random=False)
    assert judge.batches == [16] * 6


def test_the_share_drawn_at_random_falls() -> None:
    genes = layers()
    evolved = evolve(genes, method(20, 14), assess(genes), 0, Archive(), random=False)
    shares = [share for _, share in evolved.shares]
    assert shares[:3] == [1.0, 1.0, 1.0] and shares[-1] == pytest.approx(0.2)
    assert shares == sorted(shares, reverse=True)
    assert evolved.random is None and all(other is None for _, _, other in evolved.hypervolume)


def test_a_space_that_is_exhausted_ends_the_evolution() -> None:
    genes = genes_of("conv(3, choose {2, 4}) -> mb(4) -> mb(4)")  # 8 networks
    evolved = evolve(genes, method(5, 10), assess(genes), 0, Archive())
    assert evolved.exhausted and len(evolved.found) == len(evolved.random or ()) == 8
    assert len(evolved.shares) < 10


def test_one_seed_is_one_result_and_the_global_state_is_left_alone() -> None:
    genes = layers()
    results = []
    for state in (1, 2):
        global_random.seed(state)
        before = global_random.getstate()
        results.append(result(evolve(genes, method(8, 8), assess(genes), 5, Archive()), genes))
        assert global_random.getstate() == before
    assert results[0] == results[1]
    assert results[0] != result(evolve(genes, method(8, 8), assess(genes), 6, Archive()), genes)


def resumed(
    folder: Path, data: bytes, run: Callable[[Judge, Archive], Evolved], genes: Genes
) -> tuple[str, bytes, Judge]:
    """The result, the file and the judge of a run that goes on from a file."""
    path = folder / EVALUATIONS
    path.write_bytes(data)
    judge = Judge(genes)
    return result(run(judge, Archive.open(path)), genes), path.read_bytes(), judge


def test_a_kill_at_any_line_changes_nothing(tmp_path: Path) -> None:
    genes = genes_of("mb(choose {2, 4}) -> mb(choose {2, 4, 6}) -> choose {1, 2} times mb(6)")

    def run(judge: Judge, archive: Archive) -> Evolved:
        return evolve(genes, method(4, 4), judge, 3, archive)

    whole, data, judge = resumed(tmp_path, b"", run, genes)
    lines = data.splitlines(keepends=True)
    assert len(lines) == len(judge.keys) > 20
    for kept in range(len(lines)):
        for torn in (b"", lines[kept][: -1 if kept % 2 else 20]):
            again, file, judge = resumed(tmp_path, b"".join(lines[:kept]) + torn, run, genes)
            assert (again, file) == (whole, data)
            assert len(judge.keys) == len(lines) - kept


def test_an_interrupted_evolution_has_kept_what_it_evaluated(tmp_path: Path) -> None:
    genes = layers()
    archive = Archive.open(tmp_path / EVALUATIONS)
    with pytest.raises(KeyboardInterrupt):
        evolve(genes, method(8, 8), Judge(genes, stop=13), 0, archive)
    assert len(Archive.read(tmp_path / EVALUATIONS)) == 13
    evolved = evolve(genes, method(8, 8), assess(genes), 0, Archive.open(tmp_path / EVALUATIONS))
    assert result(evolved, genes) == result(evolve(genes, method(8, 8), assess(genes), 0, Archive()), genes)


def below(price: Any, limit: float) -> Requirement:
    return Requirement(price, limit, f"{price} < {limit:g}")


def test_what_is_required_holds_for_all_of_the_front() -> None:
    genes = layers()
    free = evolve(genes, method(16, 14), assess(genes), 0, Archive(), random=False)
    limit = sorted(one.figures["params"] for one in free.found)[len(free.found) // 10]
    tight = evolve(genes, method(16, 14, below("params", limit)), assess(genes), 0, Archive(), random=False)
    assert tight.front and all(one.figures["params"] < limit for one in tight.front)
    share = [
        sum(one.figures["params"] < limit for one in evolved.found) / len(evolved.found)
        for evolved in (free, tight)
    ]
    assert share[1] > share[0]


def test_asked_again_the_archive_answers() -> None:
    genes, archive = layers(), Archive()
    evolved = evolve(genes, method(16, 14), assess(genes), 0, archive, random=False)
    same = answer(method(16, 14), archive)
    assert [one.key for one in same.front] == [one.key for one in evolved.front]
    limit = evolved.front[len(evolved.front) // 2].figures["params"]
    found = answer(method(16, 14, below("params", limit)), archive)
    assert [one.key for one in found.front] == [
        one.key for one in evolved.front if one.figures["params"] < limit
    ]


def test_asked_for_what_was_not_found_it_goes_on_from_there() -> None:
    genes, archive = layers(), Archive()
    evolve(genes, method(16, 8), assess(genes), 0, archive, random=False)
    least = min(one.figures["params"] for one in archive)
    asking = method(16, 4, below("params", least))
    nothing = answer(asking, archive)
    assert nothing.front == () and nothing.knee is None and nothing.reference == {}
    assert {one.figures["params"] for one in nothing.nearest} == {least}
    found = evolve_on(genes, asking, assess(genes), 0, archive)
    assert found.front and all(one.figures["params"] < least for one in found.front)
    assert len(found.found) == 16 * 8 + 16 * 4 == len(archive)


def test_asked_the_same_again_it_begins_where_it_began(tmp_path: Path) -> None:
    genes = layers()
    archive = Archive.open(tmp_path / EVALUATIONS)
    evolve(genes, method(10, 6), assess(genes), 0, archive, random=False)
    start = (tmp_path / EVALUATIONS).read_bytes()
    asking = method(10, 3, below("params", min(one.figures["params"] for one in archive) + 20))

    def run(judge: Judge, archive: Archive) -> Evolved:
        return evolve_on(genes, asking, judge, 0, archive)

    whole, data, _ = resumed(tmp_path, start, run, genes)
    lines = data[len(start) :].splitlines(keepends=True)
    for kept in (0, 1, len(lines) // 2, len(lines)):
        again, file, judge = resumed(tmp_path, start + b"".join(lines[:kept]), run, genes)
        assert (again, file, len(judge.keys)) == (whole, data, len(lines) - kept)
    other = evolve_on(
        genes, method(10, 3, below("macs", 1.0)), assess(genes), 0, Archive.read(tmp_path / EVALUATIONS)
    )
    assert len(other.found) > len(lines) + 60


def test_what_was_there_before_a_question_answers_it_alike_after_it() -> None:
    genes, archive = layers(), Archive()
    evolve(genes, method(10, 4), assess(genes), 0, archive, random=False)
    asking = method(10, 2, below("params", sorted(one.figures["params"] for one in archive)[3]))
    before = answer(asking, archive.before(asked(asking)))
    assert len(before.found) == len(archive) == 40 and len(before.front) <= 3
    evolve_on(genes, asking, assess(genes), 0, archive)
    assert len(archive) > 40
    assert answer(asking, archive.before(asked(asking))) == before


def test_progress_is_told_after_each_generation() -> None:
    genes, told = layers(), list[Progress]()
    evolve(genes, method(8, 5), assess(genes), 0, Archive(), told.append)
    assert [(one.by, one.generation, one.evaluations) for one in told] == [
        *(("evolution", number, 8 * number) for number in range(1, 6)),
        *(("random", number, 8 * number) for number in range(1, 6)),
    ]
    assert all(one.generations == 5 for one in told)
    assert [len(one.best) for one in told] == [8] * 5 + [0] * 5


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    genes, path = layers(), tmp_path / EVALUATIONS
    evolve(genes, method(8, 2), assess(genes), 0, Archive.open(path), random=False)
    first, second, *rest = path.read_bytes().splitlines(keepends=True)
    for broken in (b"{}\n", b"[1]\n", b"no\n", second.replace(b'"evolution"', b'"chance"'), b"\xff\n"):
        path.write_bytes(b"".join([first, broken, *rest]))
        with pytest.raises(DslnasError, match=r"evaluations\.jsonl:2: this is no evaluation"):
            Archive.open(path)
