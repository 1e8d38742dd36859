#!/usr/bin/env bash
# typst (Python binding) makes no PDF/UA-1 document at all where one letter of a text has no glyph in the fonts given: an emoji in
# what a citizen wrote stops the whole file with an error, where plain PDF shows a box. An empty heading stops it too.
# Expected: what plain PDF does, or an option to let a box stand. Who prints others' texts must replace such letters first.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check typst==0.15.2
cd "$folder"
venv/bin/python - <<'PYTHON'
import importlib.metadata

import typst

print("typst", importlib.metadata.version("typst"))
HEAD = '#set document(title: "A")\n#set text(font: "Libertinus Serif", fallback: false, lang: "es")\n'
fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[])


def made(text, **options):
    source = {"main": (HEAD + text).encode()}
    try:
        return len(typst.compile(source, format="pdf", font_paths=fonts, **options)) > 0
    except typst.TypstError as error:
        return str(error).splitlines()[0]


found = {
    "plain, emoji": made("Gracias \U0001f600"),
    "PDF/UA-1, words": made("Gracias", pdf_standards=["ua-1"]),
    "PDF/UA-1, emoji": made("Gracias \U0001f600", pdf_standards=["ua-1"]),
    "PDF/UA-1, empty heading": made('#heading("")', pdf_standards=["ua-1"]),
}
for name, what in found.items():
    print(f"{name}: {what}")
assert found["plain, emoji"] is True and found["PDF/UA-1, words"] is True
assert "could not be displayed" in found["PDF/UA-1, emoji"], "it behaves otherwise now"
assert "heading title is empty" in found["PDF/UA-1, empty heading"], "it behaves otherwise now"
PYTHON
# Seen: plain, emoji: True; PDF/UA-1, words: True; PDF/UA-1, emoji: … could not be displayed with font …; empty heading: … is empty
