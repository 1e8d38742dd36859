#!/usr/bin/env bash
# rustpy-xlsxwriter writes a Python int into the sheet's XML as a decimal (`5` becomes `5.0`); Excel shows 5, but who reads the
# file gets a float: openpyxl tells 5 from 5.0 by that point. An id written as an int comes back as `1101.0`.
# Expected: what openpyxl itself writes: an int comes back as an int.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check rustpy-xlsxwriter==0.8.0 openpyxl==3.1.5
cd "$folder"
venv/bin/python - <<'PYTHON'
import re
import zipfile

import openpyxl
import rustpy_xlsxwriter

print("rustpy-xlsxwriter", rustpy_xlsxwriter.get_version(), "openpyxl", openpyxl.__version__)
rustpy_xlsxwriter.write_worksheet([{"seccion": 1101}], "rustpy.xlsx")
book = openpyxl.Workbook()
book.active.append(["seccion"])
book.active.append([1101])
book.save("openpyxl.xlsx")
read = {}
for name in ("rustpy.xlsx", "openpyxl.xlsx"):
    sheet = zipfile.ZipFile(name).read("xl/worksheets/sheet1.xml").decode()
    written = re.search(r'r="A2"[^>]*>(?:<v>|<v />)?([^<]*)', sheet)[1]
    read[name] = str(openpyxl.load_workbook(name).active["A2"].value)
    print(f"{name}: in the XML {written}, read by openpyxl as {read[name]}")
assert read == {"rustpy.xlsx": "1101.0", "openpyxl.xlsx": "1101"}, "it behaves otherwise now"
PYTHON
# Seen: rustpy.xlsx: in the XML 1101.0, read as 1101.0; openpyxl.xlsx: 1101, read as 1101
