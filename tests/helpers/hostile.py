"""Texts that ask for too much, with the code of what is said about each; None where the text is fine."""

from __future__ import annotations

MANY = 100_000
HEAD = "global_pool -> linear(classes)"


def network(value: str, before: str = "") -> str:
    """A file with a space of this network."""
    return f"{before}space S(channels = 4) {{\n    network = {value}\n}}\n"


def cells(
    nodes: object = 2, repeat: object = 1, channels: object = 4, keep: object = 2, more: str = ""
) -> str:
    """A space of cells with some of its numbers changed, and more candidates."""
    return f"""use "lib/darts.nas"
space S(nodes = {nodes}, channels = {channels}, repeat = {repeat}) {{
    candidates {{
        separable = sep_conv(3)
        skip_connect = skip
{more}    }}
    cell normal(prev2, prev) {{
        let a = prev2 -> align(prev)
        let b = prev  -> align(prev)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep {keep}
        concat(n)
    }}
    network = input -> conv(3, channels) -> repeat times normal -> global_pool -> linear(classes)
}}
"""


def lets(first: str, following: str, value: str, count: int) -> str:
    """An operation whose intermediates each come from the one before, `_`."""
    names = [f"    let a0 = {first}"]
    names += [f"    let a{n} = {following.replace('_', f'a{n - 1}')}" for n in range(1, count)]
    body = "\n".join([*names, f"    {value.replace('_', f'a{count - 1}')}"])
    return network(f"input -> conv(3, channels) -> f -> {HEAD}", f"op f {{\n{body}\n}}\n")


def chain(first: str, following: str, count: int) -> str:
    """Definitions from the last to the first, each of which names the one after it."""
    names = [following.replace("NEXT", f"d{n - 1}").replace("THIS", f"d{n}") for n in range(count, 0, -1)]
    return "\n".join([*names, first.replace("THIS", "d0")]) + "\n"


def doubled(count: int) -> str:
    """Operations that each apply the one before twice."""
    ops = ["op f0 = x + x", *(f"op f{n} = (x -> f{n - 1}) + (x -> f{n - 1})" for n in range(1, count))]
    return network(f"input -> conv(3, channels) -> f{count - 1}", "\n".join(ops) + "\n")


DEEP: dict[str, tuple[str, str | None]] = {
    "parentheses": (network("(" * MANY + "input" + ")" * MANY), "N0102"),
    "some parentheses": (network("(" * 5000 + "input" + ")" * 5000), "N0103"),
    "blocks": ("op f {\n" * 8000 + "x" + "\n}" * 8000, "N0101"),
    "lists": (network("input -> conv(" + "(1, " * 5000 + "1" + ")" * 5001), "N0103"),
    "conditions": (network("input -> " + "if 1 == 1 then relu else " * MANY + "relu"), "N0102"),
    "some conditions": (network("input -> " + "if 1 == 1 then relu else " * 5000 + "relu"), "N0101"),
    "conditions in parentheses": (network("(if 1 == 1 then " * 5000 + "input" + " else 1)" * 5000), "N0103"),
    "a long pipe": (network("input -> conv(3, channels)" + " -> relu" * MANY), "N0102"),
    "a pipe": (network("input -> conv(3, 4)" + " -> relu" * 9000 + f" -> {HEAD}"), None),
    "sums": (network("input" + " + input" * 20_000), "N0103"),
    "minuses": (network("input -> conv(" + "-" * 40_000 + "1)"), "N0103"),
    "parts of a name": (network("a" + ".a" * 20_000), "N0103"),
    "calls of calls": (network("a" + "()" * 15_000), "N0103"),
    "indices": (network("a" + "[1]" * 15_000), "N0103"),
    "choices within choices": (network("input -> " + "choose {relu, " * 5000 + "tanh" + "}" * 5000), "N0103"),
    "repeats of repeats": (
        network("input -> conv(3, channels) -> " + "1000 times (x -> " * 15 + "relu" + ")" * 15),
        "N0401",
    ),
    "repeats of nothing": (
        network("input -> conv(3, channels) -> " + "1000 times (" * 15 + "0 times relu" + ")" * 15),
        "N0401",
    ),
    "repeats of nothing in an operation": (
        network("input -> f", "op f = x -> " + "1000 times (x -> " * 15 + "0 times relu" + ")" * 15 + "\n"),
        "N0401",
    ),
    "operations of operations": (
        chain("op THIS = x -> relu", "op THIS = x -> NEXT", 500) + network("input -> conv(3, 4) -> d500"),
        "N0103",
    ),
    "derived spaces": (chain("", "space THIS = NEXT with { channels: 3 }", 500) + network("input"), "N0103"),
    "derived methods": (
        chain("method THIS {\n    loss: cross_entropy\n}", "method THIS = NEXT with { clip: 5 }", 500),
        "N0103",
    ),
}  # fmt: skip

