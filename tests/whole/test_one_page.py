"""The language on one page: short, whole, and what `llms.txt` sends a language model to."""

from __future__ import annotations

import os
import re

from generated import PAGES, one_page, page_names

from dslnas.editor.topics import topics
from dslnas.parse.grammar import keywords, lark

PAGE = (PAGES / "language_on_one_page.md").read_text(encoding="utf-8")


def test_it_is_short() -> None:
    assert len(PAGE.split()) < 4_000


def test_it_names_all_that_can_be_written() -> None:
    text = " ".join(re.findall(r"`([^`\n]+)`", PAGE))
    spelled = set(re.findall(r"[\w.]+", text))
    signs = {*re.findall(r"[^\w\s]+", text), *re.findall(r"[^\w\s]", text)}
    units = set(re.findall(r"\d([A-Za-z%]+)", text))
    assert {topic.name for topic in topics()} - spelled - signs - units == set()
    assert keywords() - spelled == set()


def test_its_examples_use_every_kind_of_definition() -> None:
    written = " ".join(re.findall(r"^```nas.*?^```$", PAGE, re.M | re.S))
    kinds = {rule.expansion[0].name for rule in lark().rules if rule.origin.name == "definition"}
    missing = {kind for kind in kinds if not re.search(rf"^{kind.partition('_')[0]} ", written, re.M)}
    assert missing <= {"sweep"}  # whose settings stand in a sentence: what it compares lies in other files


def test_a_short_text_is_a_clause_or_says_that_it_is_cut() -> None:
    assert one_page.brief("the sum: of all (or most) of it", 9) == "the sum"
    assert one_page.brief("max(x, 0)", 9) == "max(x, 0)"
    assert one_page.brief("one, two three four", 3) == "one..."
    assert one_page.brief("one two three four", 3) == "one two three..."


def test_the_lists_are_as_long_as_they_may_be() -> None:
    assert 6 <= one_page.width() <= 20


def test_llms_txt_is_current_and_names_every_page_of_the_site() -> None:
    path = PAGES / "llms.txt"
    if os.environ.get("DSLNAS_WRITE_CASES"):
        path.write_text(one_page.llms(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == one_page.llms()
    linked = re.findall(r"\]\((\S+)\)", one_page.llms())
    assert sorted(linked) == sorted(name for name in page_names() if "/" not in name)
