"""Texts without the folders of a machine."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.base.places import found_from, from_folder, remember, without_places

words = st.text(string.ascii_lowercase + "_-", min_size=1, max_size=6)


@given(st.lists(words, min_size=2, max_size=5), words)
def test_no_path_from_the_root_remains(parts: list[str], lead: str) -> None:
    path = "/" + "/".join(parts)
    for text in (path, f"folder:{path}", f"{lead} {path} {lead}", f"--data-root={path}", f"({path})"):
        kept = without_places(text)
        assert path not in kept and parts[-1] in kept
        assert without_places(kept) == kept


@given(st.lists(words, min_size=2, max_size=4), st.lists(words, min_size=1, max_size=3))
def test_below_a_folder_that_is_known_the_rest_remains(above: list[str], below: list[str]) -> None:
    folder, rest = "/" + "/".join(above), "/".join(below)
    assert without_places(f"csv:{folder}/{rest}", [folder]) == f"csv:{rest}"
    assert without_places(f"folder:{folder}", [Path(folder)]) == f"folder:{above[-1]}"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("/my data/one/a.wav", "one/a.wav"),
        ("/my database", "/my database"),
        (r"C:\Users\me\clips\a.wav", "a.wav"),
        ("2C x F/2 x T/2", "2C x F/2 x T/2"),
        ("skip/none, n1<-a, normal/n1", "skip/none, n1<-a, normal/n1"),
        ("runs/mine/report.html", "runs/mine/report.html"),
        ("<b>a</b> 1 / 4 // 3", "<b>a</b> 1 / 4 // 3"),
    ],
)
def test_what_is_cut_and_what_is_no_path(text: str, kept: str) -> None:
    assert without_places(text, ["/my data"]) == kept


def test_a_path_is_found_from_a_folder_and_by_its_kept_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSLNAS_CACHE", str(tmp_path / "cache"))
    data, run = tmp_path / "data" / "sounds", tmp_path / "runs" / "one"
    data.mkdir(parents=True)
    way, name = from_folder(data, run), remember(data)
    assert way == "../../data/sounds" and str(tmp_path) not in name
    assert found_from(way, run) == data
    elsewhere = tmp_path / "a" / "b" / "c"
    assert found_from(way, elsewhere, name) == data
    assert found_from(way, elsewhere) == tmp_path / "a" / "data" / "sounds"
    assert found_from(way, elsewhere, "../../etc/passwd") == tmp_path / "a" / "data" / "sounds"
    assert found_from(str(data / "gone"), run, name) == data / "gone", "older runs name a path in full"
