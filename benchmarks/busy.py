"""How much longer a step of the search takes beside other busy processes: `python benchmarks/busy.py
[--kind dslnas] [--size quick] [--beside 2] [--rounds 5] [--json]`.

A step of DARTS on SS1 in processes of their own, of two kinds: `dslnas` begins as the command line does
(threads sleep while they wait, as many as there are processors free), `torch` as torch does by itself
(threads spin, one for each processor). Each kind has a process that began on the machine as it is, `alone`,
and one that began beside processes that do nothing but count. All are measured in turn, so that what else the
machine does falls on all of them; ratios are medians of rounds. A step that takes a minute is ended, and
counts as endless. The aim: beside two others a step takes at most 2.5 times as long.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from math import inf
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

from dslnas.base.processors import COUNTING, WAITING, processors, sleep_while_waiting

KINDS = ("dslnas", "torch")
LIMIT = 2.5
PATIENCE = 60.0  # seconds of a step


def worker(kind: str, size: str) -> None:
    """Measure a step for each line of stdin; the first line of stdout says with how many threads."""
    if kind == "dslnas":
        sleep_while_waiting()
    import torch
    from clock import seconds_of
    from sizes import SIZES, batches, experiment

    from dslnas.passes import supernet_passes
    from dslnas.search.relaxed.step import RelaxedSearch

    if kind == "dslnas":
        torch.set_num_threads(min(torch.get_num_threads(), processors().free))
    cpu, one = torch.device("cpu"), experiment(SIZES[size])
    passes = supernet_passes(one.supernet, SIZES[size].batch)
    search = RelaxedSearch(one.supernet, one.method, 0, None, cpu, passes)
    held, train = batches(one, SIZES[size], cpu)
    print(torch.get_num_threads(), flush=True)
    for _ in sys.stdin:
        print(seconds_of(lambda: search.step(held, train, 0.0), cpu), flush=True)


class Worker:
    """A process that measures steps when it is asked."""

    def __init__(self, kind: str, size: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in (*WAITING, *COUNTING)}
        command = [sys.executable, __file__, "--worker", kind, "--size", size]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=kept)
        self.threads = int(self._heard(10 * PATIENCE))
        self.seconds()  # warms up

    def seconds(self) -> float:
        """The seconds of a step now."""
        if self.process.poll() is not None:
            return inf
        assert self.process.stdin is not None
        print("step", file=self.process.stdin, flush=True)
        return float(self._heard(PATIENCE))

    def _heard(self, patience: float) -> str:
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], patience)[0]:
            self.process.kill()
            self.process.wait()
            return "inf"
        return self.process.stdout.readline()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def spinning(count: int) -> Iterator[None]:
    """A context beside so many processes that count."""
    code = "while True: pass"
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(count)]
    try:
        time.sleep(0.5)
        yield
    finally:
        for one in running:
            one.send_signal(signal.SIGKILL)
            one.wait()


def measured(kinds: Sequence[str], size: str, beside: int, rounds: int) -> dict[str, dict[str, object]]:
    """Threads, seconds alone and beside, and the ratio of both, of each kind."""
    with ExitStack() as stack:
        alone = {kind: stack.enter_context(Worker(kind, size)) for kind in kinds}
        with spinning(beside):
            crowded = {kind: stack.enter_context(Worker(kind, size)) for kind in kinds}
        seconds: dict[tuple[str, str], list[float]] = {}
        for _ in range(rounds):
            for kind in kinds:
                seconds.setdefault((kind, "alone"), []).append(alone[kind].seconds())
            with spinning(beside):
                for kind in kinds:
                    seconds.setdefault((kind, "beside"), []).append(crowded[kind].seconds())
    found: dict[str, dict[str, object]] = {}
    for kind in kinds:
        first, second = seconds[kind, "alone"], seconds[kind, "beside"]
        found[kind] = {
            "threads": [alone[kind].threads, crowded[kind].threads],
            "alone": median(first),
            "beside": median(second),
            "ratio": median(b / a for a, b in zip(first, second, strict=True)),
        }
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--kind", choices=KINDS, action="append", help="repeatable; default: both")
    parser.add_argument("--size", default="quick", help="of `sizes.py`; default: quick")
    parser.add_argument("--beside", type=int, default=2, help="processes that count; default: 2")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worker", choices=KINDS, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        worker(given.worker, given.size)
        return
    found = measured(given.kind or KINDS, given.size, given.beside, given.rounds)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    print(f"a step of {given.size}, beside {given.beside} processes that count")
    print("{:8} {:>10} {:>10} {:>10} {:>8}".format("", "threads", "alone", "beside", "ratio"))
    for kind, row in found.items():
        threads = " -> ".join(map(str, row["threads"]))  # type: ignore[call-overload]
        print(f"{kind:8} {threads:>10} {row['alone']:8.3f} s {row['beside']:8.3f} s {row['ratio']:8.2f}")
    print(f"the aim beside two others: at most {LIMIT} times as long")


if __name__ == "__main__":
    main()
