"""Sends a message as a letter through a mail server; the one place that speaks SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from penstock.kit.jsonable import digest
from penstock.kit.secret import Secret
from penstock.notify.delivery import TIME_LIMIT, Delivery, Send, within_limit
from penstock.notify.letter import subject_of, text_of
from penstock.notify.message import Message

_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mail server, and who writes.

    Args:
        server: `smtp://` or `smtps://`, with user and password if it asks for them.
    """

    server: Secret
    sender: str


def send_by_mail(mailbox: Mailbox, channel: str, to: Sequence[str]) -> Send:
    """Return what writes letters to these addresses."""

    def send(message: Message) -> Delivery:
        return within_limit(lambda: _hand_over(mailbox, _letter(mailbox, channel, to, message)))

    return send


def _letter(mailbox: Mailbox, channel: str, to: Sequence[str], message: Message) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = subject_of(message)
    letter["From"] = mailbox.sender
    letter["To"] = ", ".join(to)
    letter["Date"] = format_datetime(message.at)
    letter["Message-ID"] = f"<{digest([message.key, channel])}@{mailbox.sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Penstock-Event"] = message.event
    letter["X-Penstock-Key"] = digest(message.key)
    letter.set_content(text_of(message).encode("utf-8", "replace").decode("utf-8"))
    return letter


def _hand_over(mailbox: Mailbox, letter: EmailMessage) -> Delivery:
    parts = urlsplit(mailbox.server.reveal())
    host = parts.hostname or ""
    password = Secret(unquote(parts.password)) if parts.password else None
    try:
        with _connect(parts.scheme, host, parts.port or _PORTS[parts.scheme]) as server:
            if parts.scheme == "smtp" and not _protect(server, host, is_needed=password is not None):
                words = f"{host} offers no encryption, and a password is not sent without"
                return Delivery(is_delivered=False, words=words)
            if password is not None:
                server.login(unquote(parts.username or ""), password.reveal())
            refused = server.send_message(letter)
        left_out = f", but not for {', '.join(refused)}" if refused else ""
        return Delivery(is_delivered=True, words=f"{host} took it{left_out}")
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        words = f"{host} refused {', '.join(error.recipients)}: {' '.join(map(str, sorted(codes)))}"
        return Delivery(is_delivered=False, words=words, is_refused=min(codes) >= 500)
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        # A wrong password may be set right within the day a letter waits.
        is_refused = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
        return _failed(mailbox, password, f"{host} answered {error.smtp_code}: {said}", is_refused=is_refused)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return _failed(mailbox, password, f"{host} cannot be reached: {type(error).__name__}: {error}")


def _connect(scheme: str, host: str, port: int) -> smtplib.SMTP:
    limit = TIME_LIMIT.total_seconds()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=limit, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=limit)


def _protect(server: smtplib.SMTP, host: str, *, is_needed: bool) -> bool:
    """Encrypt the connection if the server can; return False when it has to be and cannot."""
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
        return True
    return not is_needed or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _failed(mailbox: Mailbox, password: Secret | None, words: str, *, is_refused: bool = False) -> Delivery:
    told = mailbox.server.scrub(password.scrub(words) if password else words)
    return Delivery(is_delivered=False, words=" ".join(told.split())[:300], is_refused=is_refused)
