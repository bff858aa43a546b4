"""`dslnas explain`: what can be written, and what a diagnostic means, each with an example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import JsonOption

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from dslnas.base.explanations import Example, Explanation
    from dslnas.editor.topics import Topic

EXAMPLE = "Example: dslnas explain conv"


def complete(incomplete: str) -> Iterator[tuple[str, str]]:
    """The names that begin so, each with what it is, for the shell."""
    from dslnas.base.explanations import explained, explanation
    from dslnas.editor.topics import topics

    known = {topic.name: topic.doc for topic in topics()}
    known |= {code: explanation(code).title for code in explained()}
    yield from ((name, doc) for name, doc in known.items() if name.startswith(incomplete))


def explain(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="Names such as conv, sep_conv, choose, search.travel, or codes such as N0302. "
            "Default: list them all.",
            autocompletion=complete,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Explain what can be written, or the code of an error or a warning, with an example.

    Of a primitive or an operation: its parameters, type rule and cost. Of a keyword or a sign: how it is
    written. Of a code: what it means, an example
    of it, and the example mended.
    """
    from .terminal import out, print_json

    if not names:
        print_json([to_json(one) for one in _everything()]) if as_json else _list()
        return
    found = [one for name in names for one in _named(name)]
    if as_json:
        print_json([to_json(one) for one in found])
        return
    for one in found:
        out().print(shown(one), crop=False)


def _named(name: str) -> list[Explanation | Topic]:
    """What a name stands for; typer.BadParameter where it is none."""
    from dslnas.base.explanations import explained, explanation
    from dslnas.base.spelling import did_you_mean

    if name.upper() in explained():
        return [explanation(name.upper())]
    from dslnas.editor.topics import named, topics

    known = topics()
    if found := named(name, known):
        return [*found]
    spelled = {topic.name.casefold(): topic.name for topic in known}
    if name.casefold() in spelled:
        return [*named(spelled[name.casefold()], known)]
    names = [*dict.fromkeys(topic.name for topic in known)]
    hint = did_you_mean(name.upper(), explained()) if _like_code(name) else did_you_mean(name, names)
    raise typer.BadParameter(f"nothing is called {name}: {hint or '`dslnas explain` lists all there is'}")


def _like_code(name: str) -> bool:
    return name[:1] in "nN" and name[1:].isdigit()


def _everything() -> list[Explanation | Topic]:
    from dslnas.base.explanations import explained, explanation
    from dslnas.editor.topics import topics

    return [*map(explanation, explained()), *topics()]


def _list() -> None:
    """Print the names, group by group, each with what it is."""
    from itertools import groupby

    from dslnas.base.explanations import explained, explanation
    from dslnas.editor.topics import topics

    from .terminal import out

    for group, found in groupby(topics(), lambda topic: topic.group):
        out().print(_rows(group, [(one.name, _first(one.doc)) for one in found]), "")
    codes = [(one.code, one.title) for one in map(explanation, explained())]
    out().print(_rows("error and warning", codes))
    out().print("\nexplain one with: dslnas explain NAME")


def _first(doc: str) -> str:
    """The first sentence of a text."""
    return doc.partition("; ")[0].partition(". ")[0].rstrip(".")


def _rows(title: str, rows: Iterable[tuple[str, str]]) -> Table:
    """A table of names and what they are, without heads."""
    from .terminal import table

    made = table(title, ("", ""), rows)
    made.show_header = False
    return made


def shown(one: Explanation | Topic) -> Group:
    """An explanation or a topic for a terminal."""
    from dslnas.base.explanations import Explanation

    return _shown_code(one) if isinstance(one, Explanation) else _shown_topic(one)


def _shown_topic(topic: Topic) -> Group:
    """How it is written, what it means, its parameters and facts, an example, its definition."""
    from rich.console import Group
    from rich.text import Text

    details = topic.details()
    parts: list[Any] = [_coloured(topic.signature), Text(f"{topic.group}\n", "dim")]
    parts += [Text(f"{topic.doc}\n")] if topic.doc else []
    for rows in (details.parameters, details.facts):
        parts += [_rows("", rows), Text("")] if rows else []
    for what, text in (("example", details.example), ("definition", details.text)):
        parts += [_block(what, text), Text("")] if text else []
    return Group(*parts)


def _coloured(code: str) -> Text:
    """A text of the language in its colours; never wrapped."""
    from rich.syntax import Syntax
    from rich.text import Text

    from dslnas.editor.highlight import NasLexer

    text = Syntax(code, NasLexer(), theme="ansi_dark").highlight(code)
    text.rstrip()
    text.no_wrap, text.overflow = True, "ignore"
    assert isinstance(text, Text)
    return text


def _shown_code(explanation: Explanation) -> Group:
    """The explanation for a terminal: prose, files under their names, commands after a `$`."""
    from rich.console import Group
    from rich.text import Text

    title = Text(f"{explanation.code}: {explanation.title}\n", "bold")
    parts = [title, Text(_flowing(explanation.meaning) + "\n")]
    for what, colour, example, files in (
        ("wrong", "bold red", explanation.wrong, explanation.wrong.files),
        ("mended", "bold green", explanation.mended, explanation.changed),
    ):
        parts.append(Text.assemble((f"{what}: ", colour), _flowing(example.text)))
        parts += [_file(name, content) for name, content in files.items()]
        parts.append(Text(f"\n  $ {example.command}\n", "cyan"))
    return Group(*parts)


def _file(name: str, content: str) -> Text:
    """A file under its name, in the colours of the language where it is one of dslnas; never wrapped."""
    from rich.text import Text

    return _indented(name, _coloured(content) if name.endswith(".nas") else Text(content)).append("\n")


def _block(what: str, content: str) -> Text:
    """A text of the language, or a command after a `$`, under what it is."""
    from rich.text import Text

    command = content.startswith("dslnas ")
    return _indented(what, Text(f"$ {content}", "cyan") if command else _coloured(content))


def _indented(title: str, content: Text) -> Text:
    from rich.text import Text

    text = Text(no_wrap=True, overflow="ignore").append(f"\n  {title}" if title.count(".") else title, "dim")
    for line in content.split("\n"):
        text.append("\n")
        if line:
            text.append("    ").append_text(line)
    return text


def _flowing(prose: str) -> str:
    """Prose with each paragraph on one line, for the terminal to wrap."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in prose.split("\n\n"))


def to_json(one: Explanation | Topic) -> dict[str, Any]:
    """An explanation or a topic for editors and scripts; each has a `name` and a `group`."""
    from dslnas.base.explanations import Explanation
    from dslnas.editor import topics

    return _json_of_code(one) if isinstance(one, Explanation) else topics.to_json(one)


def _json_of_code(explanation: Explanation) -> dict[str, Any]:
    def example(one: Example) -> dict[str, Any]:
        return {"text": _flowing(one.text), "files": dict(one.files), "command": one.command}

    return {
        "name": explanation.code,
        "group": "error and warning",
        "code": explanation.code,
        "title": explanation.title,
        "meaning": _flowing(explanation.meaning),
        "wrong": example(explanation.wrong),
        "mended": example(explanation.mended),
    }
