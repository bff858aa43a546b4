"""`dslnas predict`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from fake_runs import FakeRun, invoke
from rich.console import Console

from cli.predicted import counting, table_file
from dslnas.base.diagnostics import fail
from dslnas.runs.predict import Prediction, Unused, Window

HEARD = {"[two]": 0.75, "one": 0.25}
LONG = (Window(0.0, 1.0, None, None, {}), Window(1.0, 2.0, "one", 0.9, {"one": 0.9, "[two]": 0.1}))


@pytest.fixture
def asked(fake: FakeRun, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """How many processes were asked for. What ends in `.wav` can be used; `long` and `still` are so."""
    processes: list[object] = []

    def answers(
        run: FakeRun,
        files: Sequence[Path],
        device: str,
        tell: Callable[[str], None],
        unknown: None,
        count: int,
    ) -> Iterator[Prediction | Unused]:
        processes.append(count)
        for file in files:
            if file.suffix != ".wav":
                yield Unused(str(file), "format not recognised")
            elif file.stem == "still":
                yield Prediction(str(file), None, None, {}, LONG[:1], ("it is silent",))
            else:
                windows = LONG if file.stem == "long" else ()
                yield Prediction(str(file), "[two]", 0.75, HEARD, windows, ("a note",))
        tell("1 of 1 recordings are silent")

    monkeypatch.setattr("dslnas.runs.predict.answers", answers)
    return processes


def test_predict_tells_labels_and_what_it_could_not_read(asked: list[object]) -> None:
    result = invoke("predict", "runs/mine", "a.wav", "b.txt", "c.wav", "--processes", "3")
    assert result.exit_code == 1 and asked == [3]
    shown = [line.split() for line in result.stdout.splitlines()]
    assert shown == [
        ["recording", "label", "probability", "then"],
        ["a.wav", "[two]", "75.0", "%", "one", "25.0", "%"],
        ["c.wav", "[two]", "75.0", "%", "one", "25.0", "%"],
    ]
    assert "skipped b.txt: format not recognised" in result.stderr
    assert "1 of 1 recordings are silent" in result.stderr
    data = json.loads(invoke("predict", "runs/mine", "a.wav", "b.txt", "--json", "--top", "1").stdout)
    assert data["predictions"][0]["probabilities"] == HEARD
    assert data["predictions"][0]["top"] == [{"label": "[two]", "probability": 0.75}]
    assert data["predictions"][0]["windows"] == []
    assert data["skipped"] == [{"path": "b.txt", "reason": "format not recognised"}]
    assert invoke("predict", "runs/mine", "a.wav").exit_code == 0
    assert "one" not in invoke("predict", "runs/mine", "a.wav", "--top", "1").stdout


def test_predict_tells_each_window_and_says_silent(asked: list[object]) -> None:
    result = invoke("predict", "runs/mine", "long.wav", "still.wav")
    shown = [line.split() for line in result.stdout.splitlines()]
    assert ["0.00", "1.00", "silent"] in shown
    assert ["1.00", "2.00", "one", "90.0", "%", "[two]", "10.0", "%"] in shown
    assert ["still.wav", "silent"] in shown
    found = json.loads(invoke("predict", "runs/mine", "long.wav", "still.wav", "--json").stdout)
    long, still = found["predictions"]
    assert (still["label"], still["probability"], still["probabilities"]) == (None, None, {})
    assert long["windows"][1] == {
        "start": 1.0,
        "end": 2.0,
        "label": "one",
        "probability": 0.9,
        "probabilities": {"one": 0.9, "[two]": 0.1},
    }
    assert long["notes"] == ["a note"]


def test_predict_writes_a_table_whole_or_not_at_all(
    asked: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "heard.csv"
    (tmp_path / ".heard.csv.abc_1234.part").write_text("half")  # of a run that was killed
    files = ("long.wav", "still.wav", "a,b.wav", "b.txt")
    assert invoke("predict", "runs/mine", *files, "--top", "3", "--csv", str(path)).exit_code == 1
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        [
            "file",
            "begin",
            "end",
            "label",
            "probability",
            "label_2",
            "probability_2",
            "label_3",
            "probability_3",
        ],
        ["long.wav", "", "", "[two]", "0.75", "one", "0.25", "", ""],
        ["long.wav", "0.0", "1.0", "", "", "", "", "", ""],
        ["long.wav", "1.0", "2.0", "one", "0.9", "[two]", "0.1", "", ""],
        ["still.wav", "", "", "", "", "", "", "", ""],
        ["a,b.wav", "", "", "[two]", "0.75", "one", "0.25", "", ""],
    ]
    nowhere = invoke("predict", "runs/mine", "a.wav", "--csv", str(tmp_path / "none" / "heard.csv"))
    assert nowhere.exit_code == 1 and "cannot be written" in nowhere.stderr and not nowhere.stdout

    def broken(*_: object) -> Iterator[Prediction]:
        yield Prediction("a.wav", "one", 1.0, {"one": 1.0})
        raise fail("N0603", "a process was ended by SIGKILL")

    before = path.read_bytes()
    monkeypatch.setattr("dslnas.runs.predict.answers", broken)
    assert invoke("predict", "runs/mine", "a.wav", "--csv", str(path)).exit_code == 1
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_predict_tells_what_it_leaves_out_of_a_folder(asked: list[object], tmp_path: Path) -> None:
    for name in ("b.wav", "a.wav", "notes.txt"):
        (tmp_path / name).touch()
    result = invoke("predict", "runs/mine", str(tmp_path), "--json")
    told = json.loads(result.stdout)
    assert [Path(one["path"]).name for one in told["predictions"]] == ["a.wav", "b.wav"]
    assert result.exit_code == 0 and "are no recordings: .txt (1)" in result.stderr
    result = invoke("predict", "runs/mine", str(tmp_path / "*.flac"), "a.wav")
    assert result.exit_code == 1 and "no file matches" in result.stderr and "75.0 %" in result.stdout


def test_a_bar_counts_many_files_on_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(total: int, terminal: bool) -> str:
        screen = io.StringIO()
        console = Console(file=screen, force_terminal=terminal, width=80)
        monkeypatch.setattr("cli.terminal.err", lambda: console)
        with counting(total, alone=True) as advance:
            for _ in range(total):
                advance()
        return screen.getvalue()

    assert "20 of 20 files" in shown(20, True)
    assert shown(2, True) == shown(20, False) == ""


def test_a_reader_who_is_gone_is_no_fault_of_the_table(tmp_path: Path) -> None:
    with pytest.raises(BrokenPipeError), table_file(tmp_path / "heard.csv", 2):
        raise BrokenPipeError
    assert not list(tmp_path.iterdir())
