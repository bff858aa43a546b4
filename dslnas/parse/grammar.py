"""The LALR(1) parser of the grammar, built by lark and kept in the cache folder, since building is slow."""

from __future__ import annotations

import contextlib
import hashlib
import io
import pickle
import re
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path

import lark as lark_package
from lark import Lark

from ..base.cache import cache_folder
from ..base.files import replacing

_NAME = re.compile(r"[A-Za-z_]\w*")
STARTS = ["definition", "expr", "setting_value"]


@cache
def lark() -> Lark:
    """The LALR(1) parser of the language."""
    text = _grammar().read_text(encoding="utf-8")
    version = f"{lark_package.__version__} {sys.version} {text}"
    kept = cache_folder() / f"grammar-{hashlib.sha256(version.encode()).hexdigest()[:16]}.lark"
    return _kept(kept) or _built(text, kept)


@cache
def keywords() -> frozenset[str]:
    """The keywords: words of the grammar that cannot be names."""
    fixed = (terminal.pattern.value for terminal in lark().terminals if terminal.pattern.type == "str")
    return frozenset(word for word in fixed if word.isalpha())


def is_name(text: str) -> bool:
    """Whether a text can be a name in a file: an identifier that is no keyword."""
    return _NAME.fullmatch(text) is not None and text not in keywords()


def _grammar() -> Path:
    packaged = Path(str(files("dslnas").joinpath("grammar/dslnas.lark")))
    # In a checkout the folder `grammar/` lies beside the package.
    return packaged if packaged.is_file() else Path(__file__).parent.parent.parent / "grammar" / "dslnas.lark"


def _kept(path: Path) -> Lark | None:
    """The parser from the cache; None where there is none or it cannot be read."""
    try:
        return Lark.load(io.BytesIO(path.read_bytes()))
    except (OSError, pickle.UnpicklingError, EOFError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _built(text: str, kept: Path) -> Lark:
    parser = Lark(
        text, parser="lalr", lexer="basic", start=STARTS, propagate_positions=True, maybe_placeholders=True
    )
    buffer = io.BytesIO()
    parser.save(buffer)
    with contextlib.suppress(OSError):  # a folder that cannot be written costs time only
        kept.parent.mkdir(parents=True, exist_ok=True)
        with replacing(kept) as temporary:
            temporary.write_bytes(buffer.getvalue())
    return parser
