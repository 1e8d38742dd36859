"""Names as people type them: case, accents and spaces make no difference. Pure."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Lower case, without accents, with single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())
