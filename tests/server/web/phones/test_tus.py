"""Photos arrive by tus 1.0 whole and true, or are refused with a reason."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tusclient import client as tus
from tusclient.exceptions import TusCommunicationError

from server.context import Context
from server.evidence.blobstore import derivative
from tests.device import Device, Pen
from tests.server.conftest import SetClock, add_account, proof
from tests.server.evidence.pictures import picture, png_bomb, sha256
from tests.server.serving import Served

Json = dict[str, Any]
EVENT = "event:018f0000-0000-7000-8000-000000000001:018f0000-0000-7000-8000-000000000002"


async def session(context: Context, account: str = "rosa") -> tuple[Pen, dict[str, str]]:
    """Headers of an enrolled phone."""
    if context.directory.account(account) is None:
        await add_account(context, account, "block_leader")
    pen = Pen(account, "block_leader")
    code, _ = await context.enrolment.issue_code(account, "desk")
    done = await context.enrolment.enrol(code, proof(context, pen), "0.1.0")
    return pen, {"Authorization": f"Bearer {done.token}", "Tus-Resumable": "1.0.0"}


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def creation(data: bytes, **changes: str) -> dict[str, str]:
    values = {"sha256": sha256(data), "type": "image/jpeg", "event": EVENT, **changes}
    return {"Upload-Length": str(len(data)), "Upload-Metadata": metadata(**values)}


OFFSET = {"Content-Type": "application/offset+octet-stream"}


async def send(http: httpx2.AsyncClient, headers: Json, data: bytes, **changes: str) -> httpx2.Response:
    made = await http.post("/sync/evidence", headers={**headers, **creation(data, **changes)})
    if made.status_code != 201:
        return made
    return await http.patch(
        made.headers["location"], content=data, headers={**headers, **OFFSET, "Upload-Offset": "0"}
    )


async def verdict(context: Context, data: bytes) -> Json:
    await context.examination.settled()
    return await context.databases.evidence.get(f"blob:{sha256(data)}")


@pytest.mark.anyio
async def test_the_server_says_what_it_speaks(http: httpx2.AsyncClient) -> None:
    answer = await http.request("OPTIONS", "/sync/evidence")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert set(answer.headers["tus-extension"].split(",")) == {"creation", "checksum", "termination"}
    assert "sha1" in answer.headers["tus-checksum-algorithm"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("form", "kind"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
async def test_a_photo_is_kept_byte_for_byte_and_gets_derivatives_without_metadata(
    context: Context, http: httpx2.AsyncClient, form: str, kind: str
) -> None:
    _, headers = await session(context)
    data = picture(form, (2000, 1000))
    answer = await send(http, headers, data, type=kind)
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(len(data)))
    doc = await verdict(context, data)
    assert doc["verdict"] == "ok"
    # The JPEG carries orientation 6, so upright it stands.
    assert (doc["width"], doc["height"]) == ((1000, 2000) if form == "JPEG" else (2000, 1000))
    kept = b"".join([piece async for piece in context.blobs.read(sha256(data))])
    assert kept == data
    from PIL import Image

    for width in (320, 1280):
        small = b"".join([piece async for piece in context.blobs.read(derivative(sha256(data), width))])
        assert b"SECRETA" not in small
        with Image.open(io.BytesIO(small)) as image:
            assert max(image.size) == width
            assert not image.getexif()
            assert not image.info.get("icc_profile")


@pytest.mark.anyio
async def test_an_upload_resumes_where_it_broke(context: Context, http: httpx2.AsyncClient) -> None:
    _, headers = await session(context)
    data = picture()
    made = await http.post("/sync/evidence", headers={**headers, **creation(data)})
    place = made.headers["location"]
    first = await http.patch(place, content=data[:1000], headers={**headers, **OFFSET, "Upload-Offset": "0"})
    assert first.headers["upload-offset"] == "1000"
    head = await http.head(place, headers=headers)
    assert (head.headers["upload-offset"], head.headers["upload-length"]) == ("1000", str(len(data)))
    wrong = await http.patch(place, content=data[900:], headers={**headers, **OFFSET, "Upload-Offset": "900"})
    assert (wrong.status_code, wrong.json()["error"]) == (409, "upload_offset")
    last = await http.patch(
        place, content=data[1000:], headers={**headers, **OFFSET, "Upload-Offset": "1000"}
    )
    assert last.status_code == 204
    # Who lost that answer asks again.
    head = await http.head(place, headers=headers)
    assert head.headers["upload-offset"] == str(len(data))
    assert (await verdict(context, data))["verdict"] == "ok"


@pytest.mark.anyio
async def test_a_damaged_piece_is_discarded_by_its_checksum(
    context: Context, http: httpx2.AsyncClient
) -> None:
    _, headers = await session(context)
    data = picture()
    made = await http.post("/sync/evidence", headers={**headers, **creation(data)})
    place = made.headers["location"]
    for name in ("sha1", "sha256"):
        bad = base64.b64encode(hashlib.new(name, b"other").digest()).decode()
        checked = {**headers, **OFFSET, "Upload-Offset": "0", "Upload-Checksum": f"{name} {bad}"}
        answer = await http.patch(place, content=data, headers=checked)
        assert (answer.status_code, answer.json()["error"]) == (460, "upload_checksum")
        assert (await http.head(place, headers=headers)).headers["upload-offset"] == "0"
    unknown = {**headers, **OFFSET, "Upload-Offset": "0", "Upload-Checksum": "crc32 AAAA"}
    assert (await http.patch(place, content=data, headers=unknown)).status_code == 400
    good = base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
    checked = {**headers, **OFFSET, "Upload-Offset": "0", "Upload-Checksum": f"sha1 {good}"}
    assert (await http.patch(place, content=data, headers=checked)).status_code == 204


@pytest.mark.anyio
async def test_termination_forgets_the_upload(context: Context, http: httpx2.AsyncClient) -> None:
    _, headers = await session(context)
    made = await http.post("/sync/evidence", headers={**headers, **creation(picture())})
    place = made.headers["location"]
    assert (await http.delete(place, headers=headers)).status_code == 204
    assert (await http.head(place, headers=headers)).status_code == 404
    assert not list((context.settings.data_dir / "evidence" / "uploads").iterdir())


@pytest.mark.anyio
async def test_old_clients_may_name_the_method_in_a_header(
    context: Context, http: httpx2.AsyncClient
) -> None:
    _, headers = await session(context)
    data = picture()
    made = await http.post("/sync/evidence", headers={**headers, **creation(data)})
    override = {**headers, **OFFSET, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    answer = await http.post(made.headers["location"], content=data, headers=override)
    assert answer.headers["upload-offset"] == str(len(data))


@pytest.mark.anyio
async def test_other_bytes_than_declared_are_refused_and_say_nothing_about_the_photo(
    context: Context, http: httpx2.AsyncClient
) -> None:
    _, headers = await session(context)
    real, other = picture(seed=1), picture(seed=2)
    answer = await send(http, headers, other, sha256=sha256(real))
    assert (answer.status_code, answer.json()["error"]) == (422, "photo_hash_wrong")
    assert await context.databases.evidence.get_many([f"blob:{sha256(real)}"]) == {}
    assert (await send(http, headers, real)).status_code == 204
    assert (await verdict(context, real))["verdict"] == "ok"


BROKEN: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "truncated": (lambda: picture()[:-3000], "image/jpeg", "photo_truncated"),
    "headers only": (lambda: picture("PNG")[:60], "image/png", "photo_truncated"),
    "mislabelled": (lambda: picture("PNG", seed=9), "image/jpeg", "photo_mislabelled"),
    "no photo": (lambda: b"<html><script>alert(1)</script>" * 20, "image/jpeg", "photo_type_unknown"),
    "noise": (lambda: b"\xff\xd8\xff" + bytes(range(256)) * 40, "image/jpeg", "photo_truncated"),
    "bomb": (png_bomb, "image/png", "photo_pixels"),
}


@pytest.mark.anyio
@pytest.mark.parametrize("name", BROKEN)
async def test_broken_files_are_refused_with_their_code(
    context: Context, http: httpx2.AsyncClient, name: str
) -> None:
    make, kind, code = BROKEN[name]
    data = make()
    _, headers = await session(context)
    assert (await send(http, headers, data, type=kind)).status_code == 204
    doc = await verdict(context, data)
    assert (doc["verdict"], doc["code"]) == ("refused", code)


@pytest.mark.anyio
async def test_limits_and_bad_metadata_are_refused(context: Context, http: httpx2.AsyncClient) -> None:
    _, headers = await session(context)
    data = picture()
    cases = [
        ({**creation(data), "Upload-Length": "20000001"}, 413, "photo_too_large"),
        ({**creation(data), "Upload-Length": "0"}, 400, "upload_length"),
        ({**creation(data), "Upload-Length": "-1"}, 400, "upload_length"),
        (creation(data, type="image/gif"), 422, "photo_type_unknown"),
        (creation(data, sha256="../../etc/passwd"), 400, "upload_metadata"),
        (creation(data, event="event:x:y"), 400, "upload_metadata"),
        ({"Upload-Length": "10", "Upload-Metadata": "sha256 !!!"}, 400, "upload_metadata"),
        ({"Upload-Length": "10"}, 400, "upload_metadata"),
    ]
    for extra, status, code in cases:
        answer = await http.post("/sync/evidence", headers={**headers, **extra})
        assert (answer.status_code, answer.json()["error"]) == (status, code)
        assert answer.headers["tus-resumable"] == "1.0.0"
    old = await http.post("/sync/evidence", headers={**headers, **creation(data), "Tus-Resumable": "0.2.2"})
    assert (old.status_code, old.headers["tus-version"]) == (412, "1.0.0")
    bare = await http.post("/sync/evidence", headers={"Tus-Resumable": "1.0.0", **creation(data)})
    assert (bare.status_code, bare.json()["error"]) == (401, "session_missing")


@pytest.mark.anyio
async def test_an_upload_is_its_devices_own_and_a_known_hash_is_no_receipt_for_others(
    context: Context, http: httpx2.AsyncClient
) -> None:
    _, rosa = await session(context, "rosa")
    _, luis = await session(context, "luis")
    data = picture()
    made = await http.post("/sync/evidence", headers={**rosa, **creation(data)})
    assert (await http.head(made.headers["location"], headers=luis)).status_code == 404
    assert (await send(http, rosa, data)).status_code == 204
    again = await http.post("/sync/evidence", headers={**rosa, **creation(data)})
    assert (again.status_code, again.headers["upload-offset"]) == (200, str(len(data)))
    assert (await http.head(again.headers["location"], headers=rosa)).headers["upload-offset"] == str(
        len(data)
    )
    other = await http.post("/sync/evidence", headers={**luis, **creation(data)})
    assert other.status_code == 201
    assert "upload-offset" not in other.headers


@pytest.mark.anyio
async def test_a_revoked_phone_still_delivers_its_photos(context: Context, http: httpx2.AsyncClient) -> None:
    pen, headers = await session(context)
    await context.enrolment.revoke(pen.id, "desk")
    assert (await send(http, headers, picture())).status_code == 204


@pytest.mark.anyio
async def test_a_verdict_that_was_pending_at_the_end_is_given_at_the_next_start(
    context: Context, http: httpx2.AsyncClient
) -> None:
    _, headers = await session(context)
    await context.examination.stop()
    data = picture()
    await send(http, headers, data)
    assert (await context.databases.evidence.get(f"blob:{sha256(data)}"))["verdict"] == "pending"
    from server.evidence.examination import Examination

    second = Examination(
        context.databases.evidence, context.blobs, context.clock, context.settings, context.metrics
    )
    await second.start()
    await second.settled()
    await second.stop()
    assert (await context.databases.evidence.get(f"blob:{sha256(data)}"))["verdict"] == "ok"


@pytest.mark.anyio
async def test_a_decoder_that_hangs_or_dies_costs_the_photo_only(context: Context, tmp_path: Path) -> None:
    from server.evidence.examination import Examiner

    photo = tmp_path / "photo"
    photo.write_bytes(picture(size=(4000, 3000)))
    request = {
        "path": str(photo),
        "type": "image/jpeg",
        "max_pixels": 50_000_000,
        "widths": [320],
        "out": str(tmp_path),
    }
    hasty = Examiner(patience=0.0)
    assert (await hasty.examine(request))["code"] == "photo_undecodable"
    await hasty.close()
    child = Examiner()
    assert (await child.examine({**request, "path": "/nowhere"}))["code"] == "photo_undecodable"
    assert (await child.examine(request))["verdict"] == "ok"
    await child.close()


@pytest.mark.anyio
async def test_old_uploads_are_swept(context: Context, http: httpx2.AsyncClient, clock: SetClock) -> None:
    from datetime import timedelta

    _, headers = await session(context)
    made = await http.post("/sync/evidence", headers={**headers, **creation(picture())})
    clock.advance(days=6)
    assert await context.uploads.sweep(timedelta(days=7)) == 0
    clock.advance(days=2)
    assert await context.uploads.sweep(timedelta(days=7)) == 1
    assert not list((context.settings.data_dir / "evidence" / "uploads").iterdir())
    assert made.status_code == 201


# -- real clients ------------------------------------------------------------------------------------


def token_of(served: Served) -> str:
    _, headers = served.run(session(served.context))
    return headers["Authorization"]


def test_tuspy_uploads_in_pieces_with_checksums(served: Served) -> None:
    data = picture(size=(1600, 1200), seed=4)
    uploader = tus.TusClient(
        f"{served.url}/sync/evidence", headers={"Authorization": token_of(served)}
    ).uploader(
        file_stream=io.BytesIO(data),
        chunk_size=20_000,
        upload_checksum=True,
        metadata={"sha256": sha256(data), "type": "image/jpeg", "event": EVENT},
    )
    uploader.upload_chunk()  # type: ignore[no-untyped-call]
    assert uploader.offset == 20_000
    uploader.upload()
    assert served.run(verdict(served.context, data))["verdict"] == "ok"


def test_tuspy_is_told_of_a_wrong_hash(served: Served) -> None:
    uploader = tus.TusClient(
        f"{served.url}/sync/evidence", headers={"Authorization": token_of(served)}
    ).uploader(
        file_stream=io.BytesIO(picture(seed=5)),
        metadata={"sha256": "0" * 64, "type": "image/jpeg", "event": EVENT},
    )
    with pytest.raises(TusCommunicationError):
        uploader.upload()


NODE = """
import * as tus from 'tus-js-client';
const [url, token, hex, sha, event] = process.argv.slice(1);
const upload = new tus.Upload(Buffer.from(hex, 'hex'), {
  endpoint: url, chunkSize: 15000, retryDelays: [0, 0, 0],
  headers: { Authorization: token },
  metadata: { sha256: sha, type: 'image/jpeg', event },
  onError: (error) => { console.log(JSON.stringify({ error: String(error) })); process.exit(1); },
  onSuccess: () => console.log(JSON.stringify({ url: upload.url })),
});
upload.start();
"""


@pytest.mark.node
def test_tus_js_client_uploads_and_repeats_without_sending_again(served: Served) -> None:
    data = picture(size=(300, 300), seed=6)
    root = Path(__file__).resolve().parents[4]
    if not (root / "node_modules" / "tus-js-client").exists():
        pytest.skip("needs node_modules (npm ci)")
    token = token_of(served)
    for _ in range(2):
        run = subprocess.run(
            [
                "node",
                "--input-type=module",
                "-e",
                NODE,
                f"{served.url}/sync/evidence",
                token,
                data.hex(),
                sha256(data),
                EVENT,
            ],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        assert json.loads(run.stdout)["url"].startswith(served.url)
        assert served.run(verdict(served.context, data))["verdict"] == "ok"


def test_a_device_of_tests_speaks_to_the_served_service(served: Served) -> None:
    served.run(add_account(served.context, "rosa", "block_leader"))
    code, _ = served.run(served.context.enrolment.issue_code("rosa", "desk"))
    with httpx2.Client(base_url=served.url) as client:
        device = Device(client)
        device.enrol(code)
        assert device.pen is not None
        assert device.pen.account == "rosa"
