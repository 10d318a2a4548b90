-- Instants are whole microseconds since 1970-01-01 UTC; JSON is text with sorted keys, which unlike jsonb gives back
-- every value as it was; statuses are the words of `penstock.engine.state.records`. Text compares by code points
-- whatever the database's language. `run`, `task_run`, `upstream` and `dependent` hold the row ids of what they name.

-- name: runs
CREATE TABLE runs (
    id                  bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id              text    COLLATE "C" NOT NULL UNIQUE,
    pipeline            text    COLLATE "C" NOT NULL,
    partition           text    COLLATE "C" NOT NULL,
    params              text    NOT NULL,
    cause               text    NOT NULL,
    status              text    COLLATE "C" NOT NULL,
    continue_on_failure boolean NOT NULL,
    cancel_signal       text    COLLATE "C",
    created_at          bigint  NOT NULL,
    finished_at         bigint,
    alive_until         bigint  NOT NULL,
    owner               text    COLLATE "C" NOT NULL,
    deployment          text    COLLATE "C" NOT NULL
) WITH (fillfactor = 80)

-- name: runs_by_age
CREATE INDEX runs_by_age ON runs (created_at, id)

-- name: runs_told_to_stop
CREATE INDEX runs_told_to_stop ON runs (run_id) WHERE cancel_signal IS NOT NULL

-- name: task_runs
-- Room is left in every page, so that a claim, which changes no indexed column, changes its row in place.
CREATE TABLE task_runs (
    id           bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- rises in the order of creation within a run
    run          bigint  NOT NULL,
    task         text    COLLATE "C" NOT NULL,
    status       text    COLLATE "C" NOT NULL,
    is_open      boolean NOT NULL,                -- while queued or running: the index of what may be claimed
    claimable_at bigint  NOT NULL DEFAULT 0,      -- queued: available from; running: the lease runs out; 0: at once
    waiting      bigint  NOT NULL DEFAULT 0,      -- upstream task runs that are not over
    bad_upstream bigint  NOT NULL DEFAULT 0,      -- upstream task runs that ended badly
    attempt      bigint  NOT NULL DEFAULT 0,      -- number of the newest attempt, and the newest token
    owner        text    COLLATE "C",             -- of the newest attempt
    started_at   bigint,                          -- of the newest attempt while this row holds it, else NULL
    finished_at  bigint,
    outcome      text    COLLATE "C",             -- of the newest attempt while this row holds it
    action       text    COLLATE "C" NOT NULL,
    reason       text    NOT NULL,
    result       text,
    failure      text,
    CHECK (is_open = (status IN ('queued', 'running')))
) WITH (fillfactor = 70)

-- name: task_runs_by_name
CREATE UNIQUE INDEX task_runs_by_name ON task_runs (run, task)

-- name: task_runs_open
CREATE INDEX task_runs_open ON task_runs (run, id) WHERE is_open

-- name: edges
CREATE TABLE edges (
    upstream  bigint NOT NULL,
    dependent bigint NOT NULL,
    position  bigint NOT NULL,                    -- place of the upstream among those the dependent names
    PRIMARY KEY (upstream, dependent)
)

-- name: attempts
-- The newest attempt lives in its task run; it moves here when another one may follow.
CREATE TABLE attempts (
    task_run    bigint NOT NULL,
    number      bigint NOT NULL,
    owner       text   COLLATE "C" NOT NULL,
    started_at  bigint NOT NULL,
    finished_at bigint NOT NULL,
    outcome     text   COLLATE "C" NOT NULL,
    failure     text,
    PRIMARY KEY (task_run, number)
)

-- name: attempts_lost
CREATE INDEX attempts_lost ON attempts (owner) WHERE outcome = 'abandoned'

-- name: ledgers
-- The sums of the items of a fan-out, moved in the transaction that moves the items.
CREATE TABLE ledgers (
    task_run   bigint PRIMARY KEY,
    pending    bigint NOT NULL DEFAULT 0 CHECK (pending >= 0),
    running    bigint NOT NULL DEFAULT 0 CHECK (running >= 0),
    completed  bigint NOT NULL DEFAULT 0,
    failed     bigint NOT NULL DEFAULT 0,
    skipped    bigint NOT NULL DEFAULT 0,
    claimed_to bigint NOT NULL DEFAULT 0          -- no item behind this id was ever claimed
) WITH (fillfactor = 50)

