"""Freed memory that is kept: what the C library is told, and that it is told once."""

from __future__ import annotations

import sys

import pytest

from dslnas.train.memory import keep_freed_memory


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc is of Linux")
def test_large_blocks_are_used_again_without_new_pages() -> None:
    import resource

    import torch

    def faults() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(20):
            torch.ones(2**23)  # 32 MiB
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    if not keep_freed_memory():
        pytest.skip("another C library")
    faults()
    assert faults() < 20 * 2**25 / 4096 / 4
