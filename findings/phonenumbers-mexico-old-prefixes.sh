#!/usr/bin/env bash
# Until 2019 a Mexican mobile was dialled 044 or 045 and ten digits at home, +52 1 and ten digits from abroad; directories,
# old systems and messaging apps still hold that form. Google's metadata no longer knows the prefixes, so `parse` takes
# them for digits of the number: no error, twelve or eleven digits, not valid.
# Expected: the same ten digits in every case, as 8.13.0 still gave.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check phonenumbers==9.0.43
"$folder/venv/bin/python" - <<'PYTHON'
import phonenumbers

print("phonenumbers", phonenumbers.__version__)
SEEN = {
    "+52 55 1234 5678": (5512345678, True),
    "55 1234 5678": (5512345678, True),
    "044 55 1234 5678": (445512345678, False),
    "045 55 1234 5678": (455512345678, False),
    "01 55 1234 5678": (15512345678, False),
    "+52 1 55 1234 5678": (15512345678, False),
}
now = {}
for said in SEEN:
    number = phonenumbers.parse(said, "MX")
    now[said] = (number.national_number, phonenumbers.is_valid_number(number))
    print(f"{said!r}: national number {now[said][0]}, valid: {now[said][1]}")
assert now == SEEN, "it behaves otherwise now"
PYTHON
# Seen: as in SEEN above.
