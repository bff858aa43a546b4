"""Drawing of laid-out cells with matplotlib, without pyplot and without global state.

One unit of the axes is one point (1/72 inch), so that the numbers of a layout are sizes on paper.
"""

from __future__ import annotations

import io
import unicodedata
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path as Curve
from matplotlib.textpath import text_to_path

from .drawing import CellDrawing, shown
from .layout import Arrow, Box, Layout, Role, layout
from .palette import Style, colour, styles

POINTS_PER_INCH = 72.0
DPI = 220
SIZES: dict[str, float] = {"node": 10.0, "label": 8.6, "title": 11.5, "heading": 13.0}
MARGIN, TITLE_HEIGHT, BETWEEN = 10.0, 24.0, 30.0
WIDEST_ROW = 940.0  # cells stand side by side as long as a row stays narrower than this
HEAD = (6.5, 2.7)  # length and half width of an arrow's head
FONT = "DejaVu Sans"


@contextmanager
def settings() -> Iterator[None]:
    """A context of matplotlib settings in which equal pictures give equal bytes on any machine."""
    chosen: Any = {
        "font.family": [FONT],
        "svg.fonttype": "none",  # text stays text
        "svg.hashsalt": "dslnas",
        "pdf.fonttype": 42,
        "text.usetex": False,
        "text.parse_math": False,  # names may hold dollars
        "axes.unicode_minus": False,
    }
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(chosen)
        # A script that the built-in font lacks still shows in SVG, where fonts are the reader's.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def saved(figure: Figure, suffix: str, background: str = "white") -> bytes:
    """The figure as `svg`, `png` or `pdf`, the same bytes every time; `background` may be `none`."""
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}[suffix]
    buffer = io.BytesIO()
    with settings():
        figure.savefig(buffer, format=suffix, dpi=DPI, metadata=metadata, facecolor=background)
    return buffer.getvalue()


def cells_figure(drawings: Sequence[CellDrawing], title: str = "", per_row: int | None = None) -> Figure:
    """The figure of cells, each under its name, side by side where they are narrow, else one below another.

    per_row: how many stand side by side however wide they are.
    """
    with settings():
        layouts = [layout(drawing, measure) for drawing in drawings]
        rows = _rows(layouts, per_row)
        top = MARGIN + (TITLE_HEIGHT if title else 0.0)
        width = max(
            [sum(layouts[i].width for i in row) + BETWEEN * (len(row) - 1) for row in rows]
            + [measure(shown(drawing.name), "title")[0] for drawing in drawings]
            + [measure(shown(title), "heading")[0]]
        )
        height = top + sum(max(layouts[i].height for i in row) + TITLE_HEIGHT for row in rows)
        height += BETWEEN * (len(rows) - 1) + MARGIN
        figure, axes = canvas(width + 2 * MARGIN, height)
        if title:
            _text(axes, MARGIN, MARGIN + 6, shown(title), "heading", weight="bold", ha="left")
        worn = styles(label for drawing in drawings for _, _, label in drawing.edges)
        y = top
        for row in rows:
            x, tallest = MARGIN, max(layouts[i].height for i in row)
            for i in row:
                _text(axes, x, y + 6, shown(drawings[i].name), "title", weight="bold", ha="left")
                _draw(axes, x, y + TITLE_HEIGHT, layouts[i], worn_by_text(worn), _by_text(drawings[i].quiet))
                x += layouts[i].width + BETWEEN
            y += tallest + TITLE_HEIGHT + BETWEEN
        return figure


def worn_by_text(worn: dict[str, Style]) -> dict[str, Style]:
    """The styles by the text on the arrow, in place of the label."""
    return {shown(label): style for label, style in worn.items()}


