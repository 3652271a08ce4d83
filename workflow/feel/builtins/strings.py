"""String functions (DMN 10.3.4.3). Patterns are those of XPath, matched in bounded work."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from workflow.feel.builtins.registry import builtin
from workflow.feel.limits import Run
from workflow.feel.pattern_match import Matcher, expand
from workflow.feel.patterns import compile_pattern


@builtin("substring", "string:string", "start position:number", "length:number=")
def substring(_: Run, text: str, position: Decimal, length: Decimal | None) -> str | None:
    start = int(position)
    if start == 0 or abs(start) > len(text) or (length is not None and length < 1):
        return None
    first = start - 1 if start > 0 else len(text) + start
    return text[first:] if length is None else text[first : first + min(int(length), len(text))]


@builtin("string length", "string:string")
def string_length(_: Run, text: str) -> Decimal:
    return Decimal(len(text))


@builtin("upper case", "string:string")
def upper_case(run: Run, text: str) -> str:
    run.check_text(len(text))
    return text.upper()


@builtin("lower case", "string:string")
def lower_case(run: Run, text: str) -> str:
    run.check_text(len(text))
    return text.lower()


@builtin("substring before", "string:string", "match:string")
def substring_before(_: Run, text: str, match: str) -> str:
    found = text.find(match)
    return text[:found] if found > 0 else ""


@builtin("substring after", "string:string", "match:string")
def substring_after(_: Run, text: str, match: str) -> str:
    found = text.find(match)
    return text[found + len(match) :] if found >= 0 else ""


@builtin("contains", "string:string", "match:string")
def contains(_: Run, text: str, match: str) -> bool:
    return match in text


@builtin("starts with", "string:string", "match:string")
def starts_with(_: Run, text: str, match: str) -> bool:
    return text.startswith(match)


@builtin("ends with", "string:string", "match:string")
def ends_with(_: Run, text: str, match: str) -> bool:
    return text.endswith(match)


@builtin("matches", "input:string", "pattern:string", "flags:string?=")
def matches(run: Run, text: str, pattern: str, flags: str | None) -> bool | None:
    compiled = compile_pattern(pattern, flags or "")
    return None if compiled is None else Matcher(compiled, text, run).search(0) is not None


@builtin("replace", "input:string", "pattern:string", "replacement:string", "flags:string?=")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None) -> str | None:
    compiled = compile_pattern(pattern, flags or "")
    if compiled is None:
        return None
    matcher = Matcher(compiled, text, run)
    if matcher.matches_empty():
        return None
    parts: list[str] = []
    position = 0
    for groups in matcher.find_all():
        filling = expand(replacement, groups, text, literal="q" in (flags or ""))
        if filling is None:
            return None
        parts += [text[position : groups[0]], filling]
        run.check_text(len(filling))
        position = groups[1]
    whole = "".join([*parts, text[position:]])
    run.check_text(len(whole))
    return whole


@builtin("split", "string:string", "delimiter:string")
def split(run: Run, text: str, delimiter: str) -> list[str] | None:
    compiled = compile_pattern(delimiter, "")
    if compiled is None:
        return None
    matcher = Matcher(compiled, text, run)
    if matcher.matches_empty():
        return None
    parts: list[str] = []
    position = 0
    for groups in matcher.find_all():
        parts.append(text[position : groups[0]])
        position = groups[1]
    return [*parts, text[position:]]


@builtin("string join", "list:list", "delimiter:string?=")
def string_join(run: Run, items: list[Any], delimiter: str | None) -> str | None:
    texts = [item for item in items if item is not None]
    if not all(isinstance(text, str) for text in texts):
        return None
    run.check_text(sum(map(len, texts)) + len(delimiter or "") * len(texts))
    return (delimiter or "").join(texts)
