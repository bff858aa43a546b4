"""The settings of a run: what `--set` says beats the experiment, that the space, and that the profile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ..base.diagnostics import Diagnostic, DslnasError, fail, first_of_each
from ..base.source import Source, Span
from ..base.spelling import did_you_mean
from ..ir.primitives.registry import Kind
from ..ir.tensortype import Dim, Domain
from ..parse import syntax
from ..parse.parse import parse_value
from .arguments import coerce, show
from .definitions import Keys, Space
from .values import Named, evaluate_words

DOMAINS: tuple[Domain, ...] = ("real", "complex")
PRESETS = ("quick", "paper")
GROUPS = ("search", "train", "data")  # the part before the dot of a setting
SIZES = ("nodes", "channels", "repeat", "affine")  # of cells; a profile may set them for any space
PRECISIONS = ("float32", "bfloat16")
SPLITS = ("official", "speaker", "pieces")
AS_IN_THE_SEARCH = "as in the search"  # the origin of a size of the training that nothing else says
LENGTHS = ("epochs", "steps")  # two ways to give the length of a stage; the last one counts
# Keys of the two stages (search, train) and of the data that are no parameters of the space.
SEARCH_KEYS: Mapping[str, Kind] = {
    "batch": "int", "epochs": "int", "steps": "int", "travel": "number", "warmup": "fraction",
    "recompute": "bool", "judge": "judge", "balance": "balance",
}  # fmt: skip
TRAIN_KEYS: Mapping[str, Kind] = {
    "batch": "int", "epochs": "int", "steps": "int", "mixup": "number", "lr": "number",
    "weight_decay": "number", "balance": "balance",
}  # fmt: skip
DATA_KEYS: Mapping[str, Kind] = {
    "fold": "int", "folds": "count", "clips": "count", "skip_limit": "fraction", "windows": "windows",
}  # fmt: skip


@dataclass(frozen=True)
class PublishedSearch:
    """A published search: its length in steps, its architecture learning rate as the paper prints it."""

    steps: int
    rate: str

    @property
    def travel(self) -> float:
        """The travel of the architecture parameters: learning rate x steps."""
        return self.steps * float(self.rate)


PAPER_SEARCH = PublishedSearch(5_800, "3e-4")  # of ForceDARTS; the preset `quick` has the same `travel`


@dataclass(frozen=True)
class StageSettings:
    """The settings of one stage of a run, the search or the training of its result.

    parameters: the values of the space's parameters. epochs, steps: its length; one of them is 0.
    travel: learning rate x steps of the architecture parameters, from which the learning rate follows
    (None: the method's own rate).
    warmup: the share of the search's steps that trains the weights alone, before the architecture moves.
    recompute: whether the search computes cells again in the backward pass, to need less memory.
    mixup: the parameter of the beta distribution of mixup (Zhang et al., 2018); 0: none.
    lr, weight_decay: of the retraining, in place of the method's (None: the method's own).
    judge: who trains the architecture, `groups` that train no weight or any `clips` (None: groups where the
    test is of strangers).
    balance: what is done about classes of different sizes: `none`, `loss`, `sampling` or `mixing`.
    """

    parameters: Mapping[str, Any]
    batch: int
    epochs: int = 0
    steps: int = 0
    travel: float | None = None
    warmup: float = 0.0
    recompute: bool = False
    mixup: float = 0.0
    lr: float | None = None
    weight_decay: float | None = None
    judge: str | None = None
    balance: str = "none"

    def length(self, per_epoch: int) -> int:
        """The number of steps; an epoch has `per_epoch` steps."""
        return self.steps or self.epochs * per_epoch


class Said(NamedTuple):
    """A value of a setting, as text, and where it was said: a file, `--set KEY`, a profile, a space."""

    value: str
    origin: str


@dataclass(frozen=True)
class Settings:
    """The settings of a run, apart from its space and its method.

    folds: into how many the data set is divided, of which `fold` tests (0: its own split). clips: at most so
    many clips of the data set; 0: all (of digits 4000). skip_limit: the share of recordings
    that may be unreadable. origins: where each key was set. beaten: what else was said about a key, and
    does not count: each value with its origin, the strongest first. windows: what is taken of
    recordings that are longer than a clip, the `loudest` stretch or `all` of it in windows.
    """

    preset: str
    domain: Domain
    search: StageSettings
    train: StageSettings
    split: str = "official"
    fold: int = 1
    folds: int = 0
    clips: int = 0
    skip_limit: float = 0.1
    windows: str = "loudest"
    precision: str = "float32"
    seed: int = 0
    origins: Mapping[str, str] = field(default_factory=dict)  # key -> where it was set
    beaten: Mapping[str, tuple[Said, ...]] = field(default_factory=dict, repr=False, compare=False)

    def said(self, stated: Mapping[str, Sequence[Said]]) -> Settings:
        """These settings, with what was said about more keys, the strongest first."""
        told = {key: said for key, said in stated.items() if said}
        origins = {key: said[0].origin for key, said in told.items()}
        others = {key: tuple(one for one in said if one.value != said[0].value) for key, said in told.items()}
        beaten = {key: said for key, said in others.items() if said}
        return replace(self, origins={**self.origins, **origins}, beaten={**self.beaten, **beaten})


def where_said(origin: str, beaten: Iterable[Sequence[str]]) -> str:
    """Where the value of a setting was said, and what it beat: `space Mine, over 3 (profile sc09)`."""
    weaker = ", ".join(f"{value} ({place})" for value, place in beaten)
    return f"{origin}, over {weaker}" if weaker else origin


def parse_override(text: str) -> syntax.Setting:
    """`KEY=VALUE` of the command line as a setting; raises DslnasError."""
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not key:
        raise fail("N0603", f"`--set {text}` is not of the form KEY=VALUE", help="`--set search.epochs=4`")
    values = parse_value(value, f"--set {key}")
    whole = Source(f"--set {key}", value)
    return syntax.Setting(tuple(key.split(".")), values, True, Span(whole, 1, 1, 1, max(2, len(value) + 1)))


def resolve_settings(
    profile: Keys, space: Space, domain: Domain, preset: str, overrides: Sequence[syntax.Setting], seed: int
) -> Settings:
    """The settings of a run; raises DslnasError with all errors found."""
    if preset not in PRESETS:
        raise fail("N0603", f"there is no preset `{preset}`", help=f"known: {', '.join(PRESETS)}")
    resolver = _Resolver(profile, space, domain, preset)
    for setting in overrides:
        resolver.override(setting)
    settings = resolver.settings(seed)
    if settings is None:
        raise DslnasError(*first_of_each(resolver.errors))
    return settings


def group_settings(parameters: Iterable[str]) -> list[str]:
    """The keys of all settings with a group, such as `search.batch`; `parameters` are those of the space."""
    sizes = [name for name in parameters if name != "domain"]
    stages = [f"{stage}.{key}" for stage in ("search", "train") for key in (*_kinds(stage), *sizes)]
    return [*stages, *(f"data.{key}" for key in (*DATA_KEYS, "split"))]


def profile_keys(profile: Keys, parameters: Collection[str]) -> list[Diagnostic]:
    """Errors for the unknown keys of a profile; `parameters` are those of all known spaces."""
    found: list[Diagnostic] = []
    stages = {f"{kind}.{stage}": stage for kind in (*DOMAINS, "quick") for stage in ("search", "train")}
    for key, exprs in profile.values.items():
        if key == "frontend":
            continue
        if key not in stages:
            help = did_you_mean(key, ["frontend", *stages]) or f"known: frontend, {', '.join(stages)}"
            found.append(Diagnostic("N0204", f"a profile has no key `{key}`", profile.spans[key], help=help))
            continue
        try:
            known = [*_kinds(stages[key]), *SIZES, *parameters]
            for name, span in _named(exprs[0], key).spans.items():
                if name not in known:
                    message = f"`{stages[key]}` has no setting `{name}`"
                    found.append(Diagnostic("N0204", message, span, help=did_you_mean(name, known)))
        except DslnasError as error:
            found += error.diagnostics
    return found


def _kinds(group: str) -> Mapping[str, Kind]:
    return {"search": SEARCH_KEYS, "train": TRAIN_KEYS, "data": DATA_KEYS}[group]


def _named(expr: syntax.Expr, key: str) -> Named:
    value = evaluate_words(expr)
    if isinstance(value, Named):
        return value
    help = "`(nodes: 3, channels: 16, batch: 96, epochs: 60)`"
    raise fail("N0301", f"`{key}` takes named values", expr.span, help=help)


class _Resolver:
    """Collects the settings of a profile and their overrides; keeps all errors."""

    def __init__(self, profile: Keys, space: Space, domain: Domain, preset: str) -> None:
        self.profile, self.space, self.preset, self.domain = profile, space, preset, domain
        self.errors: list[Diagnostic] = []
        self.said: dict[str, list[Said]] = {}  # by key, the weakest first
        self.parameters: dict[str, Any] = {}
        self.values: dict[str, dict[str, Any]] = {"search": {}, "train": {}, "data": {}, "run": {}}
        for name, expr in space.parameters.items():
            with self._kept():
                self.parameters[name] = evaluate_words(expr)
        self._from_space(space.by_profile)
        for stage in ("search", "train"):
            with self._kept():
                self._from_profile(stage)
        self._from_space(self.parameters.keys() - space.by_profile)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Record the diagnostics of an error and continue."""
        try:
            yield
        except DslnasError as error:
            self.errors += error.diagnostics

    def _from_profile(self, stage: str) -> None:
        """The settings of a stage in the profile: those of the preset, or else those of the domain."""
        profile = self.profile
        wanted = f"{self.domain if self.preset == 'paper' else self.preset}.{stage}"
        key = wanted if wanted in profile.values else f"{self.domain}.{stage}"
        if key not in profile.values:
            raise fail("N0606", f"profile `{profile.name}` does not set `{key}`", profile.span)
        named = _named(profile.values[key][0], key)
        for name, value in named.values.items():
            origin = f"profile {profile.name}, {key}"
            if name in _kinds(stage) or name in self.space.by_profile:
                self._set(stage, name, value, named.spans[name], origin)
            elif name in self.parameters:  # the space's own value is stronger
                self._say(f"{stage}.{name}", value, origin)
            elif name not in SIZES:
                known = [*_kinds(stage), *self.parameters]
                message = f"`{stage}` has no setting `{name}`"
                with self._kept():
                    raise fail("N0204", message, named.spans[name], help=did_you_mean(name, known))

    def _from_space(self, names: Collection[str]) -> None:
        """Note that the space says the values of these parameters, which hold for both stages."""
        for name in self.parameters:
            if name in names and name != "domain" and name not in SEARCH_KEYS:
                self._say(f"search.{name}", self.parameters[name], f"space {self.space.name}")

    def _say(self, key: str, value: Any, origin: str) -> None:
        self.said.setdefault(key, []).append(Said(show(value).strip("`"), origin))

    def _set(self, group: str, name: str, value: Any, span: Span, origin: str) -> None:
        with self._kept():
            kind = _kinds(group).get(name)
            shown = f"`{group}.{name}`"
            checked = coerce(value, kind, shown, span) if kind else self._parameter(name, value, span)
            if kind == "number" and checked < 0:
                raise fail("N0301", f"{shown} is negative", span)
            for other in LENGTHS if name in LENGTHS else ():
                if other != name and self.values[group].pop(other, None) is not None:
                    earlier = self.said.pop(f"{group}.{other}")
                    named = [Said(f"{said.value} {other}", said.origin) for said in earlier]
                    self.said.setdefault(f"{group}.{name}", []).extend(named)
            self.values[group][name] = checked
            self._say(f"{group}.{name}", checked, origin)

    def _parameter(self, name: str, value: Any, span: Span) -> Any:
        """The value of a parameter of the space; it must have the type of the default."""
        default = self.parameters[name]
        if isinstance(default, int) and not isinstance(default, bool):
            return coerce(value, "count", f"parameter `{name}`", span)
        if type(value) is not type(default):
            raise fail("N0301", f"parameter `{name}` is like {show(default)}, not {show(value)}", span)
        return value

    def override(self, setting: syntax.Setting) -> None:
        """Set `search.epochs`, `data.split`, `precision`, or a parameter of the space for both stages."""
        with self._kept():
            if len(setting.values) > 1:
                raise fail("N0207", f"`{setting.key}` takes one value", setting.values[1].span)
            self._override(setting, evaluate_words(setting.values[0]))

    def _override(self, setting: syntax.Setting, value: Any) -> None:
        head, *rest = setting.path
        span, origin = setting.values[0].span, setting.span.source.name
        name = rest[0] if rest else head
        parameters = [name for name in self.parameters if name != "domain"]
        if setting.key == "precision":
            self._word("precision", value, PRECISIONS, span, origin)
        elif setting.key == "data.split":
            self._word("data.split", value, SPLITS, span, origin)
        elif (head in ("search", "train") and len(rest) == 1 and name in (*_kinds(head), *parameters)) or (
            head == "data" and len(rest) == 1 and name in DATA_KEYS
        ):
            self._set(head, name, value, span, origin)
        elif not rest and head in parameters:
            for stage in ("search", "train"):
                self._set(stage, head, value, span, origin)
        else:
            known = self._known()
            help = did_you_mean(setting.key, known) or f"known: {', '.join(known)}"
            raise fail("N0603", f"there is no setting `{setting.key}`", setting.span, help=help)

    def _known(self) -> list[str]:
        """Every key that can be set."""
        parameters = [name for name in self.parameters if name != "domain"]
        options = [f"{set}.{option}" for set, options in self.space.sets.items() for option in options]
        whole = ["space", "data", "domain", "method", "method.loss", "frontend", "precision"]
        return [*whole, *parameters, *group_settings(parameters), *options]

    def _word(self, key: str, value: Any, known: tuple[str, ...], span: Span, origin: str) -> None:
        if value not in known:
            help = did_you_mean(str(value), known) or f"known: {', '.join(known)}"
            raise fail("N0603", f"`{key}` cannot be {show(value)}", span, help=help)
        self.values["run"][key.removeprefix("data.")] = value
        self._say(key, value, origin)

    def settings(self, seed: int) -> Settings | None:
        """The settings, or None if there are errors."""
        if not self.errors:
            for stage in ("search", "train"):
                self._check_complete(stage)
        if self.errors:
            return None
        search = {**self.parameters, **self._of_space("search")}
        # The sizes of the search also hold for the network that is trained, unless overridden.
        train = {**search, **self._of_space("train")}
        settings = Settings(
            preset=self.preset,
            domain=self.domain,
            search=StageSettings(parameters=search, **self._of_stage("search")),
            train=StageSettings(parameters=train, **self._of_stage("train")),
            **self.values["data"],
            **self.values["run"],
            seed=seed,
        )
        for name, value in train.items():
            if f"train.{name}" in self.said and name not in self.values["train"]:
                self._say(f"train.{name}", value, AS_IN_THE_SEARCH)
        return settings.said({key: said[::-1] for key, said in self.said.items()})

    def _check_complete(self, stage: str) -> None:
        given = self.values[stage]
        for keys in (("batch",), LENGTHS):
            if not any(key in given for key in keys):
                shown = " or ".join(f"`{stage}.{key}`" for key in keys)
                self.errors += fail("N0606", f"nothing sets {shown}", self.profile.span,
                                    help=f"set it in profile `{self.profile.name}`").diagnostics  # fmt: skip

    def _of_stage(self, stage: str) -> dict[str, Any]:
        return {name: value for name, value in self.values[stage].items() if name in _kinds(stage)}

    def _of_space(self, stage: str) -> dict[str, Any]:
        return {name: value for name, value in self.values[stage].items() if name in self.parameters}


def symbolic(space: Space) -> dict[str, Any]:
    """The defaults of a space's parameters, `channels` as the symbol `C`: `check` proves for all C."""
    values = {name: evaluate_words(expr) for name, expr in space.parameters.items()}
    return {name: Dim.of("C") if name == "channels" else value for name, value in values.items()}
