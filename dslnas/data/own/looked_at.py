"""What surveys of recordings and of pictures have in common: files that can be used, and copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ..dataset import Clip, DataSet
from ..splits import grouped


class Looked(Protocol):
    """A look at one file. problem: why it cannot be used; empty where it can."""

    @property
    def clip(self) -> Clip:
        """The file."""

    @property
    def problem(self) -> str:
        """Why it cannot be used."""


OneLook = TypeVar("OneLook", bound=Looked)


@dataclass(frozen=True)
class LookedAt(Generic[OneLook]):
    """A data set and a look at each of its files."""

    data: DataSet
    looks: tuple[OneLook, ...]

    @property
    def usable(self) -> list[OneLook]:
        """The files that can be used."""
        return [look for look in self.looks if not look.problem]

    @property
    def left_out(self) -> list[tuple[str, str]]:
        """(path, reason) of every file that cannot be used."""
        found = [(look.clip.path, look.problem) for look in self.looks if look.problem]
        return [*self.data.skipped, *found]

    @property
    def copies(self) -> list[list[str]]:
        """The names of the files of each content that several have."""
        same = grouped((clip for clip in self.data.clips if clip.content), lambda clip: clip.content)
        names = [sorted({clip.name for clip in unit}) for unit in same.values()]
        return [unit for unit in names if len(unit) > 1]
