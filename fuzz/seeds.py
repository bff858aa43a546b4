"""Where a fuzzer begins: the shipped files, the examples of the explanations, the cases of the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dslnas.base.explanations import explained, explanation
from dslnas.resolve.library import shipped

CASES = Path(__file__).parent.parent / "tests" / "cases"
PUBLISHED = CASES.with_name("published_genotypes.txt")
GRAMMAR = Path(__file__).parent.parent / "grammar" / "dslnas.lark"
_WORD = re.compile(r'"(\w+|[^\w\s"]{1,2})"')  # in the grammar, a keyword or a sign
_NAMES = (
    "S f x n p C stride input classes earlier candidates network loss "
    "conv dwconv relu bn skip sep_conv align concat sum global_pool linear"
)
_OTHERS = '0 1 3 0.5 2C 50% 16kHz 1e14 1e400 1e999 100000 "lib/darts.nas" " $ # é'
# Of what texts are made: keywords and signs of the grammar, names, numbers, and what is foreign to it.
WORDS = (
    *dict.fromkeys(_WORD.findall(GRAMMAR.read_text(encoding="utf-8"))),
    *_NAMES.split(),
    *_OTHERS.split(),
    *("\n", "\n", "\t", "\u2028"),
)


def seeds(target: str) -> Iterator[bytes]:
    """The inputs from which the fuzzing of a target starts."""
    if target == "importer":
        yield PUBLISHED.read_bytes()
        return
    wanted = ".json" if target in ("genotype", "run_folder", "front") else ".nas"
    for path in sorted((*shipped().rglob("*.nas"), *CASES.rglob("*.nas"))):
        if wanted == ".nas" or target == "genotype":
            yield path.read_bytes()
    for code in explained():
        for example in (explanation(code).wrong, explanation(code).mended):
            for name, text in example.files.items():
                if name.endswith(wanted):
                    yield text.encode()
                    if target == "run_folder":  # the first byte says which file it is
                        yield from (bytes([number]) + text.encode() for number in range(7))


def write_seeds(target: str, folder: Path) -> None:
    """Write the seeds of a target into its corpus, beside what was found before."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (folder / f"seed-{number:03}").write_bytes(seed)


def dictionary() -> str:
    """The words that can be seen, as libFuzzer reads them: one in quotes a line."""
    seen = (word.replace('"', r"\x22") for word in WORDS if word.isprintable() and word.isascii())
    return "".join(f'"{word}"\n' for word in seen)