LARGE: dict[str, tuple[str, str | None]] = {
    "a discriminator": (
        "method m {\n    prune: adversarial\n    discriminator: mlp(90000, 90000)\n}\n",
        "N0301",
    ),
    "channels": (cells(channels=10**12), "N0301"),
    "channels to the power": (cells(channels="10^12"), "N0101"),
    "channels of a layer": (network("input -> conv(3, 1000000000000)"), "N0307"),
    "repeats": (cells(repeat=10**9), "N0301"),
    "repeats of a cell": (network("input -> 1000000000 times relu"), "N0301"),
    "nodes": (cells(nodes=10**6), "N0301"),
    "nodes of a cell": (cells(nodes=1000), "N0301"),
    "kept edges": (cells(keep=10**12), "N0405"),
    "digits": (cells(channels="9" * MANY), "N0101"),
    "digits after the point": (cells(channels="0." + "9" * MANY), "N0101"),
    "an exponent": (cells(channels="1e" + "9" * 200), "N0301"),
    "a negative exponent": (cells(channels="1e-" + "9" * 200), None),
    "a unit": (cells(channels="4" + "k" * MANY), "N0101"),
    "a rate": ("frontend f = wave(1e14kHz, 1s) -> stft(window: 64ms, hop: 1ms) -> mel(8) -> log\n", "N0301"),
    "many options": (network(f"input -> conv(choose {{{', '.join(['3'] * 1_000_000)}}}, 4)"), "N0102"),
    "some options": (network(f"input -> conv(choose {{{', '.join(['3'] * 2000)}}}, 4)"), "N0301"),
    "many candidates": (
        cells(more="".join(f"        c{n} = conv(3, C, stride)\n" for n in range(2000))),
        "N0301",
    ),
    "an option of many words": (network(f"input -> choose {{relu, relu{' -> relu' * 300}}}"), "N0301"),
    "products of options": (
        network("input -> f", f"op f({', '.join(f'k{n} = choose {{1, 3}}' for n in range(40))}) = x\n"),
        "N0301",
    ),
    "a long name": (network("input -> " + "n" * 900_000), "N0101"),
    "a long text": (f'use "{"a" * 900_000}.nas"\n', "N0101"),
    "many names that nothing defines": ("".join(f"op o{n} = x -> o{n}x\n" for n in range(5000)), "N0201"),
    "many errors": ("op f = )\n" * 7000, "N0101"),
    "many lines with errors": ("op f {\n" + "    let a = )\n" * 7000 + "    x\n}\n", "N0101"),
    "many characters without a meaning": ("$£" * MANY, "N0101"),
    "many quotes": ('"' * MANY, "N0101"),
    "many newlines": ("\n" * 900_000, "N0102"),
    "many definitions of one name": ("op a = x\n" * 9000, "N0202"),
    "many intermediates of a cell": (
        cells().replace("node n", "".join(f"let c{n} = prev\n        " for n in range(500)) + "node n"),
        "N0401",
    ),
    "many spaces": (
        cells(nodes=12) + "".join(f"space S{n} = S with {{ channels: 8 }}\n" for n in range(2000)),
        "N0401",
    ),
    "a long sweep": ("sweep {\n    spaces: " + ", ".join(["S"] * 9000) + "\n}\n", "N0301"),
    "many sweeps": ("".join(f"sweep s{n} {{ spaces: S }}\n" for n in range(5000)), "N0201"),
    "many searches": ("sweep {\n    spaces: S\n    methods: darts\n    searches: 99999\n}\n", "N0301"),
    "ten megabytes": ("op a = x\n" * 1_200_000, "N0102"),
}  # fmt: skip

