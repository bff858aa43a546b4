"""Check files in a process of bounded memory: `python bounded.py MEGABYTES FILE...` prints the codes as JSON.

Each file is checked in a fork, so that none profits from another's room; what ends otherwise says how.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback
from pathlib import Path

from dslnas.base.diagnostics import DslnasError
from dslnas.base.rendering import render_text, to_json
from dslnas.check.check import check_file
from dslnas.resolve.library import find_space

SECONDS = 60  # of processor time: far more than any file takes, and less than a hang


def main() -> None:
    room, *names = sys.argv[1:]
    check_file(find_space("ss1"))  # what is loaded once is no part of the bound
    print(json.dumps([forked(Path(name), int(room)) for name in names]))


def forked(path: Path, megabytes: int) -> str:
    """The codes of a file, or how its process ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, codes(path, megabytes).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        said = answer.read().decode()
    _, status = os.waitpid(child, 0)
    return said if status == 0 else f"ended with status {status}"


def codes(path: Path, megabytes: int) -> str:
    """The codes of a file, each once, or the exception that it raised."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    bound = used + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        try:
            found = check_file(path)
        except DslnasError as error:
            found = list(error.diagnostics)
        for diagnostic in found:
            render_text(diagnostic), to_json(diagnostic)
        return " ".join(dict.fromkeys(diagnostic.code for diagnostic in found))
    except BaseException:
        return traceback.format_exc(limit=-3)


if __name__ == "__main__":
    main()
