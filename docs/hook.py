"""The hook of mkdocs: pages that say `[[...]]`, pages and pictures that are generated whole."""

from __future__ import annotations

from typing import Any

from generated import expand, generated_pages, generated_pictures
from generated.spaces import planned, shipped_spaces
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """A line in the navigation for each shipped space."""
    entries = [{planned(path)["space"]: f"spaces/{path.stem}.md"} for path in shipped_spaces()]
    for entry in config.nav or []:
        if "Shipped spaces" in entry:
            entry["Shipped spaces"] += entries
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The generated files beside those under `docs/pages`."""
    for path, content in {**generated_pages(), **generated_pictures()}.items():
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """What the directives of a page stand for."""
    return expand(markdown)
