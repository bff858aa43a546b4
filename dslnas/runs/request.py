"""What is asked of a space file: which data, which preset, which settings, which seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

QUICK = "quick"  # the preset where none is asked for


@dataclass(frozen=True)
class Request:
    """What is asked of a space file. None and empty: what the file says, or else the default.

    data: `fsdd`, `folder:PATH`, ...; by default `digits`. data_root: the folder in which data sets lie.
    preset: of the profile; by default `quick`. overrides: the texts of `--set KEY=VALUE`, of which later ones
    win. seed: by default 0. classes: those of the data where they are known already, so that it need not be
    there.
    """

    data: str | None = None
    data_root: Path | None = None
    preset: str | None = None
    overrides: Sequence[str] = ()
    seed: int | None = None
    classes: Sequence[str] | None = None

    def over(self, other: Request) -> Request:
        """This request where it says something, and another where it does not; its settings come after."""
        return Request(
            data=self.data or other.data,
            data_root=self.data_root or other.data_root,
            preset=self.preset or other.preset,
            overrides=(*other.overrides, *self.overrides),
            seed=other.seed if self.seed is None else self.seed,
            classes=self.classes if self.classes is not None or self.data else other.classes,
        )
