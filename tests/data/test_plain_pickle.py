"""Pickles of plain data alone are read."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.data.plain_pickle import load_plain


class Harmful:
    """What runs a function when it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("function", [Path.touch, eval, getattr, np.load, np.dtypes.Int8DType])
def test_a_pickle_that_runs_something_is_refused(function: Any, protocol: int, tmp_path: Path) -> None:
    mark, file = tmp_path / "mark", tmp_path / "batch"
    argument = mark if function is Path.touch else f"__import__('pathlib').Path({str(mark)!r}).touch()"
    file.write_bytes(pickle.dumps({b"data": Harmful(function, argument)}, protocol=protocol))
    with pytest.raises(DslnasError, match="which images do not need"):
        load_plain(file)
    assert not mark.exists()
