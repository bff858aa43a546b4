"""An ONNX model of fixed sizes as C99 without libraries, through `emx-onnx-cgen`.

The generator gives every value of the model a buffer of its own on the stack, which few devices have. Here
the buffers that are never needed at once share static memory, whose size is known before the program runs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import prod

from ...base.diagnostics import fail
from ...ir.analysis.arena import Buffer, packed

PACKAGE = "emx_onnx_cgen"
BYTES = {"float": 4, "double": 8, "int64_t": 8, "int32_t": 4, "uint8_t": 1, "int8_t": 1, "bool": 1}
_CONSTANT = re.compile(r"^const (?:EMX_UNUSED )?(\w+) (\w+)((?:\[\d+\])+)", re.MULTILINE)
_BUFFER = re.compile(r"^ +(\w+) (tmp\w+)((?:\[\d+\])+);$")
_ARGUMENT = re.compile(r"(const )?(\w+) (\w+)\[(?:restrict )?1\]((?:\[\d+\])*)")
_SAID = re.compile(r"\A/\*.*?\*/\s*", re.DOTALL)


@dataclass(frozen=True)
class Code:
    """A function as C text: `void NAME(const float *input, float *output)`.

    flash: the bytes of its constants; ram: those of its buffers, without those of the caller.
    """

    text: str
    flash: int
    ram: int


def needs_generator() -> None:
    """Raise DslnasError N0702 where the generator of C code is not installed."""
    if find_spec(PACKAGE) is None:
        help = 'install it: `pip install "dslnas[c]"`'
        raise fail("N0702", "C code needs the package `emx-onnx-cgen`", help=help)


def code_of(model: bytes, name: str) -> Code:
    """The code of a model with one input and one output. name: of the function.

    Raises DslnasError N0702 where the generator has no form for an operator.
    """
    import onnx
    from emx_onnx_cgen import CodegenError, Compiler, ShapeInferenceError, UnsupportedOpError
    from emx_onnx_cgen.compiler import CompilerOptions

    options = CompilerOptions(model_name=name, large_temp_threshold_bytes=0, large_weight_threshold=0)
    try:
        text = Compiler(options).compile(onnx.load_from_string(model))
    except (CodegenError, ShapeInferenceError, UnsupportedOpError) as error:
        message = f"the network has no form in C: {str(error).splitlines()[0]}"
        raise fail("N0702", message, help="`--to onnx` writes it") from error
    return _arranged(text, name)


def _arranged(text: str, name: str) -> Code:
    """Code whose constants are its own, and whose buffers share static memory."""
    start = text.index(f"void {name}(")
    head, line, body = _parted(text, start)
    constants = _CONSTANT.findall(head)
    flash = sum(BYTES[kind] * _count(size) for kind, _, size in constants)
    head = re.sub(r"^extern const .*;\n", "", head, flags=re.MULTILINE)
    head = re.sub(r"^const (EMX_UNUSED )?", r"static const \1", head, flags=re.MULTILINE)
    memory, lines, ram = _shared(body)
    arguments = _ARGUMENT.findall(line)
    taken = ", ".join(f"{const}{kind} *{argument}_" for const, kind, argument, _ in arguments)
    casts = [
        _pointer(f"{const}{kind}", name, f"[1]{size}", f"{name}_") for const, kind, name, size in arguments
    ]
    whole = [_SAID.sub("", head).rstrip(), *memory, "", f"void {name}({taken}) {{", *casts, *lines, "}", ""]
    return Code("\n".join(whole), flash, ram)


def _parted(text: str, start: int) -> tuple[str, str, list[str]]:
    """What stands before a function, its first line, and the lines of its body."""
    line, _, rest = text[start:].partition(" {\n")
    body, end, _ = rest.partition("\n}")
    assert end, "the function ends"
    return text[:start], line, body.split("\n")


def _shared(lines: Sequence[str]) -> tuple[list[str], list[str], int]:
    """The declarations of shared memory, the lines of a function on it, and its size in bytes.

    Memory is shared by values of one type, so that none is read as another.
    """
    found = {match[2]: (match[1], match[3]) for line in lines if (match := _BUFFER.match(line))}
    calls = [line for line in lines if not _BUFFER.match(line)]
    spans: dict[str, tuple[int, int]] = {}
    for place, line in enumerate(calls):
        for name in re.findall(r"\btmp\w+", line):
            spans[name] = (spans.get(name, (place, place))[0], place)
    memory, pointers, ram = [], [], 0
    for kind in sorted({kind for kind, _ in found.values()}):
        names = [name for name, (of, _) in found.items() if of == kind and name in spans]
        arena = packed([Buffer(_count(found[name][1]), *spans[name]) for name in names])
        memory.append(f"static {kind} memory_{kind}[{max(arena.size, 1)}];")
        ram += arena.size * BYTES[kind]
        for name, place in zip(names, arena.starts, strict=True):
            pointers.append(_pointer(kind, name, found[name][1], f"memory_{kind} + {place}"))
    return memory, [*pointers, *calls], ram


def _pointer(kind: str, name: str, size: str, place: str) -> str:
    """The line that makes numbers at a place an array of a size, as the calls take it."""
    rows = re.sub(r"^\[\d+\]", "", size)
    of = f"(*{name}){rows} = ({kind} (*){rows})" if rows else f"*{name} = "
    return f"    {kind} {of}({place});"


def _count(size: str) -> int:
    """The numbers of an array, from its sizes: `[4][3]`."""
    return prod(int(one) for one in re.findall(r"\d+", size))
