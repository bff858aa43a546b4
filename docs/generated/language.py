"""The reference of the language from its grammar, its primitives, its library and the data sets."""

from __future__ import annotations

import re
from pathlib import Path

from dslnas.base import limits as bounds
from dslnas.data import KNOWN
from dslnas.editor import topics
from dslnas.editor.places.signatures import of_primitive
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.frontend import STEPS
from dslnas.ir.primitives.registry import Primitive
from dslnas.parse.vocabulary import MAGNITUDES, UNITS
from dslnas.resolve.library import shipped

from .tables import code, table

_GRAMMAR = Path(__file__).parents[2] / "grammar" / "dslnas.lark"


def rules() -> dict[str, str]:
    """The rules and terminals of the grammar by name, each as it is written there."""
    found: dict[str, str] = {}
    name = ""
    for line in _GRAMMAR.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"[?!]*(\w+):", line):
            name = match[1]
            found[name] = line
        elif name and line.startswith(" "):
            found[name] += f"\n{line}"
        else:
            name = ""
    return found


def grammar(*names: str) -> str:
    """The named rules, as the grammar has them; KeyError for one that it lacks."""
    found = rules()
    return "```lark\n" + "\n".join(found[name] for name in names) + "\n```"


def is_stage(primitive: Primitive) -> bool:
    """Whether a primitive is a stage of a front end."""
    return primitive.name in STEPS


def primitives(kind: str) -> str:
    """The primitives of the `network` or of the `frontend`: signature, domains, meaning."""
    rows = [
        (code(of_primitive(one)), code(topics.type_of(one)), _domains(one), one.doc)
        for one in REGISTRY.values()
        if is_stage(one) == (kind == "frontend")
    ]
    return table(("primitive", "type", "domains", "what it does"), rows)


def _domains(primitive: Primitive) -> str:
    return ", ".join(sorted(primitive.domains, reverse=True))


def operations() -> str:
    """The operations of the shipped library: how each is written, its type, its cost, where it stands."""
    rows = []
    for topic in topics.topics():
        if topic.group == "operation":
            facts = dict(topic.details().facts)
            cost = facts.get("cost", "").removeprefix("on 16 x 32 x 32: ")
            rows.append(
                (code(topic.signature.removeprefix("op ")), code(facts.get("type", "")), cost, facts["use"])
            )
    return table(("operation", "type", "cost on `16 x 32 x 32`", "needs"), rows)


def units() -> str:
    """The units of numbers, and what they measure."""
    plain = {1000: "a thousand", 1000**2: "a million", 1000**3: "a billion"}
    rows = [(code(unit), _measured(base, factor)) for unit, (base, factor) in UNITS.items()]
    rows += [(code(suffix), plain[factor]) for suffix, factor in MAGNITUDES.items()]
    return table(("unit", "measures"), rows)


def _measured(base: str, factor: float) -> str:
    return f"{base}: {factor:,.0f}" if base == "bytes" else base


def library(name: str) -> str:
    """A shipped file, as it is."""
    text = (shipped() / name).read_text(encoding="utf-8")
    return f'```nas title="spaces/{name}"\n{text}```'


def data_sets() -> str:
    """The data sets that are known by name."""
    rows = [(code(one.name), str(len(one.classes)), one.title, one.licence) for one in KNOWN.values()]
    return table(("`--data`", "classes", "what", "licence"), rows)


def limits() -> str:
    """Every bound on what a text may ask for, with the comment that says of what it is."""
    source = Path(bounds.__file__).read_text(encoding="utf-8")
    rows = [
        (match[1].lower().replace("_", " "), f"{getattr(bounds, match[1]):,}", match[2])
        for match in re.finditer(r"^([A-Z_]+) = .+?  # (.+)$", source, re.MULTILINE)
    ]
    return table(("bound", "at most", "what it counts"), rows)
