-- One row per user, and one per user and product, with everything that is known.

CREATE VIEW user_profile AS
SELECT u.*, a.has_abi_attribution, v.valid_user, t.behaviour_tier, t.economic_tier
FROM mixpanel_user u
LEFT JOIN user_attribution a USING (distinct_id)
LEFT JOIN user_validity v USING (distinct_id)
LEFT JOIN user_tier t USING (distinct_id);

CREATE VIEW user_product_metrics AS
SELECT l.distinct_id, l.product_id, l.valid_lifecycle, l.reason, l.reasons,
    i.credited_on, i.country, i.region, i.device, i.store,
    b.price_bucket_micros, b.assignment_type, b.inherited_from_event_type,
    r.trial_conversion_rate, r.trial_converted_to_refund_rate, r.initial_purchase_to_refund_rate,
    r.accuracy, r.cohort_users,
    w.current_status, w.value_status, w.current_value_micros
FROM user_product_lifecycle l
LEFT JOIN user_product_information i USING (distinct_id, product_id)
LEFT JOIN user_product_bucket b USING (distinct_id, product_id)
LEFT JOIN user_product_rate r USING (distinct_id, product_id)
LEFT JOIN user_product_value w USING (distinct_id, product_id);
