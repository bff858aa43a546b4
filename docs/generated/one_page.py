"""The language on one page, for whoever lets a model write it: all there is, a line each; `llms.txt`."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

from dslnas.editor.places.constructs import GROUPS
from dslnas.editor.topics import Topic, topics
from dslnas.parse.grammar import keywords

PAGES = Path(__file__).parents[1] / "pages"
WORDS = 2_500  # of all lists together, so that the page stays short whatever is added to the language

# The groups of topics of which the page names the members alone.
NAMED = ("space", "front end", "method")


def listed(*words: str) -> str:
    """The topics of a group: how each is written, and shortly what it means."""
    group = " ".join(words)
    found = [topic for topic in topics() if topic.group == group]
    assert found, group
    return "\n".join(_line(topic, width()) for topic in found)


@cache
def width() -> int:
    """The most words of a description with which all lists together have at most `WORDS`."""
    known = topics()

    def fit(most: int) -> bool:
        listed = (topic for topic in known if topic.group not in (*GROUPS, "space"))
        return sum(len(_line(topic, most).split()) for topic in listed) <= WORDS

    return next((most for most in range(20, 3, -1) if fit(most)), 3)


def _line(topic: Topic, most: int) -> str:
    signature = topic.name if topic.group in NAMED else _written(topic)
    short = brief(topic.doc, most)
    return f"- `{signature}`" + f": {short}" * bool(short)


def _written(topic: Topic) -> str:
    """How a topic is written, on one line; of many alternatives the first ones."""
    text = re.sub(r"\s+", " ", topic.signature).removeprefix("op ").removeprefix("method ")
    shown = text.split(" | ")
    return text if len(text) <= 90 else " | ".join(shown[:1]) + " | ..." * (len(shown) > 1)


def brief(doc: str, most: int) -> str:
    """The first clause of a description, without what stands in parentheses, in at most so many words."""
    text = re.sub(r" \([^()]*\)", "", doc.split("\n")[0])
    text = re.split(r"[;:.](?=\s|$)", text)[0].strip()
    words = text.split()
    if len(words) > most:
        whole = " ".join(words[:most])
        text = (whole.rpartition(",")[0] or whole) + "..."
    return text if text.count("`") % 2 == 0 else text.replace("`", "")


def named(*words: str) -> str:
    """The names of the topics of a group, on one line."""
    group = " ".join(words)
    return ", ".join(f"`{topic.name}`" for topic in topics() if topic.group == group)


def reserved() -> str:
    """The keywords, which are no names."""
    return ", ".join(f"`{word}`" for word in sorted(keywords()))


# --- llms.txt -----------------------------------------------------------------------------------------------


def llms() -> str:
    """What a model reads first: the pages with what each says, as https://llmstxt.org describes it."""
    settings = _navigation()
    lines = [
        "# dslnas",
        "",
        "> dslnas is a small text language for neural-architecture-search spaces, and its compiler: check,",
        "> search, prune, train, report. To write a space, read `language_on_one_page.md`: it is all of the",
        "> language. `dslnas check FILE --json` says what is wrong with a file, with edits that mend it.",
        "",
        "## Write a space",
        "",
        *(_entry(title, name) for title, name in settings if name in _FIRST),
        "",
        "## Pages",
        "",
        *(_entry(title, name) for title, name in settings if name not in _FIRST),
    ]
    return "\n".join(lines) + "\n"


_FIRST = ("language_on_one_page.md", "language_models.md", "tutorial.md", "errors.md")


def _navigation() -> list[tuple[str, str]]:
    """Title and file of each page that the navigation names, in its order."""
    text = (PAGES.parents[1] / "mkdocs.yml").read_text(encoding="utf-8")
    lines = re.findall(r"^ +- ([^:\n]+): *(\S+\.md)?$", text, re.MULTILINE)
    titles = [before if title == "All" else title for (before, _), (title, _) in pairwise([("", ""), *lines])]
    return [(title, name) for title, (_, name) in zip(titles, lines, strict=True) if name]


def _entry(title: str, name: str) -> str:
    return f"- [{title}]({name}): {_about(name)}"


def _about(name: str) -> str:
    """The first sentence of a page."""
    text = re.sub(r"<!--.*?-->", "", (PAGES / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    paragraph = next(
        part for part in text.split("\n\n") if part[:1] not in ("#", "`", "", "\n", "|", "!", "-")
    )
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(paragraph.split()))
    return re.split(r"(?<=[.:])\s", plain)[0].rstrip(":").removesuffix(".")
