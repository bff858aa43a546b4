"""Recipes of modules, and the Python classes that they share.

A recipe is one module as it stands in a network: its sub-modules with the arguments that make them, and its
forward pass as text. Recipes that differ in arguments alone are instances of one class; what differs among
them becomes the parameters of its constructor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .forms import Value
from .naming import Names

Key = tuple[object, ...]
_USUAL = re.compile(r", (?:stride=1|padding=0|dilation=1)(?=[,)])")  # the defaults of PyTorch


@dataclass(frozen=True)
class Leaf:
    """A module that is made by a line of text, with what fills the holes in it."""

    made: str
    holes: Mapping[str, Value]


@dataclass(frozen=True)
class Member:
    """A sub-module: its attribute, what it is, and the part of the lowered network that holds its weights
    (empty where that is the part that its parent stands for).
    """

    name: str
    module: Leaf | Recipe
    part: str


@dataclass(frozen=True)
class Recipe:
    """One module.

    name: of its class, before that is made unique; inputs: the arguments of its forward pass.
    """

    name: str
    doc: str
    members: tuple[Member, ...]
    inputs: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def key(self) -> Key:
        """What recipes of one class share: all but the values in the holes."""
        members = tuple((one.name, _key(one.module)) for one in self.members)
        return (self.name, members, self.inputs, self.lines)


def _key(module: Leaf | Recipe) -> Key:
    return module.key if isinstance(module, Recipe) else (module.made, *module.holes)


def weight_names(recipe: Recipe, prefix: str, ours: str) -> Iterator[tuple[str, str]]:
    """The prefixes of the weights of each leaf in the `state_dict` of the recipe's module, and in that of the
    lowered network, whose part `ours` the recipe stands for.
    """
    for member in recipe.members:
        own = f"{ours}parts.{member.part}." if member.part else ours
        if isinstance(member.module, Leaf):
            yield f"{prefix}{member.name}.", own
        else:
            yield from weight_names(member.module, f"{prefix}{member.name}.", own)


@dataclass(frozen=True)
class ModuleClass:
    """A class with its constructor: parameters, and for each sub-module the expression that makes it."""

    name: str
    doc: str
    parameters: tuple[tuple[str, str], ...]  # name, type
    members: tuple[tuple[str, str], ...]  # attribute, expression
    inputs: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass
class _Class:
    """A class while it is collected: its instances, then for each of them the values of its parameters."""

    name: str
    instances: list[Recipe] = field(default_factory=list)
    arguments: list[dict[str, Value]] = field(default_factory=list)


def classes_of(roots: Sequence[Recipe], names: Names) -> list[ModuleClass]:
    """The classes that recipes need, each after those that it names. The roots have their own names."""
    classes: dict[Key, _Class] = {}
    for root in roots:
        for recipe in _inside_out(root):
            if recipe.key not in classes:
                classes[recipe.key] = _Class(recipe.name if recipe is root else names.fresh(recipe.name))
            classes[recipe.key].instances.append(recipe)
    return [_constructor(one, classes) for one in classes.values()]


def _inside_out(recipe: Recipe) -> Iterator[Recipe]:
    for member in recipe.members:
        if isinstance(member.module, Recipe):
            yield from _inside_out(member.module)
    yield recipe


@dataclass(frozen=True)
class _Hole:
    """An argument of a sub-module's constructor, with its value in each instance of the class."""

    member: str
    role: str
    values: tuple[Value, ...]

    @property
    def of(self) -> str:
        """What is counted: strides are no parts of channels, even where the numbers happen to be."""
        kinds = ("stride", "kernel", "padding", "dilation")
        return next((kind for kind in kinds if self.role.endswith(kind)), "channels")


@dataclass(frozen=True)
class _Parameter:
    """A parameter of a constructor, with its value in each instance of the class."""

    name: str
    values: tuple[Value, ...]
    of: str

    @property
    def annotation(self) -> str:
        kinds = {type(value) for value in self.values}
        return " | ".join(text for kind, text in ((int, "int"), (tuple, "tuple[int, int]")) if kind in kinds)

    def fills(self, hole: _Hole) -> str:
        """The hole's filling made of this parameter, `channels // 2`; empty where it cannot be."""
        if hole.of != self.of:
            return ""
        if hole.values == self.values:
            return self.name
        divisor = _divisor(hole.values, self.values)
        return f"{self.name} // {divisor}" if divisor else ""


