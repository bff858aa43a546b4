"""A cache of tensors on disk, with metadata: written atomically, verified by checksums when read."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from ...base.files import replacing


def store_tensors(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> bool:
    """Write tensors and JSON facts; False where the folder cannot be written, which costs time only."""
    from safetensors.torch import save_file

    contents = {name: tensor.contiguous() for name, tensor in tensors.items()}
    checks = {name: _checksum(tensor) for name, tensor in contents.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            save_file(contents, temporary, {"facts": json.dumps(facts), "checks": json.dumps(checks)})
    except OSError:
        return False
    return True


def load_tensors(path: Path, names: Sequence[str]) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The tensors and facts of a file; None where it is missing, damaged, or lacks one of the names."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            facts, checks = json.loads(metadata["facts"]), json.loads(metadata["checks"])
            tensors = {name: file.get_tensor(name) for name in names}
        if any(_checksum(tensor) != checks[name] for name, tensor in tensors.items()):
            return None
    except (OSError, SafetensorError, KeyError, ValueError, TypeError):
        return None
    return tensors, facts


def _checksum(tensor: Tensor) -> int:
    return zlib.crc32(tensor.numpy().data if tensor.numel() else b"")
