"""The hook of mkdocs: a line in the navigation for each shipped space, and each page as text beside it."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile

from mkdocs.config.defaults import MkDocsConfig


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The pages of the shipped spaces under their titles."""
    for entry in config.nav or []:
        if "Shipped spaces" in entry:
            entry["Shipped spaces"] += [
                *_entries(config, "spaces"),
                {"Made by hand": _entries(config, "spaces/handmade")},
            ]
    return config


def _entries(config: MkDocsConfig, folder: str) -> list[dict[str, str]]:
    """The pages of a folder by their titles."""
    pages = sorted((Path(config.docs_dir) / folder).glob("*.md"))
    return [{_title(page): f"{folder}/{page.name}"} for page in pages]


def on_post_build(config: MkDocsConfig) -> None:
    """Each page as Markdown beside the site's pages, where `llms.txt` says that it is."""
    for page in sorted(Path(config.docs_dir).rglob("*.md")):
        copy = Path(config.site_dir) / page.relative_to(config.docs_dir)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copyfile(page, copy)


def _title(page: Path) -> str:
    return page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
