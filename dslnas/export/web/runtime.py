"""What runs ONNX models in browsers, onnxruntime-web: from a folder, or once from the npm registry.

Two of its files are needed, of a version with a known checksum; they are kept in the cache folder.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tarfile
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...base.cache import cache_folder
from ...base.diagnostics import DslnasError, fail
from ...base.files import write_atomically
from ...data.download import MARK

VERSION = "1.30.0"
REGISTRY = "https://registry.npmjs.org"
REGISTRY_NAMED = ("NPM_CONFIG_REGISTRY", "npm_config_registry")  # variables that name another, as npm's
SHA512 = "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
SIZE = 33  # MB, of the archive
SCRIPT, WASM = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"
CODE = "N0702"
_INSIDE = ("", "dist", "package/dist", "node_modules/onnxruntime-web/dist")
_SECONDS = 60


@dataclass(frozen=True)
class Runtime:
    """The module of JavaScript, and the program of WebAssembly that it runs."""

    script: bytes
    wasm: bytes


def runtime_for(folder: Path | None, tell: Callable[[str], None]) -> Runtime:
    """That of a folder, or else of the cache, where it is fetched to if it is not there.

    folder: an unpacked package `onnxruntime-web`, or its folder `dist`. tell: is told before it is fetched.
    Raises DslnasError N0702 where the folder does not hold it, or it cannot be fetched.
    """
    if folder is not None:
        for inside in _INSIDE:
            if (found := _read(folder / inside)) is not None:
                return found
        message = f"{folder} does not hold `{SCRIPT}` and `{WASM}`"
        raise fail(CODE, message, help=_by_hand())
    kept = kept_folder()
    return _read(kept) or _fetch(kept, tell)


def kept_folder() -> Path:
    """Where it is kept in the cache folder."""
    return cache_folder() / f"onnxruntime-web-{VERSION}"


def _read(folder: Path) -> Runtime | None:
    try:
        return Runtime((folder / SCRIPT).read_bytes(), (folder / WASM).read_bytes())
    except OSError:
        return None


def _by_hand() -> str:
    return (
        f"where there is a network, `npm pack onnxruntime-web@{VERSION}` and "
        "`tar xzf onnxruntime-web-*.tgz`; then `--runtime package`"
    )


def _fetch(into: Path, tell: Callable[[str], None]) -> Runtime:
    registry = next(filter(None, map(os.environ.get, REGISTRY_NAMED)), REGISTRY)
    url = f"{registry.rstrip('/')}/onnxruntime-web/-/onnxruntime-web-{VERSION}.tgz"
    tell(f"fetching onnxruntime-web {VERSION} from {registry}, {SIZE} MB; it is kept in the cache")
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
            archive: bytes = answer.read()
    except (OSError, ValueError, urllib.error.URLError) as error:
        reason = getattr(error, "reason", None) or error
        raise fail(CODE, f"onnxruntime-web cannot be fetched: {url}: {reason}", help=_by_hand()) from None
    if base64.b64encode(hashlib.sha512(archive).digest()).decode() != SHA512:
        raise fail(CODE, f"{url} does not have the checksum that it should have", help=_by_hand())
    found = _unpacked(archive)
    _keep(found, into)
    return found


def _unpacked(archive: bytes) -> Runtime:
    files = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for name in (SCRIPT, WASM):
                member = tar.extractfile(f"package/dist/{name}")
                assert member is not None, "a file"
                files[name] = member.read()
    except (tarfile.TarError, EOFError, KeyError) as error:
        raise fail(CODE, f"the archive cannot be unpacked: {error}", help=_by_hand()) from None
    return Runtime(files[SCRIPT], files[WASM])


def _keep(found: Runtime, folder: Path) -> None:
    """Keep it in a folder; where that cannot be written, it is fetched again the next time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).touch()
        write_atomically(folder / WASM, found.wasm, CODE)
        write_atomically(folder / SCRIPT, found.script, CODE)
    except (OSError, DslnasError):
        return
