"""The parts of dslnas that exported files quote."""

from __future__ import annotations

from typing import Any

from dslnas.export.source import PARTS, part_text

HEAD = "import math\nimport torch\nimport torch.nn.functional as F\nfrom torch import Tensor, nn\n"


def test_every_part_stands_alone() -> None:
    names: dict[str, Any] = {}
    exec("\n\n".join([HEAD, *map(part_text, PARTS)]), names)
    assert all(callable(names[part]) for part in PARTS)
