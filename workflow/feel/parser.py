"""From text to the tree of an expression or of a cell of unary tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from lark import Lark
from lark import Token as Terminal
from lark.exceptions import UnexpectedInput, UnexpectedToken
from lark.lexer import Lexer

from workflow.feel.brackets import mark_brackets
from workflow.feel.errors import FeelLimitExceeded, FeelSyntaxError
from workflow.feel.grammar import GRAMMAR
from workflow.feel.limits import MAX_SOURCE
from workflow.feel.syntax import Node
from workflow.feel.tokens import Token, tokenise
from workflow.feel.tree import TreeBuilder

_OPERATOR_TERMINALS = {
    "-": "MINUS",
    "**": "POWER",
    "<=": "COMPARE",
    ">=": "COMPARE",
    "=": "EQUAL",
    "!=": "UNEQUAL",
    "<": "LESS",
    ">": "MORE",
    "?": "INPUT",
}
_WORD_TERMINALS = {"and": "AND", "or": "OR"}
_KIND_TERMINALS = {"name": "NAME", "number": "NUMBER", "string": "STRING", "at": "AT"}


class _ReadyTokens(Lexer):
    """Hands lark the tokens already made, under the names its grammar gives them."""

    def __init__(self, lexer_conf: Any) -> None:
        self.by_text = {
            terminal.pattern.value: terminal.name
            for terminal in lexer_conf.terminals
            if terminal.pattern is not None
        }

    def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[Terminal]:
        for token in lexer_state:
            terminal = self._terminal(token)
            yield Terminal(terminal, token.text, token.start, end_pos=token.end)

    def _terminal(self, token: Token) -> str:
        if token.kind in _KIND_TERMINALS:
            return _KIND_TERMINALS[token.kind]
        if token.kind == "keyword":
            found = _WORD_TERMINALS.get(token.text) or self.by_text.get(token.text)
        elif token.kind == "operator":
            found = _OPERATOR_TERMINALS.get(token.text) or self.by_text.get(token.text)
        else:
            found = token.kind
        if found is None:
            raise _unexpected(token.text, token.start)
        return found


def _unexpected(text: str, position: int | None) -> FeelSyntaxError:
    where = "" if position is None else f" at character {position + 1}"
    return FeelSyntaxError(
        f"Expected a FEEL expression but read {text[:40]!r}{where}. Correct the expression.",
        position,
    )


@cache
def _lark() -> Lark:
    return Lark(
        GRAMMAR,
        parser="lalr",
        lexer=_ReadyTokens,
        transformer=TreeBuilder(),
        start=["expression_start", "unary_start"],
        maybe_placeholders=True,
    )


@lru_cache(512)
def parse(source: str, unary: bool = False, names: frozenset[str] = frozenset()) -> Node:
    """The tree of ``source``; ``names`` are those it may use that hold operators or keywords.

    Raises FeelSyntaxError on a text that is not FEEL, FeelLimitExceeded on one too long or deep.
    """
    if len(source) > MAX_SOURCE:
        raise FeelLimitExceeded(
            f"Expected an expression of at most {MAX_SOURCE} characters but it has "
            f"{len(source)}. Split it."
        )
    tokens = tokenise(source, names)
    if not tokens:
        raise FeelSyntaxError("Expected a FEEL expression but the text is empty. Write one.")
    mark_brackets(tokens)
    _mark_phrases(tokens, unary)
    start = "unary_start" if unary else "expression_start"
    try:
        return _lark().parse(_joined(tokens), start=start)  # pyright: ignore[reportReturnType, reportArgumentType]
    except UnexpectedToken as error:
        end = error.token.type == "$END"
        text = "the end of the text" if end else str(error.token)
        raise _unexpected(text, None if end else error.token.start_pos) from None
    except UnexpectedInput as error:
        raise _unexpected(str(error), None) from None


def _joined(tokens: list[Token]) -> list[Token]:
    """``instance of`` as one token."""
    joined: list[Token] = []
    for token in tokens:
        if token.kind == "INSTANCE_OF" and joined and joined[-1].text == "instance":
            token.start = joined.pop().start
        joined.append(token)
    return joined


def _mark_phrases(tokens: list[Token], unary: bool) -> None:
    """Name the terminals that only their surroundings tell: NOT, EXTERNAL, INSTANCE_OF."""
    for before, token in pairwise(tokens):
        if token.text == "of" and before.text == "instance" and before.kind == "keyword":
            token.kind = "INSTANCE_OF"
        elif token.text == "external" and before.text == ")":
            token.kind = "EXTERNAL"
    if unary and tokens[0].text == "not" and _encloses_all(tokens[1:]):
        tokens[0].kind = "NOT"


def _encloses_all(tokens: list[Token]) -> bool:
    """Whether one pair of parentheses holds all the tokens."""
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            return index == len(tokens) - 1 and token.text == ")"
    return False
