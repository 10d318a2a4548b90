-- What the steps find out about each user with each product.

CREATE TABLE user_product_lifecycle (
    distinct_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    valid_lifecycle INTEGER NOT NULL,
    reason TEXT,
    reasons TEXT NOT NULL,
    PRIMARY KEY (distinct_id, product_id)
) WITHOUT ROWID;

CREATE TABLE user_product_event_count (
    distinct_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    event_name TEXT NOT NULL,
    events INTEGER NOT NULL,
    refunds INTEGER NOT NULL,
    PRIMARY KEY (distinct_id, product_id, event_name)
) WITHOUT ROWID;

CREATE TABLE user_product_information (
    distinct_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    store TEXT,
    device TEXT,
    country TEXT,
    region TEXT,
    credited_on TEXT,
    PRIMARY KEY (distinct_id, product_id)
) WITHOUT ROWID;

CREATE TABLE price_bucket (
    bucket_id TEXT PRIMARY KEY,
    country TEXT,
    product_id TEXT NOT NULL,
    event_name TEXT NOT NULL,
    lowest_micros INTEGER NOT NULL,
    highest_micros INTEGER NOT NULL,
    prices INTEGER NOT NULL,
    value_micros INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE user_product_bucket (
    distinct_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    price_bucket_micros INTEGER,
    assignment_type TEXT NOT NULL,
    inherited_from_event_type TEXT,
    PRIMARY KEY (distinct_id, product_id)
) WITHOUT ROWID;

CREATE TABLE user_product_rate (
    distinct_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    trial_conversion_rate TEXT NOT NULL,
    trial_converted_to_refund_rate TEXT NOT NULL,
    initial_purchase_to_refund_rate TEXT NOT NULL,
    accuracy TEXT NOT NULL,
    cohort_users INTEGER NOT NULL,
    PRIMARY KEY (distinct_id, product_id)
) WITHOUT ROWID;

CREATE TABLE user_product_value (
    distinct_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    current_status TEXT NOT NULL,
    value_status TEXT,
    current_value_micros INTEGER,
    PRIMARY KEY (distinct_id, product_id)
) WITHOUT ROWID;
