"""`dslnas explain`: what a diagnostic means, with an example and the example mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import JsonOption

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

    from dslnas.base.explanations import Example, Explanation

EXAMPLE = "Example: dslnas explain N0302"


def explain(
    codes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CODE]...", help="Codes such as N0302. Default: list them all."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Explain the code of an error or a warning: what it means, an example of it, and the example mended."""
    from dslnas.base.explanations import explained, explanation

    from .terminal import out, print_json, table

    if unknown := [code for code in codes or () if code.upper() not in explained()]:
        raise typer.BadParameter(_unknown(unknown[0]))
    found = [explanation(code.upper()) for code in codes or explained()]
    if as_json:
        print_json([to_json(one) for one in found])
    elif codes:
        for one in found:
            out().print(shown(one), crop=False)
    else:
        out().print(table("", ("code", "meaning"), [(one.code, one.title) for one in found]))
        out().print("\nexplain one with: dslnas explain CODE")


def _unknown(code: str) -> str:
    from dslnas.base.explanations import explained
    from dslnas.base.spelling import did_you_mean

    hint = did_you_mean(code.upper(), explained()) or "`dslnas explain` lists them all"
    return f"there is no code {code}: {hint}"


def shown(explanation: Explanation) -> Group:
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
    from rich.syntax import Syntax
    from rich.text import Text

    from dslnas.editor.highlight import NasLexer

    coloured = Text(content)
    if name.endswith(".nas"):
        coloured = Syntax(content, NasLexer(), theme="ansi_dark").highlight(content)
    text = Text(no_wrap=True, overflow="ignore").append(f"\n  {name}", "dim")
    for line in coloured.split("\n"):
        text.append("\n")
        if line:
            text.append("    ").append_text(line)
    return text


def _flowing(prose: str) -> str:
    """Prose with each paragraph on one line, for the terminal to wrap."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in prose.split("\n\n"))


def to_json(explanation: Explanation) -> dict[str, Any]:
    """The explanation for editors and scripts."""

    def example(one: Example) -> dict[str, Any]:
        return {"text": _flowing(one.text), "files": dict(one.files), "command": one.command}

    return {
        "code": explanation.code,
        "title": explanation.title,
        "meaning": _flowing(explanation.meaning),
        "wrong": example(explanation.wrong),
        "mended": example(explanation.mended),
    }
