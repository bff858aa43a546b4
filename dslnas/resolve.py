"""Files to definitions: follows `use`, finds what each name means, and flattens `with`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from . import syntax
from .diagnostics import Diagnostic, DslnasError, fail
from .parse import parse
from .source import Source, Span, start_of

CELL_SETTINGS = ("stride",)
LIBRARY = ("lib/darts.nas", "lib/polynomial.nas", "lib/methods.nas", "lib/frontends.nas", "lib/profiles.nas")


@dataclass(frozen=True)
class Cell:
    """A cell template: its inputs, its intermediates and nodes, its value, and what a `with` set."""

    name: str
    inputs: tuple[str, ...]
    items: tuple[syntax.Let | syntax.NodeArray, ...]
    value: syntax.Expr
    settings: Mapping[str, syntax.Expr]
    span: Span


@dataclass(frozen=True)
class Space:
    """A space without `with`: parameters and their defaults, candidate sets, cells, the network."""

    name: str
    parameters: Mapping[str, syntax.Expr]
    sets: Mapping[str, Mapping[str, syntax.Expr]]
    cells: Mapping[str, Cell]
    network: syntax.Expr
    span: Span
    option_spans: Mapping[tuple[str, str], Span] = field(default_factory=dict)


@dataclass(frozen=True)
class Keys:
    """A method, a profile or an experiment: the values of its keys, and where each was set."""

    name: str
    values: Mapping[str, tuple[syntax.Expr, ...]]
    spans: Mapping[str, Span]
    span: Span


@dataclass(frozen=True)
class Definitions:
    """All that a file and the files it uses define."""

    main: Source
    ops: Mapping[str, syntax.Op]
    spaces: Mapping[str, Space]
    methods: Mapping[str, Keys]
    frontends: Mapping[str, syntax.FrontEndTemplate]
    profiles: Mapping[str, Keys]
    experiment: Keys | None
    own_spaces: tuple[str, ...]  # those of the main file, in order
    sources: tuple[Source, ...]


@cache
def shipped() -> Path:
    """The folder of the spaces that come with dslnas."""
    folder = Path(str(files("dslnas").joinpath("spaces")))
    return folder if folder.is_dir() else Path(__file__).parent.parent / "spaces"


def find_space(name: str) -> Path:
    """The file that a user means: a path, or the name of a shipped space (`ss1`, `spaces/ss1.nas`)."""
    path = Path(name)
    if path.is_file():
        return path
    stem = name.removeprefix("spaces/").removesuffix(".nas")
    candidate = shipped() / f"{stem}.nas"
    if "/" not in stem.strip("/") and candidate.is_file():
        return candidate
    known = sorted(p.stem for p in shipped().glob("*.nas"))
    hint = did_you_mean(stem, known) or f"shipped spaces: {', '.join(known)}"
    raise fail("N0102", f"there is no file `{name}` and no shipped space of that name", help=hint)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean ...?` where a known name is close, else nothing."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


def resolve(path: Path) -> tuple[Definitions, list[Diagnostic]]:
    """The definitions of a file and of all it uses, with every problem of names and structure in them."""
    main = _read(path, None)
    resolver = _Resolver()
    resolver.load(main, path)
    return resolver.definitions(main), resolver.diagnostics


@cache
def library() -> Definitions:
    """The definitions in the shipped `lib/`: where a method or a profile is found that no file uses."""
    resolver = _Resolver()
    for name in LIBRARY:
        path = shipped() / name
        resolver.load(_read(path, None), path)
    assert not resolver.diagnostics, resolver.diagnostics
    return resolver.definitions(start_of(Source("lib", "")).source)


def _read(path: Path, span: Span | None) -> Source:
    shown = str(path)
    if path.is_absolute() and path.is_relative_to(shipped()):
        shown = f"spaces/{path.relative_to(shipped())}"
    try:
        return Source(shown, path.read_text(encoding="utf-8"))
    except OSError as error:
        raise fail("N0102", f"{path} cannot be read: {error.strerror or error}", span) from None
    except UnicodeDecodeError as error:
        raise fail("N0102", f"{path} is no UTF-8 text (byte {error.start})", span) from None


class _Resolver:
    """Collects definitions from files in the order in which they are used."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._loaded: dict[Path, Source] = {}
        self._loading: list[Path] = []
        self._found: dict[tuple[str, str], syntax.Definition] = {}
        self._spaces: dict[str, Space] = {}
        self._keys: dict[tuple[str, str], Keys] = {}
        self._resolving: list[tuple[str, str]] = []

    def load(self, source: Source, path: Path) -> None:
        """Parse a file, first those it uses, and take in its definitions."""
        path = path.resolve()
        self._loaded[path] = source
        self._loading.append(path)
        file, diagnostics = parse(source)
        self.diagnostics += diagnostics
        for definition in file.definitions:
            if isinstance(definition, syntax.Use):
                self._use(definition, path)
            else:
                self._define(definition, source)
        self._loading.pop()

    def _use(self, use: syntax.Use, user: Path) -> None:
        for folder in (user.parent, shipped()):
            path = (folder / use.path).resolve()
            if path in self._loading:
                self._report("N0203", f"`{use.path}` uses this file in turn", use.span)
                return
            if path in self._loaded:
                return
            if path.is_file():
                try:
                    self.load(_read(path, use.span), path)
                except DslnasError as error:
                    self.diagnostics += error.diagnostics
                return
        known = [str(p.relative_to(shipped())) for p in shipped().rglob("*.nas")]
        hint = did_you_mean(use.path, known) or f"looked beside this file and among {', '.join(sorted(known))}"
        self._report("N0203", f"there is no file `{use.path}`", use.span, hint)

    def _define(self, definition: syntax.Definition, source: Source) -> None:
        kind, name = _kind(definition), getattr(definition, "name", "")
        if kind == "experiment":
            name = source.name  # each file may have one; that of the main file counts
        earlier = self._found.get((kind, name))
        if earlier is not None:
            where = earlier.span.location
            self._report("N0202", f"{kind} `{name}` is defined twice", definition.span, f"the other is at {where}")
            return
        self._found[kind, name] = definition

    def _report(self, code: str, message: str, span: Span | None, help: str = "") -> None:
        self.diagnostics.append(Diagnostic(code, message, span, help=help))

    # --- definitions -------------------------------------------------------------------------------------

    def definitions(self, main: Source) -> Definitions:
        spaces = {name: s for name in self._names("space") if (s := self._space(name)) is not None}
        methods = {name: m for name in self._names("method") if (m := self._keys_of("method", name)) is not None}
        profiles = {name: p for name in self._names("profile") if (p := self._keys_of("profile", name)) is not None}
        own = tuple(n for n in spaces if self._found["space", n].span.source == main)
        experiment = self._keys_of("experiment", main.name) if ("experiment", main.name) in self._found else None
        return Definitions(
            main,
            {name: self._found["op", name] for name in self._names("op")},  # type: ignore[misc]
            spaces,
            methods,
            {name: self._found["frontend", name] for name in self._names("frontend")},  # type: ignore[misc]
            profiles,
            experiment,
            own,
            tuple(self._loaded.values()),
        )

    def _names(self, kind: str) -> list[str]:
        return [name for found, name in self._found if found == kind]

    def _base(self, derived: syntax.Derived, kind: str) -> bool:
        """Whether the base of a `with` exists and does not derive from what is being resolved."""
        if (kind, derived.base) in self._resolving:
            self._report("N0205", f"{kind} `{derived.base}` derives from itself", derived.base_span)
            return False
        if (kind, derived.base) not in self._found:
            hint = did_you_mean(derived.base, self._names(kind))
            self._report("N0201", f"there is no {kind} `{derived.base}`", derived.base_span, hint)
            return False
        return True

    def _space(self, name: str) -> Space | None:
        if name in self._spaces:
            return self._spaces[name]
        definition = self._found["space", name]
        self._resolving.append(("space", name))
        space: Space | None = None
        if isinstance(definition, syntax.SpaceTemplate):
            space = self._space_from(definition)
        elif isinstance(definition, syntax.Derived) and self._base(definition, "space"):
            base = self._space(definition.base)
            space = base and self._derived_space(base, definition)
        self._resolving.pop()
        if space is not None:
            self._spaces[name] = space
        return space

    def _space_from(self, template: syntax.SpaceTemplate) -> Space | None:
        parameters: dict[str, syntax.Expr] = {}
        for parameter in template.parameters:
            if parameter.default is None:
                message = f"parameter `{parameter.name}` of a space needs a default"
                self._report("N0207", message, parameter.span, f"`{parameter.name} = ...`")
            else:
                parameters[parameter.name] = parameter.default
        sets: dict[str, dict[str, syntax.Expr]] = {}
        spans: dict[tuple[str, str], Span] = {}
        cells: dict[str, Cell] = {}
        network: syntax.Expr | None = None
        for item in template.items:
            if isinstance(item, syntax.Candidates):
                sets[item.name] = self._options(item, spans)
            elif isinstance(item, syntax.CellTemplate):
                inputs = tuple(parameter.name for parameter in item.parameters)
                cells[item.name] = Cell(item.name, inputs, item.items, item.value, {}, item.span)
            elif isinstance(item, syntax.Derived):
                self._derived_cell(item, cells)
            elif item.name == "network":
                network = item.value
            else:
                message = f"a space has no key `{item.name}`"
                self._report("N0204", message, item.span, "a space makes candidate sets, cells and `network = ...`")
        if network is None:
            self._report("N0206", f"space `{template.name}` has no network", template.span, "`network = input -> ...`")
            return None
        return Space(template.name, parameters, sets, cells, network, template.span, spans)

    def _options(self, item: syntax.Candidates, spans: dict[tuple[str, str], Span]) -> dict[str, syntax.Expr]:
        options: dict[str, syntax.Expr] = {}
        for option in item.options:
            if option.name in options:
                self._report("N0202", f"candidate `{option.name}` is defined twice", option.span)
            options[option.name] = option.value
            spans[item.name, option.name] = option.span
        return options

    def _derived_cell(self, derived: syntax.Derived, cells: dict[str, Cell]) -> None:
        base = cells.get(derived.base)
        if base is None:
            hint = did_you_mean(derived.base, cells) or "a cell derives from one written before it"
            self._report("N0201", f"there is no cell `{derived.base}` here", derived.base_span, hint)
            return
        settings = dict(base.settings)
        for setting in derived.settings:
            if setting.key in CELL_SETTINGS and not setting.makes_name:
                settings[setting.key] = setting.values[0]
            else:
                self._report("N0204", f"a cell has no key `{setting.key}`", setting.span, "known: stride")
        cells[derived.name] = replace(base, name=derived.name, settings=settings, span=derived.span)

    def _derived_space(self, base: Space, derived: syntax.Derived) -> Space:
        space = replace(base, name=derived.name, span=derived.span)
        for setting in derived.settings:
            try:
                space = override(space, setting)
            except DslnasError as error:
                self.diagnostics += error.diagnostics
        return space

    def _keys_of(self, kind: str, name: str) -> Keys | None:
        if (kind, name) in self._keys:
            return self._keys[kind, name]
        definition = self._found[kind, name]
        self._resolving.append((kind, name))
        base: Keys | None = None
        usable = True
        if isinstance(definition, syntax.Derived):
            base = self._keys_of(kind, definition.base) if self._base(definition, kind) else None
            usable = base is not None
        self._resolving.pop()
        if not usable:
            return None
        assert isinstance(definition, syntax.Settings | syntax.Derived)
        self._keys[kind, name] = keys = self._merged(definition, base, kind)
        return keys

    def _merged(self, definition: syntax.Settings | syntax.Derived, base: Keys | None, kind: str) -> Keys:
        values, spans = (dict(base.values), dict(base.spans)) if base else ({}, {})
        own: set[str] = set()
        for setting in definition.settings:
            if setting.makes_name:
                self._report("N0204", f"a {kind} sets keys", setting.span, f"`{setting.key}: ...`")
            elif setting.key in own:
                self._report("N0202", f"`{setting.key}` is set twice", setting.span)
            own.add(setting.key)
            values[setting.key], spans[setting.key] = setting.values, setting.span
        return Keys(definition.name, MappingProxyType(values), MappingProxyType(spans), definition.span)


