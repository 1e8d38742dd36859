"""The child process that decodes photos: hostile bytes are opened here and nowhere else.

Law: one request line in (JSON: path, type, max_pixels, out, widths), one verdict line out; the original is
never changed. Run as a script, so that it imports nothing of the service and holds none of its secrets.
Whatever a file does to the decoder ends with this process.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

Json = dict[str, Any]

#: Address space, bytes: 50 million pixels take 200 MB decoded, twice that while they are turned and scaled.
_MEMORY = 1_500_000_000
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
#: JPEG quality of derivatives: at 1280 px about 250 KB, no visible blocks on plates and signs.
_QUALITY = 82


def sniff(head: bytes) -> str | None:
    """The type that a file's first twelve bytes tell, of those allowed."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return None


class Refused(Exception):
    """``args[0]`` is a code of the catalogue."""


def examine(request: Json) -> Json:
    """The verdict: ``{"verdict": "ok", "type", "width", "height"}``, upright, or
    ``{"verdict": "failed", "reason"}`` where the machine could not; raises ``Refused``.
    """
    path = Path(request["path"])
    with path.open("rb") as file:
        real = sniff(file.read(12))
    if real is None:
        raise Refused("photo_type_unknown")
    if real != request["type"]:
        raise Refused("photo_mislabelled")
    try:
        with Image.open(path, formats=[_FORMATS[real]]) as image:
            if image.width * image.height > request["max_pixels"]:
                raise Refused("photo_pixels")
            image.load()
            upright = ImageOps.exif_transpose(image)
            width, height = upright.size
            if upright.mode not in ("RGB", "L"):
                # Transparency becomes white paper, not the black that lies under it.
                layered = upright.convert("RGBA")
                upright = Image.new("RGB", layered.size, "white")
                upright.paste(layered, mask=layered.getchannel("A"))
    except UnidentifiedImageError:
        raise Refused("photo_truncated") from None
    except MemoryError:
        raise Refused("photo_pixels") from None
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        IndexError,
        KeyError,
        OverflowError,
        TypeError,
        struct.error,
        zlib.error,
    ):
        # What Pillow's decoders raise on broken data; anything else ends the process and is "undecodable".
        raise Refused("photo_truncated") from None
    for side in sorted(request["widths"], reverse=True):
        upright.thumbnail((side, side), Image.Resampling.LANCZOS)
        # Only pixels are handed over: neither EXIF, XMP, comments nor colour profiles are asked to be saved.
        bare = Image.frombytes(upright.mode, upright.size, upright.tobytes())
        target = Path(request["out"]) / f"{side}.jpg"
        try:
            bare.save(target, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
        except OSError as error:
            # A full disk says nothing about the photo.
            return {"verdict": "failed", "reason": str(error)}
    return {"verdict": "ok", "type": real, "width": width, "height": height}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    # The limit on pixels is checked before decoding; Pillow's own would only warn.
    Image.MAX_IMAGE_PIXELS = None
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        try:
            verdict = examine(json.loads(line))
        except Refused as refused:
            verdict = {"verdict": "refused", "code": refused.args[0]}
        print(json.dumps(verdict), flush=True)


if __name__ == "__main__":
    main()
