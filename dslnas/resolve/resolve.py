"""Resolves a file to definitions: loads the files it uses, looks up names and expands `with`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from ..base import limits
from ..base.diagnostics import Diagnostic, DslnasError, fail
from ..base.source import Source, Span, start_of
from ..base.spelling import did_you_mean
from ..ir.genotype import Genotype
from ..parse import syntax
from ..parse.parse import parse
from .definitions import Definitions, Keys, Space
from .derive import check_distinct, derived_space, space_from
from .found import Found, decided_by
from .genotype_text import genotype_of, places_of
from .library import (
    LIBRARY,
    find_used,
    may_use,
    project_of,
    read_source,
    shipped,
    usable,
    used_like,
)
from .shipped import kind_of, use_of

Read = Callable[[Path, Span | None], Source]


def resolve(path: Path, read: Read = read_source) -> tuple[Definitions, list[Diagnostic]]:
    """The definitions of a file and of the files it uses, with all errors of names and structure.

    read: loads the text of a file; an editor passes unsaved ones. Raises DslnasError if the file itself
    cannot be read.
    """
    main = read(path, None)
    resolver = _Resolver(read)
    try:
        resolver.load(main, path.resolve())
        return resolver.definitions(main), resolver.diagnostics
    except RecursionError:
        raise fail("N0103", f"{main.name} uses or derives through too many steps", start_of(main)) from None


@cache
def library() -> Definitions:
    """The definitions of the library (`LIBRARY`): methods, profiles and front ends that need no `use`."""
    resolver = _Resolver()
    for name in LIBRARY:
        path = (shipped() / name).resolve()
        resolver.load(read_source(shipped() / name), path)
    assert not resolver.diagnostics, resolver.diagnostics
    return resolver.definitions(Source("lib", ""))


def with_library(definitions: Definitions) -> Definitions:
    """The definitions together with the methods, front ends and profiles of the library; own ones win."""
    shared = library()
    return replace(
        definitions,
        methods={**shared.methods, **definitions.methods},
        frontends={**shared.frontends, **definitions.frontends},
        profiles={**shared.profiles, **definitions.profiles},
    )


class _Resolver:
    """Collects definitions from files in the order in which they are used."""

    def __init__(self, read: Read = read_source) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._read = read
        self._loaded: dict[Path, Source] = {}
        self._loading: list[Path] = []
        self._found: dict[tuple[str, str], syntax.Definition] = {}
        self._unread: set[tuple[str, str]] = set()
        self._rests: list[syntax.Rest] = []
        self._spaces: dict[str, Space | None] = {}
        self._keys: dict[tuple[str, str], Keys | None] = {}
        self._genotypes: dict[str, Genotype | None] = {}
        self._resolving: list[tuple[str, str]] = []
        self._project = Path()

    # --- files -------------------------------------------------------------------------------------------

    def load(self, source: Source, path: Path) -> None:
        """Parse a file and the files it uses, and collect their definitions.

        The first file that is loaded determines the project in which the others must lie.
        """
        if path in self._loaded:
            return
        if not self._loaded:
            self._project = project_of(path)
        self._loaded[path] = source
        self._loading.append(path)
        file, diagnostics = parse(source)
        self.diagnostics += diagnostics
        self._unread |= file.unread
        self._rests += file.rests
        for definition in file.definitions:
            if isinstance(definition, syntax.Use):
                self._use(definition, path)
            else:
                self._define(definition, source)
        self._loading.pop()

    def _use(self, use: syntax.Use, user: Path) -> None:
        path = find_used(use.path, user) if use.path.endswith(".nas") else None
        if path is None:
            self._unread.add(("use", use.path))  # what it would define is not reported as missing
            hint = used_like(use.path, user, self._project)
            help = hint or f"looked beside this file and among {', '.join(usable())}"
            self._report("N0203", f"there is no file `{use.path}`", use.span, help)
        elif path in self._loading:
            self._report("N0203", f"`{use.path}` uses this file in turn", use.span)
        elif path not in self._loaded:
            try:
                self.load(self._readable(use, path), path)
            except DslnasError as error:
                self._unread.add(("use", use.path))
                self.diagnostics += error.diagnostics

    def _readable(self, use: syntax.Use, path: Path) -> Source:
        """The text of a used file; raises DslnasError N0203 outside of the project and beyond the limits."""
        if not may_use(path, self._project):
            help = (
                f"a `use` names files under {self._project} and those that come with dslnas; "
                "a `pyproject.toml` marks the folder of a larger project"
            )
            raise fail("N0203", f"`{use.path}` lies outside of the project", use.span, help=help)
        source = self._read(path, use.span)
        characters = sum(len(one.text) for one in (*self._loaded.values(), source))
        if len(self._loaded) >= limits.USED_FILES or characters > limits.TOTAL_CHARACTERS:
            most = f"{limits.USED_FILES} files and {limits.TOTAL_CHARACTERS:,} characters"
            raise fail("N0203", f"a file uses at most {most}", use.span)
        return source

    def _define(self, definition: syntax.Definition, source: Source) -> None:
        kind, own = kind_of(definition), getattr(definition, "name", "")
        # Each file may have its own experiment and sweeps; those of the main file count.
        name = place_of(source, own) if kind in ("experiment", "sweep") else own
        if isinstance(definition, syntax.Op | syntax.FrontEndTemplate | syntax.SettingsBlock):
            check_distinct(definition.parameters, "parameter", self.diagnostics.append)
        if isinstance(definition, syntax.Op):
            check_distinct((*definition.parameters, *definition.body.lets), "name", self.diagnostics.append)
        earlier = self._found.get((kind, name))
        if earlier is None:
            self._found[kind, name] = definition
            return
        shown = f"{kind} `{own}`" if kind != "experiment" else "the experiment"
        where = f"the other is at {earlier.span.location}"
        self._report("N0202", f"{shown} is defined twice", definition.span, where)

    def _report(self, code: str, message: str, span: Span | None, help: str = "") -> None:
        self.diagnostics.append(Diagnostic(code, message, span, help=help))

    # --- definitions -------------------------------------------------------------------------------------

    def definitions(self, main: Source) -> Definitions:
        """The resolved definitions of all loaded files; `main`: whose spaces and experiment count."""
        spaces = {name: space for name in self._names("space") if (space := self._space(name)) is not None}
        unread = self._unread | {("space", name) for name, space in self._spaces.items() if space is None}
        methods, profiles = self._all_keys("method"), self._all_keys("profile")
        genotypes = {name: self._genotype(name) for name in self._names("genotype")}
        experiment = ("experiment", place_of(main))
        return Definitions(
            main,
            {name: self._found["op", name] for name in self._names("op")},  # type: ignore[misc]
            spaces,
            methods,
            {name: self._found["frontend", name] for name in self._names("frontend")},  # type: ignore[misc]
            profiles,
            self._keys_of(*experiment) if experiment in self._found else None,
            tuple(name for name in spaces if self._found["space", name].span.source == main),
            tuple(self._loaded.values()),
            frozenset(unread | {place for place, keys in self._keys.items() if keys is None}),
            tuple(self._rests),
            {name: genotype for name, genotype in genotypes.items() if genotype is not None},
            tuple(self._own_genotypes(main)),
            tuple(self._own_sweeps(main)),
        )

    def _names(self, kind: str) -> list[str]:
        return [name for one, name in self._found if one == kind]

    def _base(self, derived: syntax.Derived, kind: str) -> bool:
        """Whether the base of a `with` exists and is not circular; reports N0201, N0205, N0103."""
        if (kind, derived.base) in self._resolving:
            self._report("N0205", f"{kind} `{derived.base}` derives from itself", derived.base_span)
            return False
        if len(self._resolving) > limits.DERIVATIONS:
            message = f"{kind} `{derived.base}` derives through more than {limits.DERIVATIONS} others"
            self._report("N0103", message, derived.base_span)
            return False
        if (kind, derived.base) in self._found:
            return True
        if not self._excused(kind, derived.base):
            help = use_of(kind, derived.base) or did_you_mean(derived.base, self._names(kind))
            help = help or "write it, or `use` the file that does"
            self._report("N0201", f"there is no {kind} `{derived.base}`", derived.base_span, help)
        return False

    def _space(self, name: str) -> Space | None:
        if name in self._spaces:
            return self._spaces[name]
        definition = self._found["space", name]
        self._resolving.append(("space", name))
        space: Space | None = None
        if isinstance(definition, syntax.SpaceTemplate):
            space = space_from(definition, self.diagnostics.append)
        elif isinstance(definition, syntax.Derived) and self._base(definition, "space"):
            base = self._space(definition.base)
            space = base and derived_space(base, definition, self._fix(definition), self.diagnostics.append)
        self._resolving.pop()
        self._spaces[name] = space
        return space

    def _fix(self, derived: syntax.Derived) -> Found | None:
        """The choices that a genotype decides in a derived space; None if none is named or it is missing."""
        part = derived.part
        if part is None:
            return None
        if (genotype := self._genotype(part.genotype)) is not None:
            try:
                _check_whole(genotype, part.span)
                return decided_by(
                    genotype, part.owner, part.span, places_of(self._genotype_text(part.genotype))
                )
            except DslnasError as error:
                self.diagnostics += error.diagnostics
        elif not self._excused("genotype", part.genotype):
            names = self._names("genotype")
            help = did_you_mean(part.genotype, names) or "`use` the file that `dslnas print` writes"
            self._report("N0201", f"there is no genotype `{part.genotype}`", part.span, help)
        return None

    def _genotype(self, name: str) -> Genotype | None:
        """The genotype of this name; None if there is none without errors."""
        if ("genotype", name) not in self._found:
            return None
        if name not in self._genotypes:
            try:
                self._genotypes[name] = genotype_of(self._genotype_text(name))
            except DslnasError as error:
                self.diagnostics += error.diagnostics
                self._unread.add(("genotype", name))
                self._genotypes[name] = None
        return self._genotypes[name]

    def _genotype_text(self, name: str) -> syntax.GenotypeText:
        definition = self._found["genotype", name]
        assert isinstance(definition, syntax.GenotypeText)
        return definition

    def _own_genotypes(self, main: Source) -> Iterator[syntax.GenotypeText]:
        for name in self._names("genotype"):
            if (definition := self._genotype_text(name)).span.source == main:
                yield definition

    def _own_sweeps(self, main: Source) -> Iterator[Keys]:
        for place, definition in list(self._found.items()):
            own = place[0] == "sweep" and definition.span.source == main
            if own and (keys := self._keys_of(*place)) is not None:
                yield keys

    def _excused(self, kind: str, name: str) -> bool:
        """Whether a definition or a file with errors may define this name."""
        return (kind, name) in self._unread or any(one == "use" for one, _ in self._unread)

    def _all_keys(self, kind: str) -> dict[str, Keys]:
        return {name: keys for name in self._names(kind) if (keys := self._keys_of(kind, name)) is not None}

    def _keys_of(self, kind: str, name: str) -> Keys | None:
        if (kind, name) in self._keys:
            return self._keys[kind, name]
        definition = self._found[kind, name]
        assert isinstance(definition, syntax.SettingsBlock | syntax.Derived)
        self._resolving.append((kind, name))
        base: Keys | None = None
        usable = True
        if isinstance(definition, syntax.Derived):
            base = self._keys_of(kind, definition.base) if self._base(definition, kind) else None
            usable = base is not None
        self._resolving.pop()
        self._keys[kind, name] = self._merged(definition, base, kind) if usable else None
        return self._keys[kind, name]

    def _merged(
        self, definition: syntax.SettingsBlock | syntax.Derived, base: Keys | None, kind: str
    ) -> Keys:
        """The keys of a base, overridden by those of a definition."""
        values, spans = (dict(base.values), dict(base.spans)) if base else ({}, {})
        parameters = definition.parameters if isinstance(definition, syntax.SettingsBlock) else ()
        own: set[str] = set()
        for setting in definition.settings:
            if setting.makes_name:
                article = "an" if kind == "experiment" else "a"
                self._report("N0204", f"{article} {kind} sets keys", setting.span, f"`{setting.key}: ...`")
            elif setting.key in own:
                self._report("N0202", f"`{setting.key}` is set twice", setting.span)
            own.add(setting.key)
            values[setting.key], spans[setting.key] = setting.values, setting.span
        return Keys(
            definition.name,
            MappingProxyType(values),
            MappingProxyType(spans),
            definition.span,
            parameters or (base.parameters if base else ()),
        )


def _check_whole(genotype: Genotype, span: Span) -> None:
    """Raise DslnasError N0502 for a genotype that cannot fix a space: its cells differ by position."""
    if genotype.positions:
        place = genotype.positions[0].place
        message = f"the genotype makes the cell smaller at `{place}`, and a space has whole cells"
        raise fail("N0502", message, span, help="train it by itself, `dslnas train`, or leave such lines out")


def place_of(source: Source, name: str = "") -> str:
    """The key of a definition that is local to its file: an experiment, a sweep."""
    return f"{source.name}/{name}"
