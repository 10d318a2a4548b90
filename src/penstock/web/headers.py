"""Headers that every answer of the console carries, so that a browser does nothing with it but show it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
#: `Referrer-Policy: no-referrer` would make browsers send `Origin: null` with the console's own forms.
SECURITY = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def sending(send: Send, path: str, cookies: Sequence[str] = ()) -> Send:
    """Return a `send` that adds the headers, and these cookies."""
    is_static = path.startswith("/static/")

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(SECURITY)
            headers["Cache-Control"] = "public, max-age=60" if is_static else "no-store"
            for cookie in cookies:
                headers.append("Set-Cookie", cookie)
        await send(message)

    return send_with_headers
