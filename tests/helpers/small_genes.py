"""Small spaces of cells and of layers, with their genes, for tests of what evolves."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dslnas.elaborate.space import Setup, build
from dslnas.ir.analysis.genes import Genes
from dslnas.ir.graph import Keep, Program
from dslnas.ir.tensortype import tensor
from dslnas.passes import PIPELINE, run_passes
from dslnas.resolve.resolve import resolve

TEXT = """
use "lib/darts.nas"
op mb(out, k = choose {1, 3}) = x -> conv(1, out) -> relu -> dwconv(k) -> bn(affine: true)

space Drawn(nodes = 2, channels = 4) {
    candidates {
        skip = skip
        conv = OPERATION
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> align(prev)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep KEEP
        OUTPUT
    }
    cell reduction = normal with { stride: 2 }
    network = input -> STAGES -> global_pool -> linear(classes)
}
"""
CELLS = "normal -> reduction"
KERNEL = "x -> dwconv(choose {1, 3}) -> bn"  # a choice inside of an operation


@cache
def program_of(
    stages: str = CELLS,
    nodes: int = 2,
    keep: int = 2,
    output: str = "concat(n)",
    operation: str = "dil_conv(3)",
    more: tuple[tuple[str, str], ...] = (),
) -> Program:
    """The program of a network, after all passes, over 1 x 17 x 20 and 3 classes."""
    text = TEXT.replace("STAGES", stages).replace("KEEP", str(keep)).replace("OUTPUT", output)
    text = text.replace("OPERATION", operation)
    for old, new in more:
        text = text.replace(old, new)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.nas"
        path.write_text(text, encoding="utf-8")
        definitions, _ = resolve(path)
        setup = Setup({"nodes": nodes, "channels": 4, "domain": "real"}, tensor("real", 1, 17, 20), 3)
        program, found = build(definitions.spaces["Drawn"], definitions.ops, setup)
        assert program is not None, found
        return run_passes(program, PIPELINE)


@cache
def genes_of(program: str = CELLS, **more: Any) -> Genes:
    return Genes.of(program_of(program, **more), Keep())
