"""Text to tokens: FEEL names may hold spaces, which no grammar of tokens can settle alone.

Two words that follow one another never make an expression, so a run of words that are not
keywords is one name. A name that holds a keyword or an operator ("date and time", "profit-loss")
must be known beforehand: a built-in, a name written as a context key or a variable in the
expression itself, or one of the names the caller gives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from workflow.feel.errors import FeelSyntaxError

KEYWORDS = frozenset(
    {"if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between"}
    | {"and", "or", "true", "false", "null", "function", "instance"}
)
KEYWORD_NAMES = frozenset({"date and time", "years and months duration", "days and time duration"})
"""Standard names with a keyword inside, read as one only before ``(`` or where a type stands."""

_WORD_START = (
    "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_WORD_PART = _WORD_START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_SCANNER = re.compile(
    rf"""(?P<space>[\s\ufeff]+|//[^\n\r]*|/\*.*?\*/)
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![{_WORD_START}]))
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<at>@"[^"\\]*")
    |(?P<word>[{_WORD_START}][{_WORD_PART}]*)
    |(?P<operator>\.\.|\*\*|<=|>=|!=|->|[-+*/=<>()\[\]{{}},.:?'])
    """,
    re.VERBOSE | re.DOTALL,
)
_NAME_OPERATORS = frozenset({"+", "-", "*", "/", "'", ".", "**"})


@dataclass(slots=True)
class Token:
    """A piece of the text: what it is, how it reads, where it lies."""

    kind: str
    text: str
    start: int
    end: int


def scan(source: str) -> list[Token]:
    """The tokens of ``source`` before names are joined; FeelSyntaxError on a stray character."""
    tokens: list[Token] = []
    position = 0
    while position < len(source):
        found = _SCANNER.match(source, position)
        if found is None:
            raise FeelSyntaxError(
                f"Expected FEEL but read {source[position : position + 12]!r} at character "
                f"{position + 1}. Correct the expression.",
                position,
            )
        group = found.lastgroup or ""
        if group != "space":
            tokens.append(Token(group, found.group(), position, found.end()))
        position = found.end()
    return tokens


def tokenise(source: str, names: frozenset[str] = frozenset()) -> list[Token]:
    """The tokens of ``source`` with its names joined and its keywords marked.

    ``names`` are those that hold keywords or operators and are to be read as one name.
    """
    raw = scan(source)
    known = _by_first_word(raw, names)
    tokens: list[Token] = []
    index = 0
    while index < len(raw):
        length = _name_length(raw, index, known, tokens)
        if length:
            parts = raw[index : index + length]
            text = known.get(parts[0].text, {}).get(_texts(parts)) or " ".join(_texts(parts))
            tokens.append(Token("name", text, parts[0].start, parts[-1].end))
            index += length
        else:
            tokens.append(_plain(raw[index]))
            index += 1
    return tokens


def _plain(token: Token) -> Token:
    if token.kind == "word":
        return Token("keyword", token.text, token.start, token.end)
    return token


def _texts(tokens: list[Token]) -> tuple[str, ...]:
    return tuple(token.text for token in tokens)


_Known = dict[str, dict[tuple[str, ...], str]]


def _by_first_word(raw: list[Token], names: frozenset[str]) -> _Known:
    """Names that must be matched as a whole, longest first, under their first word."""
    known: _Known = {}
    found = [(_texts(scan(name)), name) for name in KEYWORD_NAMES | names]
    found += [(parts, "".join(_glued(raw, span))) for span, parts in _declared(raw)]
    for parts, name in sorted(found, key=lambda entry: -len(entry[0])):
        if len(parts) > 1:
            known.setdefault(parts[0], {}).setdefault(parts, name)
    return known


def _glued(raw: list[Token], span: range) -> list[str]:
    """The texts of a declared name, with one space wherever it had any."""
    return [
        (" " if i > span.start and raw[i].start > raw[i - 1].end else "") + raw[i].text
        for i in span
    ]


def _declared(raw: list[Token]) -> list[tuple[range, tuple[str, ...]]]:
    """Names with operators or keywords that the expression itself declares as context keys."""
    declared: list[tuple[range, tuple[str, ...]]] = []
    start = None
    for index, token in enumerate(raw):
        if token.text in ("{", ","):
            start = index + 1
        elif token.text == ":" and start is not None and index > start + 1:
            span = range(start, index)
            if raw[start].kind == "word" and raw[start].text not in KEYWORDS:
                declared.append((span, _texts(raw[start:index])))
            start = None
        elif token.kind not in ("word", "number") and token.text not in _NAME_OPERATORS:
            start = None
    return declared


def _name_length(raw: list[Token], index: int, known: _Known, before: list[Token]) -> int:
    """How many tokens from ``index`` on make one name; 0 when none starts there."""
    token = raw[index]
    if token.kind != "word" or _is_of(token, before):
        return 0
    for parts in known.get(token.text, ()):
        end = index + len(parts)
        if _texts(raw[index:end]) == parts and _may_join(parts, raw, end, before):
            return len(parts)
    if token.text in KEYWORDS and not _is_key(raw, index, before):
        return 0
    end = index + 1
    while end < len(raw) and _continues_name(raw[end]):
        end += 1
    return end - index


def _may_join(parts: tuple[str, ...], raw: list[Token], end: int, before: list[Token]) -> bool:
    if " ".join(parts) not in KEYWORD_NAMES:
        return True
    follows = raw[end].text if end < len(raw) else ""
    precedes = before[-1].text if before else ""
    return follows == "(" or precedes in ("of", ":", "<", ",", "->")


def _is_of(token: Token, before: list[Token]) -> bool:
    """Whether this is the second word of ``instance of``."""
    return token.text == "of" and bool(before) and before[-1].text == "instance"


def _is_key(raw: list[Token], index: int, before: list[Token]) -> bool:
    """A keyword right after a dot is a property's name, as before the colon of an entry."""
    if before and before[-1].text == ".":
        return True
    follows = raw[index + 1].text if index + 1 < len(raw) else ""
    return follows == ":" and bool(before) and before[-1].text in ("{", ",")


def _continues_name(token: Token) -> bool:
    if token.kind == "word":
        return token.text not in KEYWORDS
    return token.kind == "number" and token.text.isdigit()
