"""The hook of mkdocs: a line in the navigation for each shipped space."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The pages of the shipped spaces under their titles."""
    pages = sorted(Path(config.docs_dir).glob("spaces/*.md"))
    entries = [{_title(page): f"spaces/{page.name}"} for page in pages]
    for entry in config.nav or []:
        if "Shipped spaces" in entry:
            entry["Shipped spaces"] += entries
    return config


def _title(page: Path) -> str:
    return page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
