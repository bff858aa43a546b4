"""The topics of what the shipped files define: how it is written, what it costs, what uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from ...base.source import Source
from ...check.typecheck import typecheck
from ...elaborate.space import Setup, build
from ...ir.tensortype import tensor
from ...methods.pruning import prunes
from ...parse import syntax
from ...parse.format import formatted
from ...parse.parse import parse
from ...parse.walking import names_in, nodes_in
from ...resolve.library import LIBRARY, read_source, shipped, usable
from ...resolve.resolve import library
from ..places.signatures import (
    comment_of,
    of_symbol,
)
from ..places.symbols import Symbol, kind_of
from ..types import Fact, Facts, Watch
from ..workspace import Workspace
from .primitives import SIZE, cost_line
from .topic import Details, Topic


@cache
def definitions() -> Mapping[tuple[str, str], tuple[str, Symbol]]:
    """What the shipped files define: (keyword, name) -> the file, and the symbol; `lib/` comes first."""
    found: dict[tuple[str, str], tuple[str, Symbol]] = {}
    for file in sorted(usable(), key=lambda file: not file.startswith("lib/")):
        for node in parse(read_source(shipped() / file))[0].definitions:
            if not isinstance(node, syntax.Use):
                name = getattr(node, "name", "")
                found.setdefault((kind_of(node), name), (file, Symbol(kind_of(node), name, node.span, node)))
    return found


def shipped_topics(kind: str, group: str) -> Iterator[Topic]:
    """The topics of the shipped definitions of a kind: operations, front ends, methods or spaces."""
    for (found, name), (file, symbol) in definitions().items():
        if found == kind and (kind != "op" or file in LIBRARY):
            doc = " ".join(comment_of(symbol).split()) or _head(symbol)
            yield Topic(name, group, of_symbol(symbol), doc, _DetailsOf(kind, name, file, symbol))


def _head(symbol: Symbol) -> str:
    """Of a definition without a comment of its own: the first sentence of its file's comment."""
    lines = []
    for line in symbol.span.source.lines:
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return " ".join(lines).partition(". ")[0].rstrip(".")


@dataclass(frozen=True)
class _DetailsOf:
    """Makes the details of a shipped definition when they are asked for."""

    kind: str
    name: str
    file: str
    symbol: Symbol

    def __call__(self) -> Details:
        if self.kind == "space":
            return Details(facts=(("file", f"spaces/{self.file}"),), example=f"dslnas run {self.file[:-4]}")
        text = _text(self.symbol)
        if self._prunes():
            derived = f"method mine = {self.name} with {{\n    of: nodes\n}}"
            example = f'use "{self.file}"\n\n{derived}'
            where = ("use", f"`dslnas prune RUN --method {self.name}`")
            return Details(facts=(where,), example=example, text=text)
        if self.kind != "op":
            written = f'use "ss1.nas"\n\nexperiment {{\n    space: SS1\n    {self.kind}: {self._used()}\n}}'
            example = formatted(Source("", written)).rstrip()
            return Details(facts=(self._where(),), example=example, text=text)
        node = self.symbol.node
        assert isinstance(node, syntax.Op)
        facts = [*_elaborated(self._used(), self.file)]
        if "stride" in names_in([node.body.value, *(let.value for let in node.body.lets)]):
            facts.append(("stride", "that of its edge: 2 in a reduction cell halves the size"))
        facts.append(self._where())
        return Details((), tuple(facts), f'use "{self.file}"\n\nop example = x -> {self._used()}', text)

    def _prunes(self) -> bool:
        """Whether it is a method that makes a trained network smaller, which no experiment names."""
        known = library().methods
        return self.kind == "method" and self.name in known and prunes(known[self.name])

    def _where(self) -> tuple[str, str]:
        known = self.file in LIBRARY and self.kind != "op"
        line = f'`use "{self.file}"` at the top of the file'
        return ("use", f"an experiment needs none; to derive from it {line}" if known else line)

    def _used(self) -> str:
        """A use of the definition: the shortest in the shipped spaces, else with `x` for what is due."""
        parameters = getattr(self.symbol.node, "parameters", ())
        required = [one.name for one in parameters if one.default is None]
        if not required:
            return self.name
        written = [call for call in _calls().get(self.name, ()) if len(call.arguments) == len(required)]
        texts = [call.span.text for call in written if not names_in(call.arguments)]
        return min(texts, key=len, default=f"{self.name}({', '.join('x' for _ in required)})")


@cache
def _calls() -> Mapping[str, list[syntax.Call]]:
    """The calls in the shipped files by what they call."""
    found: dict[str, list[syntax.Call]] = {}
    for file in usable():
        parsed = parse(read_source(shipped() / file))[0]
        for node in nodes_in(list(parsed.definitions)):
            if isinstance(node, syntax.Call):
                found.setdefault(node.function.name, []).append(node)
    return found


def _text(symbol: Symbol) -> str:
    """The whole text of a definition."""
    source, first = symbol.span.source, symbol.span.line
    last, depth = first, 0
    for number in range(first, len(source.lines) + 1):
        line = source.line(number).partition("#")[0]
        depth += sum(line.count(bracket) for bracket in "{([") - sum(line.count(bracket) for bracket in "})]")
        last = number
        following = source.line(number + 1).strip()
        if depth == 0 and not following.startswith(("->", "+", "*", "then", "else")):
            break
    return "\n".join(source.lines[first - 1 : last]).rstrip()


def _elaborated(call: str, file: str) -> Iterator[tuple[str, str]]:
    """The type and the cost of an operation in a small network; nothing where it needs more of its place."""
    path = shipped() / "explained.nas"
    network = f"network = input -> conv(3, channels) -> {call}"
    text = f'use "{file}"\nspace Explained(channels = {SIZE[0]}) {{\n    {network}\n}}\n'
    workspace = Workspace()
    workspace.put(path, text)
    found = workspace.analysis(path).definitions
    space = found.spaces.get("Explained") if found is not None else None
    if found is None or space is None:
        return
    symbolic, sized = Watch(), Watch()
    typecheck(space, found, symbolic.elaboration)
    setup = Setup({"channels": SIZE[0]}, tensor("real", 1, *SIZE[1:]), 10)
    build(space, found.ops, setup, elaboration=sized.elaboration)
    for facts in _of_last(symbolic.facts(costs=False), call):
        yield "type", f"C x F x T -> {facts[0].type}"
    for facts in _of_last(sized.facts(costs=True), call):
        if (cost := facts[0].cost) is not None:
            yield "cost", cost_line(tensor("real", *SIZE), cost.params, cost.macs)


def _of_last(found: Facts, call: str) -> list[tuple[Fact, ...]]:
    """The facts of the operation that a network of one line ends with; none where it has no type there."""
    return [facts for span, facts in found.items() if span.text == call and span.line == 3][:1]
