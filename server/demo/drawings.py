"""Drawn photographs for the demonstration: a street, what is wrong with it, and how it looks once mended.

Law: nothing photographed, nothing downloaded: each picture is drawn from its seed, and the same seed gives
the same bytes on the same Pillow. They carry no metadata.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw, ImageFilter

#: Drawn at one size, kept at a smaller one: edges come out soft, and hundreds are made in seconds.
WIDTH, HEIGHT = 960, 720
KEPT = (640, 480)
_HORIZON = 330
_WALLS = ("#d9b38c", "#c97b63", "#e5d3a4", "#9fb8a3", "#b5a1c7", "#e0a15e", "#8fb0c4", "#d8c7b5")
Pen = ImageDraw.ImageDraw


def draw(scene: str, seed: int, *, mended: bool = False) -> bytes:
    """A JPEG of about 30 KB. ``scene``: a family of petition types; one without a drawing is a road sign."""
    rng = Random(f"{scene}:{seed}")
    night = scene == "lamp" and not mended
    image = Image.new(
        "RGB", (WIDTH, HEIGHT), "#141a2b" if night else rng.choice(("#a9cbe8", "#c3d9e8", "#b4c4d4"))
    )
    pen = ImageDraw.Draw(image)
    _street(pen, rng, night)
    _SCENES.get(scene, _sign)(pen, rng, mended)
    image = _grain(image, rng)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=78)
    return out.getvalue()


def _grain(image: Image.Image, rng: Random) -> Image.Image:
    """A hand's slant, soft edges and a sensor's noise: a phone's photo, not a diagram."""
    slant = rng.uniform(-2.5, 2.5)
    image = image.resize(KEPT, Image.Resampling.BILINEAR)
    image = image.rotate(slant, Image.Resampling.BILINEAR, expand=False, fillcolor="#555555")
    image = image.filter(ImageFilter.BoxBlur(rng.uniform(0.3, 0.9)))
    small = Image.frombytes("L", (160, 120), rng.randbytes(160 * 120)).resize(KEPT)
    return Image.blend(image, Image.merge("RGB", (small, small, small)), 0.06)


def _street(pen: Pen, rng: Random, night: bool) -> None:
    x = -rng.randrange(60)
    while x < WIDTH:
        wide, high = rng.randrange(130, 230), rng.randrange(120, 230)
        wall = "#2a2f3d" if night else rng.choice(_WALLS)
        pen.rectangle((x, _HORIZON - high, x + wide, _HORIZON + 40), fill=wall, outline="#6b6257")
        door = x + rng.randrange(15, wide - 60)
        pen.rectangle((door, _HORIZON - 60, door + 38, _HORIZON + 40), fill="#4c3b30")
        for window in range(x + 16, x + wide - 50, 64):
            lit = "#e8c766" if night and rng.random() < 0.3 else "#39424f"
            pen.rectangle((window, _HORIZON - high + 24, window + 34, _HORIZON - high + 62), fill=lit)
        x += wide
    pen.rectangle((0, _HORIZON + 40, WIDTH, _HORIZON + 92), fill="#3a3d44" if night else "#b9b4aa")
    pen.line((0, _HORIZON + 92, WIDTH, _HORIZON + 92), fill="#77736b", width=6)
    pen.rectangle((0, _HORIZON + 94, WIDTH, HEIGHT), fill="#23262c" if night else "#6f6f70")
    for dash in range(-40, WIDTH, 190):
        pen.rectangle((dash, 600, dash + 90, 612), fill="#55585e" if night else "#d9d4b0")


def _blob(pen: Pen, rng: Random, box: tuple[float, float, float, float], fill: str) -> None:
    """A rough oval."""
    left, top, right, bottom = box
    pen.ellipse(box, fill=fill)
    for _ in range(26):
        x, y = rng.uniform(left, right), rng.uniform(top, bottom)
        size = rng.uniform(0.08, 0.2) * (right - left)
        inside = ((2 * x - left - right) / (right - left)) ** 2 + (
            (2 * y - top - bottom) / (bottom - top)
        ) ** 2
        if inside < 1:
            pen.ellipse((x - size, y - size / 2, x + size, y + size / 2), fill=fill)


def _lamp(pen: Pen, rng: Random, mended: bool) -> None:
    x = rng.randrange(280, 680)
    pen.rectangle((x, 60, x + 14, _HORIZON + 80), fill="#5b616b")
    pen.line((x + 7, 64, x + 130, 44), fill="#5b616b", width=10)
    pen.ellipse((x + 108, 34, x + 176, 64), fill="#fff3b0" if mended else "#3d4046")
    if mended:
        pen.ellipse((x + 90, 20, x + 196, 84), outline="#ffe680", width=6)


def _pothole(pen: Pen, rng: Random, mended: bool) -> None:
    x, y = rng.randrange(260, 560), rng.randrange(500, 590)
    wide = rng.randrange(120, 260)
    if mended:
        pen.rounded_rectangle((x - wide / 2, y - wide / 5, x + wide / 2, y + wide / 5), 12, fill="#3c3c3e")
        return
    _blob(pen, rng, (x - wide / 2, y - wide / 5, x + wide / 2, y + wide / 5), "#4a423a")
    _blob(pen, rng, (x - wide / 3, y - wide / 9, x + wide / 3, y + wide / 8), "#26221e")
    if rng.random() < 0.4:
        pen.ellipse((x - wide / 4, y - wide / 14, x + wide / 4, y + wide / 12), fill="#7d8c93")


