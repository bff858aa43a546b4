"""How much of what a grammar of `dslnas grammar` lets through is read by the parser.

    python benchmarks/grammar.py [SAMPLES]

draws texts byte by byte from all that llguidance allows next, and counts those in which the parser finds no
error.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import llguidance

from dslnas.base.source import Source
from dslnas.parse.grammars.write import TARGETS, Target, grammar_for
from dslnas.parse.parse import parse

END = 256  # the token that ends a text
LENGTH = 250  # bytes after which a text is brought to its end
AT_MOST = 2_000  # bytes of a text that finds no end
# What brings a text to its end: first what closes, then what is short.
_CLOSING = b'}]):= x0>.-([{",\n'


@dataclass
class _Bytes:
    """The tokenizer of single bytes, as llguidance asks for it."""

    eos_token_id: int = END
    bos_token_id: int | None = None
    tokens: list[bytes] = field(default_factory=lambda: [bytes([one]) for one in range(256)] + [b"<end>"])
    special_token_ids: tuple[int, ...] = (END,)

    def __call__(self, text: str | bytes) -> list[int]:
        return list(text if isinstance(text, bytes) else text.encode())


@cache
def matcher(target: Target) -> llguidance.LLMatcher:
    """What follows a text byte by byte; `lark` and `llguidance` are read by it alike."""
    tokenizer = llguidance.LLTokenizer(llguidance.TokenizerWrapper(_Bytes()), n_vocab=END + 1)
    grammar = llguidance.LLMatcher.grammar_from_lark(grammar_for(target))
    failed, found = llguidance.LLMatcher.validate_grammar_with_warnings(grammar, tokenizer)
    assert not failed, found
    return llguidance.LLMatcher(tokenizer, grammar)


def accepts(start: llguidance.LLMatcher, text: str) -> bool:
    """Whether a text is whole for a matcher, which stays where it is."""
    follower, tokens = start.deep_copy(), list(text.encode())
    return bool(follower.try_consume_tokens(tokens) == len(tokens) and follower.is_accepting())


def drawn(start: llguidance.LLMatcher, draw: random.Random) -> str | None:
    """A text by a random walk through the masks of a matcher; None where it finds no end.

    Each step draws a kind of byte (letter, digit, each sign by itself), then one of that kind.
    """
    follower, written = start.deep_copy(), bytearray()
    while len(written) < AT_MOST:
        allowed = [token for token, bias in enumerate(follower.compute_logit_bias()) if bias]
        late = len(written) >= LENGTH
        if END in allowed and (late or allowed == [END] or draw.random() < 0.1):
            return written.decode()
        signs = [token for token in allowed if token != END]
        closing = _begun(written) or (_CLOSING.replace(b" ", b"") if written[-1:].isspace() else _CLOSING)
        byte = next((one for one in closing if one in signs), None) if late and draw.random() < 0.8 else None
        if byte is None:
            kinds = dict[object, list[int]]()
            for token in signs:
                kinds.setdefault(_kind(token), []).append(token)
            byte = draw.choice(kinds[draw.choice(list(kinds))])
        follower.consume_token(byte)
        written.append(byte)
    return None


def _begun(written: bytes) -> bytes:
    """What ends the quoted text or the comment in which a text ends; empty where it ends in neither."""
    quoted = False
    for byte in written[written.rfind(b"\n") + 1 :]:
        if byte == ord("#") and not quoted:
            return b"\n"
        quoted ^= byte == ord('"')
    return b'"' * quoted


def _kind(byte: int) -> object:
    return "letter" if byte > 127 or chr(byte).isalpha() else "digit" if chr(byte).isdigit() else byte


def samples(target: Target, count: int, seed: int = 0) -> Iterator[str | None]:
    """As many drawn texts, the same ones for the same seed."""
    start, draw = matcher(target), random.Random(seed)
    return (drawn(start, draw) for _ in range(count))


def main() -> None:
    """Print the figures of each form of the grammar that llguidance reads."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for target in TARGETS:
        if target == "gbnf":
            continue
        texts = list(samples(target, count))
        whole = [text for text in texts if text is not None]
        read = [text for text in whole if not parse(Source("sample.nas", text))[1]]
        size = sum(map(len, whole)) / max(1, len(whole))
        print(f"{target}: {len(whole)} of {count} texts end, {size:.0f} characters on average")
        print(f"{target}: {len(read)} are read")
        for text in whole:
            if text not in read and "-v" in sys.argv:
                print(parse(Source("sample.nas", text))[1][0], repr(text))


if __name__ == "__main__":
    main()
