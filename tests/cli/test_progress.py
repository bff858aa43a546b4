"""Progress as bars on a terminal and as lines elsewhere."""

from __future__ import annotations

import io

from rich.console import Console

from cli.progress import Bars, Lines, describe, epoch_of


def lines_of(calls: list[tuple[float, int, dict[str, float]]], total: int) -> list[str]:
    """What `Lines` prints for a search that advances so: `(seconds, done, figures)`."""
    text, now = io.StringIO(), 0.0
    with Lines(Console(file=text, width=200), lambda: now) as lines:
        lines.begin("search", total)
        for seconds, done, figures in calls:
            now = seconds
            lines.advance("search", done, **figures)
    return text.getvalue().splitlines()


def test_a_line_at_the_end_of_each_epoch_with_the_latest_of_every_figure() -> None:
    calls = [
        (0.0, 1, {"epoch": 0.5, "loss": 2.0}),
        (1.0, 2, {"epoch": 1.0, "epochs": 2.0, "loss": 1.0, "gap": 0.33}),
        (3.0, 3, {"epoch": 1.5, "loss": 0.5}),
        (4.0, 4, {"epoch": 2.0, "loss": 0.25}),
    ]
    assert lines_of(calls, 4) == [
        "search: 4 steps",
        "search: 2 of 4  epoch 1/2  loss 1.000  gap 0.330  6.0 s left",
        "search: 4 of 4  epoch 2/2  loss 0.250  gap 0.330",
    ]


def test_the_time_left_of_a_resumed_stage_follows_its_own_pace() -> None:
    """It begins at step 60 of 100: ten steps in 5 s leave 15 s for the other thirty."""
    lines = lines_of([(0.0, 60, {"epoch": 6.0}), (5.0, 70, {"epoch": 7.0})], 100)
    assert lines[1] == "search: 60 of 100  epoch 6"
    assert lines[2] == "search: 70 of 100  epoch 7  15 s left"


def test_what_was_heard_last_is_printed_when_the_work_breaks_off() -> None:
    assert lines_of([(0.0, 1, {"epoch": 0.1})], 10)[-1] == "search: 1 of 10  epoch 1"


def test_a_long_epoch_is_told_of_ever_more_seldom() -> None:
    calls = [(float(step), step, {"epoch": step / 1000, "epochs": 1.0}) for step in range(1, 101)]
    told = [line.split("  ")[0] for line in lines_of(calls, 1000)]
    steps = [int(line.split()[1]) for line in told[1:]]
    assert steps == [5, 15, 35, 75, 100], "after 5, 10, 20 and 40 seconds, and where it broke off"


def test_what_is_complete_is_told_once() -> None:
    text = io.StringIO()
    with Lines(Console(file=text, width=200), lambda: 0.0) as lines:
        for _ in range(2):
            lines.begin("data", 10)
            lines.advance("data", 10)
            lines.advance("data", 10)
    assert text.getvalue() == "data: 10 of 10\n"


def test_a_narrow_screen_drops_whole_figures() -> None:
    figures = {"epoch": 3.5, "epochs": 8.0, "loss": 0.5, "accuracy": 0.931, "gap": 0.301}
    whole = describe(figures)
    assert describe(figures, len(whole)) == whole
    assert describe(figures, len(whole) - 1) == "epoch 4/8  loss 0.500  gap 0.301"
    assert describe(figures, 12) == "epoch 4/8" and describe(figures, 3) == ""


def test_bars_show_figures_and_the_time_left_and_keep_brackets() -> None:
    text = io.StringIO()
    with Bars(Console(file=text, force_terminal=True, width=160, color_system=None)) as bars:
        bars.begin("data", 10)
        bars.advance("data", 10)
        bars.begin("search", 100)
        bars.advance("search", 50, epoch=3.5, epochs=8.0, loss=0.5, accuracy=0.931, gap=0.301)
        bars.say("a note in [brackets]")
        bars.begin("data", 20)
    shown = text.getvalue()
    assert "a note in [brackets]" in shown
    assert (
        "epoch 4/8  loss 0.500  accuracy 93.1%  gap 0.301" in shown and " 50 %" in shown and "left" in shown
    )


def test_figures_that_say_nothing_to_a_person_are_left_out() -> None:
    assert describe({"learning_rate": 0.025, "seconds": 3.0}) == ""
    assert [epoch_of({"epoch": epoch}) for epoch in (0.0, 0.01, 1.0, 1.001, 2.0)] == [1, 1, 1, 2, 2]
