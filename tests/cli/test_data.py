"""`dslnas data list` and `dslnas data prepare`."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from dslnas.data import KNOWN


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["data", *arguments], env={"COLUMNS": "200"})


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, and no data root that the environment names."""
    monkeypatch.setenv("DSLNAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("DSLNAS_DATA", raising=False)


def recordings(folder: Path) -> Path:
    """Two classes of five tones each, and files that are none."""
    for label, step in (("low", 400), ("high", 4000)):
        (folder / label).mkdir(parents=True)
        for number in range(5):
            with wave.open(str(folder / label / f"{number}.wav"), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(8000)
                samples = ((step * place * (number + 1)) % 20_000 - 10_000 for place in range(4000))
                file.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
    (folder / "low" / "broken.wav").write_bytes(b"RIFF")
    return folder


def test_every_known_data_set_is_listed_with_its_licence() -> None:
    result = invoke("list")
    assert result.exit_code == 0
    for known in KNOWN.values():
        assert known.name in result.stdout and known.licence in result.stdout
    assert "fsdd: not found; git clone" in result.stdout


def test_the_list_says_where_and_how_many(data_root: Path) -> None:
    result = invoke("list", "--data-root", str(data_root), "--json")
    entries = {entry["name"]: entry for entry in json.loads(result.stdout)}
    assert set(entries) == set(KNOWN)
    assert entries["fsdd"]["where"] == str(data_root / "free-spoken-digit-dataset")
    assert entries["fsdd"]["clips"] == {"train": 1600, "validation": 200, "test": 200}
    assert entries["digits"]["clips"] is None
    shown = invoke("list", "--data-root", str(data_root)).stdout
    assert "1600" in shown and str(data_root / "free-spoken-digit-dataset") in shown


def test_preparing_tells_what_was_left_out_and_why(tmp_path: Path) -> None:
    folder = recordings(tmp_path / "tones")
    result = invoke("prepare", f"folder:{folder}", "--set", "data.skip_limit=50%")
    assert result.exit_code == 0, result.output
    assert "10 clips, features 1 x 32 x 32" in result.stdout
    assert f"left out: {folder}/low/broken.wav: " in result.stdout
    data = json.loads(invoke("prepare", f"folder:{folder}", "--set", "data.skip_limit=50%", "--json").stdout)
    assert data["classes"] == ["high", "low"] and sum(data["clips"].values()) == 10
    assert [entry["path"] for entry in data["skipped"]] == [str(folder / "low" / "broken.wav")]
    assert (tmp_path / "cache" / "features").is_dir()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["folder:{tmp}/nowhere"], "N0604"),
        (["folder:{tmp}/tones", "--set", "data.skip_limit=1%"], "N0605"),
        (["fsdd", "--data-root", "{tmp}"], "N0604"),
        (["unknown"], "N0604"),
    ],
)
def test_mistakes(tmp_path: Path, arguments: list[str], code: str) -> None:
    recordings(tmp_path / "tones")
    result = invoke("prepare", *(argument.format(tmp=tmp_path) for argument in arguments))
    assert result.exit_code == 1 and f"error[{code}]" in result.stderr and "Traceback" not in result.output


def test_a_look_at_recordings(tmp_path: Path) -> None:
    folder = recordings(tmp_path / "tones")
    shown = invoke("check", f"folder:{folder}", "--page", str(tmp_path / "page.html"))
    assert shown.exit_code == 0, shown.output
    for words in ("high", "10 clips; rates: 10 of 8000 Hz", "taken so: each of the 2 folders", "left out: "):
        assert words in shown.stdout
    assert "<audio" in (tmp_path / "page.html").read_text()
    facts = json.loads(invoke("check", f"folder:{folder}", "--json").stdout)
    assert [one["clips"] for one in facts["classes"]] == [5, 5]


def test_a_set_that_cannot_be_trained_is_shown_all_the_same(tmp_path: Path) -> None:
    folder = recordings(tmp_path / "tones")
    for path in (folder / "high").iterdir():
        path.unlink()
    result = invoke("check", f"folder:{folder}")
    assert result.exit_code == 1
    assert "error[N0605]" in result.stderr and "no usable recording of high" in result.stderr
    assert "low" in result.stdout
    assert invoke("check", "mnist").exit_code == 1
