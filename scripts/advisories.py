#!/usr/bin/env python3
"""Says what an advisory service answered: ``advisories.py python|npm ANSWER.json ERRORS.txt``.

Law: status 0 only where the service judged every package and found nothing. One line a finding; one
sentence where the service did not answer.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def of_python(answer: Json) -> tuple[list[str], int, int]:
    """Findings, packages judged, packages the service does not know; from ``pip-audit --format json``."""
    findings, judged, unknown = [], 0, 0
    for package in answer["dependencies"]:
        if "skip_reason" in package:
            unknown += 1
            continue
        judged += 1
        for found in package["vulns"]:
            fixed = ", ".join(found.get("fix_versions") or []) or "no version yet"
            findings.append(f"{package['name']} {package['version']}: {found['id']} (mended in {fixed})")
    return findings, judged, unknown


def of_npm(answer: Json) -> tuple[list[str], int, int]:
    """The same from ``npm audit --json`` (report version 2), which judges all packages or none."""
    findings = [
        f"{name} {found.get('range', '')}: {found.get('severity', 'unknown')}"
        for name, found in sorted(answer["vulnerabilities"].items())
    ]
    return findings, int(answer["metadata"]["dependencies"]["total"]), 0


def main(kind: str, answer_file: str, errors_file: str) -> int:
    try:
        answer = json.loads(Path(answer_file).read_text())
        findings, judged, unknown = {"python": of_python, "npm": of_npm}[kind](answer)
    except (ValueError, KeyError, TypeError):
        why = _why(answer_file, errors_file)
        print(f"manzana: the advisory service did not answer, nothing was audited: {why}", file=sys.stderr)
        return 1
    for finding in findings:
        print(f"  {finding}")
    if unknown:
        print(f"manzana: the advisory service knows nothing of {unknown} of {judged + unknown} packages: "
              "they are not audited.", file=sys.stderr)  # fmt: skip
    print(f"  {judged} packages judged, {len(findings)} advisories")
    return 1 if findings or unknown or not judged else 0


def _why(answer_file: str, errors_file: str) -> str:
    """The service's own words in one line: its JSON ``message``, else the last line of the errors."""
    try:
        answer = json.loads(Path(answer_file).read_text())
    except ValueError:
        answer = None
    if isinstance(answer, dict) and isinstance(answer.get("message"), str):
        return str(answer["message"])
    lines = [line.strip() for line in Path(errors_file).read_text().splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
