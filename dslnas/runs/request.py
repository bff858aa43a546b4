"""A request: the data, preset, settings and seed that a user gives beside a space file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..data.resampling import Resampling

QUICK = "quick"  # the default preset


@dataclass(frozen=True)
class Request:
    """The data, preset, settings and seed given beside a space file; None and empty: those of the file.

    Where the file does not say either, the default holds.

    data: `fsdd`, `folder:PATH`, ...; by default `digits`. data_root: the folder in which data sets lie.
    preset: of the profile; by default `quick`. overrides: the texts of `--set KEY=VALUE`, of which later ones
    win. seed: by default 0. classes: those of the data where they are known already, so that the
    data need not be on disk. sizes: by stage, the parameters of the space that an older run resolved, where
    the profile beat the space; they hold like settings before all `overrides`, unless data or preset change.
    resampling: that of a run which is opened; by default the present one.
    """

    data: str | None = None
    data_root: Path | None = None
    preset: str | None = None
    overrides: Sequence[str] = ()
    seed: int | None = None
    classes: Sequence[str] | None = None
    resampling: Resampling | None = None
    sizes: Mapping[str, Mapping[str, Any]] | None = None

    def over(self, other: Request) -> Request:
        """This request, with the fields of another where it has none; its settings come after the other's."""
        return Request(
            data=self.data or other.data,
            data_root=self.data_root or other.data_root,
            preset=self.preset or other.preset,
            overrides=(*other.overrides, *self.overrides),
            seed=other.seed if self.seed is None else self.seed,
            classes=self.classes if self.classes is not None or self.data else other.classes,
            resampling=self.resampling or other.resampling,
            sizes=self.sizes if self.data or self.preset or self.sizes else other.sizes,
        )
