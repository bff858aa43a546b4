"""From a space file and a request to an experiment: resolves space, method, data, profile and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..base.diagnostics import Diagnostic, DslnasError, errors, fail
from ..base.spelling import did_you_mean
from ..check.budget import unmet
from ..check.check import check
from ..check.methods import located, misfits, without_depth
from ..check.references import stated_data
from ..data.classes import class_names, holds_images, profile_name
from ..data.resampling import PRESENT
from ..elaborate.fixes import Fixes
from ..elaborate.frontends import frontends_of, template_of
from ..ir.frontend import FrontEnds
from ..ir.tensortype import Domain
from ..methods.method import Method, RelaxedMethod, SampledMethod
from ..methods.read import read_call, read_method
from ..parse import syntax
from ..parse.format import one_line
from ..resolve.definitions import Definitions, Keys, Space
from ..resolve.derive import override
from ..resolve.frozen import frozen_text
from ..resolve.library import find_space
from ..resolve.resolve import resolve, with_library
from ..resolve.settings import (
    DOMAINS,
    PRESETS,
    SEARCH_KEYS,
    TRAIN_KEYS,
    Said,
    Settings,
    parse_override,
    resolve_settings,
)
from ..resolve.values import evaluate_words
from .experiment import Experiment
from .request import QUICK, Request

NOTHING_ASKED = Request()
WHOLE = ("space", "method", "data", "domain", "frontend")  # settings that are no number of a stage
DEFAULT_METHOD = "random"  # where nobody names one
WHY = "with few recordings no search was measured to find better networks than chance does"
MEASURED = "docs: Better than made by hand?"  # the page of the measurements
DEFAULT_DATA = "digits"


def frontends_for(
    data: str, profile: Keys, definitions: Definitions, domain: Domain, fixes: Fixes
) -> FrontEnds:
    """The front ends that a profile names for a data set.

    Raises DslnasError as `frontends_of` does, and N0606 where one does not begin with what the data holds
    (waves or images).
    """
    found = frontends_of(profile, definitions, domain, fixes)
    held, wanted = ("images", "image") if holds_images(data) else ("recordings", "wave")
    for frontend in (way.frontend for way in found.ways):
        source = frontend.source.primitive
        if source != wanted:
            message = f"front end `{frontend.name}` begins with `{source}`, and {data} holds {held}"
            span = profile.values["frontend"][0].span
            raise fail("N0606", message, span, help=f"name one that begins with `{wanted}`")
    return found


def load(name: str | Path, request: Request = NOTHING_ASKED) -> Experiment:
    """The experiment of a file and a request; raises DslnasError with all errors."""
    path = find_space(str(name))
    definitions, diagnostics = resolve(path)
    found = check(
        definitions, diagnostics, None if request.classes is None else len(request.classes), fit=False
    )
    if errors(found):
        raise DslnasError(*found)
    return fitting(assemble(path, definitions, request, found))


def method_taken(origins: Mapping[str, str], method: str) -> str | None:
    """Why a method is taken that nobody names, in a line; None where it is named.

    origins: where each setting was set, by its key.
    """
    if "method" in origins or method != DEFAULT_METHOD:
        return None
    return f"no method is named, so `{method}`: {WHY} ({MEASURED})"


def fitting(experiment: Experiment) -> Experiment:
    """The experiment with warnings about its method; DslnasError where that cannot search the space."""
    problems = misfits(experiment.method, experiment.supernet)
    if isinstance(experiment.method, RelaxedMethod):
        problems += without_depth(experiment.method.stages, experiment.space)
    problems = located(problems, experiment.method, experiment.method_span, experiment.definitions.main)
    if errors(problems):
        raise DslnasError(*problems)
    new = [problem for problem in problems if problem not in experiment.warnings]
    return replace(experiment, warnings=(*experiment.warnings, *new)) if new else experiment


def never_met(name: str | Path) -> list[Diagnostic]:
    """Errors for the bounds of a file's experiment that no network keeps to, at the sizes of any preset.

    For a file without errors; what a run of it would be refused for is no error of the file.
    """
    path = find_space(str(name))
    definitions, _ = resolve(path)
    found: list[list[Diagnostic]] = []
    for preset in PRESETS:
        try:
            experiment = assemble(path, definitions, Request(preset=preset))
            if not isinstance(experiment.method, SampledMethod) or not experiment.method.require:
                return []
            found.append(unmet(experiment.method, experiment.evaluation))
        except DslnasError:
            return []
    first, *others = found
    places = [{one.span for one in each} for each in others]
    return [one for one in first if all(one.span in known for known in places)]


def assemble(
    path: Path,
    definitions: Definitions,
    request: Request,
    found: Sequence[Diagnostic] = (),
) -> Experiment:
    """The experiment of resolved definitions, without checking that method and space fit.

    found: the diagnostics of the definitions. Raises DslnasError as `load` does.
    """
    settings = _overrides(request.overrides)
    given = {key: _take(settings, key) for key in WHOLE}
    space = _space(definitions, given["space"])
    own_domain = space.parameters.get("domain")
    space, domain = _with_domain(space, definitions, given["domain"])
    space = _with_candidates(space, settings)
    sizes = _sizes_of_older_run(space, request)
    settings = [*_overrides(sizes), *settings]
    keys, method = _method(definitions, given["method"], settings)
    stated = _stated(definitions, "data", given["data"])
    data = request.data or (stated_data(stated) if stated is not None else DEFAULT_DATA)
    own = _profile(definitions, data)
    profile = _with_frontend(own, definitions, given["frontend"])
    named = _stated(definitions, "method", given["method"])
    said = {key: _said(definitions, key, given[key]) for key in WHOLE}
    if request.data:
        said["data"].insert(0, Said(request.data, "--data"))
    if own_domain is not None:
        said["domain"].append(Said(one_line(own_domain.span.text), f"space {space.name}"))
    if "frontend" in own.values:
        said["frontend"].append(Said(_text(own.values["frontend"]), f"profile {own.name}"))
    settings = [*_experiment_settings(definitions), *settings]
    resolved = resolve_settings(profile, space, domain, request.preset or QUICK, settings, request.seed or 0)
    _check_balance(resolved, data)
    return Experiment(
        path=path,
        definitions=definitions,
        space=space,
        method=method,
        frontends=frontends_for(data, profile, definitions, domain, Fixes(space.fixes)),
        settings=resolved.said(said),
        data=data,
        classes=tuple(class_names(data, request.data_root) if request.classes is None else request.classes),
        overrides=(*sizes, *request.overrides),
        resampling=request.resampling or PRESENT,
        warnings=tuple(d for d in found if d.severity == "warning"),
        frontend_text=_text(profile.values["frontend"]),
        method_span=None if named is None else named.span,
        text=frozen_text(definitions, keys, own, template_of(profile.values["frontend"][0], definitions)),
    )


def _check_balance(settings: Settings, data: str) -> None:
    """Raise DslnasError N0603 where images were to be mixed in pieces of time, which they do not have."""
    for stage, balance in (("search", settings.search.balance), ("train", settings.train.balance)):
        if balance == "mixing" and holds_images(data):
            message = f"`{stage}.balance` is `mixing`, which mixes recordings, and {data} holds images"
            raise fail("N0603", message, help="`sampling` draws every class as often, `loss` weighs them")


def published(experiment: Experiment) -> Settings | None:
    """The settings of the profile alone at the published sizes; None where it has none."""
    space = replace(experiment.space, by_profile=frozenset(experiment.space.parameters))
    try:
        profile = _profile(experiment.definitions, experiment.data)
        return resolve_settings(profile, space, experiment.settings.domain, "paper", (), 0)
    except DslnasError:
        return None


def _overrides(texts: Sequence[str]) -> list[syntax.Setting]:
    """The settings of the command line; raises DslnasError with every problem in them."""
    settings: list[syntax.Setting] = []
    problems: list[Diagnostic] = []
    for text in texts:
        try:
            settings.append(parse_override(text))
        except DslnasError as error:
            problems += error.diagnostics
    if problems:
        raise DslnasError(*problems)
    return settings


def _sizes_of_older_run(space: Space, request: Request) -> list[str]:
    """Settings of the space's parameters as an older run resolved them: `search.nodes=3`."""
    stages = (request.sizes or {}).items()
    return [
        f"{stage}.{name}={str(value).lower() if isinstance(value, bool) else value}"
        for stage, values in stages
        for name, value in values.items()
        if name in space.parameters and name not in (*SEARCH_KEYS, *TRAIN_KEYS, "domain")
    ]


