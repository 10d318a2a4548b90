-- name: events
SELECT e.distinct_id, e.product_id, e.event_id, e.event_name, e.event_at, e.revenue_micros, e.is_refund
FROM mixpanel_event e
JOIN user_validity v ON v.distinct_id = e.distinct_id AND v.valid_user = 1
WHERE e.product_id IS NOT NULL
ORDER BY e.distinct_id, e.product_id, e.event_at, e.event_id

-- name: events_without_product
SELECT count(*) FROM mixpanel_event e
JOIN user_validity v ON v.distinct_id = e.distinct_id AND v.valid_user = 1
WHERE e.product_id IS NULL

-- name: event_counts
SELECT e.distinct_id, e.product_id, e.event_name, count(*), sum(e.is_refund)
FROM mixpanel_event e
JOIN user_validity v ON v.distinct_id = e.distinct_id AND v.valid_user = 1
WHERE e.product_id IS NOT NULL
GROUP BY e.distinct_id, e.product_id, e.event_name

-- name: stores
SELECT DISTINCT e.distinct_id, e.product_id, e.store, e.device, u.country, u.region
FROM mixpanel_event e
JOIN user_validity v ON v.distinct_id = e.distinct_id AND v.valid_user = 1
JOIN mixpanel_user u ON u.distinct_id = e.distinct_id
WHERE e.product_id IS NOT NULL
ORDER BY e.distinct_id, e.product_id, e.device, e.store

-- name: valid
SELECT l.distinct_id, l.product_id, u.country
FROM user_product_lifecycle l
JOIN mixpanel_user u USING (distinct_id)
WHERE l.valid_lifecycle = 1

-- name: likeness
SELECT b.distinct_id, b.product_id, b.price_bucket_micros, i.store, t.economic_tier, i.country, i.region
FROM user_product_bucket b
JOIN user_product_information i USING (distinct_id, product_id)
JOIN user_tier t USING (distinct_id)

-- name: estimates
SELECT b.distinct_id, b.product_id, b.price_bucket_micros, i.store,
    r.trial_conversion_rate, r.trial_converted_to_refund_rate, r.initial_purchase_to_refund_rate, r.accuracy,
    r.cohort_users
FROM user_product_bucket b
JOIN user_product_information i USING (distinct_id, product_id)
JOIN user_product_rate r USING (distinct_id, product_id)

-- name: measures
SELECT u.distinct_id, u.country,
    coalesce(sum(e.revenue_micros), 0),
    count(DISTINCT local_day(e.event_at)),
    count(e.event_id),
    count(DISTINCT e.product_id),
    coalesce(sum(e.level = 'paid'), 0)
FROM mixpanel_user u
LEFT JOIN mixpanel_event e ON e.distinct_id = u.distinct_id
GROUP BY u.distinct_id, u.country