def _leak(pen: Pen, rng: Random, mended: bool) -> None:
    x = rng.randrange(220, 640)
    if mended:
        pen.rectangle((x - 50, 440, x + 50, 486), fill="#8c8579")
        return
    for _ in range(14):
        start, length = x + rng.randrange(-60, 60), rng.randrange(120, 420)
        pen.ellipse((start - length / 3, 450 + length / 3, start + length, 490 + length / 2), fill="#8fb4c9")
    for _ in range(30):
        reach = rng.randrange(-46, 46)
        pen.line((x, 440, x + reach, 340 + abs(reach)), fill="#dcedf5", width=3)


def _garbage(pen: Pen, rng: Random, mended: bool) -> None:
    if mended:
        return
    x = rng.randrange(180, 560)
    for _ in range(rng.randrange(9, 18)):
        left, top, size = x + rng.randrange(-120, 160), rng.randrange(360, 450), rng.randrange(40, 84)
        fill = rng.choice(("#1d1d1f", "#22252b", "#5a7a48", "#a39a8a", "#7b3f32", "#e8e4da"))
        _blob(pen, rng, (left, top, left + size, top + size * 0.8), fill)
    for _ in range(24):
        left, top = x + rng.randrange(-150, 200), rng.randrange(430, 500)
        paper = rng.choice(("#f4f1e8", "#d44", "#3b6", "#ddd"))
        pen.rectangle((left, top, left + rng.randrange(6, 22), top + rng.randrange(4, 12)), fill=paper)


def _tree(pen: Pen, rng: Random, mended: bool) -> None:
    x = rng.randrange(240, 620)
    if mended:
        pen.ellipse((x - 30, 410, x + 34, 440), fill="#a8794f")
        return
    pen.line((x, 420, x + 330, 540), fill="#6b4a2f", width=34)
    for _ in range(60):
        left, top, size = x + rng.randrange(140, 400), rng.randrange(440, 620), rng.randrange(30, 80)
        pen.ellipse(
            (left, top, left + size, top + size * 0.7), fill=rng.choice(("#3f6b35", "#4f7f3f", "#33552b"))
        )


def _drain(pen: Pen, rng: Random, mended: bool) -> None:
    x = rng.randrange(300, 600)
    if not mended:
        _blob(pen, rng, (x - 240, 470, x + 280, 640), "#57513a")
    pen.ellipse(
        (x - 62, 510, x + 62, 568), fill="#3b3d40" if mended else "#0d0d0e", outline="#8a8a8a", width=8
    )
    if mended:
        for bar in range(-40, 41, 20):
            pen.line((x + bar, 518, x + bar, 560), fill="#6d6f73", width=5)


def _cable(pen: Pen, rng: Random, mended: bool) -> None:
    x = rng.randrange(260, 620)
    pen.rectangle((x, 40, x + 20, _HORIZON + 80), fill="#8a7355")
    pen.rectangle((x - 70, 66, x + 90, 78), fill="#6e5a40")
    for line in range(3):
        pen.arc((x - 700, -60 + line * 22, x + 60, 120 + line * 22), 20, 160, fill="#1c1c1c", width=4)
    if not mended:
        pen.line(
            (x + 80, 74, x + 150, 380, x + 210, 560, x + 340, 590), fill="#1c1c1c", width=6, joint="curve"
        )
        for _ in range(9):
            pen.line(
                (x + 340, 590, x + 340 + rng.randrange(-40, 46), 590 + rng.randrange(-46, 20)),
                fill="#ffd94a",
                width=3,
            )


def _animal(pen: Pen, rng: Random, mended: bool) -> None:
    if mended:
        return
    x, fur = rng.randrange(240, 560), rng.choice(("#7a5a3a", "#2f2a26", "#c8a878"))
    pen.ellipse((x, 470, x + 170, 550), fill=fur)
    pen.ellipse((x + 140, 430, x + 220, 500), fill=fur)
    pen.polygon((x + 160, 440, x + 170, 400, x + 186, 436), fill=fur)
    for leg in (16, 52, 108, 142):
        pen.rectangle((x + leg, 530, x + leg + 16, 610), fill=fur)
    pen.arc((x - 60, 420, x + 30, 520), 30, 160, fill=fur, width=12)


def _building(pen: Pen, rng: Random, mended: bool) -> None:
    left = rng.randrange(160, 420)
    pen.rectangle((left, 150, left + 380, _HORIZON + 60), fill="#b08a6a", outline="#5f4a38", width=5)
    if not mended:
        x, y = left + 190.0, 160.0
        while y < _HORIZON + 50:
            nx, ny = x + rng.uniform(-34, 34), y + rng.uniform(16, 34)
            pen.line((x, y, nx, ny), fill="#221a14", width=7)
            x, y = nx, ny
        for _ in range(20):
            brick, down = left + rng.randrange(0, 380), _HORIZON + rng.randrange(60, 130)
            pen.rectangle((brick, down, brick + 34, down + 18), fill="#9c5a41")


def _sign(pen: Pen, rng: Random, mended: bool) -> None:
    x = rng.randrange(300, 600)
    lean = 0 if mended else rng.choice((-120, -80, 90, 130))
    pen.line((x, _HORIZON + 90, x + lean, 150), fill="#7c828a", width=14)
    top = x + lean
    pen.regular_polygon((top, 140, 62), 8, rotation=22, fill="#b3261e", outline="#ffffff")


_SCENES: dict[str, Callable[[Pen, Random, bool], None]] = {
    "lamp": _lamp,
    "pothole": _pothole,
    "leak": _leak,
    "garbage": _garbage,
    "tree": _tree,
    "park": _tree,
    "drain": _drain,
    "cable": _cable,
    "animal": _animal,
    "building": _building,
}
