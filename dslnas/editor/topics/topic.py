"""A topic: one thing that can be written, as data, as text for hovers, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Texts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Details:
    """The rest of a topic: its parameters with what they take, facts by name, an example, its definition."""

    parameters: Texts = ()
    facts: Texts = ()
    example: str = ""
    text: str = ""


@dataclass(frozen=True)
class Topic:
    """One thing that can be written: its name, its group, how it is written, what it means, the rest."""

    name: str
    group: str
    signature: str
    doc: str
    details: Callable[[], Details] = field(compare=False, repr=False, default=Details)


def same(details: Details) -> Details:
    """Details that are known already, for `Topic.details`."""
    return details


def named(name: str, among: Iterable[Topic]) -> list[Topic]:
    """The topics of a name, or of the last part of one: `travel` is that of `search.travel`."""
    known = list(among)
    whole = [topic for topic in known if topic.name == name]
    return whole or [topic for topic in known if topic.name.rpartition(".")[2] == name]


def markdown(topic: Topic) -> list[str]:
    """The paragraphs of a topic, for hovers."""
    details = topic.details()
    lines = [f"- `{name}`: {takes}" for name, takes in details.parameters]
    type = [f"`{what}`" for name, what in details.facts if name == "type"]
    return [f"```nas\n{topic.signature}\n```", topic.doc, *filter(None, ["\n".join(lines), *type])]


def to_json(topic: Topic) -> dict[str, object]:
    """The topic for scripts."""
    details = topic.details()
    return {
        "name": topic.name,
        "group": topic.group,
        "signature": topic.signature,
        "doc": topic.doc,
        "parameters": dict(details.parameters),
        "facts": dict(details.facts),
        "example": details.example,
        "text": details.text,
    }
