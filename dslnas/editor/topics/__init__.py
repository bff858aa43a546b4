"""What can be written: a topic for each primitive, definition, keyword, part of a loss, key and setting.

`dslnas explain`, hovers and the pages of the documentation show the same topics. Everything in them is taken
from the registry of primitives, the shipped files, and the keys and words that editors propose.
"""

from __future__ import annotations

from ...ir.primitives import REGISTRY
from ...ir.primitives.frontend import STEPS
from . import words
from .primitives import of, type_of
from .shipped import definitions, shipped_topics
from .topic import Details, Topic, markdown, named, to_json

__all__ = ["Details", "Topic", "definitions", "markdown", "named", "of", "to_json", "topics", "type_of"]


def topics() -> list[Topic]:
    """All topics, group by group."""
    return [
        *shipped_topics("op", "operation"),
        *(of(primitive) for primitive in REGISTRY.values() if primitive.name not in STEPS),
        *words.functions(),
        *words.constructs(),
        *(of(REGISTRY[name]) for name in STEPS),
        *shipped_topics("frontend", "front end"),
        *shipped_topics("method", "method"),
        *words.loss(),
        *words.settings(),
        *words.keys(),
        *shipped_topics("space", "space"),
    ]
