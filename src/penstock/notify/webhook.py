"""Sends a message to a webhook: one POST of JSON, whose answer says whether it arrived."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import quote

from penstock.kit.jsonable import to_json
from penstock.kit.secret import Secret
from penstock.notify.channel import Channel, shown_address
from penstock.notify.delivery import TIME_LIMIT, Delivery, Send, within_limit
from penstock.notify.message import Message
from penstock.notify.rules import webhook_secret

_PASSING = (408, 429)
_LONGEST_ANSWER = 300


def send_to_webhook(channel: Channel, address: str) -> Send:
    """Return what sends messages to an address."""
    secret = webhook_secret(address)

    def send(message: Message) -> Delivery:
        return within_limit(lambda: _post(secret, channel.name, message))

    return send


def _post(address: Secret, channel: str, message: Message) -> Delivery:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "penstock",
        "Idempotency-Key": quote(message.key, safe="/:"),
        "X-Penstock-Event": message.event,
    }
    body = to_json(message.as_json(channel)).encode()
    try:
        request = urllib.request.Request(address.reveal(), body, headers, method="POST")  # noqa: S310 - http or https
        opener = urllib.request.build_opener(_NoRedirect)
        with opener.open(request, timeout=TIME_LIMIT.total_seconds()) as answer:
            return Delivery(is_delivered=True, words=f"{_host(address)} answered {answer.status}")
    except urllib.error.HTTPError as error:
        with error:
            return _refusal(address, error)
    except (OSError, HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or error
        told = address.scrub(f"{type(why).__name__}: {why}" if str(why) else type(why).__name__)
        return Delivery(is_delivered=False, words=f"{_host(address)} cannot be reached: {told}")


def _refusal(address: Secret, error: urllib.error.HTTPError) -> Delivery:
    if error.code < 400:
        words = f"{_host(address)} answered {error.code}, which leads elsewhere: set the address it leads to"
        return Delivery(is_delivered=False, words=words, is_refused=True)
    said = " ".join(address.scrub(_read(error)).split())
    is_refused = error.code < 500 and error.code not in _PASSING
    words = f"{_host(address)} answered {error.code}" + (f": {said}" if said else "")
    return Delivery(is_delivered=False, words=words, is_refused=is_refused)


def _read(error: urllib.error.HTTPError) -> str:
    try:
        return error.read1(_LONGEST_ANSWER).decode("utf-8", "replace") if error.fp else ""
    except (OSError, HTTPException, ValueError):
        return ""


def _host(address: Secret) -> str:
    return shown_address(address)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a POST that is redirected loses its body, or hands it to a stranger."""

    def redirect_request(  # noqa: PLR0917 - urllib's signature
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        """Follow nothing."""
