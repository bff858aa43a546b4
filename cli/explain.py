"""`dslnas explain`: what a diagnostic means, with an example and the same mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import JsonOption

if TYPE_CHECKING:
    from rich.text import Text

    from dslnas.explanations import Example, Explanation

EXAMPLE = "Example: dslnas explain N0302"


def explain(
    codes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CODE]...", help="Codes such as N0302. Default: list them all."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Explain the code of an error or a warning: what it means, an example of it, and the example mended."""
    from dslnas.explanations import explained, explanation

    from .terminal import out, print_json, table

    if unknown := [code for code in codes or () if code.upper() not in explained()]:
        raise typer.BadParameter(_unknown(unknown[0]))
    found = [explanation(code.upper()) for code in codes or explained()]
    if as_json:
        print_json([to_json(one) for one in found])
    elif codes:
        for one in found:
            out().print(shown(one))
    else:
        out().print(table("", ("code", "meaning"), [(one.code, one.title) for one in found]))
        out().print("\nexplain one with: dslnas explain CODE")


def _unknown(code: str) -> str:
    from dslnas.definitions import did_you_mean
    from dslnas.explanations import explained

    hint = did_you_mean(code.upper(), explained()) or "`dslnas explain` lists them all"
    return f"there is no code {code}: {hint}"


def shown(explanation: Explanation) -> Text:
    """The explanation as text for a terminal: prose, files under their names, commands after a `$`."""
    from rich.text import Text

    text = Text()
    text.append(f"{explanation.code}: {explanation.title}\n\n", "bold")
    text.append(_flowing(explanation.meaning) + "\n")
    for what, example, files in (
        ("wrong", explanation.wrong, explanation.wrong.files),
        ("mended", explanation.mended, explanation.changed),
    ):
        text.append(f"\n{what}: ", "bold red" if what == "wrong" else "bold green")
        text.append(_flowing(example.text) + "\n")
        for name, content in files.items():
            text.append(f"\n  {name}\n", "dim")
            text.append("".join(f"    {line}".rstrip() + "\n" for line in content.splitlines()))
        text.append(f"\n  $ {example.command}\n", "cyan")
    return text


def _flowing(prose: str) -> str:
    """Paragraphs whose lines are as wide as the terminal lets them be."""
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
