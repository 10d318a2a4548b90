-- What was fetched, reduced to what the rules need.

CREATE TABLE analysis_window (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    start_on TEXT NOT NULL,
    end_on TEXT NOT NULL
);

CREATE TABLE downloaded_day (
    day TEXT PRIMARY KEY,
    events INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE raw_event (
    day TEXT NOT NULL,
    raw_id TEXT NOT NULL,
    event_name TEXT,
    distinct_id TEXT,
    earlier_ids TEXT,
    event_at TEXT,
    written_time TEXT NOT NULL,
    insert_id TEXT,
    processed_ms INTEGER NOT NULL,
    content_id TEXT NOT NULL,
    product_id TEXT,
    store TEXT,
    device TEXT,
    country TEXT,
    region TEXT,
    currency TEXT,
    amount TEXT,
    level TEXT,
    PRIMARY KEY (day, raw_id)
) WITHOUT ROWID;

CREATE TABLE raw_user (
    distinct_id TEXT PRIMARY KEY,
    aliases TEXT,
    country TEXT,
    region TEXT,
    first_seen_at TEXT,
    unreadable_dates INTEGER NOT NULL,
    abi_ad_id TEXT,
    abi_campaign_id TEXT,
    abi_ad_set_id TEXT,
    address_kind TEXT
) WITHOUT ROWID;
