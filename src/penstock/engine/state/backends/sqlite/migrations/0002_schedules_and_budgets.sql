-- Deployments and what their triggers asked for; calls to publishers. Instants and JSON are as in 0001.

-- name: run_deployment
ALTER TABLE runs ADD COLUMN deployment TEXT NOT NULL DEFAULT ''

-- name: deployments
CREATE TABLE deployments (
    name            TEXT    NOT NULL PRIMARY KEY,
    pipeline        TEXT    NOT NULL,
    deployment      TEXT    NOT NULL,
    "trigger"       TEXT    NOT NULL,
    params          TEXT    NOT NULL,
    deployed_at     INTEGER NOT NULL,
    is_paused       INTEGER NOT NULL,
    watermark       TEXT
) STRICT, WITHOUT ROWID

-- name: firings
CREATE TABLE firings (
    deployment  TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    run_id      TEXT    NOT NULL,
    due_at      INTEGER NOT NULL,
    params      TEXT    NOT NULL,
    cause       TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    owner       TEXT    NOT NULL DEFAULT '',
    token       INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER,
    finished_at INTEGER,
    message     TEXT,
    PRIMARY KEY (deployment, key)
) STRICT, WITHOUT ROWID

-- name: firings_open
CREATE INDEX firings_open ON firings (due_at) WHERE status IN ('pending', 'running')

-- name: budgets
CREATE TABLE budgets (
    name          TEXT NOT NULL PRIMARY KEY,
    windows       TEXT NOT NULL,                  -- [[calls, microseconds], ...]
    blocked_until INTEGER
) STRICT, WITHOUT ROWID

-- name: calls
-- Numbers are never given twice: a late word on an old call must not settle a new one.
CREATE TABLE calls (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    budget     TEXT    NOT NULL,
    counts_at  INTEGER NOT NULL,
    is_settled INTEGER NOT NULL
) STRICT

-- name: calls_by_time
CREATE INDEX calls_by_time ON calls (budget, counts_at)
