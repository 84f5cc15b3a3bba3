"""The pages of `web/`, served as they were built; without them the API works, and the pages say why not."""

import hashlib
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from mimetypes import guess_type
from pathlib import Path
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

import dispatch
from dispatch.service.http.compression import accepted

BUILT: Final = Path(dispatch.__file__).with_name("webroot")
"""Where an install puts the pages."""
START: Final = "ui"
FACES: Final = ("ui/console", "ui/board", "ui/audit", "ui/admin", "m", START)
"""The addresses below which each face has its own: those that are no file are answered with the face."""
ASSETS: Final = "ui/assets/"
"""What lies here has the digest of its content in its name."""
ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
"""How files were compressed when they were built, the smallest first."""
MEDIA_TYPES: Final = {
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What Python's own table says differently on some machines."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, and no script or style that stands in a page."""
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

PAGE: Final = """\
<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<h1>{title}</h1>
{text}
</html>
"""
NOT_BUILT: Final = PAGE.format(
    title="页面尚未构建 · The pages are not built",
    text="<p>服务接口运行正常。请在服务器的项目目录中运行 <code>scripts/setup</code>，然后重启服务。</p>\n"
    '<p lang="en">The API works. Run <code>scripts/setup</code> in the project on the server, then start the '
    "service again.</p>",
)
NOT_THERE: Final = PAGE.format(
    title="没有这个页面 · There is no such page", text='<p><a href="/ui/">首页 · Start</a></p>'
)


class Content(NamedTuple):
    """A file's bytes and their digest."""

    data: bytes
    tag: str


@cache
def _content(path: Path) -> Content:
    data = path.read_bytes()
    return Content(data, hashlib.sha256(data).hexdigest()[:24])


class Pages:
    """The built files of one folder: what wasn't there when the service started is never served."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or BUILT
        self._files = frozenset(_files(self._folder))

    def routes(self) -> list[Route]:
        """Return the routes that serve them."""
        return [
            Route("/", self._start),
            Route("/ui", self._start),
            Route("/m", self._phone),
            Route("/ui/{path:path}", self._answer),
            Route("/m/{path:path}", self._answer),
        ]

    async def _start(self, request: Request) -> Response:
        return _on_to(f"/{START}/", request)

    async def _phone(self, request: Request) -> Response:
        # The phone's service worker watches over `/m/`, to which `/m` doesn't belong.
        return _on_to("/m/", request)

    async def _answer(self, request: Request) -> Response:
        if not self._files:
            return _plain(NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE)
        name = self._meant(request.url.path.removeprefix("/"))
        return _plain(NOT_THERE, HTTPStatus.NOT_FOUND) if name is None else self._file(name, request)

    def _meant(self, address: str) -> str | None:
        """Return the file that an address means: itself, or the face that it lies in."""
        if address in self._files:
            return address
        if "." in address.rpartition("/")[2]:
            return None
        below = address.rstrip("/")
        for face in FACES:
            if below == face or (face != START and below.startswith(f"{face}/")):
                page = f"{face}/index.html"
                return page if page in self._files else None
        return None

    def _file(self, name: str, request: Request) -> Response:
        taken = accepted(request)
        encoding, suffix = next(
            (one for one in ENCODINGS if one[0] in taken and name + one[1] in self._files), ("", "")
        )
        content = _content(self._folder / (name + suffix))
        hashed = name.startswith(ASSETS)
        headers = {
            **HEADERS,
            "Cache-Control": "public, max-age=31536000, immutable" if hashed else "no-cache",
            "ETag": f'"{content.tag}"',
            "Vary": "Accept-Encoding",
        }
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if encoding:
            headers["Content-Encoding"] = encoding
        return Response(content.data, headers=headers, media_type=_media_type(name))


def _files(folder: Path) -> Iterator[str]:
    """Give the names of the files that may be served; what begins with a dot is nobody's."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and not any(p.startswith(".") for p in name.split("/")):
            yield name


def _media_type(name: str) -> str:
    suffix = Path(name).suffix
    return MEDIA_TYPES.get(suffix) or guess_type(name)[0] or "application/octet-stream"


def _on_to(address: str, request: Request) -> Response:
    """Lead on, with what was asked for: `/?lang=en` is in English."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(address + query, HTTPStatus.TEMPORARY_REDIRECT, HEADERS)


def _plain(page: str, status: HTTPStatus) -> Response:
    return HTMLResponse(page, status, {**HEADERS, "Cache-Control": "no-store"})
