"""What is known of data sets without their recordings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.data import KNOWN, DataOptions, class_names, open_data, parse_spec, profile_name
from dslnas.data.classes import split_called


def test_classes_are_known_without_the_data() -> None:
    counts = {name: len(class_names(name)) for name, known in KNOWN.items() if not known.on_disk}
    assert counts == {
        "digits": 10,
        "fsdd": 10,
        "sc09": 10,
        "sc35": 35,
        "audiomnist": 10,
        "esc10": 10,
        "esc50": 50,
        "dcase2018": 9,
        "cifar10": 10,
        "cifar100": 100,
        "mnist": 10,
        "fashionmnist": 10,
        "cats_vs_dogs": 2,
    }
    assert all(len(set(known.classes)) == len(known.classes) for known in KNOWN.values())
    assert set(class_names("esc10")) < set(class_names("esc50"))
    assert class_names("sc35")[:10] == class_names("sc09")


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, dslnas.data as d, dslnas.ir.primitives; d.class_names('sc09'); "
        "print([m for m in ('torch', 'numpy', 'soundfile') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_profiles() -> None:
    assert profile_name("esc50") == "esc50"
    assert profile_name("folder:here") == profile_name("csv:here.csv") == "recordings"
    assert parse_spec("folder:a:b").path == Path("a:b")


@pytest.mark.parametrize(
    ("spec", "help"),
    [
        ("fssd", "did you mean `fsdd`?"),
        ("somewhere", "known are digits, fsdd"),
        ("clips.csv", "write `csv:clips.csv`"),
        ("folder:", "write `folder:PATH`"),
    ],
)
def test_unknown_specs_say_what_to_write(spec: str, help: str) -> None:
    with pytest.raises(DslnasError) as error:
        class_names(spec)
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "N0604"
    assert help in diagnostic.help


def test_classes_of_own_recordings(tmp_path: Path) -> None:
    for name in ("train/b", "train/a", "test/a", "valid/b", "_background_noise_", ".hidden"):
        (tmp_path / "set" / name).mkdir(parents=True)
    assert class_names(f"folder:{tmp_path / 'set'}") == ("a", "b")
    (tmp_path / "t.csv").write_text("\ufefffile,Label\nx.wav,two\ny.wav,one\nz.wav,\n", encoding="utf-8")
    assert class_names(f"csv:{tmp_path / 't.csv'}") == ("one", "two")


def test_a_missing_data_set_is_one_message(tmp_path: Path) -> None:
    """The places looked at, how to get it, and the data set that needs nothing."""
    root, cache = tmp_path / "root", tmp_path / "cache"
    with pytest.raises(DslnasError) as error:
        open_data("sc09", root, DataOptions(cache=cache))
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "N0604"
    for place in (root, cache):
        assert str(place / "SpeechCommands/speech_commands_v0.02") in diagnostic.message
    assert "http://download.tensorflow.org" in diagnostic.help
    assert "`--data digits` needs no data" in diagnostic.help


@pytest.mark.parametrize("wrong", [{"split": "random"}, {"skip_limit": 2.0}, {"fold": 0}, {"clips": -1}])
def test_options_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(DslnasError) as error:
        DataOptions(**wrong)  # type: ignore[arg-type]
    assert error.value.diagnostics[0].code == "N0603"


def test_a_split_is_called_by_who_decides_it(tmp_path: Path) -> None:
    for name in ("a/1.wav", "b/1.wav", "named/train/a/1.wav", "named/test/a/1.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "bare.csv").write_text("file,label\nx.wav,a\n")
    (tmp_path / "table.csv").write_text("file,label,split\nx.wav,a,train\ny.wav,b,\n")
    (tmp_path / "own").mkdir()
    (tmp_path / "a").rename(tmp_path / "own" / "a")
    called = {
        name: split_called(f"{kind}:{tmp_path / name}", "official")
        for kind, name in (("folder", "own"), ("folder", "named"), ("csv", "bare.csv"), ("csv", "table.csv"))
    }
    assert called == {"own": "hash", "named": "folders", "bare.csv": "hash", "table.csv": "table"}
    assert split_called(f"folder:{tmp_path / 'own'}", "speaker") == "speaker"
    assert split_called(f"folder:{tmp_path / 'nowhere'}", "official") == "official"
    assert split_called("fsdd", "official") == "official"
