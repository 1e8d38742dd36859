"""Lists the rules that have ids, whose law each is, and the tests that carry its id in their names.

Law: a rule without a test fails the list (exit status 1), and so does a test that carries the id of no rule.

    .venv/bin/python scripts/rules.py            # all
    .venv/bin/python scripts/rules.py CUSTODY    # those that begin so
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: ``Law FOLD-1:`` at the head of a module.
_RULE = re.compile(r"^Law ([A-Z]+-\d+): (.+)$", re.MULTILINE)
#: ``def test_fold_1_…``.
_TEST = re.compile(r"^(?:async )?def (test_([a-z]+)_(\d+)_\w+)\(", re.MULTILINE)


def rules() -> dict[str, tuple[str, str]]:
    """Module and first line of every rule, by its id. Raises ``SystemExit`` for an id given twice."""
    found: dict[str, tuple[str, str]] = {}
    for folder in ("server", "sync"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for rule, words in _RULE.findall(path.read_text(encoding="utf-8")):
                if rule in found:
                    raise SystemExit(f"{rule} is the law of two modules: {found[rule][0]}, {path.name}")
                found[rule] = str(path.relative_to(ROOT)), words
    return found


def tests(known: set[str]) -> dict[str, list[str]]:
    """Tests by the id in their names. A name is taken for one only where its first word is a rule's."""
    words = {rule.partition("-")[0] for rule in known}
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, word, number in _TEST.findall(path.read_text(encoding="utf-8")):
            if word.upper() in words:
                found.setdefault(f"{word.upper()}-{number}", []).append(f"{path.relative_to(ROOT)}::{name}")
    return found


def faults() -> list[str]:
    """Rules without a test, and tests of no rule."""
    known = rules()
    held = tests(set(known))
    return [f"{rule} ({known[rule][0]}) has no test" for rule in sorted(known.keys() - held.keys())] + [
        f"{name} carries {rule}, which no module states"
        for rule in sorted(held.keys() - known.keys())
        for name in held[rule]
    ]


def main(begin: str = "") -> None:
    known = rules()
    held = tests(set(known))
    for rule, (module, words) in sorted(known.items()):
        if rule.startswith(begin.upper()):
            print(
                f"{rule}  {module}\n    {words} …", *(f"    {name}" for name in held.get(rule, [])), sep="\n"
            )
    if found := faults():
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main(*sys.argv[1:2])
