"""Users whose events cannot have happened so: a story for each reason a lifecycle is refused, each with its product."""

from __future__ import annotations

from dataclasses import replace

from penstock.simulators.mixpanel.move import (
    cancellation,
    converted,
    expiration,
    purchase,
    refund,
    renewal,
    trial,
    trial_cancelled,
)
from penstock.simulators.mixpanel.story import Story

#: The name of a story is the reason it is refused for; what follows a dash tells two of one reason apart.
LIFECYCLES = (
    Story(name="multiple_trial_starts", moves=(trial(20), trial(15))),
    Story(name="trial_without_end", moves=(trial(32),)),
    Story(name="trial_end_too_late", moves=(trial(60), converted(28))),
    Story(name="trial_conversion_without_start", moves=(converted(20),)),
    Story(name="trial_cancellation_without_start", moves=(trial_cancelled(20),)),
    Story(name="multiple_trial_ends", moves=(trial(30), converted(23), trial_cancelled(22))),
    Story(name="multiple_initial_purchases", moves=(purchase(30), purchase(20))),
    Story(name="initial_purchase_during_trial", moves=(trial(20), purchase(18))),
    Story(name="initial_purchase_after_conversion", moves=(trial(30), converted(23), purchase(10))),
    Story(name="renewal_without_subscription", moves=(renewal(12),)),
    Story(name="cancellation_without_subscription", moves=(cancellation(12),)),
    Story(name="cancellation_without_subscription-refund", moves=(refund(12, "29.99"),)),
    Story(name="trial_start_after_subscription", moves=(purchase(30), trial(20))),
    # Something ran out of which nothing else is known; then, of which something is known only afterwards.
    Story(name="no_subscription_event", moves=(expiration(12),)),
    Story(name="invalid_event_sequence", moves=(expiration(30), trial(20), trial_cancelled(15))),
    Story(
        name="datetime_parse_error",
        moves=(trial(30), replace(converted(23), time_text="2026-02-30T10:00:00")),
    ),
    Story(name="no_events"),
)