def _take(settings: list[syntax.Setting], key: str) -> syntax.Setting | None:
    """Remove the settings of a key and return the last."""
    found = [setting for setting in settings if setting.key == key]
    settings[:] = [setting for setting in settings if setting.key != key]
    return found[-1] if found else None


def _stated(definitions: Definitions, key: str, given: syntax.Setting | None) -> syntax.Expr | None:
    """The value of a key from `--set`, or else from the experiment of the file; raises DslnasError N0207."""
    experiment = definitions.experiment
    values = given.values if given is not None else experiment.values.get(key, ()) if experiment else ()
    if len(values) > 1:
        raise fail("N0207", f"`{key}` takes one value", values[1].span)
    return values[0] if values else None


def _said(definitions: Definitions, key: str, given: syntax.Setting | None) -> list[Said]:
    """What `--set` and the experiment say about a key, the strongest first."""
    found = [] if given is None else [Said(_text(given.values), given.span.source.name)]
    experiment = definitions.experiment
    if experiment is not None and key in experiment.values:
        found.append(Said(_text(experiment.values[key]), experiment.spans[key].source.name))
    return found


def _text(values: Sequence[syntax.Expr]) -> str:
    return one_line(values[0].span.text)


def _word(value: syntax.Expr) -> str:
    """The word in an expression, or its text."""
    word = evaluate_words(value)
    return word if isinstance(word, str) else value.span.text


