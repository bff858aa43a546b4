"""onnxruntime-web: from a folder, from the cache, or fetched once and checked."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import urllib.error
from pathlib import Path
from typing import Any

import pytest
from recordings import refused

from dslnas.export.web import runtime
from dslnas.export.web.runtime import SCRIPT, WASM, Runtime, kept_folder, runtime_for


def silent(text: str) -> None:
    raise AssertionError(f"nothing is fetched: {text}")


def archive(*names: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name in names:
            about = tarfile.TarInfo(f"package/dist/{name}")
            about.size = len(name)
            tar.addfile(about, io.BytesIO(name.encode()))
    return data.getvalue()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSLNAS_CACHE", str(tmp_path / "cache"))
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        monkeypatch.delenv(name, raising=False)


def answer(monkeypatch: pytest.MonkeyPatch, data: bytes | Exception) -> list[str]:
    """The registry answers so; what it is asked for."""
    asked: list[str] = []

    def urlopen(url: str, timeout: float) -> Any:
        asked.append(url)
        if isinstance(data, Exception):
            raise data
        return io.BytesIO(data)

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    return asked


@pytest.mark.parametrize("inside", ["", "dist", "package/dist"])
def test_a_folder_of_the_user(tmp_path: Path, inside: str) -> None:
    (tmp_path / inside).mkdir(parents=True, exist_ok=True)
    for name in (SCRIPT, WASM):
        (tmp_path / inside / name).write_bytes(name.encode())
    assert runtime_for(tmp_path, silent) == Runtime(SCRIPT.encode(), WASM.encode())


def test_a_folder_without_it_is_told(tmp_path: Path) -> None:
    assert "npm pack" in refused("N0702", "does not hold", lambda: runtime_for(tmp_path, silent))


def test_it_is_fetched_once_and_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = archive("README.md", SCRIPT, WASM)
    asked, told = answer(monkeypatch, data), list[str]()
    refused("N0702", "checksum", lambda: runtime_for(None, told.append))
    assert not kept_folder().exists(), "nothing unverified is kept"
    monkeypatch.setattr(runtime, "SHA512", base64.b64encode(hashlib.sha512(data).digest()).decode())
    expected = Runtime(SCRIPT.encode(), WASM.encode())
    assert runtime_for(None, told.append) == expected == runtime_for(None, silent)
    assert len(asked) == 2 and asked[0].startswith("https://registry.npmjs.org/onnxruntime-web/-/")
    assert "33 MB" in told[-1]


def test_an_archive_of_something_else_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (archive("README.md"), b"no archive"):
        answer(monkeypatch, data)
        monkeypatch.setattr(runtime, "SHA512", base64.b64encode(hashlib.sha512(data).digest()).decode())
        refused("N0702", "cannot be unpacked", lambda: runtime_for(None, lambda text: None))


def test_without_a_network_it_is_said_how(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer(monkeypatch, urllib.error.URLError("no route to host"))
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "https://mirror.example/npm/")
    help = refused("N0702", "no route to host", lambda: runtime_for(None, lambda text: None))
    assert "--runtime package" in help and asked[0].startswith("https://mirror.example/npm/onnxruntime-web")
