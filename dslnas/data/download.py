"""Downloads archives: to a temporary file, verified, unpacked beside the target, then moved in one step."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from ..base.cache import cache_folder
from .catalog import Download
from .dataset import OnProgress

_BLOCK = 1 << 20


MARK = ".dslnas-download"  # in a folder that was downloaded: it may be removed with the cache


class DownloadError(Exception):
    """Raised where a download fails, with the reason for the user."""


def fetch(download: Download, cache: Path | None, on_progress: OnProgress) -> Path:
    """The folder of a download in the cache, fetched and unpacked; raises DownloadError.

    Nothing is left behind by a download that fails, and nothing unverified is unpacked.
    """
    base = cache_folder(cache)
    target = base / download.folder
    try:
        base.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=base) as name:
            archive = Path(name) / "archive"
            _receive(download, archive, on_progress)
            on_progress(f"unpacking {download.folder}", 0, 1)
            unpacked = Path(name) / "unpacked"
            unpack(archive, unpacked)
            (unpacked / MARK).touch()
            if target.exists():  # what a user left there is not ours to delete
                raise DownloadError(f"{target} exists, but does not hold the data set")
            shutil.move(unpacked, target)
            on_progress(f"unpacking {download.folder}", 1, 1)
    except OSError as error:
        raise DownloadError(str(error.strerror or error)) from None
    return target


def _receive(download: Download, archive: Path, on_progress: OnProgress) -> None:
    text = f"downloading {download.folder}"
    hashed = hashlib.sha256()
    done = 0
    try:
        with urllib.request.urlopen(download.url, timeout=20) as answer, archive.open("wb") as file:
            while block := answer.read(_BLOCK):
                file.write(block)
                hashed.update(block)
                done += len(block)
                on_progress(text, done, max(done, download.size))
    except urllib.error.URLError as error:
        raise DownloadError(f"{download.url}: {error.reason}") from None
    if hashed.hexdigest() != download.sha256:
        raise DownloadError(f"{download.url} does not have the checksum that it should have")


def unpack(archive: Path, into: Path) -> None:
    """Unpack a tar archive; members that would leave the folder, links outward and devices are refused."""
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(into, filter="data")
    except (tarfile.TarError, EOFError) as error:
        raise DownloadError(f"the archive cannot be unpacked: {error}") from None
