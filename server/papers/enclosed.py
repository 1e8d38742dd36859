"""The files inside a PDF that ``typeset`` made: found, unpacked, bounded.

Law: whoever hands a file in may have made it: nothing is unpacked beyond what a document of ours can hold,
and what is not understood is left out, not guessed. Pure.
"""

from __future__ import annotations

import re
import zlib

#: Bytes of a whole PDF, and of one unpacked file: twenty photos and a thousand events.
MOST = 40_000_000
_FILES = 60
#: A stream that says it is an embedded file (ISO 32000-1, 7.11.4), its dictionary, and its bytes.
_EMBEDDED = re.compile(rb"<<([^\r\n]{0,400}?/Type\s*/EmbeddedFile[^\r\n]{0,400}?)>>\s*stream\r?\n")
_LENGTH = re.compile(rb"/Length\s+(\d{1,9})\b")


class NoPaper(ValueError):
    """The file is no PDF of ours; the message says why."""


def enclosed(pdf: bytes) -> list[bytes]:
    """The embedded files, in their order. Raises ``NoPaper``."""
    if len(pdf) > MOST:
        raise NoPaper(f"it has more than {MOST} bytes")
    if not pdf.startswith(b"%PDF-"):
        raise NoPaper("it is no PDF")
    found = []
    for match in _EMBEDDED.finditer(pdf):
        length = _LENGTH.search(match[1])
        if length is None:
            continue
        raw = pdf[match.end() : match.end() + int(length[1])]
        if b"/FlateDecode" in match[1]:
            unpacking = zlib.decompressobj()
            try:
                raw = unpacking.decompress(raw, MOST)
            except zlib.error:
                continue
            if unpacking.unconsumed_tail:
                raise NoPaper("an enclosed file is too large")
        elif b"/Filter" in match[1]:
            continue
        found.append(raw)
        if len(found) > _FILES:
            raise NoPaper("it encloses too many files")
    return found
