"""How deep a JSON value may be nested: far deeper than anything means, far shallower than what breaks.

Law: whoever takes JSON from outside asks this before anything else walks the value: writing it again,
checking it and showing it all go into the depth. Pure.
"""

from __future__ import annotations

from typing import Any

#: Levels of lists and objects. Documents have at most a dozen; JSON is written again up to 254.
DEPTH = 64


def is_deeper(value: Any, most: int = DEPTH) -> bool:
    """Whether lists and objects are nested in ``value`` to more than ``most`` levels."""
    level = [value]
    for _ in range(most):
        inner: list[Any] = []
        for part in level:
            if type(part) is dict:
                inner += [member for member in part.values() if type(member) in _NESTING]
            elif type(part) is list:
                inner += [item for item in part if type(item) in _NESTING]
        if not inner:
            return False
        level = inner
    return True


_NESTING = (dict, list)
