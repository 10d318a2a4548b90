"""A channel: whom to tell of what, as the settings declare it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from penstock.kit.secret import STARS, Secret

#: How late a deployment may be before anybody is told, unless the channel says otherwise.
LATE_AFTER = timedelta(hours=1)


class Occasion(StrEnum):
    """What a channel may be told of."""

    #: A run closed as failed or abandoned, or could not be started.
    FAILURE = "failure"
    #: The first completed run after a failure of the same pipeline, partition and deployment.
    RECOVERY = "recovery"
    #: What a deployment asked for has not been started, or is not over, so long after it was due.
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to tell people or programs: a webhook, e-mail addresses or a command; exactly one of the three.

    Args:
        pipelines: Names and globs of the pipelines it is told about.
        webhook: The address; its path and query are secrets too. `${NAME}` in it stands for an environment variable.
        command: Program and arguments; no shell reads them.
    """

    name: str
    on: tuple[Occasion, ...] = tuple(Occasion)
    pipelines: tuple[str, ...] = ("*",)
    late_after: timedelta = LATE_AFTER
    webhook: Secret | None = None
    email: tuple[str, ...] = ()
    command: tuple[str, ...] = ()

    def follows(self, pipeline: str) -> bool:
        """Whether it is told about this pipeline."""
        return any(fnmatchcase(pipeline, pattern) for pattern in self.pipelines)

    def __str__(self) -> str:
        return self.target

    @property
    def target(self) -> str:
        """Where its messages go, as it may be shown."""
        if self.webhook is not None:
            return f"webhook {shown_address(self.webhook)}"
        if self.email:
            return f"e-mail to {', '.join(self.email)}"
        return f"command {self.command[0]}" + (f" {STARS}" if len(self.command) > 1 else "")


def shown_address(webhook: Secret) -> str:
    """Return a webhook's address as it may be shown: its host, and stars for the rest."""
    address = urlsplit(webhook.reveal())
    host = address.netloc.rpartition("@")[2]
    return f"{address.scheme}://{host}/{STARS}" if "://" in webhook.reveal() and "$" not in host else STARS
