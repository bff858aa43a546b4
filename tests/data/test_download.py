"""Downloads, from an address on this machine: verified, unpacked safely, all or nothing."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.data import DataOptions, open_data, opening
from dslnas.data.catalog import KNOWN, Download
from dslnas.data.dataset import silent
from dslnas.data.download import DownloadError, fetch


def archive(path: Path, names: list[str]) -> Download:
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 4
            tar.addfile(info, io.BytesIO(b"text"))
    return Download(path.as_uri(), hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size, "set")


def test_a_download_becomes_a_folder(tmp_path: Path) -> None:
    told: list[str] = []
    download = archive(tmp_path / "a.tar.gz", ["./zero/a.wav", "list.txt"])
    folder = fetch(download, tmp_path / "cache", lambda text, done, total: told.append(text))
    assert folder == tmp_path / "cache" / "set"
    assert (folder / "zero/a.wav").read_bytes() == b"text"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["set"]
    assert told[0] == "downloading set"


@pytest.mark.parametrize("names", [["../outside.txt"], ["/tmp/outside.txt", "../../x"]])
def test_members_stay_inside(names: list[str], tmp_path: Path) -> None:
    cache = tmp_path / "deep" / "cache"
    try:
        folder = fetch(archive(tmp_path / "a.tar.gz", names), cache, silent)
    except DownloadError:
        folder = cache
    outside = [path for path in tmp_path.rglob("*.txt") if folder not in path.parents]
    assert outside == []


def test_a_wrong_checksum_leaves_nothing(tmp_path: Path) -> None:
    good = archive(tmp_path / "a.tar.gz", ["x"])
    wrong = Download(good.url, "0" * 64, good.size, good.folder)
    with pytest.raises(DownloadError, match="checksum"):
        fetch(wrong, tmp_path / "cache", silent)
    assert list((tmp_path / "cache").iterdir()) == []


def test_no_archive_and_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(b"this is no archive")
    download = Download(path.as_uri(), hashlib.sha256(path.read_bytes()).hexdigest(), 18, "set")
    with pytest.raises(DownloadError, match="cannot be unpacked"):
        fetch(download, tmp_path / "cache", silent)
    path.unlink()
    with pytest.raises(DownloadError):
        fetch(download, tmp_path / "cache", silent)


def test_a_failed_download_is_part_of_the_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    gone = Download((tmp_path / "gone.tar.gz").as_uri(), "0" * 64, 1, "speech_commands_v0.02")
    monkeypatch.delenv("DSLNAS_DATA", raising=False)
    monkeypatch.setitem(opening.KNOWN, "sc09", replace(KNOWN["sc09"], download=gone))
    with pytest.raises(DslnasError, match="the download failed") as error:
        open_data("sc09", None, DataOptions(cache=tmp_path / "cache"))
    assert "`--data digits` needs no data" in error.value.diagnostics[0].help
