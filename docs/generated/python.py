"""The reference of the Python API: every public name with its signature and docstring."""

from __future__ import annotations

import inspect

import dslnas


def api() -> str:
    """A section for each name of `dslnas.__all__` that can be called."""
    names = [name for name in dslnas.__all__ if callable(getattr(dslnas, name))]
    return "\n\n".join(_section(name, getattr(dslnas, name)) for name in names)


def _section(name: str, value: object) -> str:
    doc = inspect.getdoc(value) or ""
    title = f"### dslnas.{name}"
    if inspect.isclass(value):
        methods = [_method(value, key) for key in vars(value) if _public(value, key)]
        return "\n\n".join([title, doc, *methods])
    return f"{title}\n\n`{name}{_signature(value)}`\n\n{doc}"


def _public(owner: type, name: str) -> bool:
    value = inspect.getattr_static(owner, name)
    described = isinstance(value, property | classmethod | staticmethod) or inspect.isfunction(value)
    return described and not name.startswith("_") and bool(inspect.getdoc(getattr(owner, name)))


def _method(owner: type, name: str) -> str:
    value = getattr(owner, name)
    return f"`.{name}{_signature(value) if callable(value) else ''}`: {inspect.getdoc(value)}"


class _Text(str):
    """Text that is shown without quotes."""

    def __repr__(self) -> str:
        return str(self)


def _signature(value: object) -> str:
    """The signature with its annotations as they are written, without `self`."""
    signature = inspect.signature(value)  # type: ignore[arg-type]
    parameters = [
        one.replace(annotation=_written(one.annotation))
        for one in signature.parameters.values()
        if one.name != "self"
    ]
    return str(
        signature.replace(parameters=parameters, return_annotation=_written(signature.return_annotation))
    )


def _written(annotation: object) -> object:
    return _Text(annotation) if isinstance(annotation, str) else annotation
