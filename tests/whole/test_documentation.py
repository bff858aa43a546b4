"""Every block of every page runs (`documentation.py` says how), and nothing of the language is left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import generated
import pytest
from documentation import blocks, follow
from generated import PAGES, generated_pictures
from generated.commands import every_command
from generated.language import is_stage, rules
from repository import ROOT
from shared import made_once

from dslnas.base import limits
from dslnas.check.check import EXPERIMENT_KEYS
from dslnas.data import KNOWN
from dslnas.editor.places.signatures import of_primitive
from dslnas.ir.primitives import REGISTRY
from dslnas.methods.keys import KEYS, OPTIMIZERS
from dslnas.methods.loss import REGULARIZERS
from dslnas.resolve.settings import DATA_KEYS, SEARCH_KEYS, TRAIN_KEYS
from dslnas.resolve.sweeps import SWEEP_KEYS

# What the page of errors shows is run by `test_explanations`.
NAMES = [name for name in generated.page_names() if name != "errors.md"]
TEXTS = ("README.md", "CONTRIBUTING.md")


Page = Callable[[str], str]


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """A page of the site by its path, made when it is first asked for."""

    def made(name: str) -> str:
        text: str = made_once(tmp_path_factory, name.replace("/", "-"), lambda: generated.page(name))
        return text

    return made


@pytest.fixture
def site(page: Page) -> dict[str, str]:
    """All pages."""
    return {name: page(name) for name in generated.page_names()}


@pytest.mark.parametrize("name", NAMES)
def test_every_block_of_a_page_runs(
    name: str, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = page(name)
    monkeypatch.setenv("DSLNAS_CACHE", str(tmp_path / "cache"))
    follow(text, tmp_path)


@pytest.mark.parametrize("name", TEXTS)
def test_every_block_of_the_readme_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSLNAS_CACHE", str(tmp_path / "cache"))
    follow((ROOT / name).read_text(encoding="utf-8"), tmp_path)


def test_every_rule_of_the_grammar_is_in_the_reference_once() -> None:
    written = (PAGES / "language.md").read_text(encoding="utf-8")
    shown = [name for line in re.findall(r"^\[\[grammar (.+)\]\]$", written, re.M) for name in line.split()]
    assert sorted(shown) == sorted(rules()), "each rule belongs to one `[[grammar ...]]` of language.md"


def test_every_key_and_name_is_in_the_reference() -> None:
    written = (PAGES / "language.md").read_text(encoding="utf-8")
    settings = {*SEARCH_KEYS, *TRAIN_KEYS, *(f"data.{key}" for key in ("split", *DATA_KEYS))}
    spelled = set(re.findall(r"[\w.]+", " ".join(re.findall(r"`([^`\n]+)`", written))))
    assert {*KEYS, *OPTIMIZERS, *REGULARIZERS, *EXPERIMENT_KEYS, *SWEEP_KEYS, *settings} - spelled == set()


def test_every_primitive_is_in_the_reference(page: Page) -> None:
    text = page("language.md")
    for primitive in REGISTRY.values():
        assert f"| `{of_primitive(primitive)}` |" in text
    assert (
        of_primitive(REGISTRY["dwconv"]) == "dwconv(kernel, stride = 1, dilation: 1, along: none, pad: none)"
    )
    assert of_primitive(REGISTRY["bn"]) == "bn(affine: false)" and of_primitive(REGISTRY["relu"]) == "relu"
    assert {is_stage(REGISTRY["wave"]), is_stage(REGISTRY["conv"])} == {True, False}


def test_every_limit_is_in_the_reference(page: Page) -> None:
    text = page("language.md").partition("## Limits")[2]
    for name, value in vars(limits).items():
        if name.isupper():
            assert f"| {name.lower().replace('_', ' ')} | {value:,} |" in text


def test_every_command_has_a_section_with_its_options(page: Page) -> None:
    text = page("commands.md")
    for name, command in every_command():
        section = text.partition(f"## dslnas {name}\n")[2].partition("\n## ")[0]
        for parameter in command.params:
            for option in parameter.opts:
                assert option in section or option == "--help" or not option.startswith("-"), (name, option)


def test_the_readme_names_every_command_and_every_data_set() -> None:
    section = (
        (ROOT / "README.md").read_text(encoding="utf-8").partition("## Commands")[2].partition("\n## ")[0]
    )
    named = " ".join(re.findall(r"`([^`]+)`", section))
    for name, _ in every_command():
        assert re.search(rf"\b{name}\b", named), name
    assert {name for name in KNOWN if not re.search(rf"\b{name}\b", named)} == set()


def test_every_page_of_a_space_has_its_picture(site: dict[str, str]) -> None:
    pictures = generated_pictures()
    for name, text in site.items():
        for path in re.findall(r"\]\((?:\.\./)?(pictures/[^)]+)\)", text):
            assert pictures[path].startswith(("<?xml", "<svg")), (name, path)


def test_no_page_speaks_of_a_file_that_is_not_there(site: dict[str, str]) -> None:
    """Links between pages, as mkdocs resolves them."""
    for name, text in site.items():
        for target in re.findall(r"\]\((?!https?:|#|[^)]*pictures/)([^)#]+)", text):
            resolved = (PAGES / name).parent / target
            path = Path(resolved).resolve().relative_to(PAGES.resolve()).as_posix()
            assert path in site or resolved.is_file(), f"{name}: {target}"


def test_blocks_are_found_with_their_titles() -> None:
    found = list(blocks('a\n```nas title="b.nas"\nop f = x\n```\nc\n```sh\ndslnas check b.nas\n```\n'))
    assert [(block.language, block.title) for block in found] == [("nas", "b.nas"), ("sh", "")]
