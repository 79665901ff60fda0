"""Who may come in: host and origin checks, the creator's key beyond this computer, and the headers of every answer."""

import http.cookies
import ipaddress
import secrets
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "studio_key"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Gradio's templates need `unsafe-eval`; nothing may be loaded from, or sent to, another host."""


def is_loopback(host: str) -> bool:
    """Whether a server bound to `host` is reachable from this computer only."""
    return host in LOOPBACK or host.startswith("127.")


@dataclass(frozen=True, slots=True)
class Doors:
    """ASGI middleware in front of everything. `key`: None on loopback; else what the creator link carries.

    Beyond loopback a Host may be an address or this machine's own name, never another name, so that a
    stranger's domain that resolves here (DNS rebinding) is turned away in both cases.
    """

    app: ASGIApp
    host: str
    key: str | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self.refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        await self.app(scope, receive, _with_headers(send))

    def refusal(self, scope: Scope) -> Response | None:
        """The answer that turns this request away, or None when it may go on."""
        headers = Headers(scope=scope)
        if not self.knows(headers.get("host", "")):
            return PlainTextResponse("This studio does not answer to that host name.", 400)
        path = str(scope.get("path", ""))
        if scope.get("method", "GET") not in SAFE or scope["type"] == "websocket":
            if foreign(headers):
                return PlainTextResponse("Requests from other web pages are refused.", 403)
            if path.startswith("/gradio_api/upload"):
                return PlainTextResponse("Drop files on a drop zone of the page.", 403)
        if self.key is None or path == "/healthz":
            return None
        if path.startswith("/enter/"):
            return self.enter(path.removeprefix("/enter/"))
        cookie = http.cookies.SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        if cookie is not None and secrets.compare_digest(cookie.value.encode(), self.key.encode()):
            return None
        return PlainTextResponse(
            "This studio asks for its creator link: it is printed in the terminal where the studio was started.",
            401,
        )

    def enter(self, given: str) -> Response:
        """The creator link: right key → cookie and on to the page."""
        if self.key is None or not secrets.compare_digest(given.encode(), self.key.encode()):
            return PlainTextResponse("This creator link is not, or no longer, right. Copy it again.", 401)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, given, max_age=30 * 86400, httponly=True, samesite="strict")
        return answer

    def knows(self, host: str) -> bool:
        """Whether the Host header names this studio."""
        name = (urlsplit(f"//{host}").hostname or "").lower()
        if name in LOOPBACK or name == self.host.lower():
            return True
        if self.key is None:
            return False
        own = socket.gethostname().lower()
        if name in (own, f"{own}.local", own.split(".")[0]):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def foreign(headers: Headers) -> bool:
    """Whether a browser sent this on behalf of another page."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return True
    return headers.get("sec-fetch-site") in ("cross-site", "same-site")


def _with_headers(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                if name not in headers:
                    headers[name] = value
        await send(message)

    return sender
