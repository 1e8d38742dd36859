"""Mango selectors as a pure predicate: which documents a filtered feed or replication carries.

Law: a selector is checked whole before the first document is matched, so a wrong one is a ``BadRequest``
and never a feed that silently lacks documents. Values of different types compare in CouchDB's collation
order (null, false, true, numbers, strings, arrays, objects); strings compare by code point.
Operators: CouchDB's documentation, "/{db}/_find", "Selector Syntax".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sync.errors import BadRequest

Json = dict[str, Any]
Predicate = Callable[[Any], bool]

#: Stands for a field a document lacks; only ``$exists: false`` and negations accept it.
MISSING: Any = object()

#: CouchDB refuses documents nested deeper than its parser's stack; a selector needs far less.
MAX_DEPTH = 64

_TYPES: dict[str, Predicate] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def matches(selector: Mapping[str, Any], doc: Mapping[str, Any]) -> bool:
    """Whether ``doc`` satisfies ``selector``. Raises ``BadRequest`` for a selector that is malformed."""
    return compile_selector(selector)(doc)


def compile_selector(selector: Any) -> Predicate:
    """A predicate over documents. Raises ``BadRequest`` naming the operator or argument that is wrong."""
    if not isinstance(selector, Mapping):
        raise BadRequest("Selector must be a JSON object")
    return _fields(selector, 0)


def collation_key(value: Any) -> tuple[Any, ...]:
    """Sorts JSON values as CouchDB collates them; comparable across types."""
    if value is None:
        return (0,)
    if value is False:
        return (1,)
    if value is True:
        return (2,)
    if isinstance(value, (int, float)):
        return (3, value)
    if isinstance(value, str):
        return (4, value)
    if isinstance(value, list):
        return (5, *(collation_key(item) for item in value), (-1,))
    return (6, len(value), *((name, collation_key(value[name])) for name in sorted(value)))


def _fields(selector: Mapping[str, Any], depth: int) -> Predicate:
    """Every member must hold: combinations by their operator, the others as fields of the document."""
    if depth > MAX_DEPTH:
        raise BadRequest("Selector is nested too deeply")
    parts: list[Predicate] = []
    for name, argument in selector.items():
        if name.startswith("$"):
            parts.append(_operator(name, argument, depth + 1))
        else:
            parts.append(_field(name, argument, depth + 1))
    return _all(parts)


def _field(name: str, argument: Any, depth: int) -> Predicate:
    path = path_of(name)
    condition = _condition(argument, depth)

    def test(doc: Any) -> bool:
        value = doc
        for step in path:
            if not isinstance(value, Mapping) or step not in value:
                return condition(MISSING)
            value = value[step]
        return condition(value)

    return test


def path_of(name: str) -> list[str]:
    """``a.b`` walks into objects; ``a\\.b`` is one field whose name has a dot."""
    steps = [step.replace("\\.", ".") for step in re.split(r"(?<!\\)\.", name)]
    if any(step == "" for step in steps):
        raise BadRequest(f"Invalid field name: {name!r}")
    return steps


def _condition(argument: Any, depth: int) -> Predicate:
    """A field's argument: an object of operators or of subfields, or a value to equal."""
    if depth > MAX_DEPTH:
        raise BadRequest("Selector is nested too deeply")
    if not isinstance(argument, Mapping) or not argument:
        return _comparison("$eq", argument)
    return _fields(argument, depth)


def _all(parts: list[Predicate]) -> Predicate:
    if len(parts) == 1:
        return parts[0]
    return lambda value: all(part(value) for part in parts)


def _operator(name: str, argument: Any, depth: int) -> Predicate:
    if depth > MAX_DEPTH:
        raise BadRequest("Selector is nested too deeply")
    if name in ("$and", "$or", "$nor"):
        if not isinstance(argument, list):
            raise BadRequest(f"Bad argument for operator {name}: an array is needed")
        parts = [_condition(part, depth + 1) for part in argument]
        if name == "$and":
            return _all(parts)
        if name == "$or":
            return lambda value: any(part(value) for part in parts)
        return lambda value: not any(part(value) for part in parts)
    if name == "$not":
        inner = _condition(argument, depth + 1)
        return lambda value: not inner(value)
    if name in ("$elemMatch", "$allMatch", "$keyMapMatch"):
        return _elements(name, argument, depth + 1)
    if name in _ORDER:
        return _comparison(name, argument)
    build = _VALUES.get(name)
    if build is None:
        raise BadRequest(f"Invalid operator: {name}")
    return build(argument)


