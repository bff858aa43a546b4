"""`dslnas cache`: where computed features, synthesised digits and downloads are kept, and their removal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .options import JsonOption

if TYPE_CHECKING:
    from dslnas.data.cache.stored import Entry

EXAMPLE = "Example: dslnas cache --clear --older-than 30d"

_UNITS = {"m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}


def cache(
    clear: Annotated[
        bool, typer.Option("--clear", help="Remove what is listed. It is made again where it is needed.")
    ] = False,
    older_than: Annotated[
        str | None,
        typer.Option(
            "--older-than", metavar="TIME", help="Only what was not used for so long: 12h, 30d, 8w."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say where the cache is and how much it holds, by data set; empty it.

    It holds the features of recordings, synthesised digits and downloads, under $DSLNAS_CACHE, else
    $XDG_CACHE_HOME/dslnas, else ~/.cache/dslnas. Data sets that you have put there yourself stay.
    """
    import time

    from dslnas.base.cache import cache_folder
    from dslnas.data.cache.stored import entries, remove

    from .terminal import duration, out, print_json, table

    least, now, folder = _seconds(older_than), time.time(), cache_folder()
    found = [one for one in entries(folder) if now - one.used >= least]
    left: list[Entry] = []
    if clear:
        gone = remove(found)
        left, found = [one for one in found if one not in gone], gone
    kinds = {
        name: [one for one in found if one.data == name] for name in dict.fromkeys(e.data for e in found)
    }
    if as_json:
        data = [
            {"data": name, "entries": len(of), "bytes": _size(of), "used": max(one.used for one in of)}
            for name, of in kinds.items()
        ]
        print_json({"folder": str(folder), "removed": clear, "bytes": _size(found), "data": data})
    else:
        rows = [
            (
                name,
                str(len(of)),
                _bytes(_size(of)),
                f"{duration(max(0.0, now - max(e.used for e in of)))} ago",
            )
            for name, of in kinds.items()
        ]
        console = out()
        if rows:
            console.print(table("", ("data", "entries#", "size#", "last used#"), rows))
        said = "removed from" if clear else "in"
        console.print(f"{_bytes(_size(found))} {said} {folder}", soft_wrap=True)
        if not clear and rows:
            console.print(
                "`dslnas cache --clear` empties it; $DSLNAS_CACHE names another folder", soft_wrap=True
            )
    if left:
        from dslnas.base.diagnostics import fail

        raise fail("N0701", f"{left[0].path} cannot be removed", help=f"{len(left)} entries are still there")


def _seconds(text: str | None) -> float:
    """The seconds of a time such as `30d`; 0 where there is none."""
    if text is None:
        return 0.0
    if not (found := re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([mhdw])", text.strip())):
        raise typer.BadParameter(f"`{text}` is no time: say 90m, 12h, 30d or 8w", param_hint="--older-than")
    return float(found[1]) * _UNITS[found[2]]


def _size(found: Sequence[Entry]) -> int:
    return sum(one.size for one in found)


def _bytes(size: float) -> str:
    """Bytes in the unit that fits: `353.0 MB`."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
