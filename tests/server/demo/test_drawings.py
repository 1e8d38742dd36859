"""Drawn photos: real JPEGs, small, without metadata, the same for the same seed."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from server.catalogue import defaults
from server.demo.drawings import KEPT, draw


@pytest.mark.parametrize("scene", [family["id"] for family in defaults.families()])
def test_every_family_can_be_drawn(scene: str) -> None:
    data = draw(scene, 3)
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.format == "JPEG"
        assert image.size == KEPT
        assert not image.getexif()
    assert 8_000 < len(data) < 90_000


def test_seed_and_state_decide_the_picture() -> None:
    assert draw("lamp", 5) == draw("lamp", 5)
    assert len({draw("lamp", 5), draw("lamp", 6), draw("lamp", 5, mended=True)}) == 3