def _elements(name: str, argument: Any, depth: int) -> Predicate:
    if not isinstance(argument, Mapping):
        raise BadRequest(f"Bad argument for operator {name}: an object is needed")
    inner = _condition(argument, depth)
    if name == "$elemMatch":
        return lambda value: isinstance(value, list) and any(inner(item) for item in value)
    if name == "$allMatch":
        return lambda value: isinstance(value, list) and bool(value) and all(inner(item) for item in value)
    return lambda value: isinstance(value, Mapping) and any(inner(key) for key in value)


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "$lt": lambda left, right: left < right,
    "$lte": lambda left, right: left <= right,
    "$eq": lambda left, right: left == right,
    "$ne": lambda left, right: left != right,
    "$gte": lambda left, right: left >= right,
    "$gt": lambda left, right: left > right,
}


def _comparison(name: str, argument: Any) -> Predicate:
    compare = _ORDER[name]
    key = collation_key(argument)

    def test(value: Any) -> bool:
        # A missing field has no place in the collation order: every comparison with it fails.
        return value is not MISSING and compare(collation_key(value), key)

    return test


def _exists(argument: Any) -> Predicate:
    if not isinstance(argument, bool):
        raise BadRequest("Bad argument for operator $exists: a boolean is needed")
    return lambda value: (value is not MISSING) is argument


def _type(argument: Any) -> Predicate:
    test = _TYPES.get(argument) if isinstance(argument, str) else None
    if test is None:
        raise BadRequest(f"Bad argument for operator $type: one of {', '.join(_TYPES)} is needed")
    return test


def _in(argument: Any) -> Predicate:
    keys = {collation_key(item) for item in _list("$in", argument)}

    def test(value: Any) -> bool:
        if isinstance(value, list) and any(collation_key(item) in keys for item in value):
            return True
        return value is not MISSING and collation_key(value) in keys

    return test


def _nin(argument: Any) -> Predicate:
    inside = _in(_list("$nin", argument))
    return lambda value: value is not MISSING and not inside(value)


def _has_all(argument: Any) -> Predicate:
    keys = {collation_key(item) for item in _list("$all", argument)}
    return lambda value: isinstance(value, list) and keys <= {collation_key(item) for item in value}


def _size(argument: Any) -> Predicate:
    if not isinstance(argument, int) or isinstance(argument, bool) or argument < 0:
        raise BadRequest("Bad argument for operator $size: a whole number is needed")
    return lambda value: isinstance(value, list) and len(value) == argument


def _mod(argument: Any) -> Predicate:
    whole = isinstance(argument, list) and len(argument) == 2 and all(type(item) is int for item in argument)
    if not whole or argument[0] == 0:
        raise BadRequest("Bad argument for operator $mod: [divisor, remainder] is needed")
    divisor, remainder = argument

    def test(value: Any) -> bool:
        # As in CouchDB the remainder has the sign of the value.
        if type(value) is not int:
            return False
        rest = abs(value) % abs(divisor)
        return bool((rest if value >= 0 else -rest) == remainder)

    return test


def _regex(argument: Any) -> Predicate:
    if not isinstance(argument, str):
        raise BadRequest("Bad argument for operator $regex: a string is needed")
    try:
        pattern = re.compile(argument)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadRequest(f"Bad argument for operator $regex: {error}") from error
    return lambda value: isinstance(value, str) and pattern.search(value) is not None


def _begins_with(argument: Any) -> Predicate:
    if not isinstance(argument, str):
        raise BadRequest("Bad argument for operator $beginsWith: a string is needed")
    return lambda value: isinstance(value, str) and value.startswith(argument)


def _list(name: str, argument: Any) -> list[Any]:
    if not isinstance(argument, list):
        raise BadRequest(f"Bad argument for operator {name}: an array is needed")
    return argument


_VALUES: dict[str, Callable[[Any], Predicate]] = {
    "$exists": _exists,
    "$type": _type,
    "$in": _in,
    "$nin": _nin,
    "$all": _has_all,
    "$size": _size,
    "$mod": _mod,
    "$regex": _regex,
    "$beginsWith": _begins_with,
}
