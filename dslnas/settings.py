"""Settings of a run: the profile of the data set, then the experiment, then `--set`, each checked alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import syntax
from .arguments import coerce, show
from .diagnostics import DslnasError, fail
from .parse import parse_value
from .primitives.registry import Kind
from .resolve import Keys, Space, did_you_mean
from .source import Source, Span
from .tensortype import Dim, Domain
from .values import Named, evaluate

PRESETS = ("quick", "paper")
PRECISIONS = ("float32", "bfloat16")
SPLITS = ("official", "speaker")
# Keys of the two stages that are no parameters of the space.
LENGTHS = ("epochs", "steps")  # two ways to say how long a stage is; the last one said counts
SEARCH_KEYS: Mapping[str, Kind] = {
    "batch": "int", "epochs": "int", "steps": "int", "travel": "number", "warmup": "fraction"
}  # fmt: skip
TRAIN_KEYS: Mapping[str, Kind] = {"batch": "int", "epochs": "int", "steps": "int", "mixup": "number"}
DATA_KEYS: Mapping[str, Kind] = {"fold": "int", "clips": "count", "skip_limit": "fraction"}


@dataclass(frozen=True)
class Stage:
    """The search or the retraining.

    parameters: the values of the space's parameters. epochs, steps: how long it is; one of them is 0. travel: how far the architecture parameters may go,
    learning rate x steps; the rate follows from it and the steps there are (None: the method's own rate).
    warmup: the share of the search's steps that trains the weights alone, before the architecture moves.
    mixup: the parameter of the beta distribution of mixup (Zhang et al., 2018); 0: none.
    """

    parameters: Mapping[str, Any]
    batch: int
    epochs: int = 0
    steps: int = 0
    travel: float | None = None
    warmup: float = 0.0
    mixup: float = 0.0

    def length(self, per_epoch: int) -> int:
        """The number of steps, where an epoch has `per_epoch`."""
        return self.steps or self.epochs * per_epoch


@dataclass(frozen=True)
class Override:
    """A setting from outside a profile: its key, its values, its place."""

    setting: syntax.Setting

    @property
    def key(self) -> str:
        return self.setting.key


@dataclass(frozen=True)
class Settings:
    """All that a run is told, apart from its space and its method."""

    preset: str
    domain: Domain
    search: Stage
    train: Stage
    split: str = "official"
    fold: int = 1
    clips: int = 0
    skip_limit: float = 0.1
    precision: str = "float32"
    seed: int = 0
    origins: Mapping[str, str] = field(default_factory=dict)  # key -> where it was set


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
    """The settings of a run; raises DslnasError with every problem there is."""
    resolver = _Resolver(profile, space, domain, preset)
    for setting in overrides:
        resolver.override(setting)
    if resolver.errors:
        raise DslnasError(*resolver.errors)
    return resolver.settings(seed)


class _Resolver:
    def __init__(self, profile: Keys, space: Space, domain: Domain, preset: str) -> None:
        self.space, self.preset, self.domain = space, preset, domain
        self.errors: list[Any] = []
        self.origins: dict[str, str] = {}
        self.parameters = {name: self._plain(expr, name) for name, expr in space.parameters.items()}
        self.values: dict[str, dict[str, Any]] = {"search": {}, "train": {}, "data": {}, "run": {}}
        for stage in ("search", "train"):
            self._from_profile(profile, stage)

    def _plain(self, expr: syntax.Expr, what: str) -> Any:
        try:
            return evaluate(expr, lambda name: name.name)
        except DslnasError as error:
            self.errors += error.diagnostics
            return None

    def _from_profile(self, profile: Keys, stage: str) -> None:
        """The sizes of a stage as the profile sets them for the preset, or, without it, for the domain."""
        wanted = f"{self.domain if self.preset == 'paper' else self.preset}.{stage}"
        key = wanted if wanted in profile.values else f"{self.domain}.{stage}"
        if key not in profile.values:
            message = f"profile `{profile.name}` does not set `{key}`"
            self.errors += fail("N0606", message, profile.span).diagnostics
            return
        expr = profile.values[key][0]
        named = self._plain(expr, key)
        if not isinstance(named, Named):
            help = "`(nodes: 3, channels: 16, batch: 96, epochs: 60)`"
            self.errors += fail("N0301", f"`{key}` takes named values", expr.span, help=help).diagnostics
            return
        for name, value in named.values.items():
            if name in self._kinds(stage) or name in self.parameters:
                self._set(stage, name, value, named.spans[name], f"profile {profile.name}, {key}")
            elif name not in ("nodes", "channels", "repeat"):  # sizes of cells; a space may have none
                known = [*self._kinds(stage), *self.parameters]
                message = f"`{name}` is no setting of the {stage}"
                error = fail("N0204", message, named.spans[name], help=did_you_mean(name, known))
                self.errors += error.diagnostics

    def _kinds(self, group: str) -> Mapping[str, Kind]:
        return {"search": SEARCH_KEYS, "train": TRAIN_KEYS, "data": DATA_KEYS, "run": {}}[group]

    def _set(self, group: str, name: str, value: Any, span: Span, origin: str) -> None:
        try:
            kind = self._kinds(group).get(name)
            checked = coerce(value, kind, f"`{group}.{name}`", span) if kind else self._parameter(name, value, span)
            if name in LENGTHS:
                for other in LENGTHS:
                    self.values[group].pop(other, None)
                    self.origins.pop(f"{group}.{other}", None)
            self.values[group][name] = checked
            self.origins[f"{group}.{name}"] = origin
        except DslnasError as error:
            self.errors += error.diagnostics

    def _parameter(self, name: str, value: Any, span: Span) -> Any:
        """A parameter of the space takes what is of the type of its default."""
        default = self.parameters[name]
        if isinstance(default, int) and not isinstance(default, bool):
            least: Kind = "count" if default == 0 or name == "repeat" else "int"
            return coerce(value, least, f"parameter `{name}`", span)
        if type(value) is not type(default):
            raise fail("N0301", f"parameter `{name}` is like {show(default)}, not {show(value)}", span)
        return value

    def override(self, setting: syntax.Setting) -> None:
        """`search.epochs`, `train.batch`, `data.split`, `precision`, or a parameter of the space for both stages."""
        head, *rest = setting.path
        expr, origin = setting.values[0], setting.span.source.name
        value = self._plain(expr, setting.key)
        name = rest[0] if rest else head
        if head in ("search", "train") and len(rest) == 1 and (name in self._kinds(head) or name in self.parameters):
            self._set(head, name, value, expr.span, origin)
        elif head == "data" and len(rest) == 1 and name in DATA_KEYS:
            self._set(head, name, value, expr.span, origin)
        elif setting.key == "data.split":
            self._word("split", value, SPLITS, expr.span, origin)
        elif setting.key == "precision":
            self._word("precision", value, PRECISIONS, expr.span, origin)
        elif not rest and head in self.parameters:
            for stage in ("search", "train"):
                self._set(stage, head, value, expr.span, origin)
        else:
            known = self.known()
            help = did_you_mean(setting.key, known) or f"known: {', '.join(known)}"
            self.errors += fail("N0603", f"there is no setting `{setting.key}`", setting.span, help=help).diagnostics

    def known(self) -> list[str]:
        """Every key that can be set, beside those of the space's candidates and the method."""
        stages = [f"{s}.{k}" for s in ("search", "train") for k in (*self._kinds(s), *self.parameters) if k != "domain"]
        data = [f"data.{key}" for key in (*DATA_KEYS, "split")]
        return ["domain", "method", "precision", *self.parameters, *stages, *data]

    def _word(self, name: str, value: Any, known: tuple[str, ...], span: Span, origin: str) -> None:
        if value in known:
            self.values["run"][name] = value
            self.origins["precision" if name == "precision" else f"data.{name}"] = origin
            return
        help = did_you_mean(str(value), known) or f"known: {', '.join(known)}"
        self.errors += fail("N0603", f"`{name}` cannot be {show(value)}", span, help=help).diagnostics

    def settings(self, seed: int) -> Settings:
        search = {**self.parameters, **self._of_space("search")}
        # What the search decides about the cells holds for the network that is trained.
        train = {**search, **self._of_space("train")}
        make: Callable[[str], dict[str, Any]] = lambda s: {  # noqa: E731
            k: v for k, v in self.values[s].items() if k in self._kinds(s)
        }
        return Settings(
            preset=self.preset,
            domain=self.domain,
            search=Stage(parameters=search, **make("search")),
            train=Stage(parameters=train, **make("train")),
            **self.values["data"],
            **self.values["run"],
            seed=seed,
            origins=self.origins,
        )

    def _of_space(self, stage: str) -> dict[str, Any]:
        return {name: value for name, value in self.values[stage].items() if name in self.parameters}


def symbolic(space: Space) -> dict[str, Any]:
    """The parameters of a space at their defaults, `channels` as the symbol `C`: what `check` proves for all C."""
    values = {name: evaluate(expr, lambda name: name.name) for name, expr in space.parameters.items()}
    return {name: Dim.of("C") if name == "channels" else value for name, value in values.items()}
