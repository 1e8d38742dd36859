"""The built app is served as it was built, and a missing build says so."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import httpx2
import orjson
import pytest
from starlette.routing import Route

from server.context import Context
from server.web.app import routes
from server.web.shell import Shell, read_build

pytestmark = pytest.mark.anyio

SHELL = """<!doctype html><title>{{ municipality }}</title>{% for s in styles %}<link href="{{ s }}">{%
endfor %} {% for p in preloads %}<link rel=modulepreload href="{{ p }}">{% endfor %}
{% for s in scripts %}<script type=module src="{{ s }}"></script>{% endfor %}<meta content="{{ brand }}">"""


def build(folder: Path) -> None:
    (folder / ".vite").mkdir(parents=True)
    (folder / "assets").mkdir()
    (folder / "icons").mkdir()
    manifest = {
        "src/app/main.tsx": {
            "file": "assets/main-a1.js",
            "isEntry": True,
            "css": ["assets/main-b2.css"],
            "imports": ["_shared.js"],
            "dynamicImports": ["src/map.ts"],
        },
        "_shared.js": {"file": "assets/shared-c3.js", "css": ["assets/shared-d4.css"]},
        "src/map.ts": {"file": "assets/map-e5.js", "isDynamicEntry": True},
    }
    (folder / ".vite" / "manifest.json").write_bytes(orjson.dumps(manifest))
    for name in ("main-a1.js", "shared-c3.js", "map-e5.js"):
        (folder / "assets" / name).write_text("export const a = 1;\n" * 100)
    for name in ("main-b2.css", "shared-d4.css"):
        (folder / "assets" / name).write_text("body{}")
    (folder / "assets" / "main-a1.js.map").write_text("{}")
    (folder / "sw.js").write_text("self.x = 1;")
    (folder / "icons" / "icon-192.png").write_bytes(b"\x89PNG")
    (folder / "icons" / "maskable-512.png").write_bytes(b"\x89PNG")
    (folder.parent / "shell.html").write_text(SHELL)


@pytest.fixture
def built(context: Context) -> Path:
    build(context.settings.app_dir)
    return context.settings.app_dir


async def test_the_shell_names_the_files_of_its_build(
    context: Context, built: Path, http: httpx2.AsyncClient
) -> None:
    await context.databases.reference.put(
        {"_id": "settings", "municipality": "San <Jacinto>", "brand": "#112233"}
    )
    answer = await http.get("/")
    assert answer.status_code == 200
    assert "San &lt;Jacinto&gt;" in answer.text
    assert "#112233" in answer.text
    assert 'src="/assets/main-a1.js"' in answer.text
    assert "/assets/shared-c3.js" in answer.text
    assert "map-e5" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    again = await http.get("/", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_hashed_files_are_kept_for_ever_and_others_asked_again(
    built: Path, http: httpx2.AsyncClient
) -> None:
    asset = await http.get("/assets/main-a1.js", headers={"Accept-Encoding": "gzip"})
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"].startswith("text/javascript")
    assert asset.headers["content-encoding"] == "gzip"
    assert "content-security-policy" in asset.headers
    plain = await http.get("/assets/main-a1.js", headers={"Accept-Encoding": "identity"})
    assert plain.content == (built / "assets" / "main-a1.js").read_bytes() == asset.content
    assert (await http.get("/sw.js")).headers["cache-control"] == "no-cache"
    for path in (
        "/assets/none.js",
        "/assets/main-a1.js.map",
        "/.vite/manifest.json",
        "/shell.html",
        "/../shell.html",
    ):
        assert (await http.get(path)).status_code == 404, path


async def test_the_web_manifest_has_the_municipalitys_name_and_the_builds_icons(
    context: Context, built: Path, http: httpx2.AsyncClient
) -> None:
    await context.databases.reference.put({"_id": "settings", "municipality": "San Jacinto"})
    value = (await http.get("/manifest.webmanifest")).json()
    assert value["name"] == "Manzana · San Jacinto"
    assert value["lang"] == "es-MX"
    assert [(icon["sizes"], icon["purpose"]) for icon in value["icons"]] == [
        ("192x192", "any"),
        ("512x512", "maskable"),
    ]


async def test_without_a_build_a_page_says_what_to_do(http: httpx2.AsyncClient) -> None:
    answer = await http.get("/")
    assert answer.status_code == 503
    assert "scripts/build" in answer.text


async def test_a_rebuild_is_taken_up(context: Context, built: Path, http: httpx2.AsyncClient) -> None:
    first = await http.get("/")
    manifest = built / ".vite" / "manifest.json"
    chunks = orjson.loads(manifest.read_bytes())
    chunks["src/app/main.tsx"]["file"] = "assets/main-z9.js"
    (built / "assets" / "main-z9.js").write_text("1;")
    manifest.write_bytes(orjson.dumps(chunks))
    import os

    os.utime(manifest, (1, 1))
    second = await http.get("/")
    assert "main-z9" in second.text
    assert first.headers["etag"] != second.headers["etag"]


def test_compression_is_reproducible(tmp_path: Path) -> None:
    build(tmp_path / "dist")
    one, two = read_build(tmp_path / "dist"), read_build(tmp_path / "dist")
    assert one
    assert two
    file = one.files["assets/main-a1.js"]
    assert file.zipped == two.files["assets/main-a1.js"].zipped
    assert gzip.decompress(file.zipped or b"") == file.body


async def test_where_the_app_is_installed_the_servers_pages_are_still_the_servers(context: Context) -> None:
    """The service worker answers every navigation with the app, but for the paths it names."""
    worker = (Path(__file__).resolve().parents[3] / "pwa" / "src" / "sw" / "sw.ts").read_text("utf-8")
    listed = re.search(r"const SERVER_PAGES = \[(.*?)\];", worker, re.DOTALL)
    assert listed
    patterns = [part.replace("\\/", "/") for part in re.findall(r"^\s+/(.+)/,$", listed[1], re.MULTILINE)]
    shell = {route.path for route in Shell(context.settings.app_dir).routes()}
    paths = [route.path for route in routes(context) if isinstance(route, Route) and route.path not in shell]
    assert len(paths) > 30
    assert [path for path in paths if not any(re.search(pattern, path) for pattern in patterns)] == []
