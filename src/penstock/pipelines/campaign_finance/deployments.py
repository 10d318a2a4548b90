"""When the pipeline's layers are to run: daily and monthly reading by the calendar, each layer after the one below."""

from __future__ import annotations

from penstock import After, Cron, Deployment

#: The source's own office hours: the FEC publishes overnight, Eastern time.
DEPLOYMENTS = (
    Deployment(
        "daily",
        Cron("weekdays 01:00 America/New_York"),
        tasks=("tag:daily",),
        group="bronze",
        doc="Read what the API has got since it was last read.",
    ),
    Deployment(
        "bulk",
        Cron("first sat 01:00 America/New_York"),
        tasks=("tag:bulk", "tag:reconcile"),
        group="bronze",
        doc="Load the bulk files, hold the API's rows against them, and refresh the cursors.",
    ),
    Deployment("silver", After("daily", "bulk"), tasks=("tag:silver",), doc="Refine what came in."),
    Deployment("gold", After("silver"), tasks=("tag:gold",), doc="Summarize what was refined, if it passes the gates."),
)
