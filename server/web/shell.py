"""The field app as built by Vite: shell, assets, service worker, web manifest.

Law: the shell names exactly the files of the build it came from; what has a hash in its name never
changes and is kept for ever, everything else is asked for again. Nothing is served that the build did not
make. The build is read into memory once (and again when it is rebuilt), compressed once.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, StrictUndefined
from starlette.responses import Response
from starlette.routing import Route

from server.problems import Problem
from server.web.state import Request

_IMMUTABLE = "public, max-age=31536000, immutable"
#: Colours of docs and style guide: petrol unless the municipality's own brand colour stands.
_PETROL = "#004D55"
_TEXT = re.compile(r"text/|application/(javascript|json|manifest\+json)|image/svg")
_ICON = re.compile(r"(?:.*/)?(?P<purpose>maskable|icon|monochrome)[-_]?(?P<size>\d+)?\.(?P<kind>png|svg)\Z")

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("image/webp", ".webp")
mimetypes.add_type("font/woff2", ".woff2")

NOT_BUILT = """<!doctype html><html lang="es-MX"><meta charset="utf-8">
<title>Falta construir la aplicación</title>
<h1>La aplicación aún no está construida</h1><p>El servidor funciona, pero no encuentra la aplicación en
<code>{folder}</code>.</p><p>Operators: run <code>scripts/build</code>,
or set <code>APP_DIR</code>.</p></html>"""


@dataclass(frozen=True, slots=True)
class File:
    body: bytes
    zipped: bytes | None
    media_type: str
    etag: str


@dataclass(slots=True)
class Build:
    """One build, read whole. ``entry`` is the chunk Vite marks ``isEntry``."""

    stamp: float
    files: dict[str, File] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    preloads: list[str] = field(default_factory=list)
    template: str = ""


def _manifest(folder: Path) -> Path:
    return folder / ".vite" / "manifest.json"


def read_build(folder: Path) -> Build | None:
    """The build in ``folder``, or None where there is none."""
    manifest = _manifest(folder)
    if not manifest.exists():
        return None
    build = Build(stamp=manifest.stat().st_mtime)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(".") and not name.endswith((".html", ".map")):
            build.files[name] = _read(path)
    chunks: dict[str, dict[str, Any]] = orjson.loads(manifest.read_bytes())
    for chunk in chunks.values():
        if chunk.get("isEntry") and chunk["file"].endswith(".js") and not chunk["file"].startswith("sw"):
            build.scripts.append("/" + chunk["file"])
            _collect(chunks, chunk, build, set())
    for place in (folder / "shell.html", folder.parent / "shell.html"):
        if place.exists():
            build.template = place.read_text(encoding="utf-8")
            break
    return build


def _collect(chunks: dict[str, dict[str, Any]], chunk: dict[str, Any], build: Build, seen: set[str]) -> None:
    for style in chunk.get("css", []):
        if "/" + style not in build.styles:
            build.styles.append("/" + style)
    for name in chunk.get("imports", []):
        if name not in seen:
            seen.add(name)
            build.preloads.append("/" + chunks[name]["file"])
            _collect(chunks, chunks[name], build, seen)


def _read(path: Path) -> File:
    body = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    zipped = gzip.compress(body, 9, mtime=0) if _TEXT.match(media_type) and len(body) > 500 else None
    return File(body, zipped, media_type, f'"{hashlib.sha256(body).hexdigest()[:24]}"')


class Shell:
    """Serves one folder's build; a rebuild is taken up at the next page load."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._build: Build | None = None
        self._templates = Environment(autoescape=True, undefined=StrictUndefined)

    def _current(self) -> Build | None:
        try:
            stamp = _manifest(self._folder).stat().st_mtime
        except FileNotFoundError:
            return None
        if self._build is None or self._build.stamp != stamp:
            self._build = read_build(self._folder)
        return self._build

    def _send(self, request: Request, file: File, cache: str) -> Response:
        headers = {"Cache-Control": cache, "ETag": file.etag, "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == file.etag:
            return Response(status_code=304, headers=headers)
        body = file.body
        if file.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
            body = file.zipped
            headers["Content-Encoding"] = "gzip"
        return Response(body, media_type=file.media_type, headers=headers)

    async def page(self, request: Request) -> Response:
        """``pwa/shell.html``, given ``municipality``, ``brand``, ``scripts``, ``styles`` and ``preloads``."""
        build = self._current()
        if build is None or not build.template:
            text = NOT_BUILT.format(folder=self._folder)
            return Response(text, 503, {"Cache-Control": "no-store"}, "text/html")
        context = request.state["context"]
        settings = await context.reference_settings()
        text = self._templates.from_string(build.template).render(
            municipality=settings.get("municipality") or "Manzana",
            brand=settings.get("brand") or _PETROL,
            scripts=build.scripts,
            styles=build.styles,
            preloads=build.preloads,
        )
        etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'
        headers = {"Cache-Control": "no-cache", "ETag": etag}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(text, media_type="text/html", headers=headers)

    async def file(self, request: Request) -> Response:
        """Any other file of the build."""
        build = self._current()
        name = request.url.path.lstrip("/")
        file = build.files.get(name) if build else None
        if file is None:
            raise Problem("not_found")
        return self._send(request, file, _IMMUTABLE if name.startswith("assets/") else "no-cache")

    async def manifest(self, request: Request) -> Response:
        """The web manifest, with the municipality's name and colour."""
        build = self._current()
        context = request.state["context"]
        settings = await context.reference_settings()
        name = settings.get("municipality") or "Manzana"
        icons = []
        for file in build.files if build else ():
            match = _ICON.match(file)
            if match:
                size = f"{match['size']}x{match['size']}" if match["size"] else "any"
                kind = "image/svg+xml" if match["kind"] == "svg" else "image/png"
                purpose = "any" if match["purpose"] == "icon" else match["purpose"]
                icons.append({"src": "/" + file, "sizes": size, "type": kind, "purpose": purpose})
        value = {
            "id": "/",
            "name": f"Manzana · {name}",
            "short_name": "Manzana",
            "description": "Reportes de su manzana, con o sin señal.",
            "lang": "es-MX",
            "dir": "ltr",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "orientation": "portrait",
            "background_color": "#FFFFFF",
            "theme_color": settings.get("brand") or _PETROL,
            "categories": ["government", "utilities"],
            "icons": icons,
        }
        body = orjson.dumps(value)
        return Response(body, media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})

    def routes(self) -> list[Route]:
        """The catch-all comes last in the application."""
        return [
            Route("/", self.page, methods=["GET"]),
            Route("/manifest.webmanifest", self.manifest, methods=["GET"]),
            Route("/assets/{path:path}", self.file, methods=["GET"]),
            Route("/sw.js", self.file, methods=["GET"]),
            Route("/{path:path}", self.file, methods=["GET"]),
        ]
