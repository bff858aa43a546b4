"""Reads published genotypes that are data and no call of `Genotype`, and says of other data why it is none.

- NNI: the exported architecture of its DARTS, `{"normal/op_2_0": "sep_conv_3x3", "normal/input_2_0": 0}`,
  and in version 1 `{"normal_n2_p0": "sepconv3x3", "normal_n2_switch": ["normal_n2_p0", "normal_n2_p1"], ...}`
- NAS-Bench-301: its configurations, `{"..edge_normal_0": "sep_conv_3x3", "..inputs_node_normal_3": "0_1"}`,
  and the pairs `([(0, 3), (1, 2), ...], [...])` of a source and the number of an operation (NASLib)

Cells of NAS-Bench-201, which have another form, are read by `nasbench201.py`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..base import limits
from ..base.diagnostics import fail
from ..base.source import Source, Span, start_of

INPUTS = 2
# The operations of NAS-Bench-301 by their numbers.
OPERATIONS = (
    *("max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3"),
    *("sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"),
)
_NNI_1 = {
    "maxpool": "max_pool_3x3",
    "avgpool": "avg_pool_3x3",
    "skipconnect": "skip_connect",
    "sepconv3x3": "sep_conv_3x3",
    "sepconv5x5": "sep_conv_5x5",
    "dilconv3x3": "dil_conv_3x3",
    "dilconv5x5": "dil_conv_5x5",
}
_OP_KEY = re.compile(r"(?:.*/)?(normal|reduce)/op_(\d+)_(\d+)")
_SWITCH_KEY = re.compile(r"(normal|reduce)_n(\d+)_switch")
_EDGE_KEY = re.compile(r"(?:.*:)?inputs_node_(normal|reduce)_(\d+)")


@dataclass(frozen=True)
class Stated:
    """An edge as data states it: its cell, the state it leads to and that it comes from, its operation."""

    cell: str
    node: int
    source: int
    operation: str
    span: Span


def stated_edges(source: Source) -> list[Stated]:
    """The edges that a text of data states; empty where it is none.

    Raises DslnasError N0501 at what is of another form.
    """
    value = _value(source.text)
    if isinstance(value, dict):
        found = [one for read in (_nni, _nni_1, _nasbench301) for one in read(source, value)]
    else:
        found = list(_pairs(source, value))
    if len(found) > limits.PARTS:
        raise fail("N0501", f"at most {limits.PARTS} edges are read", start_of(source))
    return found


def _value(text: str) -> Any:
    """The value of a text that is JSON or a literal of Python; None of any other text."""
    if not text.lstrip().startswith(("{", "(", "[")):
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    return None


def _nni(source: Source, value: Mapping[str, Any]) -> Iterator[Stated]:
    for key, operation in value.items():
        if (match := _OP_KEY.fullmatch(str(key))) is not None:
            input = value.get(str(key).replace("/op_", "/input_"))
            state = input[0] if isinstance(input, list) and len(input) == 1 else input
            yield _stated(source, key, match[1], int(match[2][:4]), state, operation)


def _nni_1(source: Source, value: Mapping[str, Any]) -> Iterator[Stated]:
    for key, chosen in value.items():
        if (match := _SWITCH_KEY.fullmatch(str(key))) is not None:
            for name in chosen if isinstance(chosen, list) else [chosen]:
                state = re.fullmatch(rf"{match[1]}_n{match[2]}_p(\d{{1,4}})", str(name))
                operation = value.get(str(name))
                operation = operation[0] if isinstance(operation, list) and len(operation) == 1 else operation
                number = int(state[1]) if state else None
                node = int(match[2][:4])
                yield _stated(source, key, match[1], node, number, _NNI_1.get(str(operation), operation))


def _nasbench301(source: Source, value: Mapping[str, Any]) -> Iterator[Stated]:
    """Edges are numbered in the order of their nodes: those into node 2 are 0 and 1, into node 3 are 2 to 4.

    Node 2 has both of its edges, so that configurations leave its inputs out.
    """
    for key, inputs in value.items():
        if (match := _EDGE_KEY.fullmatch(str(key))) is not None:
            node = int(match[2][:4])
            first = sum(range(INPUTS, node)) if node <= limits.ARRIVALS else 0
            edge = str(key).replace("inputs_node_", "edge_").removesuffix(match[2])
            for text in str(inputs).split("_"):
                state = int(text) if text.isdecimal() and len(text) < 4 else None
                yield _stated(source, key, match[1], node, state, value.get(f"{edge}{first + (state or 0)}"))
    for cell in ("normal", "reduce"):
        for key, operation in value.items():
            match = re.fullmatch(rf"(?:.*:)?edge_{cell}_([01])", str(key))
            if match is not None and not any(str(other).endswith(f"inputs_node_{cell}_2") for other in value):
                yield _stated(source, key, cell, INPUTS, int(match[1]), operation)


def _pairs(source: Source, value: Any) -> Iterator[Stated]:
    cells = value if isinstance(value, list | tuple) and len(value) == 2 else ()
    for cell, pairs in zip(("normal", "reduce"), cells, strict=False):
        for place, pair in enumerate(pairs if isinstance(pairs, list | tuple) else ()):
            if not isinstance(pair, list | tuple) or len(pair) != 2:
                return
            state, number = pair
            known = type(number) is int and 0 <= number < len(OPERATIONS)
            operation = OPERATIONS[number] if known else None
            yield _stated(source, f"{state}", cell, INPUTS + place // 2, state, operation)


def _stated(source: Source, key: object, cell: str, node: int, state: object, operation: object) -> Stated:
    """An edge; raises DslnasError N0501 at its key where its source or its operation is none."""
    place = source.text.find(str(key))
    span = _span(source, place, place + len(str(key))) if place >= 0 else start_of(source)
    if type(state) is not int or not 0 <= state <= limits.ARRIVALS or node > limits.ARRIVALS:
        raise fail("N0501", f"an edge of cell `{cell}` comes from no state", span)
    if not isinstance(operation, str):
        raise fail("N0501", f"an edge of cell `{cell}` has no operation", span)
    return Stated(cell, node, state, operation, span)


def _span(source: Source, start: int, end: int) -> Span:
    line = source.text.count("\n", 0, start) + 1
    column = start - (source.text.rfind("\n", 0, start) + 1) + 1
    return Span(source, line, column, line, column + max(1, end - start))
