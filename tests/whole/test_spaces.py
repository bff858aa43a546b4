"""The shipped files: sound, explained, and what the papers say they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dslnas.check.check import check_file
from dslnas.resolve.library import shipped
from dslnas.runs.load import load
from dslnas.runs.request import Request

FILES = sorted(shipped().rglob("*.nas"))
SPACES = sorted(shipped().glob("*.nas"))
LAYER_WISE = (
    *("keywords", "nasc", "nasc_baseline", "nasc_vgg", "lenet", "lenet_wide"),
    *("resnet18", "resnet18_pictures", "vgg16"),
)
KINDS = {"nasbench201": {"normal"}}
LARGE = ("vgg16",)  # which need inputs of 224 x 224


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_files_have_neither_errors_nor_warnings(path: Path) -> None:
    assert check_file(path) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_files_say_what_they_are(path: Path) -> None:
    first = path.read_text().partition("\n")[0]
    assert (first.startswith("# ") and first.endswith((".", "`"))) or len(first) > 60


@pytest.mark.parametrize(
    "path", [path for path in SPACES if path.stem not in LARGE], ids=lambda path: path.stem
)
def test_every_space_is_an_experiment_on_every_data_set(path: Path) -> None:
    for data in ("digits", "sc35", "esc50"):
        experiment = load(path, Request(data=data))
        kinds = set() if path.stem in LAYER_WISE else KINDS.get(path.stem, {"normal", "reduction"})
        assert set(experiment.supernet.kinds) == kinds
        assert experiment.supernet.network.output.type.shape == (len(experiment.classes),)


@pytest.mark.parametrize("space", ["sspolasym4", "sspolasym5", "sspolattention"])
def test_the_polynomial_spaces_replace_the_two_largest_convolutions(space: str) -> None:
    base, derived = load("ss1").space, load(space).space
    options, others = base.sets["candidates"], derived.sets["candidates"]
    assert [name for name in options if options[name] != others[name]] == ["sep_conv_5x5", "dil_conv_5x5"]


def test_checking_imports_neither_torch_nor_numpy() -> None:
    code = (
        "import sys; from dslnas.check.check import check_file; "
        "from dslnas.resolve.library import find_space; "
        "check_file(find_space('ss1')); print(sorted({'torch', 'numpy', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
