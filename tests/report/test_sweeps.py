"""The figures of sweeps: what is drawn is what was measured."""

from __future__ import annotations

from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.report.sweeps import (
    Bar,
    Point,
    accuracy_bars,
    polynomial_regression,
    regression,
    standardized,
)

BARS = [
    Bar("fsdd", "darts", "A", 0.91, 0.01, 200),
    Bar("fsdd", "darts", "B", 0.90, None),
    Bar("fsdd", "forcedarts", "A", 0.97, 0.02),
    Bar("sc09", "darts", "A", 0.5, 0.1),
]
shares = st.floats(0, 1).map(lambda share: round(share, 3))
points = st.lists(
    st.builds(Point, st.sampled_from(["real", "complex"]), st.sampled_from(["fsdd", "sc09"]), shares, shares),
    max_size=12,
)


def test_a_bar_is_as_high_as_its_accuracy() -> None:
    figure = accuracy_bars(BARS)
    panels = figure.axes[1:]
    assert [axes.get_title(loc="left") for axes in panels] == ["fsdd: 200 test clips", "sc09"]
    heights = [sorted(patch.get_height() for patch in axes.patches) for axes in panels]
    assert heights == [pytest.approx([90, 91, 97]), pytest.approx([50])]
    assert [label.get_text() for label in panels[0].get_xticklabels()] == ["darts", "forcedarts"]
    assert [axes.get_ylim() for axes in panels] == [(0, 100), (0, 100)]
    for patch in panels[0].patches:
        assert any(abs(patch.get_x() + patch.get_width() / 2 - at) < 0.5 for at in (0, 1))


@given(points)
def test_standardized_accuracies_have_mean_zero_and_deviation_one(found: list[Point]) -> None:
    shown = standardized(found)
    for place in {(point.panel, point.series) for point in shown}:
        own = [point.accuracy for point in shown if (point.panel, point.series) == place]
        assert fmean(own) == pytest.approx(0, abs=1e-6)
        assert pstdev(own) ** 2 * len(own) / (len(own) - 1) == pytest.approx(1)
    assert {point.share for point in shown} <= {point.share for point in found}


@given(st.floats(-5, 5), st.floats(-5, 5), st.lists(shares, min_size=2, max_size=6, unique=True))
def test_the_regression_of_a_line_is_the_line(slope: float, intercept: float, at: list[float]) -> None:
    found = regression([Point("real", "fsdd", x, slope * x + intercept) for x in at])
    assert found == (pytest.approx(slope, abs=1e-6), pytest.approx(intercept, abs=1e-6))


def test_a_panel_a_domain_with_its_regression() -> None:
    made = [Point("real", "fsdd", share, 0.9 - 0.1 * share) for share in (0.0, 0.25, 0.5)]
    made += [Point("complex", "fsdd", 0.5, accuracy) for accuracy in (0.3, 0.4)]  # nothing to regress on
    figure = polynomial_regression(made)
    assert figure is not None
    (axes,) = figure.axes[1:]
    assert axes.get_title(loc="left") == "real"
    (line,) = axes.lines
    assert line.get_xdata() == pytest.approx([0, 50])
    assert line.get_ydata() == pytest.approx([1, -1])
    assert polynomial_regression(made[3:]) is None and polynomial_regression([]) is None