def _kind(definition: syntax.Definition) -> str:
    if isinstance(definition, syntax.Op):
        return "op"
    if isinstance(definition, syntax.SpaceTemplate):
        return "space"
    if isinstance(definition, syntax.FrontEndTemplate):
        return "frontend"
    assert isinstance(definition, syntax.Settings | syntax.Derived)
    return definition.kind


def override(space: Space, setting: syntax.Setting) -> Space:
    """The space with one thing set: a parameter, an option of a candidate set, a cell's setting, the network.

    Raises DslnasError where the space has no such thing.
    """
    head, *rest = setting.path
    value = setting.values[0]
    if not rest and head in space.parameters:
        return replace(space, parameters={**space.parameters, head: value})
    if not rest and head == "network":
        return replace(space, network=value)
    if head in space.sets and len(rest) == 1:
        options = {**space.sets[head], rest[0]: value}
        spans = {**space.option_spans, (head, rest[0]): setting.span}
        return replace(space, sets={**space.sets, head: options}, option_spans=spans)
    if head in space.cells and len(rest) == 1 and rest[0] in CELL_SETTINGS:
        cell = space.cells[head]
        cell = replace(cell, settings={**cell.settings, rest[0]: value})
        return replace(space, cells={**space.cells, head: cell})
    known = [*space.parameters, *space.sets, *space.cells, "network"]
    hint = did_you_mean(head, known) or f"it has {', '.join(known)}"
    raise fail("N0204", f"space `{space.name}` has nothing to set as `{setting.key}`", setting.span, help=hint)
