"""Text to syntax tree. Every definition is parsed by itself, so that an error in one hides none in the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from . import syntax
from .diagnostics import Diagnostic, DslnasError
from .source import Source, Span

DEFINITIONS = frozenset(("USE", "OP", "SPACE", "METHOD", "FRONTEND", "PROFILE", "EXPERIMENT"))
DEPTH_LIMIT = 64  # of nested brackets
SIZE_LIMIT = 1_000_000  # characters of one file

_OPEN = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
_CLOSE = {closing: opening for opening, closing in _OPEN.items()}
# A line that ends with one of these goes on in the next.
_GOES_ON_AFTER = frozenset(
    ("PIPE", "DOTS", "PLUS", "MINUS", "STAR", "SLASH", "COMPARE", "COMMA", "EQUAL", "COLON", "LPAR", "LSQB", "LBRACE")
    + ("IF", "THEN", "ELSE", "AND", "OR", "CHOOSE", "WITH", "_NL")
)  # fmt: skip
# A line that begins with one of these continues the one before.
_GOES_ON_BEFORE = frozenset(
    ("PIPE", "DOTS", "PLUS", "MINUS", "STAR", "SLASH", "COMPARE", "COMMA", "RPAR", "RSQB", "RBRACE")
    + ("THEN", "ELSE", "AND", "OR", "KEEP", "AFTER", "WITH", "FOR", "_NL")
)
_SHOWN = {
    "_NL": "the end of the line", "$END": "the end of the definition", "NAME": "a name", "NUMBER": "a number",
    "STRING": "a quoted text", "COMPARE": "a comparison", "PIPE": "`->`", "DOTS": "`..`", "LPAR": "`(`",
    "RPAR": "`)`", "LSQB": "`[`", "RSQB": "`]`", "LBRACE": "`{`", "RBRACE": "`}`", "EQUAL": "`=`", "COLON": "`:`",
    "COMMA": "`,`", "PLUS": "`+`", "MINUS": "`-`", "STAR": "`*`", "SLASH": "`/`", "DOT": "`.`",
}  # fmt: skip


@cache
def _lark() -> Lark:
    grammar = files("dslnas").joinpath("grammar/dslnas.lark")
    if not grammar.is_file():  # a checkout: the folder lies beside the package
        grammar = Path(__file__).parent.parent / "grammar" / "dslnas.lark"
    return Lark(
        grammar.read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        start=["definition", "expr", "setting_value"],
        propagate_positions=True,
        maybe_placeholders=True,
    )


def parse(source: Source) -> tuple[syntax.File, list[Diagnostic]]:
    """The definitions of a source, and a diagnostic for each one that cannot be read."""
    tokens, diagnostics = _tokens(source)
    definitions: list[syntax.Definition] = []
    unreadable = {d.span.line for d in diagnostics if d.span}
    for chunk in _definitions(tokens):
        if any((chunk[0].line or 0) <= line <= (chunk[-1].line or 0) for line in unreadable):
            continue  # what follows from a character that means nothing is no error of its own
        tree = _parse(source, chunk, "definition", diagnostics)
        if tree is not None:
            definitions.append(_Converter(source).definition(tree))
    return syntax.File(source, tuple(definitions)), diagnostics


def parse_value(text: str, name: str) -> tuple[syntax.Expr, ...]:
    """The value of a setting given outside a file (`--set KEY=TEXT`); raises DslnasError."""
    source = Source(name, text)
    tokens, diagnostics = _tokens(source)
    tree = _parse(source, tokens, "setting_value", diagnostics) if not diagnostics else None
    if tree is None:
        raise DslnasError(*diagnostics)
    convert = _Converter(source)
    return tuple(convert.expr(child) for child in tree.children)


# --- tokens --------------------------------------------------------------------------------------------------


def _tokens(source: Source) -> tuple[list[Token], list[Diagnostic]]:
    """The tokens that the grammar sees; characters that begin none are reported and left out."""
    text, diagnostics = source.text, list[Diagnostic]()
    if len(text) > SIZE_LIMIT:
        place = Span(source, 1, 1, 1, 1)
        return [], [Diagnostic("N0102", f"the file is longer than {SIZE_LIMIT:,} characters", place)]
    while len(diagnostics) < 20:
        try:
            return _layout(source, list(_lark().lex(text)), diagnostics), diagnostics
        except UnexpectedCharacters as error:
            position = error.pos_in_stream
            place = Span(source, error.line, error.column, error.line, error.column + 1)
            if text[position] == '"':
                end = text.find("\n", position)
                end = len(text) if end < 0 else end
                problem = ("this quoted text does not end", 'close it with `"` on the same line')
            else:
                end = position + 1
                problem = (f"`{text[position]}` means nothing here", "")
            diagnostics.append(Diagnostic("N0101", problem[0], place, help=problem[1]))
            text = text[:position] + " " * (end - position) + text[end:]
    return [], diagnostics


def _layout(source: Source, tokens: list[Token], diagnostics: list[Diagnostic]) -> list[Token]:
    """Leave out the newlines that separate nothing; report brackets that do not match or nest too deeply."""
    kept: list[Token] = []
    nesting: list[Token] = []
    for index, token in enumerate(tokens):
        if token.type == "_NL":
            inside = bool(nesting) and nesting[-1].type != "LBRACE"
            if inside or not kept or kept[-1].type in _GOES_ON_AFTER or _continues(tokens[index + 1 :][:2]):
                continue
        elif _begins_definition(token, tokens[index + 1] if index + 1 < len(tokens) else None):
            nesting.clear()  # an unclosed bracket must not swallow the next definition
        elif token.type in _OPEN:
            nesting.append(token)
            if len(nesting) == DEPTH_LIMIT:
                diagnostics.append(
                    Diagnostic("N0103", f"brackets nest deeper than {DEPTH_LIMIT}", _span(source, token))
                )
                return []
        elif token.type in _CLOSE and nesting and nesting[-1].type == _CLOSE[token.type]:
            nesting.pop()
        kept.append(token)
    return kept


def _continues(coming: list[Token]) -> bool:
    """Whether the line that begins with these tokens continues the one before; a keyword may be a key."""
    is_key = len(coming) == 2 and coming[1].type in ("COLON", "DOT", "EQUAL") and coming[0].isalpha()
    return not coming or (coming[0].type in _GOES_ON_BEFORE and not is_key)


def _begins_definition(token: Token, after: Token | None) -> bool:
    """A definition begins with its keyword in the first column."""
    return token.type in DEFINITIONS and token.column == 1 and (after is None or after.type not in ("COLON", "DOT"))


def _definitions(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each definition."""
    chunk: list[Token] = []
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if _begins_definition(token, after) and chunk:
            yield chunk
            chunk = []
        if chunk or token.type != "_NL":
            chunk.append(token)
    if chunk:
        yield chunk