def _constructor(own: _Class, classes: Mapping[Key, _Class]) -> ModuleClass:
    holes = _holes(own, classes)
    parameters = _parameters(holes)
    own.arguments = [
        {one.name: one.values[number] for one in parameters} for number in range(len(own.instances))
    ]
    first = own.instances[0]
    members = []
    for member in first.members:
        texts = {hole.role: _text(hole, parameters) for hole in holes if hole.member == member.name}
        if isinstance(member.module, Recipe):
            arguments = ", ".join(f"{role}={text}" for role, text in texts.items())
            made = f"{classes[member.module.key].name}({arguments})"
        else:
            made = _USUAL.sub("", member.module.made.format(**texts))
        members.append((member.name, made))
    typed = tuple((one.name, one.annotation) for one in parameters)
    return ModuleClass(own.name, first.doc, typed, tuple(members), first.inputs, first.lines)


def _holes(own: _Class, classes: Mapping[Key, _Class]) -> list[_Hole]:
    """The holes of all sub-modules, with their values in each instance."""
    holes = []
    for place, member in enumerate(own.instances[0].members):
        filled = [_filled(instance.members[place].module, classes) for instance in own.instances]
        holes += [_Hole(member.name, role, tuple(one[role] for one in filled)) for role in filled[0]]
    return holes


def _filled(module: Leaf | Recipe, classes: Mapping[Key, _Class]) -> Mapping[str, Value]:
    """What fills the holes of a module: of an instance of a class, the values of its parameters."""
    if isinstance(module, Leaf):
        return module.holes
    of = classes[module.key]
    place = next(number for number, instance in enumerate(of.instances) if instance is module)
    return of.arguments[place]


# --- parameters --------------------------------------------------------------------------------------------


def _parameters(holes: Sequence[_Hole]) -> list[_Parameter]:
    """The parameters of a constructor: what differs among the instances, each once, under its role's name."""
    groups: dict[tuple[str, tuple[Value, ...]], list[_Hole]] = {}
    for hole in holes:
        if len(set(hole.values)) > 1:
            groups.setdefault((hole.of, hole.values), []).append(hole)
    wanted = [
        group for group in groups.values() if not any(_part(group[0], other[0]) for other in groups.values())
    ]
    roles = [_role(group) for group in wanted]
    names = Names()
    return [
        _Parameter(
            names.fresh(f"{group[0].member}_{group[0].role}" if roles.count(role) > 1 else role),
            group[0].values,
            group[0].of,
        )
        for group, role in zip(wanted, roles, strict=True)
    ]


def _role(holes: Sequence[_Hole]) -> str:
    """The name of a value that fills several holes: `channels` where it is input here and output there."""
    roles = {hole.role for hole in holes} - {"channels"}
    return roles.pop() if len(roles) == 1 else holes[0].of


def _text(hole: _Hole, parameters: Sequence[_Parameter]) -> str:
    """A hole's filling: a number that is the same in all instances, a parameter, or a part of one."""
    if len(set(hole.values)) == 1:
        return str(hole.values[0])
    return next(text for parameter in parameters if (text := parameter.fills(hole)))


def _part(hole: _Hole, other: _Hole) -> bool:
    """Whether a hole's values are halves or quarters of another's: those need no parameter of their own."""
    return hole.of == other.of and _divisor(hole.values, other.values) > 0


def _divisor(values: tuple[Value, ...], whole: tuple[Value, ...]) -> int:
    """The number by which all of `whole` are divided to make `values`; 0 where there is none."""
    pairs = [(a, b) for a, b in zip(values, whole, strict=True) if isinstance(a, int) and isinstance(b, int)]
    if len(pairs) < len(values):
        return 0
    return next((n for n in (2, 4, 8) if all(n * a == b for a, b in pairs)), 0)
