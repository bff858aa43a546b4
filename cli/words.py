"""Commands whose parameters are texts and flags, taken as they are, without conversion.

Typer converts them with pydantic, whose import takes a quarter of the time of `check`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from typer.core import TyperCommand, TyperGroup


class AsGiven:
    """Mixin for a command: leaves the values of its parameters unconverted."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, those of Typer's own options among them."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in parameters:
            if "process_value" not in vars(parameter):
                parameter.process_value = partial(_given, parameter, parameter.process_value)
        return parameters


def _given(parameter: Any, converted: Any, ctx: Any, value: Any) -> Any:
    """The value itself; converted where it has a callback, or is required and missing."""
    act = parameter.callback is not None if value else parameter.required
    return converted(ctx, value) if act else value


class WordsCommand(AsGiven, TyperCommand):
    """A command of texts and flags."""


class WordsGroup(AsGiven, TyperGroup):
    """A group with options of its own that are texts and flags."""