def _span(source: Source, token: Token) -> Span:
    return Span(source, token.line or 1, token.column or 1, token.end_line or 1, token.end_column or 2)


# --- trees ---------------------------------------------------------------------------------------------------


def _parse(source: Source, tokens: list[Token], start: str, diagnostics: list[Diagnostic]) -> Tree[Token] | None:
    """Feed tokens to the LALR parser; an unexpected one becomes a diagnostic."""
    while tokens and tokens[-1].type == "_NL":
        tokens = tokens[:-1]
    parser = _lark().parse_interactive(start=start)
    try:
        for token in tokens:
            parser.feed_token(token)
        tree: Tree[Token] = parser.feed_eof(tokens[-1] if tokens else None)
        return tree
    except UnexpectedToken as error:
        diagnostics.append(_unexpected(source, error, tokens))
        return None


def _unexpected(source: Source, error: UnexpectedToken, tokens: list[Token]) -> Diagnostic:
    token = error.token
    expected = [_SHOWN.get(name, f"`{name.lower()}`") for name in sorted(error.accepts or error.expected)]
    wanted = f"expected {', '.join(expected)}" if len(expected) <= 6 else ""
    if token.type == "$END":  # LALR reports the end at the last token
        if not tokens:
            return Diagnostic("N0101", "a value is missing", Span(source, 1, 1, 1, 1))
        last = _span(source, tokens[-1])
        place = Span(source, last.end_line, last.end_column, last.end_line, last.end_column + 1)
        return Diagnostic("N0101", "the definition ends too early", place, help=wanted)
    found = _SHOWN.get(token.type, f"`{token}`") if token.type == "_NL" else f"`{token}`"
    place = _span(source, token)
    if token.type == "_NL":
        place = Span(source, place.line, place.column, place.line, place.column + 1)
    return Diagnostic("N0101", f"{found} is not expected here", place, help=wanted)


