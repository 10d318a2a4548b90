"""Where Maryland publishes, and how politely it is asked."""

from __future__ import annotations

from datetime import timedelta

from penstock.kit.pace import Window
from penstock.sources.source import Source

# The state publishes no limit. One call every two seconds, and no more than a person could make in an hour of work, is
# our own choice.
_POLITE = (Window(1, timedelta(seconds=2)), Window(600, timedelta(hours=1)))

#: The Campaign Reporting Information System: contributions and committees, https://campaignfinance.maryland.gov/
FINANCE = Source(
    name="maryland",
    base_url="https://campaignfinance.maryland.gov",
    windows=_POLITE,
    time_limit=timedelta(minutes=2),
    terms="https://campaignfinance.maryland.gov/Public/ViewReceipts",
)

#: The State Board of Elections: lists of candidates, https://elections.maryland.gov/elections/
ELECTIONS = Source(
    name="marylandelections",
    base_url="https://elections.maryland.gov/elections",
    windows=_POLITE,
    time_limit=timedelta(minutes=1),
    terms="https://elections.maryland.gov/",
)