-- name: items
CREATE TABLE items (
    id           bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- rises in the order the items were added
    task_run     bigint  NOT NULL,
    key          text    COLLATE "C" NOT NULL,
    payload      text,
    basis        text    COLLATE "C" NOT NULL,
    status       text    COLLATE "C" NOT NULL,
    is_open      boolean NOT NULL,                -- while pending or running
    claimable_at bigint  NOT NULL DEFAULT 0,
    attempt      bigint  NOT NULL DEFAULT 0,      -- number of the newest attempt
    owner        text    COLLATE "C",
    result       text,
    failure      text,
    finished_at  bigint
) WITH (fillfactor = 70)

-- name: items_by_key
CREATE UNIQUE INDEX items_by_key ON items (task_run, key)

-- name: items_open
CREATE INDEX items_open ON items (task_run, id) WHERE is_open

-- name: completions
CREATE TABLE completions (
    pipeline     text   COLLATE "C" NOT NULL,
    partition    text   COLLATE "C" NOT NULL,
    task         text   COLLATE "C" NOT NULL,
    run_id       text   COLLATE "C" NOT NULL,
    completed_at bigint NOT NULL,
    facts        text   NOT NULL,
    result       text,
    PRIMARY KEY (pipeline, partition, task)
)

-- name: leases
CREATE TABLE leases (
    name  text   COLLATE "C" PRIMARY KEY,
    owner text   COLLATE "C" NOT NULL,
    token bigint NOT NULL,
    until bigint NOT NULL
)

-- name: marks
CREATE TABLE marks (
    pipeline text   COLLATE "C" NOT NULL,
    task     text   COLLATE "C" NOT NULL,
    name     text   COLLATE "C" NOT NULL,
    value    text,
    at       bigint NOT NULL,
    PRIMARY KEY (pipeline, task, name)
)

-- name: events
CREATE TABLE events (
    seq    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind   text   COLLATE "C" NOT NULL,
    at     bigint NOT NULL,
    run_id text   COLLATE "C" NOT NULL,
    task   text   COLLATE "C",
    facts  text
)

-- name: events_of_run
CREATE INDEX events_of_run ON events (run_id, seq)

-- name: deployments
CREATE TABLE deployments (
    name        text    COLLATE "C" PRIMARY KEY,
    pipeline    text    COLLATE "C" NOT NULL,
    deployment  text    COLLATE "C" NOT NULL,
    "trigger"   text    COLLATE "C" NOT NULL,
    params      text    NOT NULL,
    deployed_at bigint  NOT NULL,
    is_paused   boolean NOT NULL,
    watermark   text    COLLATE "C"
)

-- name: firings
CREATE TABLE firings (
    deployment  text   COLLATE "C" NOT NULL,
    key         text   COLLATE "C" NOT NULL,
    run_id      text   COLLATE "C" NOT NULL,
    due_at      bigint NOT NULL,
    params      text   NOT NULL,
    cause       text   NOT NULL,
    status      text   COLLATE "C" NOT NULL,
    owner       text   COLLATE "C" NOT NULL DEFAULT '',
    token       bigint NOT NULL DEFAULT 0,
    lease_until bigint,
    finished_at bigint,
    message     text,
    PRIMARY KEY (deployment, key)
)

-- name: firings_open
CREATE INDEX firings_open ON firings (due_at) WHERE status IN ('pending', 'running')

-- name: budgets
CREATE TABLE budgets (
    name          text   COLLATE "C" PRIMARY KEY,
    windows       text   COLLATE "C" NOT NULL,    -- [[calls, microseconds], ...]
    blocked_until bigint
)

-- name: calls
CREATE TABLE calls (
    number     bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    budget     text    COLLATE "C" NOT NULL,
    counts_at  bigint  NOT NULL,
    is_settled boolean NOT NULL
)

-- name: calls_by_time
CREATE INDEX calls_by_time ON calls (budget, counts_at)
