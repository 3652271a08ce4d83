"""YAML read strictly: no key twice, no file that unfolds beyond bounds."""

from __future__ import annotations

from typing import Any

import yaml

from workflow.errors import InvalidInput

MOST_VALUES = 100_000


class InvalidYaml(InvalidInput):
    """A text that is not YAML, or YAML that nobody would write in good faith."""

    code = "invalid_yaml"


class _Loader(yaml.SafeLoader):
    """Refuses a key that is written twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float):
                raise _refused("expected a word as a key", key_node)
            if key in seen:
                raise _refused(f"the key {key!r} is written twice", key_node)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _refused(problem: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def load(text: str) -> Any:
    """The document of a YAML text. Raises InvalidYaml."""
    try:
        document = yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as fault:
        raise InvalidYaml(
            f"Expected YAML but it cannot be read: {_place(fault)}. Correct it."
        ) from fault
    _require_bounded(document)
    return document


def _place(fault: Exception) -> str:
    """What is wrong and where, in one line."""
    if isinstance(fault, yaml.MarkedYAMLError) and fault.problem_mark is not None:
        return f"{fault.problem}, line {fault.problem_mark.line + 1}"
    return " ".join(str(fault).split())


def _require_bounded(document: Any) -> None:
    """Count the values as if aliases were written out; a few lines can stand for billions."""
    ahead, count = [document], 0
    while ahead:
        value = ahead.pop()
        count += 1
        if count > MOST_VALUES:
            raise InvalidYaml(
                f"Expected at most {MOST_VALUES} values but there are more, aliases written out."
                " Split the file."
            )
        if isinstance(value, dict):
            ahead.extend(value.values())
        elif isinstance(value, list):
            ahead.extend(value)
