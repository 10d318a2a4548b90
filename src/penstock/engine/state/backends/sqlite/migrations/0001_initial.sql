-- Instants are whole microseconds since 1970-01-01 UTC; JSON is text with sorted keys; statuses are the words of
-- `penstock.engine.state.records`. `run`, `task_run`, `upstream` and `dependent` hold the row ids of what they name.

-- name: runs
-- Ids are never given twice: a number read a moment ago must not come to mean another run.
CREATE TABLE runs (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id              TEXT    NOT NULL UNIQUE,
    pipeline            TEXT    NOT NULL,
    partition           TEXT    NOT NULL,
    params              TEXT    NOT NULL,
    cause               TEXT    NOT NULL,
    status              TEXT    NOT NULL,
    continue_on_failure INTEGER NOT NULL,
    cancel_signal       TEXT,
    created_at          INTEGER NOT NULL,
    finished_at         INTEGER,
    alive_until         INTEGER NOT NULL,
    owner               TEXT    NOT NULL,
    first_event         INTEGER NOT NULL,         -- its events have this number or a greater one,
    last_event          INTEGER                   -- and, once it is closed, none has a greater one than this
) STRICT

-- name: runs_by_age
CREATE INDEX runs_by_age ON runs (created_at)

-- name: runs_told_to_stop
CREATE INDEX runs_told_to_stop ON runs (run_id) WHERE cancel_signal IS NOT NULL

-- name: task_runs
CREATE TABLE task_runs (
    id           INTEGER PRIMARY KEY,             -- rises in the order of creation within a run
    run          INTEGER NOT NULL,
    task         TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    is_open      INTEGER,                         -- 1 while queued or running, else NULL: the index of what may be claimed
    claimable_at INTEGER NOT NULL DEFAULT 0,      -- queued: available from; running: the lease runs out; 0: at once
    waiting      INTEGER NOT NULL DEFAULT 0,      -- upstream task runs that are not over
    bad_upstream INTEGER NOT NULL DEFAULT 0,      -- upstream task runs that ended badly
    attempt      INTEGER NOT NULL DEFAULT 0,      -- number of the newest attempt, and the newest token
    owner        TEXT,                            -- of the newest attempt
    started_at   INTEGER,                         -- of the newest attempt while this row holds it, else NULL
    finished_at  INTEGER,
    outcome      TEXT,                            -- of the newest attempt while this row holds it
    action       TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    result       TEXT,
    failure      TEXT,
    CHECK ((status IN ('queued', 'running')) = (is_open IS NOT NULL))
) STRICT

-- name: task_runs_by_name
CREATE UNIQUE INDEX task_runs_by_name ON task_runs (run, task)

-- name: task_runs_open
-- Claiming changes neither column, so it does not touch this index; walking it is the order of creation.
CREATE INDEX task_runs_open ON task_runs (run) WHERE is_open = 1

-- name: edges
CREATE TABLE edges (
    upstream  INTEGER NOT NULL,
    dependent INTEGER NOT NULL,
    position  INTEGER NOT NULL,                   -- place of the upstream among those the dependent names
    PRIMARY KEY (upstream, dependent)
) STRICT, WITHOUT ROWID

-- name: attempts
-- The newest attempt lives in its task run; it moves here when another one may follow.
CREATE TABLE attempts (
    task_run    INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    owner       TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    outcome     TEXT    NOT NULL,
    failure     TEXT,
    PRIMARY KEY (task_run, number)
) STRICT, WITHOUT ROWID

-- name: attempts_lost
CREATE INDEX attempts_lost ON attempts (owner) WHERE outcome = 'abandoned'

-- name: ledgers
-- The sums of the items of a fan-out, moved in the transaction that moves the items.
CREATE TABLE ledgers (
    task_run   INTEGER PRIMARY KEY,
    pending    INTEGER NOT NULL DEFAULT 0 CHECK (pending >= 0),
    running    INTEGER NOT NULL DEFAULT 0 CHECK (running >= 0),
    completed  INTEGER NOT NULL DEFAULT 0,
    failed     INTEGER NOT NULL DEFAULT 0,
    skipped    INTEGER NOT NULL DEFAULT 0,
    claimed_to INTEGER NOT NULL DEFAULT 0         -- no item behind this id was ever claimed
) STRICT

-- name: items
CREATE TABLE items (
    id           INTEGER PRIMARY KEY,             -- rises in the order the items were added
    task_run     INTEGER NOT NULL,
    key          TEXT    NOT NULL,
    payload      TEXT,
    basis        TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    is_open      INTEGER,                         -- 1 while pending or running, else NULL
    claimable_at INTEGER NOT NULL DEFAULT 0,
    attempt      INTEGER NOT NULL DEFAULT 0,      -- number of the newest attempt
    owner        TEXT,
    result       TEXT,
    failure      TEXT,
    finished_at  INTEGER
) STRICT

-- name: items_by_key
CREATE UNIQUE INDEX items_by_key ON items (task_run, key)

-- name: items_open
CREATE INDEX items_open ON items (task_run) WHERE is_open = 1

-- name: completions
CREATE TABLE completions (
    pipeline     TEXT    NOT NULL,
    partition    TEXT    NOT NULL,
    task         TEXT    NOT NULL,
    run_id       TEXT    NOT NULL,
    completed_at INTEGER NOT NULL,
    facts        TEXT    NOT NULL,
    result       TEXT,
    PRIMARY KEY (pipeline, partition, task)
) STRICT, WITHOUT ROWID

-- name: leases
CREATE TABLE leases (
    name  TEXT    NOT NULL PRIMARY KEY,
    owner TEXT    NOT NULL,
    token INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID

-- name: marks
CREATE TABLE marks (
    pipeline TEXT    NOT NULL,
    task     TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    value    TEXT,
    at       INTEGER NOT NULL,
    PRIMARY KEY (pipeline, task, name)
) STRICT, WITHOUT ROWID

-- name: events
-- A row whose run_id is NULL only keeps its number from being given again.
CREATE TABLE events (
    seq    INTEGER PRIMARY KEY,
    kind   TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    run_id TEXT,
    task   TEXT,
    facts  TEXT
) STRICT
