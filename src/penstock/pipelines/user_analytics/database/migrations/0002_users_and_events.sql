-- Users and their events: one row each, whatever was fetched how often.

CREATE TABLE user_identity (
    alias TEXT PRIMARY KEY,
    distinct_id TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE mixpanel_user (
    distinct_id TEXT PRIMARY KEY,
    country TEXT,
    region TEXT,
    first_seen_at TEXT,
    unreadable_dates INTEGER NOT NULL,
    abi_ad_id TEXT,
    abi_campaign_id TEXT,
    abi_ad_set_id TEXT,
    address_kind TEXT
) WITHOUT ROWID;

CREATE TABLE mixpanel_event (
    event_id TEXT PRIMARY KEY,
    distinct_id TEXT NOT NULL REFERENCES mixpanel_user (distinct_id) DEFERRABLE INITIALLY DEFERRED,
    event_name TEXT NOT NULL,
    event_at TEXT,
    written_time TEXT NOT NULL,
    insert_id TEXT,
    processed_ms INTEGER NOT NULL,
    product_id TEXT,
    store TEXT,
    device TEXT,
    country TEXT,
    region TEXT,
    currency TEXT,
    amount TEXT,
    revenue_micros INTEGER,
    revenue_reason TEXT,
    is_refund INTEGER NOT NULL,
    level TEXT,
    day TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX mixpanel_event_by_user ON mixpanel_event (distinct_id, product_id, event_at);
