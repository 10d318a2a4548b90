-- What the steps find out about users: attribution, broken users, tiers.

CREATE TABLE user_attribution (
    distinct_id TEXT PRIMARY KEY,
    has_abi_attribution INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE broken_user_check (
    check_name TEXT PRIMARY KEY,
    description TEXT NOT NULL,
    is_disqualifying INTEGER NOT NULL,
    users INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE broken_user (
    distinct_id TEXT NOT NULL,
    check_name TEXT NOT NULL,
    PRIMARY KEY (distinct_id, check_name)
) WITHOUT ROWID;

CREATE TABLE user_validity (
    distinct_id TEXT PRIMARY KEY,
    valid_user INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE user_tier (
    distinct_id TEXT PRIMARY KEY,
    behaviour_tier TEXT NOT NULL,
    economic_tier TEXT NOT NULL,
    revenue_micros INTEGER NOT NULL,
    active_days INTEGER NOT NULL,
    events INTEGER NOT NULL,
    products INTEGER NOT NULL,
    paid_events INTEGER NOT NULL
) WITHOUT ROWID;
