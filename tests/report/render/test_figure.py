"""Cells as matplotlib draws them: labels fit and keep apart."""

from __future__ import annotations

from itertools import combinations

from drawn_cells import BOTH, NORMAL
from matplotlib.figure import Figure

from dslnas.report.render.figure import cells_figure
from dslnas.report.render.layout import layout
from dslnas.report.render.pictures import drawing_of


def test_measured_with_the_real_font_no_label_overlaps() -> None:
    from dslnas.report.render.figure import measure

    for drawing in BOTH:
        placed = layout(drawing, measure)
        labels = [arrow.box for arrow in placed.arrows if arrow.box]
        assert len(labels) == len(drawing.edges)
        for one, other in combinations([*labels, *placed.inputs.values(), *placed.nodes.values()], 2):
            assert not one.overlaps(other)


def test_drawn_labels_fit_into_their_pills() -> None:
    """The text as matplotlib lays it out lies inside the boxes of the layout."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from dslnas.report.render.figure import MARGIN, TITLE_HEIGHT, cells_figure, measure

    figure = cells_figure(BOTH[:1])
    canvas = FigureCanvasAgg(figure)
    figure.set_dpi(72)
    height = figure.get_figheight() * 72
    labels = {text.get_text(): text.get_window_extent(canvas.get_renderer()) for text in figure.axes[0].texts}
    for arrow in layout(BOTH[0], measure).arrows:
        if arrow.box and arrow.label != "sep_conv_3x3":  # the one that is there twice
            drawn = labels[arrow.label]
            assert drawn.x0 >= MARGIN + arrow.box.left + 2 and drawn.x1 <= MARGIN + arrow.box.right - 2
            assert height - drawn.y1 >= MARGIN + TITLE_HEIGHT + arrow.box.top
            assert height - drawn.y0 <= MARGIN + TITLE_HEIGHT + arrow.box.bottom


def test_pairs_stand_side_by_side_however_wide() -> None:
    drawings = [drawing_of(NORMAL)] * 4
    height, width = (figure_size(cells_figure(drawings, per_row=2))[i] for i in (1, 0))
    tall, narrow = (figure_size(cells_figure(drawings, per_row=1))[i] for i in (1, 0))
    assert width > 1.8 * narrow and height < tall


def figure_size(figure: Figure) -> tuple[float, float]:
    width, height = figure.get_size_inches()
    return float(width), float(height)
