"""Users whose events arrive twice, late, or without what tells them apart."""

from __future__ import annotations

from dataclasses import replace

from penstock.simulators.mixpanel.move import converted, purchase, trial
from penstock.simulators.mixpanel.story import Story

#: The user of `Universe.late`, whose trial is open until one more event arrives.
LATE = "trial_until_a_late_event"

DELIVERIES = (
    Story(name="delivered_twice", moves=(replace(trial(50), first_price="0"), converted(43))),
    # The delivery that was processed last is right.
    Story(name="delivered_twice_and_corrected", moves=(replace(purchase(40, "29.99"), first_price="2.99"),)),
    Story(name="without_insert_id", moves=(replace(trial(50), insert_id=""), replace(converted(43), insert_id=""))),
    Story(
        name="without_insert_id_twice",
        moves=(replace(trial(50), insert_id="", first_price="0"), replace(converted(43), insert_id="")),
    ),
    # Two events, though the identifier of both is the same.
    Story(
        name="shared_insert_id",
        moves=(replace(trial(50), insert_id="shared"), replace(converted(43), insert_id="shared")),
    ),
    Story(name="processed_two_days_late", moves=(trial(50), replace(converted(43), late_days=2))),
    Story(name="processed_nine_days_late", moves=(trial(50), replace(converted(43), late_days=9))),
    Story(name=LATE, product="trials", moves=(trial(2),)),
)
