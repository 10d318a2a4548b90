-- name: event_identifiers
SELECT DISTINCT distinct_id FROM raw_event WHERE distinct_id IS NOT NULL

-- name: links
SELECT distinct_id, aliases FROM raw_user WHERE aliases IS NOT NULL
UNION
SELECT distinct_id, earlier_ids FROM raw_event WHERE earlier_ids IS NOT NULL AND distinct_id IS NOT NULL

-- name: stage_users
INSERT INTO temp.new_mixpanel_user
SELECT distinct_id, country, region, first_seen_at, unreadable_dates,
    abi_ad_id, abi_campaign_id, abi_ad_set_id, address_kind
FROM raw_user

-- name: stage_users_without_profile
INSERT INTO temp.new_mixpanel_user
SELECT i.distinct_id, min(r.country), min(r.region), min(r.event_at), 0, NULL, NULL, NULL, NULL
FROM raw_event r
JOIN temp.new_user_identity i ON i.alias = r.distinct_id
WHERE i.distinct_id NOT IN (SELECT distinct_id FROM raw_user)
GROUP BY i.distinct_id

-- name: stage_events
INSERT INTO temp.new_mixpanel_event
SELECT event_id(event_name, user_id, moment, told_apart_by), user_id, event_name, event_at, written_time, insert_id,
    processed_ms, product_id, store, device, country, region, currency, amount,
    usd_micros(amount, currency, happened_on), revenue_reason(amount, currency, happened_on), is_negative(amount),
    level, day
FROM (
    SELECT *, row_number() OVER (
        PARTITION BY event_name, user_id, moment, told_apart_by ORDER BY processed_ms DESC, raw_id, day
    ) AS place
    FROM (
        SELECT r.*, i.distinct_id AS user_id,
            coalesce(r.event_at, r.written_time) AS moment,
            coalesce(r.insert_id, r.content_id) AS told_apart_by,
            coalesce(local_day(r.event_at), r.day) AS happened_on
        FROM raw_event r
        JOIN temp.new_user_identity i ON i.alias = r.distinct_id
        WHERE r.event_name IS NOT NULL
    )
)
WHERE place = 1

-- name: no_distinct_id
SELECT count(*) FROM raw_event WHERE distinct_id IS NULL

-- name: no_event_name
SELECT count(*) FROM raw_event WHERE distinct_id IS NOT NULL AND event_name IS NULL

-- name: unknown_user
SELECT count(*) FROM raw_event
WHERE distinct_id IS NOT NULL AND event_name IS NOT NULL
    AND distinct_id NOT IN (SELECT alias FROM temp.new_user_identity)

-- name: copy_of_another
SELECT (
    SELECT count(*) FROM raw_event r JOIN temp.new_user_identity i ON i.alias = r.distinct_id
    WHERE r.event_name IS NOT NULL
) - (SELECT count(*) FROM temp.new_mixpanel_event)

-- name: revenue_reasons
SELECT revenue_reason, count(*) FROM temp.new_mixpanel_event WHERE revenue_reason IS NOT NULL GROUP BY 1 ORDER BY 1
