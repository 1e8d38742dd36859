"""``scripts/bench-pwa``: the app's figures, as Markdown for docs/benchmarks.md, section "App"."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.bench.app import firstsync, lighthouse, onphone

ROOT = Path(__file__).parents[3]


@contextmanager
def city(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The service in a process of its own: its URL and who has which mailbox."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page"
        subprocess.run(
            ["npx", "vite", "build", "--config", "tests/bench/app/vite.config.ts"],
            cwd=ROOT,
            env={**os.environ, "BENCH_OUT": str(page)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        command = [sys.executable, "-m", "tests.bench.app.city", f"{folder}/data", str(page), str(count)]
        with (Path(folder) / "log").open("w") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
            assert process.stdin
            assert process.stdout
            try:
                said = process.stdout.readline().split(" ", 2)
                if said[0] != "ready":
                    raise SystemExit((Path(folder) / "log").read_text())
                yield said[1], json.loads(said[2])
            finally:
                process.stdin.close()
                process.stdout.close()
                process.wait(60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["sync", "phone", "lighthouse"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=5000)
    asked = parser.parse_args()
    with city(asked.count) as (url, facts), sync_playwright() as playwright:
        if "sync" in asked.parts:
            print("\n".join(firstsync.rows(playwright, url, facts, asked.rounds)), flush=True)
        if "phone" in asked.parts:
            print("\n" + "\n".join(onphone.rows(playwright, url, facts, asked.rounds)), flush=True)
        if "lighthouse" in asked.parts:
            print("\n" + "\n".join(lighthouse.rows(url)), flush=True)


if __name__ == "__main__":
    main()
