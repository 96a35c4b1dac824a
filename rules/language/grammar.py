"""The expression grammar, read by a small parser of our own: nothing is ever evaluated as code.

condition   or / and / not
comparison  < <= > >= == !=   a <= x <= b   x between a and b   x in ("A", "B")   x not in LIST
arithmetic  + - * /  and a leading minus
values      numbers (1_00_000 is fine), "text", true, false, names, function(...), missing(name)
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rules.language.tree import And, Arithmetic, Call, Compare, Literal, Member, Missing, Name, Node, Not, Or
from rules.language.values import Value

LENGTH_MAX = 2_000
DEPTH_MAX = 40
COMPARISONS = ("<=", ">=", "==", "!=", "<", ">")
KEYWORDS = {"and", "or", "not", "in", "between", "true", "false"}

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d[\d_]*(?:\.\d+)?)(?![\w.])
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<word>[A-Za-z]\w*)
      | (?P<mark><=|>=|==|!=|[-+*/()<>,\[\]])
    )""",
    re.VERBOSE | re.ASCII,
)

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class GrammarError(Exception):
    """The expression cannot be read; `at` is the offset of the offending text."""

    def __init__(self, message: str, at: int, text: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.at, self.text, self.suggestion = at, text, suggestion


class Token(NamedTuple):
    kind: str
    text: str
    at: int


def text_value(text: str) -> str | date:
    """Quoted text; what is written like 2026-04-01 is a date."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else text
    except ValueError:
        return text


def parse(text: str) -> Node:
    """The tree of an expression; GrammarError tells where it stops making sense."""
    if len(text) > LENGTH_MAX:
        raise GrammarError(f"an expression may have {LENGTH_MAX} characters", 0, text[:40], "use derive")
    parser = _Parser(_tokens(text))
    tree = parser.condition()
    parser.expect_end()
    return tree


def _tokens(text: str) -> list[Token]:
    tokens, at = [], 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if not found:
            raise _strange_text(text, at + len(text[at:]) - len(text[at:].lstrip()))
        kind = found.lastgroup or ""
        tokens.append(Token(kind, found[kind], found.start(kind)))
        at = found.end()
    return [*tokens, Token("end", "", len(text))]


_HINTS = {
    "=": 'use "==" to compare',
    "&": 'use "and"',
    "|": 'use "or"',
    "!": 'use "not"',
    "%": "divide by 100",
}


def _strange_text(text: str, at: int) -> GrammarError:
    piece = re.split(r"\s", text[at:], maxsplit=1)[0]
    hint = 'close the quote with the same "' if piece[0] in "\"'" else _HINTS.get(piece[0], "")
    return GrammarError("cannot read this", at, piece, hint)


class _Parser:
    """Recursive descent, one method a level of precedence."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.next, self.depth = tokens, 0, 0

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def take(self, *texts: str) -> Token | None:
        """Consume the next token if it is one of these marks or keywords."""
        token = self.token
        if token.kind in ("mark", "word") and token.text in texts:
            self.next += 1
            return token
        return None

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.unexpected(f'expected "{text}" here')

    def expect_end(self) -> None:
        if self.token.kind != "end":
            raise self.unexpected("this does not belong here")

    def unexpected(self, message: str) -> GrammarError:
        token = self.token
        return GrammarError(message, token.at, token.text or "end of the expression")

    def condition(self) -> Node:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise self.unexpected(f"more than {DEPTH_MAX} levels of nesting")
        tree = self._joined(Or, "or", self.conjunction)
        self.depth -= 1
        return tree

    def conjunction(self) -> Node:
        return self._joined(And, "and", self.negation)

    def _joined(self, kind: type, word: str, part) -> Node:
        at = self.token.at
        items = [part()]
        while self.take(word):
            items.append(part())
        return items[0] if len(items) == 1 else kind(tuple(items), at)

    def negation(self) -> Node:
        negations = []
        while token := self.take("not"):
            negations.append(self.bounded(negations, token))
        tree = self.comparison()
        for at in reversed(negations):
            tree = Not(tree, at)
        return tree

    def comparison(self) -> Node:
        left = self.sum()
        if token := self.take("between"):
            return self.between(left, token.at)
        if token := self.take("in"):
            return Member(left, self.values(), token.at)
        if token := self.take("not"):
            self.expect("in")
            return Not(Member(left, self.values(), token.at), token.at)
        return self.chain(left)

    def between(self, item: Node, at: int) -> Node:
        low = self.sum()
        self.expect("and")
        return And((Compare(">=", item, low, at), Compare("<=", item, self.sum(), at)), at)

    def chain(self, left: Node) -> Node:
        links: list[Node] = []
        at = self.token.at
        while token := self.take(*COMPARISONS):
            right = self.sum()
            links.append(Compare(token.text, left, right, token.at))
            left = right
        if not links:
            return left
        return links[0] if len(links) == 1 else And(tuple(links), at)

    def values(self) -> Literal | Name:
        at = self.token.at
        opening = self.take("(", "[")
        if not opening:
            return self.list_name()
        items = [self.constant()]
        while self.take(","):
            items.append(self.constant())
        self.expect(")" if opening.text == "(" else "]")
        return Literal(tuple(items), at)

    def list_name(self) -> Name:
        node = self.primary()
        if not isinstance(node, Name):
            raise GrammarError(
                '"in" wants a list or the name of a list', node.at, "in", 'for example in ("A", "B")'
            )
        return node

    def constant(self):
        sign = -1 if self.take("-") else 1
        node = self.primary()
        if not isinstance(node, Literal):
            raise GrammarError("a list holds numbers and quoted text only", node.at, getattr(node, "id", "("))
        return node.value if sign == 1 else _negative(node)

    def sum(self) -> Node:
        return self._left_to_right(("+", "-"), self.product)

    def product(self) -> Node:
        return self._left_to_right(("*", "/"), self.unary)

    def _left_to_right(self, marks: tuple[str, ...], part) -> Node:
        left = part()
        while token := self.take(*marks):
            left = Arithmetic(token.text, left, part(), token.at)
        return left

    def unary(self) -> Node:
        signs = []
        while token := self.take("-"):
            signs.append(self.bounded(signs, token))
        tree = self.primary()
        for at in reversed(signs):
            tree = Arithmetic("-", Literal(0, at), tree, at)
        return tree

    def bounded(self, before: list[int], token: Token) -> int:
        """The place of one more sign or "not"."""
        if len(before) >= DEPTH_MAX:
            raise GrammarError(f"more than {DEPTH_MAX} in a row", token.at, token.text)
        return token.at

    def primary(self) -> Node:
        token = self.token
        if self.take("("):
            tree = self.condition()
            self.expect(")")
            return tree
        if token.kind == "end" or token.kind == "mark" or token.text in KEYWORDS - {"true", "false"}:
            raise self.unexpected("a value is wanted here")
        self.next += 1
        return self.named(token) if token.kind == "word" else Literal(_constant(token), token.at)

    def named(self, token: Token) -> Node:
        if token.text in ("true", "false"):
            return Literal(token.text == "true", token.at)
        if not self.take("("):
            return Name(token.text, token.at)
        arguments = [] if self.token.text == ")" else [self.condition()]
        while self.take(","):
            arguments.append(self.condition())
        self.expect(")")
        return (
            self.missing(token, arguments)
            if token.text == "missing"
            else Call(token.text, tuple(arguments), token.at)
        )

    def missing(self, token: Token, arguments: list[Node]) -> Missing:
        if len(arguments) != 1 or not isinstance(arguments[0], Name):
            raise GrammarError("missing(...) takes the name of one input", token.at, "missing")
        return Missing(arguments[0], token.at)


def _negative(node: Literal) -> int | Decimal:
    if isinstance(node.value, bool) or not isinstance(node.value, int | Decimal):
        raise GrammarError("only a number has a sign", node.at, str(node.value))
    return node.value.copy_negate() if isinstance(node.value, Decimal) else -node.value


def _constant(token: Token) -> Value:
    if token.kind == "text":
        return text_value(token.text[1:-1])
    digits = token.text.replace("_", "")
    return Decimal(digits) if "." in digits else int(digits)
