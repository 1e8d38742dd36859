"""A neighbour looks at a folio: what anybody is told, what the ticket's holder is told, and nothing else."""

from __future__ import annotations

import html
import re
import time
from collections.abc import AsyncIterator

import httpx2
import pytest

from server.channels.tickets import code_of
from server.context import Context
from server.documents.words import texts
from server.web.app import make_app
from server.web.public.telling import MEANING
from tests.server.evidence.pictures import picture
from tests.server.web.office.office import Outline
from tests.server.web.office.test_reports import Town, as_, reports, town

__all__ = ["town"]

pytestmark = pytest.mark.anyio

#: What stands in the reports, and is no stranger's to read.
PRIVATE = (
    "zafiro", "jade", "rubi", "ónix", "Ñandú", "Amatista", "999 8877", "4779998877", "Lucía", "Marta",
    "lucia", "marta", "Manzana 1", "Cuadrilla", "Dirección", "mesa2", "Mesa2",
)  # fmt: skip


@pytest.fixture
async def neighbour(context: Context) -> AsyncIterator[httpx2.AsyncClient]:
    async with from_address(context, "203.0.113.9") as client:
        yield client


def from_address(context: Context, address: str) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=make_app(context), client=(address, 50_000))
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


async def look(neighbour: httpx2.AsyncClient, path: str, status: int = 200) -> str:
    answer = await neighbour.get(path)
    assert answer.status_code == status, (path, answer.status_code, answer.text[:400])
    Outline.check(answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert len(answer.content) < 60_000
    return html.unescape(answer.text)


async def folio_of(town: Town, report: str) -> str:
    return str((await town.stored(report))["folio"])


async def close(town: Town, report: str) -> None:
    """The hole is answered and filled, with a photo."""
    async with as_(town, "sol") as person:
        assert (
            await person.act(report, "responder", medio="phone", texto="Iremos el lunes")
        ).status_code == 303
        assert (await person.act(report, "anotar", texto="El dueño es difícil")).status_code == 303
        files = {"foto": ("b.jpg", picture(seed=2), "image/jpeg")}
        done = await person.act(report, "terminar", texto="Se tapó con mezcla", files=files)
        assert done.status_code == 303, done.text
    await town.context.examination.settled()
    await town.grown()


async def test_by_the_folio_anybody_learns_how_it_stands_and_nothing_more(
    town: Town, neighbour: httpx2.AsyncClient
) -> None:
    made = await reports(town)
    async with as_(town, "sol") as person:
        assert (await person.act(made["hole"], "responder", medio="phone", texto="berilo")).status_code == 303
    page = await look(neighbour, f"/folio/{await folio_of(town, made['hole'])}")
    stored = await town.stored(made["hole"])
    assert stored["place"]["colonia"] == "centro"
    for said in ("Capturado", "bache", "Centro", "23/11/2026", "30/11/2026", "A tiempo", stored["folio"]):
        assert said in page, said
    for name in ("lamp", "hole", "crime", "unknown"):
        report = await town.stored(made[name])
        page = await look(neighbour, f"/folio/{report['folio']}")
        for private in (*PRIVATE, "berilo", report["_id"].removeprefix("report:"), "Calle"):
            assert private not in page, (name, private)
        assert not re.search(r"<img|Historia|respondió", page)


async def test_it_is_found_as_people_write_it(town: Town, neighbour: httpx2.AsyncClient) -> None:
    made = await reports(town)
    report = await town.stored(made["hole"])
    number = int(report["folio"].partition("-")[2])
    provisional = report["provisional_folio"]
    ways = (
        report["folio"], report["folio"].lower(), f"vp{number}", f"VP {number}", f"{number}",
        f" vp – {number} ", f"{number:09d}", provisional, provisional.replace("-", "").lower(),
        provisional.replace("0", "O"),
    )  # fmt: skip
    for way in ways:
        answer = await neighbour.get("/folio/", params={"folio": way})
        assert answer.status_code == 200, way
        assert f"Folio {report['folio']}" in answer.text, way
    for other in (
        f"XX-{number}",
        f"{number + 500}",
        f"{provisional[:-1]}",
        "VP-",
        "' OR 1=1 --",
        "%",
        "\x00",
        "9" * 400,
    ):
        answer = await neighbour.get("/folio/", params={"folio": other})
        assert answer.status_code == 404, other
    Outline.check((await neighbour.get("/folio/", params={"folio": '"><script>alert(1)</script>'})).text)


async def test_an_old_systems_folio_leads_to_it_unless_it_leads_to_two(
    town: Town, neighbour: httpx2.AsyncClient
) -> None:
    made = await reports(town)
    number = int((await folio_of(town, made["lamp"])).partition("-")[2])
    for name, aliases in (("hole", ["072/a-2024", "77", str(number)]), ("lamp", ["77"])):
        stored = await town.stored(made[name])
        await town.databases.cases.put({**stored, "aliases": aliases})
    await town.context.register.catch_up()
    answer = await neighbour.get("/folio/", params={"folio": "072/a-2024"})
    assert f"Folio {await folio_of(town, made['hole'])}" in answer.text
    unknown = await neighbour.get("/folio/99")
    for ambiguous in ("77", f"{number:02d}"[-2:] if number > 9 else str(number)):
        answer = await neighbour.get(f"/folio/{ambiguous}")
        assert answer.status_code == unknown.status_code == 404
        same = answer.text.replace(f'value="{ambiguous}"', "") == unknown.text.replace('value="99"', "")
        assert same, "what leads to two looks like what leads to none"
    whole = await look(neighbour, f"/folio/{await folio_of(town, made['lamp'])}")
    assert "lampara" in whole, "written in full it is that one"


async def test_of_a_reserved_report_the_status_is_told_and_nothing_else(
    town: Town, neighbour: httpx2.AsyncClient, context: Context
) -> None:
    made = await reports(town)
    async with as_(town, "eva") as person:
        assert (await person.act(made["crime"], "terminar", texto="Se investigó")).status_code == 303
    await town.act("marta", "withdrawn", made["hole"], {"reason": "mistake"})
    await town.grown()
    shapes = set()
    for name, status in (("crime", "Terminado"), ("unknown", "Capturado"), ("hole", "Retirado")):
        folio = await folio_of(town, made[name])
        code = code_of(context.secret, made[name])
        for path in (f"/folio/{folio}", f"/folio/{folio}?clave={code}"):
            page = await look(neighbour, path)
            assert status in page
            for said in ("Centro", "2026", "denuncia", "bache", "investig", "<dl>", "<ol>", "<img", "tiempo"):
                assert said not in page, (path, said)
        bare = await look(neighbour, f"/folio/{folio}")
        code_word = next(key for key, word in texts("status").items() if word == status)
        shapes.add(bare.replace(folio, "").replace(status, "").replace(MEANING[code_word], ""))
    assert len(shapes) == 1, "but for the status they are one page"


async def test_a_type_that_became_confidential_hides_what_was_open(
    town: Town, neighbour: httpx2.AsyncClient
) -> None:
    made = await reports(town)
    folio = await folio_of(town, made["lamp"])
    assert "Centro" in await look(neighbour, f"/folio/{folio}")
    petition_type = await town.databases.reference.get("type:lampara")
    await town.databases.reference.put({**petition_type, "confidential": True})
    assert "Centro" not in await look(neighbour, f"/folio/{folio}")


async def test_with_the_ticket_one_reads_the_history_the_answers_and_sees_how_it_was_left(
    town: Town, neighbour: httpx2.AsyncClient, context: Context
) -> None:
    made = await reports(town)
    report, folio = made["hole"], await folio_of(town, made["hole"])
    await close(town, report)
    code = code_of(context.secret, report)
    for way in (code, code.lower(), code.replace("-", " "), code.replace("0", "o").replace("1", "l")):
        answer = await neighbour.get(f"/folio/{folio}", params={"clave": way})
        assert answer.status_code == 200, way
    page = await look(neighbour, f"/folio/{folio}?clave={code}")
    said = ("Terminado", "Iremos el lunes", "Por teléfono", "Se tapó con mezcla", "Se capturó", "Se terminó")
    for words in said:
        assert words in page, words
    for private in (*PRIVATE, "El dueño es difícil", "sol", "Nota", report):
        assert not re.search(rf"\b{private}\b", page), private
    pictures = re.findall(r'<img src="([^"]+)"', page)
    assert len(pictures) == 1
    shown = await neighbour.get(pictures[0])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["cache-control"] == "no-store"
    assert b"CAMARA SECRETA" not in shown.content
    head = await neighbour.head(pictures[0])
    assert (head.status_code, head.content) == (200, b"")


async def test_a_photo_is_given_for_its_own_reports_code_alone(
    town: Town, neighbour: httpx2.AsyncClient, context: Context
) -> None:
    made = await reports(town)
    await close(town, made["hole"])
    hole, lamp = await folio_of(town, made["hole"]), await folio_of(town, made["lamp"])
    sha = (await town.stored(made["hole"]))["evidence"][0]["sha256"]
    mine, other = code_of(context.secret, made["hole"]), code_of(context.secret, made["lamp"])
    answers = [
        await neighbour.get(f"/folio/foto/{sha}?folio={folio}{clave}")
        for folio, clave in (
            (hole, ""), (hole, "&clave=00000000"), (hole, f"&clave={other}"), (lamp, f"&clave={other}"),
            ("", ""), ("nada", f"&clave={mine}"),
        )
    ]  # fmt: skip
    answers.append(await neighbour.get(f"/folio/foto/{'0' * 64}?folio={hole}&clave={mine}"))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    blob = await town.databases.evidence.get(f"blob:{sha}")
    await town.databases.evidence.put({**blob, "redacted_at": "2026-11-23T16:05:09.123Z"})
    gone = await neighbour.get(f"/folio/foto/{sha}?folio={hole}&clave={mine}")
    assert gone.status_code == 404


async def test_a_wrong_code_shows_no_more_than_none_and_soon_has_to_wait(
    town: Town, neighbour: httpx2.AsyncClient, context: Context
) -> None:
    made = await reports(town)
    await close(town, made["hole"])
    folio, right = await folio_of(town, made["hole"]), code_of(context.secret, made["hole"])
    for _ in range(30):
        assert (await neighbour.get(f"/folio/{folio}?clave={right}")).status_code == 200
    wrong = code_of(context.secret, made["lamp"])
    for said in (wrong, "ñandú", "0" * 300, "\x00", *[wrong] * 6):
        page = await look(neighbour, str(httpx2.URL(f"/folio/{folio}", params={"clave": said})), 403)
        assert "no es de este folio" in page
        assert "mezcla" not in page
    waiting = await neighbour.get(f"/folio/{folio}?clave={right}")
    assert waiting.status_code == 429
    assert int(waiting.headers["retry-after"]) > 0
    assert "Demasiados intentos" in waiting.text
    Outline.check(waiting.text)
    assert (await neighbour.get(f"/folio/{folio}")).status_code == 200, "without a code it still tells"


async def test_guessing_folios_is_slowed_by_network_and_in_all_and_phones_are_not(
    town: Town, context: Context
) -> None:
    async def fill(address: str, tries: int) -> list[int]:
        async with from_address(context, address) as client:
            return [(await client.get(f"/folio/{number}")).status_code for number in range(900, 900 + tries)]

    assert set(await fill("2001:db8:1:2::1", 40)) == {404}
    told = await fill("2001:db8:1:2:ffff::9", 50)
    assert (told[0], told[-1]) == (404, 429), "another address of the same network is the same guesser"
    assert await fill("2001:db8:1:3::1", 1) == [404]
    async with from_address(context, "2001:db8:1:2::1") as client:
        assert (await client.get("/folio/")).status_code == 200, "the box itself looks nothing up"
        assert (await client.post("/sync/checkin", json={})).status_code == 401
    now = time.monotonic() + 600
    context.limits.folio_overall.take("", now, cost=1_200)
    assert await fill("198.51.100.7", 1) == [429]


async def test_the_office_reads_the_ticket_out(
    town: Town, neighbour: httpx2.AsyncClient, context: Context
) -> None:
    made = await reports(town)
    code = code_of(context.secret, made["hole"])
    link = f"http://127.0.0.1:8000/folio/{await folio_of(town, made['hole'])}"
    async with as_(town, "mesa2") as person:
        for path in (f"/gestion/asuntos/{made['hole']}", f"/gestion/captura/{made['hole']}"):
            page = await person.get(path)
            assert code in page
            assert link in page
        unknown = await person.get(f"/gestion/asuntos/{made['unknown']}")
        assert code_of(context.secret, made["unknown"]) not in unknown, "it would open nothing"
    async with as_(town, "irma") as person:
        assert code not in await person.get(f"/gestion/asuntos/{made['hole']}")


def test_every_status_means_something_to_a_neighbour() -> None:
    assert set(MEANING) == set(texts("status"))
