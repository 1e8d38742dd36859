"""Lighthouse's mobile audit of the first screen."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

from tests.bench.app.browser import chromium

ROOT = Path(__file__).parents[3]
CATEGORIES = ("performance", "accessibility", "best-practices")


def rows(url: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [
                "npx",
                "lighthouse",
                url,
                "--output=json",
                f"--output-path={report}",
                f"--only-categories={','.join(CATEGORIES)}",
                "--form-factor=mobile",
                "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic",
                "--quiet",
            ],
            cwd=ROOT,
            env={**os.environ, "CHROME_PATH": chromium()},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        found = json.loads(report.read_text())
    scores = {name: round(found["categories"][name]["score"] * 100) for name in CATEGORIES}
    audits = found["audits"]
    paint = audits["largest-contentful-paint"]["displayValue"]
    lines = ["| Lighthouse, mobile | score |", "|---|---|"]
    lines += [f"| {name} | {score} |" for name, score in scores.items()]
    failed = [
        audit["id"]
        for name in CATEGORIES
        for ref in found["categories"][name]["auditRefs"]
        if (audit := audits[ref["id"]])["score"] is not None and audit["score"] < 0.9 and ref["weight"] > 0
    ]
    lines.append("")
    lines.append(
        f"Largest contentful paint {paint}; below 90: {', '.join(sorted(set(failed))) or 'nothing'}."
    )
    return lines
