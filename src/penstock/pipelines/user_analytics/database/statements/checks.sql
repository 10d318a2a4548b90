-- name: no_events
SELECT distinct_id FROM mixpanel_user EXCEPT SELECT distinct_id FROM mixpanel_event

-- name: no_country
SELECT distinct_id FROM mixpanel_user WHERE country IS NULL

-- name: internal_address
SELECT distinct_id FROM mixpanel_user WHERE address_kind = 'internal'

-- name: test_address
SELECT distinct_id FROM mixpanel_user WHERE address_kind = 'test'

-- name: unreadable_profile_date
SELECT distinct_id FROM mixpanel_user WHERE unreadable_dates > 0

-- name: first_seen_in_the_future
SELECT distinct_id FROM mixpanel_user WHERE first_seen_at >= :ends_at

-- name: event_at_impossible_time
SELECT distinct_id FROM mixpanel_event WHERE event_at < :begins_at OR event_at >= :ends_at
