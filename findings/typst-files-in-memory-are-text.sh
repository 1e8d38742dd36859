#!/usr/bin/env bash
# typst (Python binding) takes a dictionary of files as input, bytes by name, and lets a template read them; but every one of them
# must be UTF-8, although `image` and `read(…, encoding: none)` are for bytes: a JPEG fails before anything is compiled.
# Expected: what a file on the disk does: only what is read as text must be text.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check typst==0.15.2 pillow==13.0.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import importlib.metadata
import io
import pathlib

import typst
from PIL import Image

print("typst", importlib.metadata.version("typst"))
picture = io.BytesIO()
Image.new("RGB", (8, 8), (200, 30, 30)).save(picture, "JPEG")
main = b'#image("a.jpg", alt: "rojo")'
pathlib.Path("main.typ").write_bytes(main)
pathlib.Path("a.jpg").write_bytes(picture.getvalue())
print("from the disk:", len(typst.compile("main.typ", format="pdf")) > 0)
try:
    typst.compile({"main": main, "a.jpg": picture.getvalue()}, format="pdf")
    told = "made"
except RuntimeError as error:
    told = str(error)
print("in memory:", told)
assert "UTF-8" in told, "it behaves otherwise now"
PYTHON
# Seen: from the disk: True; in memory: file is not valid UTF-8
