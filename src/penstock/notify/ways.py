"""Finds the way a channel's messages go: what sends them, with everything it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from penstock.errors import UsageError
from penstock.kit.secret import Secret
from penstock.notify.channel import Channel
from penstock.notify.delivery import Send
from penstock.notify.rules import is_address

_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What channels share.

    Args:
        environ: Where webhooks' `${NAME}` are looked up.
        console_url: Where people reach the console; empty when they do not.
    """

    environ: Mapping[str, str]
    smtp_url: Secret | None = None
    mail_from: str = ""
    console_url: str = ""


def way_of(channel: Channel, around: Surroundings) -> Send:
    """Return what sends the messages of a channel.

    Raises:
        UsageError: Something it needs is not set.
    """
    if channel.webhook is not None:
        from penstock.notify.webhook import send_to_webhook

        return send_to_webhook(channel, _filled(channel, channel.webhook, around.environ))
    if channel.command:
        from penstock.notify.program import send_to_program

        return send_to_program(channel.name, channel.command)
    from penstock.notify.mail import Mailbox, send_by_mail

    if around.smtp_url is None or not around.mail_from:
        missing = "smtp_url" if around.smtp_url is None else "mail_from"
        raise UsageError(
            f"channel `{channel.name}` sends e-mail, but `{missing}` is not set",
            hint=f"set it in `penstock.toml`, or as PENSTOCK_{missing.upper()}",
        )
    return send_by_mail(Mailbox(around.smtp_url, around.mail_from), channel.name, channel.email)


def _filled(channel: Channel, webhook: Secret, environ: Mapping[str, str]) -> str:
    names = _VARIABLE.findall(webhook.reveal())
    if missing := [name for name in names if not environ.get(name)]:
        raise UsageError(
            f"the webhook of channel `{channel.name}` needs the environment variable `{missing[0]}`", hint="set it"
        )
    address = _VARIABLE.sub(lambda match: environ[match[1]], webhook.reveal())
    if not is_address(address):
        raise UsageError(
            f"the webhook of channel `{channel.name}` is no address of the web",
            hint="it begins with `https://`; look at " + (f"`{names[0]}`" if names else "`penstock.toml`"),
        )
    return address
