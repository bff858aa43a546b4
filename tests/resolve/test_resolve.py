"""Files to definitions: what `use` finds, what `with` sets, what cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.base.diagnostics import Diagnostic, DslnasError
from dslnas.check.check import check_file
from dslnas.resolve.library import shipped
from dslnas.resolve.resolve import library, resolve
from dslnas.runs.load import load
from dslnas.runs.request import Request

NETWORK = "    network = input -> conv(3, channels) -> global_pool -> linear(classes)\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"op f = x \x80"])
def test_what_is_no_text_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "mine.nas"
    path.write_bytes(content)
    with pytest.raises(DslnasError) as caught:
        resolve(path)
    assert caught.value.diagnostics[0].code == "N0102"


def test_a_file_may_begin_with_a_mark_and_end_lines_as_windows_does(tmp_path: Path) -> None:
    path = tmp_path / "mine.nas"
    path.write_bytes(
        b"\xef\xbb\xbf" + ("space S(channels = 4) {\n" + NETWORK + "}\n").replace("\n", "\r\n").encode()
    )
    assert check_file(path) == []


def test_an_unreadable_used_file_is_told_at_its_use(tmp_path: Path) -> None:
    (tmp_path / "part.nas").write_bytes(b"\xff")
    path = write(tmp_path, "mine.nas", 'use "part.nas"\nspace S = Base with {}\n')
    (diagnostic,) = check_file(path)  # what it would have defined is not told as missing
    assert diagnostic.code == "N0102" and diagnostic.span is not None and diagnostic.span.line == 1


def test_files_use_each_other_from_where_they_lie(tmp_path: Path) -> None:
    write(tmp_path, "parts/ops.nas", "op f = x -> relu -> conv(1)\n")
    write(tmp_path, "parts/base.nas", f'use "ops.nas"\nspace Base(channels = 4) {{\n{NETWORK}}}\n')
    path = write(tmp_path, "mine.nas", 'use "parts/base.nas"\nuse "parts/ops.nas"\nspace S = Base with {}\n')
    definitions, diagnostics = resolve(path)
    assert diagnostics == []
    assert definitions.own_spaces == ("S",) and set(definitions.ops) == {"f"}
    assert [Path(source.name).name for source in definitions.sources] == ["mine.nas", "base.nas", "ops.nas"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_only_files_are_used(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.nas")
    path = write(tmp_path, "mine.nas", 'use "pipe.nas"\nuse "/etc/hostname"\n')
    assert [d.code for d in check_file(path)] == ["N0203", "N0203"]


def test_a_derived_space_differs_in_what_its_with_sets() -> None:
    definitions, _ = resolve(shipped() / "sspolasym5.nas")
    base, derived = definitions.spaces["SS1"], definitions.spaces["SSPolAsym5"]
    changed = {
        name for name, option in derived.sets["candidates"].items() if option != base.sets["candidates"][name]
    }
    assert changed == {"sep_conv_5x5", "dil_conv_5x5"}
    assert list(derived.sets["candidates"]) == list(base.sets["candidates"])
    assert (derived.cells, derived.network, derived.parameters) == (base.cells, base.network, base.parameters)


def test_a_parameter_that_a_with_sets_is_no_matter_of_the_profile(tmp_path: Path) -> None:
    path = write(tmp_path, "mine.nas", 'use "ss1.nas"\nspace Wide = SS1 with { channels: 12 }\n')
    settings = load(path, Request(data="fsdd")).settings
    assert settings.search.parameters["channels"] == settings.train.parameters["channels"] == 12
    assert (
        load(path, Request(data="fsdd", overrides=["channels=6"])).settings.search.parameters["channels"] == 6
    )


def test_a_long_chain_of_files_ends_in_a_diagnostic(tmp_path: Path) -> None:
    for number in range(1000):
        write(tmp_path, f"f{number}.nas", f'use "f{number + 1}.nas"\n')
    write(tmp_path, "f1000.nas", "op f = x -> relu\n")
    (found,) = check_file(tmp_path / "f0.nas")
    assert (found.code, found.message[:19]) == ("N0203", "a file uses at most")


def test_the_library_has_the_papers_methods_and_a_profile_for_each_data_set() -> None:
    assert {"darts", "fairdarts", "forcedarts"} <= set(library().methods)
    assert {"digits", "fsdd", "sc09", "sc35", "audiomnist", "esc10", "esc50"} <= set(library().profiles)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_end_in_diagnostics(content: bytes) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "junk.nas"
        path.write_bytes(content)
        try:
            found = check_file(path)
        except DslnasError as error:
            found = list(error.diagnostics)
    assert all(isinstance(diagnostic, Diagnostic) for diagnostic in found)