class _Converter:
    """lark trees to the frozen classes of `syntax`."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def definition(self, tree: Tree[Token]) -> syntax.Definition:
        convert: Callable[[Tree[Token]], syntax.Definition] = getattr(self, f"_{tree.data}")
        return convert(tree)

    def expr(self, node: Any) -> syntax.Expr:
        convert: Callable[[Tree[Token]], syntax.Expr] = getattr(self, f"_{node.data}")
        return convert(node)

    def _at(self, node: Any) -> Span:
        place = node if isinstance(node, Token) else node.meta
        return Span(self.source, place.line, place.column, place.end_line, place.end_column)

    # definitions

    def _use(self, tree: Any) -> syntax.Use:
        return syntax.Use(str(tree.children[0])[1:-1], self._at(tree.children[0]))

    def _op(self, tree: Any) -> syntax.Op:
        name, parameters, body = tree.children
        return syntax.Op(str(name), self._parameters(parameters), self._block(body), self._at(name))

    def _block(self, body: Any) -> syntax.Block:
        if body.data != "block":
            return syntax.Block((), self.expr(body))
        return syntax.Block(tuple(map(self._let, body.children[:-1])), self.expr(body.children[-1]))

    def _let(self, tree: Any) -> syntax.Let:
        name, value = tree.children
        return syntax.Let(str(name), self.expr(value), self._at(name))

    _network = _candidate = _let

    def _parameters(self, tree: Any) -> tuple[syntax.Parameter, ...]:
        return tuple(map(self._parameter, filter(None, tree.children))) if tree else ()

    def _parameter(self, tree: Any) -> syntax.Parameter:
        name, default = tree.children
        return syntax.Parameter(str(name), self.expr(default) if default else None, self._at(name))

    def _space(self, tree: Any) -> syntax.SpaceTemplate:
        name, parameters, *items = tree.children
        converted = tuple(getattr(self, f"_{item.data}")(item) for item in items)
        return syntax.SpaceTemplate(str(name), self._parameters(parameters), converted, self._at(name))

    def _candidates(self, tree: Any) -> syntax.Candidates:
        name, *options = tree.children
        return syntax.Candidates(str(name), tuple(map(self._candidate, options)), self._at(name))

    def _cell(self, tree: Any) -> syntax.CellTemplate:
        name, parameters, *items, value = tree.children
        converted = tuple(getattr(self, f"_{item.data}")(item) for item in items)
        inputs = self._parameters(parameters)
        return syntax.CellTemplate(str(name), inputs, converted, self.expr(value), self._at(name))

    def _node(self, tree: Any) -> syntax.NodeArray:
        name, indices, value, keep = tree.children
        kept = self.expr(keep) if keep else None
        return syntax.NodeArray(str(name), self.expr(indices), self.expr(value), kept, self._at(name))

    def _derived(self, tree: Any) -> syntax.Derived:
        name, base, settings = tree.children
        kind = tree.data.removesuffix("_with")
        pairs = self._pairs(settings)
        return syntax.Derived(kind, str(name), str(base), pairs, self._at(name), self._at(base))

    _space_with = _cell_with = _method_with = _profile_with = _derived

    def _pairs(self, settings: Any) -> tuple[syntax.Setting, ...]:
        return tuple(map(self._pair, filter(None, settings.children)))

    def _pair(self, tree: Any) -> syntax.Setting:
        path, value = tree.children
        keys = tuple(str(key.children[0]) for key in path.children)
        values = tuple(map(self.expr, value.children))
        return syntax.Setting(keys, values, tree.data == "make_name", self._at(path))

    def _method(self, tree: Any) -> syntax.Settings:
        name, parameters, settings = tree.children
        return syntax.Settings(
            "method", str(name), self._parameters(parameters), self._pairs(settings), self._at(name)
        )

    def _profile(self, tree: Any) -> syntax.Settings:
        name, settings = tree.children
        return syntax.Settings("profile", str(name), (), self._pairs(settings), self._at(name))

    def _experiment(self, tree: Any) -> syntax.Settings:
        return syntax.Settings("experiment", "", (), self._pairs(tree.children[0]), self._at(tree))

    def _frontend(self, tree: Any) -> syntax.FrontEndTemplate:
        name, parameters, value = tree.children
        return syntax.FrontEndTemplate(
            str(name), self._parameters(parameters), self.expr(value), self._at(name)
        )

    # expressions

    def _number(self, tree: Any) -> syntax.Number:
        token = str(tree.children[0])
        digits = _number_part(token)
        return syntax.Number(float(digits), token[len(digits) :], self._at(tree))

    def _name(self, tree: Any) -> syntax.Name:
        return syntax.Name(str(tree.children[0]), self._at(tree))

    def _string(self, tree: Any) -> syntax.Text:
        return syntax.Text(str(tree.children[0])[1:-1], self._at(tree))

    def _argument(self, tree: Any) -> syntax.Argument:
        if tree.data == "keyword":
            key, value = tree.children
            return syntax.Argument(str(key.children[0]), self.expr(value), self._at(key))
        value = tree if tree.data == "comprehension" else tree.children[0]
        return syntax.Argument(None, self.expr(value), self._at(tree))

    def _comprehension(self, tree: Any) -> syntax.Comprehension:
        value, variable, iterable = tree.children
        return syntax.Comprehension(self.expr(value), str(variable), self.expr(iterable), self._at(tree))

    def _arguments(self, tree: Any) -> tuple[syntax.Argument, ...]:
        return tuple(map(self._argument, tree.children)) if tree else ()

    def _group(self, tree: Any) -> syntax.Expr:
        items = self._arguments(tree.children[0])
        if len(items) == 1 and items[0].name is None:
            return items[0].value
        return syntax.Group(items, self._at(tree))

    def _call(self, tree: Any) -> syntax.Expr:
        function, arguments = tree.children
        called = self.expr(function)
        if not isinstance(called, syntax.Name):
            raise DslnasError(Diagnostic("N0101", "only a name can be called", self._at(function)))
        return syntax.Call(called, self._arguments(arguments), self._at(tree))

    def _index(self, tree: Any) -> syntax.Index:
        base, index = tree.children
        return syntax.Index(self.expr(base), self.expr(index), self._at(tree))

    def _member(self, tree: Any) -> syntax.Name:
        """`mix.candidates` as a value is a name with dots."""
        base, name = tree.children
        left = self.expr(base)
        if not isinstance(left, syntax.Name):
            raise DslnasError(Diagnostic("N0101", "only a name has parts", self._at(base)))
        return syntax.Name(f"{left.name}.{name}", self._at(tree))

    def _negative(self, tree: Any) -> syntax.Negative:
        return syntax.Negative(self.expr(tree.children[1]), self._at(tree))

    def _binary(self, tree: Any) -> syntax.Binary:
        left, operator, right = tree.children
        return syntax.Binary(
            str(operator), self.expr(left), self.expr(right), self._at(operator), self._at(tree)
        )

    _arithmetic = _compare = _binary_and = _binary_or = _binary

    def _range(self, tree: Any) -> syntax.Range:
        low, _, high = tree.children
        return syntax.Range(self.expr(low), self.expr(high), self._at(tree))

    def _pipe(self, tree: Any) -> syntax.Pipe:
        value, _, stage = tree.children
        return syntax.Pipe(self.expr(value), self.expr(stage), self._at(tree))

    def _times(self, tree: Any) -> syntax.Times:
        count, stage = tree.children
        return syntax.Times(self.expr(count), self.expr(stage), self._at(tree))

    def _after(self, tree: Any) -> syntax.After:
        term, when = tree.children
        return syntax.After(self.expr(term), self.expr(when), self._at(tree))

    def _conditional(self, tree: Any) -> syntax.Conditional:
        condition, then, otherwise = map(self.expr, tree.children)
        return syntax.Conditional(condition, then, otherwise, self._at(tree))

    def _choose(self, tree: Any) -> syntax.Choose:
        return syntax.Choose(tuple(map(self.expr, tree.children)), None, self._at(tree))

    def _choose_from(self, tree: Any) -> syntax.Choose:
        called = self.expr(tree.children[0])
        if not isinstance(called, syntax.Call):
            message = "`choose` takes a set applied to a value, or options in braces"
            raise DslnasError(Diagnostic("N0101", message, self._at(tree), help="`choose candidates(p)`"))
        return syntax.Choose((), called, self._at(tree))


def _number_part(token: str) -> str:
    """The digits of a number token: `16` of `16kHz`, `3e-4` of `3e-4`."""
    end = len(token)
    while end and not _is_number(token[:end]):
        end -= 1
    return token[:end]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text[-1].isdigit()
