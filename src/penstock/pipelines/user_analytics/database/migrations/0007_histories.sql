-- What became of each valid user's subscription to each product: read from events once, for all steps that value it.

CREATE TABLE user_product_history (
    distinct_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    trial_at TEXT,
    trial_ended_at TEXT,
    converted_at TEXT,
    converted_micros INTEGER,
    converted_event_id TEXT,
    bought_at TEXT,
    bought_micros INTEGER,
    bought_event_id TEXT,
    refunded_at TEXT,
    last_status TEXT NOT NULL,
    origin TEXT,
    PRIMARY KEY (distinct_id, product_id)
) WITHOUT ROWID;