def _space(definitions: Definitions, given: syntax.Setting | None) -> Space:
    expr = _stated(definitions, "space", given)
    if expr is None:
        if not definitions.own_spaces:
            raise fail("N0206", f"{definitions.main.name} defines no space", help="`space Name { ... }`")
        return definitions.spaces[definitions.own_spaces[-1]]
    name = _word(expr)
    if name not in definitions.spaces:
        help = did_you_mean(name, definitions.spaces) or f"known: {', '.join(definitions.spaces)}"
        raise fail("N0201", f"there is no space `{name}`", expr.span, help=help)
    return definitions.spaces[name]


def _with_domain(
    space: Space, definitions: Definitions, given: syntax.Setting | None
) -> tuple[Space, Domain]:
    expr = _stated(definitions, "domain", given) or space.parameters.get("domain")
    name = _word(expr) if expr is not None else "real"
    domain: Domain | None = next((domain for domain in DOMAINS if domain == name), None)
    if domain is None:
        span = expr.span if expr is not None else None
        help = did_you_mean(name, DOMAINS)
        raise fail("N0301", f"the domain is `real` or `complex`, not `{name}`", span, help=help)
    if "domain" in space.parameters and expr is not None:
        parameters = {**space.parameters, "domain": syntax.Name(domain, expr.span)}
        space = replace(space, parameters=parameters)
    return space, domain


def _with_candidates(space: Space, settings: list[syntax.Setting]) -> Space:
    """The space with the settings that change it, `--set candidates.sep_conv_5x5=asym5(7, 1)`."""
    for setting in [s for s in settings if s.path[0] in (*space.sets, *space.cells, "network")]:
        space = override(space, setting)
        settings.remove(setting)
    return space


def _method(
    definitions: Definitions, given: syntax.Setting | None, settings: list[syntax.Setting]
) -> tuple[Keys, Method]:
    """The method as its file defines it, and with arguments and the changes of `--set method.KEY`."""
    known = with_library(definitions).methods
    expr = _stated(definitions, "method", given)
    own, arguments = read_call(expr, known) if expr is not None else (known[DEFAULT_METHOD], ())
    keys = own
    for setting in [s for s in settings if s.path[0] == "method"]:
        keys = keys.with_setting(".".join(setting.path[1:]), setting.values, setting.span)
        settings.remove(setting)
    method, found = read_method(keys, arguments)
    if method is None:
        raise DslnasError(*found)
    return own, method


def _profile(definitions: Definitions, data: str) -> Keys:
    name = profile_name(data)
    known = with_library(definitions).profiles
    if name not in known:
        help = f"define `profile {name} {{ ... }}` in your file"
        raise fail("N0606", f"there is no profile for `{name}`", help=help)
    return known[name]


def _with_frontend(profile: Keys, definitions: Definitions, given: syntax.Setting | None) -> Keys:
    """The profile with the front end that `--set` or the experiment names instead of its own."""
    expr = _stated(definitions, "frontend", given)
    return profile if expr is None else profile.with_setting("frontend", (expr,), expr.span)


def _experiment_settings(definitions: Definitions) -> list[syntax.Setting]:
    experiment = definitions.experiment
    if experiment is None:
        return []
    return [
        syntax.Setting(tuple(key.split(".")), values, False, experiment.spans[key])
        for key, values in experiment.values.items()
        if key not in ("space", "method", "data", "domain", "frontend")
    ]
