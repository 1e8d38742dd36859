"""Pictures drawn for tests, sound and broken."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

from PIL import Image, ImageDraw


def picture(form: str = "JPEG", size: tuple[int, int] = (800, 600), seed: int = 0) -> bytes:
    """A drawing; ``seed`` makes it another one."""
    image = Image.new("RGB", size, (20 + seed % 200, 90, 120))
    draw = ImageDraw.Draw(image)
    for step in range(0, max(size), 40):
        draw.line((step, 0, size[0] - step, size[1]), fill=(255, step % 255, seed % 255), width=3)
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "CAMARA SECRETA"
    exif[0x0112] = 6
    image.save(out, form, **({"exif": exif} if form == "JPEG" else {}))
    return out.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def png_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A valid PNG of 900 million pixels in about a hundred kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    row = b"\x00" + b"\x00" * (width // 8)
    body = zlib.compress(row * height, 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
