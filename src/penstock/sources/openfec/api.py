"""Where the FEC's API lies, how often it may be called, and with which key."""

from __future__ import annotations

from datetime import timedelta

from penstock.kit.pace import Window
from penstock.sources.source import Source

#: Limits of a key of one's own, from https://api.open.fec.gov/developers/ and https://api.data.gov/docs/rate-limits/.
OPENFEC = Source(
    "openfec",
    "https://api.open.fec.gov/v1",
    windows=(Window(1000, timedelta(hours=1)), Window(60, timedelta(minutes=1))),
    key_variable="FEC_API_KEY",
    key_header="X-Api-Key",
    terms="https://api.open.fec.gov/developers/",
)
