"""Cells as Graphviz and Mermaid text, to be laid out by other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .drawing import CellDrawing, check, shown
from .palette import colour, styles


def dot_text(drawings: Sequence[CellDrawing], title: str = "") -> str:
    """The cells as one Graphviz digraph, a cluster each; raises DslnasError where one is no acyclic graph."""
    lines = ["digraph cells {", "  rankdir=LR;", '  fontname="sans-serif";']
    lines += [f"  label={_dot(shown(title))};", "  labelloc=t;"] if title else []
    lines += ['  node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=11];']
    lines += ['  edge [fontname="sans-serif", fontsize=10];']
    for index, drawing in enumerate(drawings):
        lines.append(f"  subgraph cluster_{index} {{")
        lines += [f"    label={_dot(shown(drawing.name))};", "    color=none;"]
        for vertex, text, role in _vertices(drawing, index):
            fill, line = colour(f"{role}-fill"), colour(f"{role}-line")
            lines.append(f'    {vertex} [label={_dot(text)}, fillcolor="{fill}", color="{line}"];')
        worn = styles(label for _, _, label in drawing.edges)
        for source, target, label, is_quiet in _edges(drawing, index):
            grey = is_quiet or not label
            line = f'color="{colour("line") if grey else worn[label].colour}"'
            look = f"label={_dot(shown(label))}, {line}" if label else line
            lines.append(f"    {source} -> {target} [{look}];")
        lines.append("  }")
    return "\n".join([*lines, "}", ""])


def mermaid_text(drawings: Sequence[CellDrawing], title: str = "") -> str:
    """The cells as one Mermaid flowchart, a subgraph each; raises DslnasError as `dot_text` does."""
    lines = ["---", f"title: {_yaml(title)}", "---"] if title else []
    lines += ["flowchart LR"]
    for index, drawing in enumerate(drawings):
        lines.append(f"  subgraph cell{index}[{_mermaid(shown(drawing.name) or ' ')}]")
        for vertex, text, role in _vertices(drawing, index):
            lines.append(f"    {vertex}({_mermaid(text)}):::{role}")
        for source, target, label, is_quiet in _edges(drawing, index):
            line = "-.->" if is_quiet else "-->"
            arrow = f"{line}|{_mermaid(shown(label))}|" if label else line
            lines.append(f"    {source} {arrow} {target}")
        lines.append("  end")
    for role in ("input", "node", "concat"):
        fill, line = colour(f"{role}-fill"), colour(f"{role}-line")
        lines.append(f"  classDef {role} fill:{fill},stroke:{line},color:{colour('ink')}")
    return "\n".join([*lines, ""])


def _vertices(drawing: CellDrawing, index: int) -> Iterator[tuple[str, str, str]]:
    """Identifier, text and role of every vertex; identifiers are numbered, since names may be any text."""
    check(drawing)
    name = _names(drawing, index)
    for kind, group in (("input", drawing.inputs), ("node", drawing.nodes)):
        for one in group:
            yield name(one), shown(one), kind
    yield f"c{index}_out", "concat" if len(drawing.output) != 1 else "output", "concat"


def _edges(drawing: CellDrawing, index: int) -> Iterator[tuple[str, str, str, bool]]:
    """Identifiers of both ends of every edge, its label, and whether it is grey."""
    name = _names(drawing, index)
    for edge in drawing.edges:
        source, target, label = edge
        yield name(source), name(target), label, edge in drawing.quiet
    for source in drawing.output:
        yield name(source), f"c{index}_out", "", False


def _names(drawing: CellDrawing, index: int) -> Callable[[str], str]:
    numbers = {name: number for number, name in enumerate((*drawing.inputs, *drawing.nodes))}
    return lambda name: f"c{index}_{numbers[name]}"


def _dot(text: str) -> str:
    """A Graphviz string: only the quote and the backslash are special in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _mermaid(text: str) -> str:
    """A Mermaid string: all but plain characters as entities, which Mermaid spells `#code;`."""
    plain = "".join(c if c.isalnum() or c in " _.-,+*/=()" else f"#{ord(c)};" for c in text)
    return f'"{plain}"'


def _yaml(text: str) -> str:
    return "'" + shown(text).replace("'", "''") + "'"
