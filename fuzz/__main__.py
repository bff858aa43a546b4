"""`python -m fuzz TARGET [FLAG...]` fuzzes a target, guided by coverage; flags are those of libFuzzer."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["dslnas"]):
    from .seeds import dictionary, write_seeds
    from .targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: python -m fuzz {{{','.join(TARGETS)}}} [-max_total_time=SECONDS ...]")
    target, *flags = sys.argv[1:]
    corpus = CORPUS / target
    write_seeds(target, corpus)
    words = CORPUS / "words.dict"
    words.write_text(dictionary(), encoding="utf-8")
    given = [f"-dict={words}", "-timeout=20", "-rss_limit_mb=2048", "-max_len=4000", *flags]
    atheris.Setup([sys.argv[0], str(corpus), *given], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