DOUBLING: dict[str, tuple[str, str | None]] = {
    "operations": (doubled(60), "N0103"),
    "some operations": (doubled(30), "N0401"),
    "pairs": (lets("(1, 1)", "(_, _)", "x -> conv(_)", 60), "N0301"),
    "pairs that are compared": (
        lets("(1, 1)", "(_, _)", "if _ == _ then x else x", 60),
        "N0301",
    ),
    "ranges": (lets("1 .. 2", "_ .. _", "x -> conv(_)", 60), "N0301"),
    "options": (lets("choose {1, 3}", "choose {(_, _), (_, _)}", "x -> conv(_)", 60), "N0301"),
    "channels that are joined": (lets("concat(x, x)", "concat(_, _)", "_", 1000), "N0307"),
    "channels times a number": (lets("C + 1", "_ * 1000000000", "x -> conv(3, _)", 1000), "N0301"),
    "channels by a number": (lets("C + 1", "_ / 1000000000", "x -> conv(3, _)", 1000), "N0301"),
    "sums": (lets("x", "_ + _", "_", 3000), None),
    "sizes": (network("input -> conv(3, 4)" + " -> conv(3, 4, stride: 7, pad: 0)" * 1000), "N0307"),
}  # fmt: skip

CIRCLES: dict[str, tuple[str, str | None]] = {
    "an operation": (network("input -> f", "op f = x -> f\n"), "N0205"),
    "two operations": (network("input -> f", "op f = x -> g\nop g = x -> f\n"), "N0205"),
    "a default": (network("input -> f", "op f(k = f) = x -> conv(k)\n"), "N0205"),
    "a space": ("space S = S with { channels: 3 }\n", "N0205"),
    "two spaces": ("space S = T with { channels: 3 }\nspace T = S with { }\n", "N0205"),
    "a method": ("method m = m with { clip: 5 }\n", "N0205"),
    "an intermediate": (network("input -> f", "op f {\n    let a = a\n    a\n}\n"), "N0201"),
    "a file": ('use "hostile.nas"\n', "N0203"),
}

NO_TEXT: dict[str, tuple[bytes, str | None]] = {
    "utf-16": (cells().encode("utf-16"), "N0102"),
    "a mark of the byte order": (b"\xef\xbb\xbf" + cells().encode(), None),
    "zeros": (bytes(1000), "N0101"),
    "a zero in a name": (cells().encode().replace(b"nodes", b"no\0des", 1), "N0101"),
    "a zero in a quoted text": (b'use "a\0/b.nas"', "N0101"),
    "every byte": (bytes(range(256)) * 100, "N0102"),
    "latin-1": (b"# \xe9\n" + cells().encode(), "N0102"),
    "anything behind a closing brace": (network("input -> relu").encode() + b"}\x06", "N0101"),
    "anything beside a closing brace": (network("input -> relu").encode().strip() + b"\x06", "N0101"),
    "half a character": (b'use "\xed\xa0\x80"', "N0102"),
    "windows' lines": (cells().replace("\n", "\r\n").encode(), None),
    "ten megabytes of anything": (bytes(range(256)) * 40_000, "N0102"),
}
TEXTS = {
    f"{kind}: {name}": (text.encode(), code)
    for kind, cases in (("deep", DEEP), ("large", LARGE), ("doubling", DOUBLING), ("circle", CIRCLES))
    for name, (text, code) in cases.items()
} | {f"no text: {name}": case for name, case in NO_TEXT.items()}
