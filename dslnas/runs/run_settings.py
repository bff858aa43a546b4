"""The settings that a run was started with, read from the `settings.json` of its folder and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..base.diagnostics import fail
from ..base.files import read_json
from ..base.places import found_from
from ..data.catalog import parse_spec
from ..data.resampling import RESAMPLINGS, UNSAID, Resampling
from .plugins import KeptPlugin
from .request import Request


@dataclass(frozen=True)
class RunSettings:
    """The request that rebuilds the experiment of a run, and the device that it was started on.

    request: its overrides begin with the space and the method, before the texts of `--set`. plugins: the
    files that define primitives of its space. A run that was started before there was `search.judge` has the
    judge that all had: clips.
    """

    request: Request
    device: str = "auto"
    plugins: tuple[KeptPlugin, ...] = ()


def read_run_settings(path: Path) -> RunSettings:
    """The settings in a `settings.json`; raises DslnasError N0701 where they cannot be read or are broken."""
    settings = _Part(read_json(path))
    try:
        data, root, classes = settings.part("data"), settings.get("data_root"), None
        if data.get("classes") is not None:
            classes = data.texts("classes")
        judge = () if settings.part("search").has("judge") else ("search.judge=clips",)
        request = Request(
            data=_place(data, path.parent),
            data_root=None if root is None else _root(settings, path.parent),
            preset=settings.text("preset"),
            overrides=(
                f"space={settings.text('space')}",
                f"method={settings.text('method')}",
                *judge,
                *settings.texts("set"),
            ),
            seed=settings.whole("seed"),
            classes=classes,
            resampling=_resampling(data),
            sizes=None if "beaten" in settings.data else _sizes(settings),
        )
        device = settings.text("device") if settings.get("device") is not None else "auto"
        return RunSettings(request, device, tuple(map(_plugin, settings.parts("plugins"))))
    except TypeError as error:
        raise fail("N0701", f"{path}: a part is missing or has another form: {error}") from None


def _place(data: _Part, run: Path) -> str:
    """The data set that a run names, its path from the folder of the run; in older runs in full."""
    spec = parse_spec(data.text("name"))
    if spec.path is None:
        return data.text("name")
    return str(replace(spec, path=found_from(spec.path, run, _kept(data, "place"))))


def _root(settings: _Part, run: Path) -> Path:
    return found_from(settings.text("data_root"), run, _kept(settings, "data_root_place"))


def _kept(part: _Part, key: str) -> str:
    return part.text(key) if part.has(key) else ""


def _resampling(data: _Part) -> Resampling:
    """How the recordings were resampled; runs that are older than the choice do not say it."""
    said = data.get("resampling")
    for known in RESAMPLINGS:
        if known == (UNSAID if said is None else said):
            return known
    raise TypeError(f"`resampling` is none of {', '.join(RESAMPLINGS)}")


def _sizes(settings: _Part) -> Mapping[str, Mapping[str, Any]]:
    """The numbers and words of the stages of an older run, where the profile beat the space."""
    found = {}
    for stage in ("search", "train"):
        values = settings.get(stage)
        if isinstance(values, dict):
            found[stage] = {key: one for key, one in values.items() if isinstance(one, str | int | float)}
    return found


def _plugin(part: _Part) -> KeptPlugin:
    file = part.text("file")
    if Path(file).is_absolute() or ".." in Path(file).parts:
        raise TypeError(f"`{file}` is no file of the run")
    path, module, digest = (part.text(key) for key in ("path", "module", "digest"))
    return KeptPlugin(path, module, file, digest, part.texts("primitives"))


class _Part:
    """Typed access to a JSON object; a TypeError names the part that is of another type."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def get(self, key: str) -> Any:
        if not isinstance(self.data, dict):
            raise TypeError(f"no object with `{key}`")
        return self.data.get(key)

    def has(self, key: str) -> bool:
        return isinstance(self.data, dict) and key in self.data

    def part(self, key: str) -> _Part:
        return _Part(self.get(key))

    def parts(self, key: str) -> list[_Part]:
        """The objects in a list; none where there is no such key."""
        value = self.get(key)
        if not isinstance(value, list | None):
            raise TypeError(f"`{key}` is no list")
        return [_Part(item) for item in value or ()]

    def text(self, key: str) -> str:
        return _text(self.get(key), key)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.get(key)
        if not isinstance(value, list):
            raise TypeError(f"`{key}` is no list")
        return tuple(_text(item, key) for item in value)

    def whole(self, key: str) -> int:
        value = self.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f"`{key}` is no whole number")
        return value


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError(f"`{key}` is no text")
    return value