def _by_text(edges: Collection[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Edges with the text on their arrows in place of the label."""
    return {(source, target, shown(label)) for source, target, label in edges}


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of width x height points with one axes over all of it; y grows downwards."""
    figure = Figure(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0.0, width)
    axes.set_ylim(height, 0.0)
    axes.axis("off")
    return figure, axes


def measure(text: str, role: Role | str) -> tuple[float, float]:
    """Width and height of a text in points."""
    size = SIZES[role]
    return text_width(text, size, role in ("title", "heading")), size


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a text in points."""
    return _width(text, size, bold) + _wide(text) * size / 2


@lru_cache(maxsize=4096)
def _width(text: str, size: float, bold: bool) -> float:
    properties = FontProperties(family=[FONT], size=size, weight="bold" if bold else "normal")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        width, _, _ = text_to_path.get_text_width_height_descent(text, properties, ismath=False)
    return float(width)


def _wide(text: str) -> float:
    # Readers' fonts draw East Asian characters a whole em wide, the built-in font's place holder is narrower.
    return sum(1.0 for character in text if unicodedata.east_asian_width(character) in "WF")


def _rows(layouts: Sequence[Layout], per_row: int | None) -> list[list[int]]:
    if per_row is not None:
        return [list(range(len(layouts)))[start:][:per_row] for start in range(0, len(layouts), per_row)]
    rows: list[list[int]] = []
    room = 0.0
    for index, one in enumerate(layouts):
        if rows and one.width + BETWEEN <= room:
            rows[-1].append(index)
            room -= one.width + BETWEEN
        else:
            rows.append([index])
            room = WIDEST_ROW - one.width
    return rows


def _draw(
    axes: Axes,
    x: float,
    y: float,
    placed: Layout,
    worn: dict[str, Style],
    quiet: Collection[tuple[str, str, str]],
) -> None:
    for arrow in placed.arrows:
        is_quiet = not arrow.label or (arrow.source, arrow.target, arrow.label) in quiet
        line = colour("line") if is_quiet else worn[arrow.label].colour
        width = 1.0 if is_quiet else 2.2 if quiet else 1.35
        _arrow(axes, x, y, arrow, line, width)
    for kind, boxes in (("input", placed.inputs), ("node", placed.nodes)):
        for name, box in boxes.items():
            _box(axes, x, y, box, shown(name), kind)
    joined = sum(arrow.target is None for arrow in placed.arrows)
    _box(axes, x, y, placed.concat, "concat" if joined != 1 else "output", "concat")


def _box(axes: Axes, x: float, y: float, box: Box, text: str, kind: str) -> None:
    look = {"facecolor": colour(f"{kind}-fill"), "edgecolor": colour(f"{kind}-line"), "linewidth": 1.1}
    radius = min(9.0, box.height / 2, box.width / 2)
    axes.add_patch(_rounded(x + box.left, y + box.top, box.width, box.height, radius, zorder=3, **look))
    _text(axes, x + box.x, y + box.y, text, "node")


def _rounded(x: float, y: float, width: float, height: float, radius: float, **look: Any) -> FancyBboxPatch:
    return FancyBboxPatch((x, y), width, height, boxstyle=f"round,pad=0,rounding_size={radius:.2f}", **look)


def _arrow(axes: Axes, x: float, y: float, arrow: Arrow, line: str, width: float) -> None:
    look = {"edgecolor": line, "linewidth": width, "facecolor": "none", "zorder": 1}
    points = [(x + px, y + py) for px, py in arrow.points]
    tip = points[-1]
    points[-1] = (tip[0] - HEAD[0] * 0.8, tip[1])
    pieces = [points]
    if arrow.box:
        box = arrow.box
        before = [p for p in points if p[0] < x + box.left + 1e-6]
        after = [p for p in points if p[0] > x + box.right - 1e-6]
        pieces = [[*before, (x + box.left, y + box.y)], [(x + box.right, y + box.y), *after]]
        _label(axes, x, y, box, arrow.label, line)
    for piece in pieces:
        axes.add_patch(PathPatch(_curve(piece), capstyle="butt", **look))
    head = [tip, (tip[0] - HEAD[0], tip[1] - HEAD[1]), (tip[0] - HEAD[0], tip[1] + HEAD[1])]
    axes.add_patch(Polygon(head, closed=True, facecolor=line, edgecolor="none", zorder=4))


def _label(axes: Axes, x: float, y: float, box: Box, text: str, line: str) -> None:
    size = (x + box.left, y + box.top, box.width, box.height, box.height / 2)
    axes.add_patch(_rounded(*size, facecolor=line, edgecolor="none", alpha=0.13, zorder=1))
    axes.add_patch(_rounded(*size, facecolor="none", edgecolor=line, linewidth=0.8, zorder=2))
    _text(axes, x + box.x, y + box.y, text, "label")


def _curve(points: Sequence[tuple[float, float]]) -> Curve:
    """A curve through points: straight between level ones, else a Bezier curve with level ends."""
    vertices, codes = [points[0]], [Curve.MOVETO]
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(y0 - y1) < 1e-6:
            vertices.append((x1, y1))
            codes.append(Curve.LINETO)
        else:
            middle = (x0 + x1) / 2
            vertices += [(middle, y0), (middle, y1), (x1, y1)]
            codes += [Curve.CURVE4] * 3
    return Curve(vertices, codes)


def open_frame(axes: Axes) -> None:
    """Quiet lines at the left and the bottom of a chart, and fainter ones across it, behind all it shows."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(colour("line"))
    axes.grid(True, axis="y", color=colour("faint"), linewidth=0.6)
    axes.set_axisbelow(True)


def _text(axes: Axes, x: float, y: float, text: str, role: str, **look: Any) -> None:
    chosen = {"ha": "center", "va": "center_baseline", "color": colour("ink"), "fontsize": SIZES[role]}
    axes.text(x, y, text, zorder=5, **{**chosen, **look})
