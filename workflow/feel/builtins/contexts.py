"""Context functions (DMN 10.3.4.10)."""

from __future__ import annotations

from typing import Any

from workflow.feel.builtins.registry import builtin
from workflow.feel.limits import Run


@builtin("get value", "m:context", "key:string")
def get_value(_: Run, context: dict[str, Any], key: str) -> Any:
    return context.get(key)


@builtin("get value", "m:context", "keys:list")
def get_value_at(run: Run, context: dict[str, Any], keys: list[Any]) -> Any:
    value: Any = context if keys else None
    run.spend(len(keys))
    for key in keys:
        if type(value) is not dict or type(key) is not str:
            return None
        value = value.get(key)
    return value


@builtin("get entries", "m:context")
def get_entries(run: Run, context: dict[str, Any]) -> list[dict[str, Any]]:
    run.check_items(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries:list")
def context_of(run: Run, entries: list[Any]) -> dict[str, Any] | None:
    run.check_items(len(entries))
    made: dict[str, Any] = {}
    for entry in entries:
        if type(entry) is not dict or "value" not in entry:
            return None
        key = entry.get("key")
        if type(key) is not str or key in made:
            return None
        made[key] = entry["value"]
    return made


@builtin("context put", "context:context", "key:string", "value:any?")
def context_put(run: Run, context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    run.check_items(len(context) + 1)
    return {**context, key: value}


@builtin("context put", "context:context", "keys:list", "value:any?")
def context_put_at(
    run: Run, context: dict[str, Any], keys: list[Any], value: Any
) -> dict[str, Any] | None:
    run.check_items(len(context) + 1)
    if not keys or type(keys[0]) is not str:
        return None
    run.check_depth(len(keys))
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = context.get(keys[0])
    if inner is None:
        inner = {}
    placed = context_put_at(run, inner, keys[1:], value) if type(inner) is dict else None
    return None if placed is None else {**context, keys[0]: placed}


@builtin("context merge", "contexts:list")
def context_merge(run: Run, contexts: list[Any]) -> dict[str, Any] | None:
    merged: dict[str, Any] = {}
    for context in contexts:
        if type(context) is not dict:
            return None
        run.check_items(len(context))
        merged.update(context)
    return merged
