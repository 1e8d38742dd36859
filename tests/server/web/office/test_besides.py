"""What stands beside an act: where, who signed what, with which materials, and what a lost session keeps."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from server.channels.acts import Missing, materials
from server.web.office.maps import HEIGHT, WIDTH, shape, window
from tests.server.evidence.pictures import picture
from tests.server.web.office.office import PASSWORD, Outline
from tests.server.web.office.test_bulk import form_token
from tests.server.web.office.test_reports import Person, Town, as_, reports, town

__all__ = ["form_token", "town"]

pytestmark = pytest.mark.anyio

SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", []),
        ("2 focos LED", [{"name": "focos LED", "quantity": 2}]),
        ("1,5 m de cable\n\n3 pza fusible", [
            {"name": "cable", "quantity": 1.5, "unit": "m"},
            {"name": "fusible", "quantity": 3, "unit": "pza"},
        ]),
        ("2 metros de tubo", [{"name": "metros de tubo", "quantity": 2}]),
        ("4 m2 carpeta", [{"name": "carpeta", "quantity": 4, "unit": "m2"}]),
    ],
)  # fmt: skip
def test_materials_are_read_as_people_write_them(said: str, expected: Any) -> None:
    assert materials({"materiales": said}) == expected


WRONG = ["focos", "0 focos", "2", "-1 foco", "99999999 focos", "2 " + "x" * 300, "1 a\n" * 41]


@pytest.mark.parametrize("said", WRONG)
def test_what_is_no_material_is_said(said: str) -> None:
    with pytest.raises(Missing) as missing:
        materials({"materiales": said})
    assert missing.value.field == "materiales"


def test_a_map_puts_things_where_they_are() -> None:
    around = window([(21.12, -101.68)], 450)
    assert around.place(-101.68, 21.12) == pytest.approx((WIDTH / 2, HEIGHT / 2))
    lat, lon = around.degrees(*around.place(-101.679, 21.121))
    assert (lat, lon) == pytest.approx((21.121, -101.679))
    # As wide as high in metres a pixel, and no narrower than was asked for.
    assert (around.north - around.south) * 110_700 == pytest.approx(900)
    ring = [[-101.681, 21.119], [-101.679, 21.119], [-101.679, 21.121], [-101.681, 21.119]]
    drawn = shape({"type": "Polygon", "coordinates": [ring]}, "<Centro>", around, "area")
    assert "&lt;Centro&gt;" in drawn
    far = [[lon + 1, lat] for lon, lat in ring]
    assert shape({"type": "Polygon", "coordinates": [far]}, "", around, "a") == ""
    assert shape(None, "", around, "a") == ""


async def test_a_report_shows_where_it_is_and_nothing_where_it_is_not_known(town: Town) -> None:
    made = await reports(town)
    nowhere = await town.capture("mesa", "lampara", place={"street": "Juárez"})
    await town.grown()
    async with as_(town, "mesa2") as person:
        page = await person.get(f"/gestion/asuntos/{made['lamp']}")
        drawn = re.search(r'<svg[^>]+class="map" role="img" aria-label="Mapa: [^"]+".*?</svg>', page)
        assert drawn
        assert drawn[0].count("<circle") == 1
        assert 'class="block"' in drawn[0]
        assert "style=" not in drawn[0]
        assert 'class="map"' not in await person.get(f"/gestion/asuntos/{nowhere}")


async def test_custody_tells_the_chain_and_sees_what_was_changed(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mar") as person:
        photo = {"foto": ("x.jpg", picture(seed=5), "image/jpeg")}
        done = {"texto": "Foco nuevo", "materiales": "1 foco\n2 m de cable"}
        assert (await person.act(made["lamp"], "terminar", files=photo, **done)).status_code == 303
        page = await person.get(f"/gestion/asuntos/{made['lamp']}")
        assert "1 foco, 2 m cable" in page
        chain = page.split('id="custodia"')[1].split("</details>")[0]
        assert chain.count("firma válida") == 2
        assert re.search(r"Foto <code>[0-9a-f]{16}</code>: por revisarse", chain)
        hashes = re.findall(r"huella <code>([0-9a-f]{16})</code>", chain)
        assert len(set(hashes)) == 2
    # Somebody with the database in their hands changes a word: here it shows.
    cases = town.databases.cases
    event = (await town.stored(made["lamp"]))["events"][0]
    record = await cases.get(f"record:{event.removeprefix('event:')}")
    changed = {**record["event"], "payload": {**record["event"]["payload"], "text": "x"}}
    await cases.put({**record, "event": changed})
    async with as_(town, "mesa2") as person:
        page = await person.get(f"/gestion/asuntos/{made['lamp']}")
        assert page.count("firma no válida") == 1
    async with as_(town, "eva") as person:
        crime = await person.get(f"/gestion/asuntos/{made['crime']}")
        chain = crime.split('id="custodia"')[1].split("</details>")[0]
        assert "reservado" in chain
        assert "Lucia" not in chain


def hidden_of(page: str) -> dict[str, str]:
    """The hidden fields of the form that saves a report."""
    form = page.split('method="post" action="/gestion/captura"')[1]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


async def by_telephone(town: Town) -> None:
    await town.databases.reference.put({"_id": "channel:072", "name": "Línea 072", "active": True})


async def enter_again(person: Person, page: str, clave: str = PASSWORD) -> Any:
    fields = dict(re.findall(r'type="hidden" name="([\w.-]+)" value="([^"]*)"', page))
    fields = {name: html.unescape(value) for name, value in fields.items()}
    return await person.http.post("/gestion/entrar", data={**fields, "usuario": "mesa2", "clave": clave})


async def test_what_was_typed_survives_a_lost_session(town: Town) -> None:
    await by_telephone(town)
    async with as_(town, "mesa2") as person:
        form = await person.get("/gestion/captura?que=lampara&canal=072")
        hidden = hidden_of(form)
        typed = {
            **hidden,
            "calle": "Calle «Ñ» & 5",
            "canal": "072",
            "texto": "No prende\nninguna",
            "colonia": "",
        }
        person.http.cookies.clear()
        lost = await person.http.post("/gestion/captura", data=typed, headers=SAME)
        assert lost.status_code == 401
        Outline.check(lost.text)
        assert "lo que escribió está aquí" in lost.text
        wrong = await enter_again(person, lost.text, "no es")
        assert wrong.status_code == 401
        back = await enter_again(person, wrong.text)
        assert back.status_code == 200
        Outline.check(back.text)
        action = re.search(r'action="(/gestion/captura)"', back.text)
        assert action
        pairs = re.findall(r'type="hidden" name="([\w.-]+)" value="([^"]*)"', back.text)
        again = {name: html.unescape(value) for name, value in pairs}
        assert {name: again[name] for name in typed if typed[name]} == {
            name: value for name, value in typed.items() if value and name != "token"
        } | {"token": again["token"]}
        sent = await person.http.post("/gestion/captura", data=again)
        assert sent.status_code == 303
        await town.grown()
        report = await town.stored(typed["reporte"])
        assert report["text"] == "No prende\nninguna"
        assert report["place"]["street"] == "Calle «Ñ» & 5"


async def test_an_act_survives_a_lost_session_without_its_photos(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        person.http.cookies.clear()
        parts: dict[str, Any] = {
            "texto": (None, "Llamó"),
            "own": (None, "x"),
            "foto": ("x.jpg", picture(seed=6), "image/jpeg"),
        }
        path = f"/gestion/asuntos/{made['lamp']}/anotar"
        lost = await person.http.post(path, files=parts, headers=SAME)
        assert lost.status_code == 401
        back = await enter_again(person, lost.text)
        assert f'action="{path}" enctype="multipart/form-data"' in back.text
        assert 'name="texto" value="Llamó"' in back.text


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://otro.example"}]
)
async def test_a_form_from_elsewhere_is_not_kept(town: Town, headers: dict[str, str]) -> None:
    async with as_(town, "mesa2") as person:
        person.http.cookies.clear()
        lost = await person.http.post("/gestion/captura", data={"texto": "ajeno"}, headers=headers)
        assert lost.status_code == 303
        assert lost.headers["location"].startswith("/gestion/entrar")
        back = await person.http.post(
            "/gestion/entrar",
            data={
                "usuario": "mesa2",
                "clave": PASSWORD,
                "guardado-x": "y",
                "enviado_a": "https://otro.example/",
            },
        )
        assert 'action="/gestion/"' in back.text, "never to another site"


async def test_a_place_is_pointed_at(town: Town) -> None:
    await by_telephone(town)
    async with as_(town, "mesa2") as person:
        page = await person.get("/gestion/captura?que=lampara&canal=072")
        hidden = hidden_of(page)
        wrong = await person.http.post("/gestion/captura", data={**hidden, "canal": "072", "punto": "aquí"})
        assert wrong.status_code == 422
        assert "latitud y longitud" in wrong.text
        assert 'value="aquí"' in wrong.text
        where = {**hidden, "canal": "072", "punto": "21.121900, -101.682700"}
        assert (await person.http.post("/gestion/captura", data=where)).status_code == 303
        await town.grown()
        place = (await town.stored(hidden["reporte"]))["place"]
        assert (place["lat"], place["lon"], place["source"]) == (21.1219, -101.6827, "pin")
        ring = [[-101.69, 21.12], [-101.68, 21.12], [-101.68, 21.13], [-101.69, 21.12]]
        area = {"name": "El Cerro", "geometry": {"type": "Polygon", "coordinates": [ring]}}
        await town.databases.reference.put({"_id": "area:colonia:cerro", **area})
        svg = await person.http.get("/gestion/mapa?colonia=cerro")
        assert svg.headers["content-type"] == "image/svg+xml"
        assert "El Cerro" in svg.text
        assert 'data-window="' in svg.text
