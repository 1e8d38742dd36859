"""The app's tools read the same schemas: ajv's standalone compiler and json-schema-to-typescript."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tables import SCHEMAS

ROOT = Path(SCHEMAS).parent
AJV = """
import Ajv from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import { readFileSync, readdirSync } from "node:fs";
for (const file of readdirSync("schemas").filter((name) => name.endsWith(".json"))) {
  const schema = JSON.parse(readFileSync(`schemas/${file}`, "utf8"));
  if (!schema.$schema) continue;
  const options = { strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false };
  const ajv = new Ajv.default({ ...options, code: { source: true, esm: true } });
  const valid = ajv.compile(schema);
  for (const example of schema.examples ?? []) {
    if (!valid(example)) throw new Error(`${file}: ${ajv.errorsText(valid.errors)}`);
    if (valid({ ...example, unknown_member: 1 })) throw new Error(`${file}: takes an unknown member`);
  }
  if (standalone.default(ajv, valid).length === 0) throw new Error(`${file}: no code`);
  console.log(file);
}
"""

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(
        shutil.which("node") is None or not (ROOT / "node_modules" / "ajv").is_dir(),
        reason="needs Node and the installed JavaScript packages",
    ),
]


def _node(*arguments: str) -> str:
    run = subprocess.run(["node", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stdout


def test_ajv_compiles_them_and_takes_the_examples() -> None:
    compiled = _node("--input-type=module", "--eval", AJV).split()
    assert "event.v1.json" in compiled
    assert len(compiled) >= 15


def test_events_become_a_union_by_kind_in_typescript(tmp_path: Path) -> None:
    out = tmp_path / "event.d.ts"
    script = str(ROOT / "node_modules" / "json-schema-to-typescript" / "dist" / "src" / "cli.js")
    flags = ["--maxItems=-1", "--no-additionalProperties"]
    _node(script, "-i", "schemas/event.v1.json", "-o", str(out), *flags)
    text = out.read_text(encoding="utf-8")
    assert "export type CaseEvent" in text
    assert 'kind: "captured";\n      payload: Captured;' in text
    assert "[k: string]: unknown" not in text
