"""Derivatives show what the photo shows: its colours, its depth, all its pixels."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from server.evidence.examination import Examiner
from tests.server.evidence.pictures import picture

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
BANDS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 60, 40)]


async def judged(folder: Path, data: bytes, kind: str) -> Json:
    source = folder / "original"
    source.write_bytes(data)
    child = Examiner()
    try:
        verdict: Json = await child.examine(
            {
                "path": str(source),
                "type": kind,
                "max_pixels": 10_000_000,
                "widths": [320, 160],
                "out": str(folder),
            }
        )
        return verdict
    finally:
        await child.close()


def bands(mode: str = "RGB") -> Image.Image:
    image = Image.new("RGB", (320, 320))
    for number, colour in enumerate(BANDS):
        image.paste(colour, (0, number * 80, 320, number * 80 + 80))
    return image.convert(mode)


def swapped() -> bytes:
    """A profile whose red is sRGB's green, and the other way round."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return plain.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def shown(folder: Path, side: int) -> list[tuple[int, ...]]:
    with Image.open(folder / f"{side}.jpg") as image:
        assert "icc_profile" not in image.info
        step = side // 4
        found = [image.convert("RGB").getpixel((side // 2, number * step + step // 2)) for number in range(4)]
    return [pixel for pixel in found if isinstance(pixel, tuple)]


def near(found: list[tuple[int, ...]], wanted: list[tuple[int, ...]]) -> bool:
    return all(
        abs(a - b) <= 6 for one, two in zip(found, wanted, strict=True) for a, b in zip(one, two, strict=True)
    )


@pytest.mark.parametrize(
    ("form", "kind"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
async def test_colours_are_those_the_profile_means(tmp_path: Path, form: str, kind: str) -> None:
    exact = (
        {"quality": 95, "subsampling": 0} if form == "JPEG" else {"lossless": True} if form == "WEBP" else {}
    )
    data = saved(bands(), form, icc_profile=swapped(), **exact)
    assert (await judged(tmp_path, data, kind))["verdict"] == "ok"
    for side in (320, 160):
        assert near(shown(tmp_path, side), [(g, r, b) for r, g, b in BANDS])


async def test_a_profile_that_cannot_be_read_costs_nothing(tmp_path: Path) -> None:
    data = saved(bands(), "PNG", icc_profile=b"no profile" * 20)
    assert (await judged(tmp_path, data, "image/png"))["verdict"] == "ok"
    assert near(shown(tmp_path, 320), [tuple(colour) for colour in BANDS])


async def test_inks_without_a_profile_become_light(tmp_path: Path) -> None:
    data = saved(bands("CMYK"), "JPEG", quality=95)
    assert (await judged(tmp_path, data, "image/jpeg"))["verdict"] == "ok"


async def test_sixteen_bits_are_scaled(tmp_path: Path) -> None:
    rows = b"".join((number * 20_000).to_bytes(2, "little") * 320 for number in range(4) for _ in range(80))
    data = saved(Image.frombytes("I;16", (320, 320), rows), "PNG")
    assert (await judged(tmp_path, data, "image/png"))["verdict"] == "ok"
    wanted: list[tuple[int, ...]] = [(number * 20_000 // 256,) * 3 for number in range(4)]
    assert near(shown(tmp_path, 320), wanted)


@pytest.mark.parametrize("progressive", [False, True])
async def test_a_jpeg_may_lack_its_end_but_no_pixel(tmp_path: Path, progressive: bool) -> None:
    with Image.open(io.BytesIO(picture())) as image:
        data = saved(image.copy(), "JPEG", progressive=progressive)
    assert data.endswith(b"\xff\xd9")
    assert (await judged(tmp_path, data[:-2], "image/jpeg"))["verdict"] == "ok"
    assert (await judged(tmp_path, data[:-1], "image/jpeg"))["verdict"] == "ok"
    for lacking in (40, 400, len(data) // 2):
        assert await judged(tmp_path, data[:-lacking], "image/jpeg") == {
            "verdict": "refused",
            "code": "photo_truncated",
        }
