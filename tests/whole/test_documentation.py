"""Every block of every page runs (`documentation.py` says how), and nothing of the language is left out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import generated
import pytest
from documentation import blocks, follow
from generated import PAGES, pictures_drawn
from generated.commands import every_command
from generated.language import is_stage, rules
from made_once import made_once
from repository import ROOT

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
    """A page by its path, as the program makes it now; made when it is first asked for."""

    def made(name: str) -> str:
        text: str = made_once(tmp_path_factory, name.replace("/", "-"), lambda: generated.page(name))
        return text

    return made


@pytest.fixture
def site() -> dict[str, str]:
    """All pages, as they are committed."""
    return {name: (PAGES / name).read_text(encoding="utf-8") for name in generated.page_names()}


@pytest.mark.parametrize("name", generated.page_names())
def test_the_generated_text_of_a_page_is_current(name: str, page: Page) -> None:
    path, made = PAGES / name, page(name)
    if os.environ.get("DSLNAS_WRITE_CASES"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made, encoding="utf-8")
    again = "DSLNAS_WRITE_CASES=1 python -m pytest tests/whole/test_documentation.py"
    assert path.is_file() and path.read_text(encoding="utf-8") == made, f"`{again}` writes it"


def test_generated_text_is_found_where_it_stands() -> None:
    new = "a\n\n[[units]]\n\nb\n"
    made = generated.current(new)
    assert "<!-- generated: units -->\n\n| unit |" in made and made.endswith("|\n\n<!-- end -->\n\nb\n")
    assert generated.current(made) == made == generated.current(made.replace("kHz", "gone"))
    assert generated.by_hand(made) == "a\n\n\n\nb\n"
    with pytest.raises(KeyError):
        generated.current("[[nothing]]")


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
    places = re.findall(r"^<!-- generated: grammar (.+) -->$", written, re.M)
    shown = [name for line in places for name in line.split()]
    assert sorted(shown) == sorted(rules()), "each rule belongs to one place of language.md"


def test_every_key_and_name_is_in_the_reference() -> None:
    written = generated.by_hand((PAGES / "language.md").read_text(encoding="utf-8"))
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


def test_every_picture_is_there_and_drawn_anew(site: dict[str, str]) -> None:
    """Their lines depend on the version of the library that draws them; which there are does not."""
    drawn = pictures_drawn()
    if os.environ.get("DSLNAS_WRITE_CASES"):
        (PAGES / "pictures").mkdir(exist_ok=True)
        for path, text in drawn.items():
            (PAGES / path).write_text(text, encoding="utf-8")
    shown = {path for text in site.values() for path in re.findall(r"\]\((?:\.\./)?(pictures/[^)]+)\)", text)}
    assert shown <= drawn.keys() == {f"pictures/{path.name}" for path in (PAGES / "pictures").iterdir()}
    for path, text in drawn.items():
        assert text.startswith(("<?xml", "<svg")) and (PAGES / path).read_text("utf-8")[:4] == text[:4]


def test_no_page_speaks_of_a_file_that_is_not_there(site: dict[str, str]) -> None:
    """Links between pages, as mkdocs and a forge resolve them."""
    for name, text in site.items():
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert ((PAGES / name).parent / target).is_file(), f"{name}: {target}"


def test_blocks_are_found_with_their_titles() -> None:
    found = list(blocks('a\n```nas title="b.nas"\nop f = x\n```\nc\n```sh\ndslnas check b.nas\n```\n'))
    assert [(block.language, block.title) for block in found] == [("nas", "b.nas"), ("sh", "")]
