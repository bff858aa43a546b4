"""The plugins of a run: a run keeps the Python files that define its primitives, and is opened with them.

Each file is copied into the run's folder as it was read, with its digest in `settings.json`. A run is opened
with what is loaded already, else with the file where it was, else with its copy; that a file has changed is
told. A run folder may come from anybody, so its code is run unasked only where its digest is known: that of a
file with which a run was made or opened on this machine (`plugins/` in the cache). Other code must be named.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from ..base.cache import cache_folder
from ..base.diagnostics import Diagnostic, fail
from ..base.run_folder import PLUGINS, RunFolder
from ..base.source import Source, start_of
from ..ir.primitives import REGISTRY
from ..ir.primitives.plugins import PREFIX, load_plugins, text_of
from ..parse.tokens import tokens_of


@dataclass(frozen=True)
class KeptPlugin:
    """A file of Python that a run keeps.

    path: where it was; module: the name under which it was imported; file: of its copy in the run's folder;
    digest: of its text; primitives: those that the run's space names.
    """

    path: str
    module: str
    file: str
    digest: str
    primitives: tuple[str, ...]


def digest_of(source: Source) -> str:
    """The SHA-256 of a text."""
    return sha256(source.text.encode()).hexdigest()


def keep(folder: RunFolder, text: str) -> list[Mapping[str, object]]:
    """Copy the files of a text's primitives into a run's folder; returns what its settings say of them."""
    named = {str(token) for token in tokens_of(Source("", text))[0]}
    sources: dict[Source, list[str]] = {}
    for name in sorted(named & REGISTRY.keys()):
        if (source := REGISTRY[name].file) is not None:
            sources.setdefault(source, []).append(name)
    kept: list[Mapping[str, object]] = []
    for number, (source, names) in enumerate(sources.items()):
        stem = Path(source.name).stem + (f"_{number}" if number else "")
        module = REGISTRY[names[0]].origin.partition(" in ")[0]
        path, file, digest = str(Path(source.name).absolute()), f"{PLUGINS}/{stem}.py", digest_of(source)
        (folder.path / PLUGINS).mkdir(exist_ok=True)
        folder.write_text(file, source.text)
        _vouch(digest)
        kept.append(asdict(KeptPlugin(path, module, file, digest, tuple(names))))
    return kept


def bring(folder: Path, kept: Iterable[KeptPlugin]) -> list[Diagnostic]:
    """Load the plugins of a run that are not loaded yet; returns a warning for each that has changed.

    Raises DslnasError N0208 where one is not known here or cannot be imported, N0701 where its copy is not as
    it was kept.
    """
    return [told for plugin in kept for told in _brought(folder, plugin)]


def _brought(folder: Path, plugin: KeptPlugin) -> Iterator[Diagnostic]:
    if not _loaded(plugin):
        _load(folder, plugin)
        there = text_of(plugin.path)
        if there is not None and digest_of(there) != plugin.digest and _digests(plugin) == {plugin.digest}:
            message = f"{plugin.path} has changed since the run began, which goes on with its own copy"
            help = f"to take the file as it is now: `dslnas --plugin {plugin.path} ...`"
            yield Diagnostic("N0208", message, start_of(there), help=help, severity="warning")
    for digest in _digests(plugin) - {plugin.digest}:
        changed = next(one for one in map(_file_of, plugin.primitives) if one and digest_of(one) == digest)
        names = ", ".join(f"`{name}`" for name in plugin.primitives)
        message = f"{names}: {changed.name} is not the file with which {folder} began"
        help = f"as it was: `dslnas --plugin {folder / plugin.file} ...`"
        yield Diagnostic("N0208", message, start_of(changed), help=help, severity="warning")
    for digest in _digests(plugin):  # whoever loaded it by its name has decided to run it
        _vouch(digest)


def _loaded(plugin: KeptPlugin) -> bool:
    return all(name in REGISTRY for name in plugin.primitives)


def _file_of(name: str) -> Source | None:
    return REGISTRY[name].file if name in REGISTRY else None


def _digests(plugin: KeptPlugin) -> set[str]:
    """The digests of the files that define the primitives of a plugin now."""
    return {digest_of(file) for name in plugin.primitives if (file := _file_of(name)) is not None}


def _load(folder: Path, plugin: KeptPlugin) -> None:
    """Import a plugin: the installed module, else the file where it was, else the copy."""
    path = folder / plugin.file
    copy = text_of(path)
    if copy is None or digest_of(copy) != plugin.digest:
        message = f"{path} is not as the run kept it"
        raise fail("N0701", message, help=f"name the plugin: `dslnas --plugin {plugin.path} ...`")
    if not _vouched(plugin.digest):
        message = f"{folder} has code of its own, {path}, which nobody has run on this machine"
        help = f"read it, then name it: `dslnas --plugin {path} ...`"
        raise fail("N0208", message, start_of(copy), help=help)
    if not plugin.module.startswith((PREFIX, "__main__")) and _importable(plugin.module):
        load_plugins([plugin.module])
    if not _loaded(plugin):
        there = text_of(plugin.path)
        unchanged = there is not None and digest_of(there) == plugin.digest
        load_plugins([plugin.path if unchanged else str(path)])


def _importable(module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


# --- the digests of code that was run on this machine by its name -----------------------------------------


def _vouch(digest: str) -> None:
    mark = cache_folder() / PLUGINS / digest
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    except OSError:
        return  # a cache that cannot be written to remembers nothing


def _vouched(digest: str) -> bool:
    return (cache_folder() / PLUGINS / digest).is_file()
