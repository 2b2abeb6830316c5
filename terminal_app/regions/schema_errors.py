"""An error of the schema's validator → key, found value and allowed values, in words for the author of a pack."""

from collections.abc import Sequence
from typing import Any

from jsonschema_rs import ValidationError

_TYPES = {"object": "a table", "array": "a list", "string": "text", "integer": "a whole number", "boolean": "true or false"}


def explain(error: ValidationError) -> tuple[str, Any, str]:
    """Key (`rules.batch.value`, `after_bad[2]`), found value, allowed values; the innermost error that fits best."""
    kind: Any = error.kind
    path = list(error.instance_path)
    match kind.name:
        case "anyOf":
            return _of_alternatives([branch[0] for branch in kind.context], error)
        case "required":
            return _key([*path, kind.property]), None, f"the key {kind.property}"
        case "additionalProperties":
            return _key([*path, kind.unexpected[0]]), kind.unexpected[0], "only the keys of the schema; see docs/regions.md"
        case "enum":
            return _key(path), error.instance, ", ".join(str(option) for option in kind.options)
        case "const":
            return _key(path), error.instance, _constant(kind.expected_value)
        case "type":
            return _key(path), error.instance, " or ".join(_TYPES[name] for name in kind.types)
        case "pattern":
            return _key(path), error.instance, f"text like {kind.pattern}"
        case "minimum" | "maximum":
            return _key(path), error.instance, f"{'at least' if kind.name == 'minimum' else 'at most'} {kind.limit}"
        case _:
            return _key(path), error.instance, error.message


def _of_alternatives(branches: Sequence[ValidationError], error: ValidationError) -> tuple[str, Any, str]:
    """What is wrong inside of a table is told; a value that is no alternative at all is told with all of them."""
    deeper = [branch for branch in branches if len(branch.instance_path) > len(error.instance_path)]
    if deeper:
        return explain(deeper[0])
    if isinstance(error.instance, dict):
        return explain(branches[-1])
    return _key(list(error.instance_path)), error.instance, ", or ".join(explain(branch)[2] for branch in branches)


def _constant(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _key(path: Sequence[str | int]) -> str:
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".") or "the file"
