"""The child process that decodes photos: hostile bytes are opened here and nowhere else.

Law: one request line in (JSON: path, type, max_pixels, out, widths), one verdict line out; the original is
never changed. Derivatives show what the photo shows: its profile's colours in sRGB, all its depth. Run as a
script, so that it imports nothing of the service and holds none of its secrets. Whatever a file does to the
decoder ends with this process.
"""

from __future__ import annotations

import hashlib
import io
import json
import resource
import struct
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

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


def _loaded(image: Image.Image, path: Path, real: str) -> Image.Image:
    """The image with its pixels. Raises as Pillow does where some are missing."""
    try:
        image.load()
    except OSError:
        whole = _without_end(path) if real == "image/jpeg" else None
        if whole is None:
            raise
        return whole
    return image


def _without_end(path: Path) -> Image.Image | None:
    """A JPEG that lacks nothing but its end marker, as some cameras leave panoramas; None where pixels lack.

    What follows a whole image changes nothing in it, and what follows half a one becomes its next pixels: so
    three different continuations must all give the same picture.
    """
    # Half a marker is no pixel either.
    data = path.read_bytes().rstrip(b"\xff")
    seen = set()
    for byte in (b"\x00", b"\x55", b"\xaa"):
        image = Image.open(io.BytesIO(data + byte * 4_096 + b"\xff\xd9"), formats=["JPEG"])
        image.load()
        seen.add(hashlib.sha256(image.tobytes()).digest())
        if len(seen) > 1:
            return None
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of sixteen bits scaled to eight; converting would cut off all that is brighter than black."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours that the embedded profile means; without one, or with one that cannot be read, as it is."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            changed = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            changed = None
        if changed is not None:
            return changed
    return image.convert("RGB") if image.mode == "CMYK" else image


def examine(request: dict[str, Any]) -> dict[str, Any]:
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
            profile = image.info.get("icc_profile")
            upright = _eight_bits(ImageOps.exif_transpose(_loaded(image, path, real)))
            width, height = upright.size
            # A CMYK photo's profile is of its inks: it is asked before they become light.
            if upright.mode not in ("RGB", "L") and not (upright.mode == "CMYK" and profile):
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
        upright, profile = _in_srgb(upright, profile), None
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
