"""The page on a data set before anything is trained: what it holds, in tables, histograms and players."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..base.files import write_atomically
from ..data.own.survey import Look, Survey, class_facts, histogram, warnings
from .reader.players import players
from .render.palette import css_variables

TEMPLATE = "recordings.html.j2"
EXAMPLES = 2  # of each class
MOST_CLASSES = 50  # with players


def write_page(found: Survey, path: Path) -> None:
    """Write the page on a data set; raises DslnasError N0701 where it cannot be written."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("dslnas.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    classes = class_facts(found)
    heard = _heard(found)
    sounds = players([look.clip.path for look in heard], segments=[look.clip.segment for look in heard])
    page = environment.get_template(TEMPLATE).render(
        title=found.data.name,
        colours=css_variables(),
        classes=classes,
        most=max((one["clips"] for one in classes), default=0) or 1,
        rates=found.rates,
        channels=found.channels,
        heard=found.heard,
        clips=len(found.usable),
        pictures=[
            ("How long the recordings are", "s", _bars([look.seconds for look in found.usable])),
            (
                "How loud they are",
                "dB of full scale",
                _bars([look.level for look in found.usable if look.level is not None]),
            ),
        ],
        warnings=warnings(found),
        notes=found.data.notes,
        left_out=found.left_out,
        examples=[
            (found.data.classes[look.clip.label], look.clip.name or Path(look.clip.path).name, source)
            for look, source in zip(heard, sounds.sources, strict=True)
            if source
        ],
        missing=sounds.left_out,
    )
    write_atomically(path, page.encode("utf-8", "replace"))


def _heard(found: Survey) -> list[Look]:
    """The clips with players: the first of each class in turn, as far as there is room."""
    of_classes = [found.of_class(label)[:EXAMPLES] for label in range(len(found.data.classes))][:MOST_CLASSES]
    return [looks[place] for place in range(EXAMPLES) for looks in of_classes if place < len(looks)]


def _bars(values: list[float]) -> list[dict[str, Any]]:
    """The bars of a histogram in a picture of 600 to 160 units."""
    bins = histogram(values)
    most = max((count for _, _, count in bins), default=1)
    width = 600 / max(len(bins), 1)
    return [
        {
            "x": round(place * width, 2),
            "y": round(150 - 140 * count / most, 2),
            "width": round(width - 2, 2),
            "height": round(140 * count / most, 2),
            "text": f"{low:.4g} to {high:.4g}: {count}",
            "low": f"{low:.4g}",
            "high": f"{high:.4g}",
        }
        for place, (low, high, count) in enumerate(bins)
    ]
