"""The catalogue of diagnostics as a page, with what dslnas says to each wrong example."""

from __future__ import annotations

from collections.abc import Mapping

from dslnas.base.explanations import Example, Explanation, explained, explanation

from .examples import run_in_a_folder


def errors() -> str:
    """A section for each code."""
    return "\n\n".join(_section(explanation(code)) for code in explained())


def _section(one: Explanation) -> str:
    said = run_in_a_folder(one.wrong.files, one.wrong.command).stderr.strip()
    parts = [
        f"## {one.code}: {one.title}",
        one.meaning,
        _shown(one.wrong, one.wrong.files),
        f"```text\n{said}\n```",
        "**Mended.** " + _shown(one.mended, one.changed),
    ]
    return "\n\n".join(parts)


def _shown(example: Example, files: Mapping[str, str]) -> str:
    """An example: what to see in it, the files that are new to the reader, the command."""
    blocks = [f'```{_language(name)} title="{name}"\n{text}```' for name, text in files.items()]
    return "\n\n".join([example.text, *blocks, f"```sh\n{example.command}\n```"])


def _language(name: str) -> str:
    return name.rpartition(".")[2]
