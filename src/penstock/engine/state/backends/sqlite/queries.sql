-- Every statement of the SQLite state store. Those of the hot path, or for many rows at once, take `?`; the others names.
-- Statements of the hot path change rows by id and return nothing: `RETURNING` and `IN (SELECT …)` each build a
-- temporary table, which costs more than another statement.

-- name: insert_run
INSERT INTO runs (
    run_id, pipeline, partition, params, cause, status, continue_on_failure, created_at, alive_until, owner,
    deployment, first_event
)
VALUES (
    :run_id, :pipeline, :partition, :params, :cause, 'running', :continue_on_failure, :created_at, :alive_until, :owner,
    :deployment, (SELECT coalesce(max(seq), 0) + 1 FROM events)
)
ON CONFLICT (run_id) DO NOTHING
RETURNING id

-- name: last_task_run_id
SELECT coalesce(max(id), 0) FROM task_runs

-- name: insert_task_runs
INSERT INTO task_runs (id, run, task, status, is_open, waiting, finished_at, action, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: insert_edges
INSERT INTO edges (upstream, dependent, position) VALUES (?, ?, ?)

-- name: close_run_if_over
UPDATE runs
SET finished_at = :at,
    status = CASE
        WHEN EXISTS (SELECT 1 FROM task_runs WHERE run = :run AND status = 'failed') THEN 'failed'
        WHEN EXISTS (SELECT 1 FROM task_runs WHERE run = :run AND status = 'cancelled') THEN 'cancelled'
        ELSE 'completed'
    END
WHERE id = :run
    AND status = 'running'
    AND NOT EXISTS (SELECT 1 FROM task_runs WHERE run = :run AND is_open = 1)
RETURNING status

-- name: close_run
UPDATE runs SET status = :status, finished_at = :at WHERE id = :run

-- name: find_runs
SELECT * FROM runs
WHERE run_id >= :start AND run_id < :start || char(1114111)
ORDER BY run_id
LIMIT 2

-- name: get_run
SELECT * FROM runs WHERE run_id = :run_id

-- name: list_runs
SELECT * FROM runs
WHERE (:pipeline IS NULL OR pipeline = :pipeline)
    AND (:partition IS NULL OR partition = :partition)
    AND (:status IS NULL OR status = :status)
    AND (:deployment IS NULL OR deployment = :deployment)
    AND (created_at, id) < (:created_at, :before)
ORDER BY created_at DESC, id DESC
LIMIT :limit

-- name: count_task_runs
SELECT run, status, count(*), count(failure)
FROM task_runs
WHERE run IN (SELECT value FROM json_each(:runs))
GROUP BY run, status

-- name: list_task_runs
SELECT * FROM task_runs WHERE run = :run ORDER BY id

-- name: list_task_runs_named
SELECT *
FROM task_runs INDEXED BY task_runs_by_name
WHERE run = :run AND task IN (SELECT value FROM json_each(:tasks))
ORDER BY id

-- name: list_attempts
SELECT a.task_run, a.number, a.owner, a.started_at, a.finished_at, a.outcome, a.failure
FROM task_runs AS t
CROSS JOIN attempts AS a ON a.task_run = t.id
WHERE t.run = :run
ORDER BY a.task_run, a.number

-- name: list_attempts_named
SELECT a.task_run, a.number, a.owner, a.started_at, a.finished_at, a.outcome, a.failure
FROM task_runs AS t INDEXED BY task_runs_by_name
CROSS JOIN attempts AS a ON a.task_run = t.id
WHERE t.run = :run AND t.task IN (SELECT value FROM json_each(:tasks))
ORDER BY a.task_run, a.number

-- name: list_edges
SELECT e.dependent, u.task
FROM task_runs AS u
CROSS JOIN edges AS e ON e.upstream = u.id
WHERE u.run = :run
ORDER BY e.dependent, e.position

-- name: list_edges_named
-- Edges are kept by upstream: one walk over those of the run (`+`) beats a search per upstream and dependent.
SELECT e.dependent, u.task
FROM task_runs AS u
CROSS JOIN edges AS e ON e.upstream = u.id
WHERE u.run = :run AND +e.dependent IN (
    SELECT id
    FROM task_runs INDEXED BY task_runs_by_name
    WHERE run = :run AND task IN (SELECT value FROM json_each(:tasks))
)
ORDER BY e.dependent, e.position

-- name: set_cancel_signal
UPDATE runs
SET cancel_signal = CASE WHEN cancel_signal = 'cancel_now' THEN cancel_signal ELSE :signal END
WHERE id = :run

-- name: cancel_waiting
UPDATE task_runs
SET status = 'cancelled', is_open = NULL, claimable_at = 0, finished_at = :at
WHERE run = :run AND status IN ('pending', 'queued')

-- name: has_open_task_run
SELECT EXISTS (SELECT 1 FROM task_runs WHERE run = :run AND is_open = 1)

-- name: archive_abandoned_of_run
INSERT INTO attempts (task_run, number, owner, started_at, finished_at, outcome)
SELECT id, attempt, owner, started_at, :at, 'abandoned'
FROM task_runs
WHERE run = :run AND is_open = 1 AND status = 'running'

-- name: cancel_running
UPDATE task_runs
SET status = 'cancelled', is_open = NULL, claimable_at = 0, started_at = NULL, finished_at = :at
WHERE run = :run AND is_open = 1 AND status = 'running'

-- name: release_items_of_run
UPDATE items
SET status = 'pending', claimable_at = 0
WHERE is_open = 1 AND status = 'running' AND task_run IN (SELECT id FROM task_runs WHERE run = :run)

-- name: release_ledgers_of_run
UPDATE ledgers
SET pending = pending + running, running = 0
WHERE running > 0 AND task_run IN (SELECT id FROM task_runs WHERE run = :run)

-- name: reopen_items_of_run
UPDATE items
SET status = 'pending', is_open = 1, claimable_at = 0, finished_at = NULL
WHERE status IN ('running', 'failed') AND task_run IN (SELECT id FROM task_runs WHERE run = :run AND status = 'pending')

-- name: reopen_ledgers_of_run
UPDATE ledgers
SET pending = pending + running + failed, running = 0, failed = 0
WHERE running + failed > 0 AND task_run IN (SELECT id FROM task_runs WHERE run = :run AND status = 'pending')

-- name: archive_unfinished
INSERT INTO attempts (task_run, number, owner, started_at, finished_at, outcome, failure)
SELECT id, attempt, owner, started_at, finished_at, outcome, failure
FROM task_runs
WHERE run = :run AND started_at IS NOT NULL AND status NOT IN ('completed', 'skipped')

-- name: reset_unfinished
UPDATE task_runs
SET status = 'pending', is_open = NULL, claimable_at = 0, waiting = 0, bad_upstream = 0,
    started_at = NULL, finished_at = NULL, outcome = NULL, result = NULL, failure = NULL
WHERE run = :run AND status NOT IN ('completed', 'skipped')

-- name: recount_waiting
UPDATE task_runs
SET waiting = open_edges.waiting
FROM (
    SELECT e.dependent, count(*) AS waiting
    FROM task_runs AS u
    CROSS JOIN edges AS e ON e.upstream = u.id
    WHERE u.run = :run AND u.status = 'pending'
    GROUP BY e.dependent
) AS open_edges
WHERE task_runs.id = open_edges.dependent AND task_runs.status = 'pending'

-- name: queue_unblocked
UPDATE task_runs SET status = 'queued', is_open = 1 WHERE run = :run AND status = 'pending' AND waiting = 0

-- name: reopen_run
UPDATE runs
SET status = 'running', cancel_signal = NULL, finished_at = NULL, last_event = NULL, owner = :owner, alive_until = :alive_until
WHERE id = :run

-- name: list_claimable
SELECT t.id, t.run, t.task, t.action, t.reason, t.attempt, t.status, t.bad_upstream
FROM runs AS r
CROSS JOIN task_runs AS t ON t.run = r.id
WHERE r.run_id = ? AND r.status = 'running' AND r.cancel_signal IS NULL
    AND t.is_open = 1 AND t.claimable_at <= ?
ORDER BY t.id
LIMIT ?

-- name: list_claimable_named
SELECT t.id, t.run, t.task, t.action, t.reason, t.attempt, t.status, t.bad_upstream
FROM runs AS r
CROSS JOIN task_runs AS t INDEXED BY task_runs_by_name ON t.run = r.id
WHERE r.run_id = ? AND r.status = 'running' AND r.cancel_signal IS NULL
    AND t.is_open = 1 AND t.claimable_at <= ?
    AND t.task IN (SELECT value FROM json_each(?))
ORDER BY t.id
LIMIT ?

-- name: archive_abandoned
INSERT INTO attempts (task_run, number, owner, started_at, finished_at, outcome)
SELECT id, attempt, owner, started_at, :at, 'abandoned' FROM task_runs WHERE id = :task_run

-- name: claim_task_runs
UPDATE task_runs
SET status = 'running', claimable_at = ?, attempt = attempt + 1, owner = ?, started_at = ?,
    finished_at = NULL, outcome = NULL, failure = NULL
WHERE id = ?

-- name: list_failed_upstream
SELECT u.task
FROM task_runs AS u
CROSS JOIN edges AS e ON e.upstream = u.id AND e.dependent = :task_run
WHERE u.run = :run AND u.status IN ('failed', 'cancelled', 'upstream_failed')
ORDER BY e.position

-- name: find_held
-- `open_task_runs` counts no further than 2: enough to know whether this one is the last.
SELECT t.id, t.run, r.cancel_signal, r.status,
    (SELECT count(*) FROM (SELECT 1 FROM task_runs WHERE run = r.id AND is_open = 1 LIMIT 2)) AS open_task_runs
FROM runs AS r
CROSS JOIN task_runs AS t ON t.run = r.id AND t.task = ?
WHERE r.run_id = ? AND t.attempt = ? AND t.status = 'running'

-- name: finish_task_run
UPDATE task_runs
SET status = ?, is_open = NULL, claimable_at = 0, finished_at = ?, outcome = ?, result = ?, failure = ?,
    reason = coalesce(?, reason)
WHERE id = ?

-- name: archive_attempt
INSERT INTO attempts (task_run, number, owner, started_at, finished_at, outcome, failure)
SELECT id, attempt, owner, started_at, ?, ?, ? FROM task_runs WHERE id = ?

-- name: requeue_task_run
UPDATE task_runs
SET status = 'queued', claimable_at = ?, started_at = NULL, result = ?, failure = ?, reason = coalesce(?, reason)
WHERE id = ?

-- name: list_waiting_dependents
SELECT t.id, t.waiting
FROM edges AS e
CROSS JOIN task_runs AS t ON t.id = e.dependent
WHERE e.upstream = ? AND t.status = 'pending'

-- name: count_down
UPDATE task_runs SET waiting = waiting - 1, bad_upstream = bad_upstream + ? WHERE id = ?

-- name: release
UPDATE task_runs
SET waiting = 0, bad_upstream = bad_upstream + ?, status = 'queued', is_open = 1
WHERE id = ?

-- name: spread_failure
WITH RECURSIVE reached (id) AS (
    VALUES (:task_run)
    UNION
    SELECT t.id
    FROM reached
    CROSS JOIN edges AS e ON e.upstream = reached.id
    CROSS JOIN task_runs AS t ON t.id = e.dependent
    WHERE t.status = 'pending'
)
UPDATE task_runs
SET status = 'upstream_failed', finished_at = :at
WHERE id IN (SELECT id FROM reached) AND status = 'pending'

-- name: stops_on_failure
SELECT NOT continue_on_failure FROM runs WHERE id = :run

-- name: save_completion
INSERT INTO completions (pipeline, partition, task, run_id, completed_at, facts, result)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (pipeline, partition, task) DO UPDATE
SET run_id = excluded.run_id, completed_at = excluded.completed_at, facts = excluded.facts, result = excluded.result

-- name: load_completions
SELECT task, run_id, completed_at, facts, result
FROM completions
WHERE pipeline = :pipeline AND partition = :partition

-- name: load_named_completions
SELECT c.task, c.run_id, c.completed_at, c.facts, c.result
FROM json_each(:tasks) AS n
CROSS JOIN completions AS c ON c.pipeline = :pipeline AND c.partition = :partition AND c.task = n.value

-- name: forget_ledgers
UPDATE items
SET basis = ''
WHERE task_run IN (
    SELECT t.id
    FROM runs AS r
    CROSS JOIN task_runs AS t ON t.run = r.id
    JOIN ledgers AS l ON l.task_run = t.id
    WHERE r.pipeline = :pipeline
        AND (:partition IS NULL OR r.partition = :partition)
        AND (:tasks IS NULL OR t.task IN (SELECT value FROM json_each(:tasks)))
)

-- name: forget
DELETE FROM completions
WHERE pipeline = :pipeline
    AND (:partition IS NULL OR partition = :partition)
    AND (:tasks IS NULL OR task IN (SELECT value FROM json_each(:tasks)))

-- name: extend_task_runs
UPDATE task_runs INDEXED BY task_runs_open
SET claimable_at = :until
WHERE is_open = 1 AND status = 'running' AND owner = :owner

-- name: extend_items
UPDATE items
SET claimable_at = :until
WHERE id IN (
    SELECT i.id
    FROM ledgers AS l
    CROSS JOIN items AS i INDEXED BY items_open ON i.task_run = l.task_run AND i.is_open = 1 AND i.id <= l.claimed_to
    WHERE l.running > 0 AND i.status = 'running' AND i.owner = :owner
)

-- name: extend_names
UPDATE leases SET until = :until, owner = iif(:until > :now, owner, '') WHERE owner = :owner

-- name: vouch_for_run
UPDATE runs SET alive_until = :until WHERE run_id = :run_id AND status = 'running'

-- name: list_signals
SELECT r.run_id, r.cancel_signal
FROM runs AS r INDEXED BY runs_told_to_stop
WHERE r.cancel_signal IS NOT NULL
    AND (
        r.run_id IN (SELECT value FROM json_each(:runs))
        OR r.status = 'running' AND (
            r.owner = :owner
            OR EXISTS (
                SELECT 1 FROM task_runs AS t
                WHERE t.run = r.id AND t.is_open = 1 AND t.status = 'running' AND t.owner = :owner
            )
        )
    )

-- name: list_lost
SELECT r.run_id, t.task
FROM attempts AS a INDEXED BY attempts_lost
CROSS JOIN task_runs AS t ON t.id = a.task_run
CROSS JOIN runs AS r ON r.id = t.run
WHERE a.outcome = 'abandoned' AND a.owner = :owner
    AND NOT (t.owner = a.owner AND t.started_at IS NOT NULL)
    AND NOT EXISTS (
        SELECT 1 FROM attempts AS later
        WHERE later.task_run = a.task_run AND later.number > a.number AND later.owner = a.owner
    )

-- name: acquire_lease
INSERT INTO leases (name, owner, token, until)
VALUES (:name, :owner, 1, :until)
ON CONFLICT (name) DO UPDATE
SET owner = excluded.owner, until = excluded.until, token = leases.token + (leases.owner <> excluded.owner)
WHERE leases.owner = excluded.owner OR leases.until <= :now
RETURNING owner, token, until

-- name: get_lease
SELECT owner, token, until FROM leases WHERE name = :name

-- name: list_leases
SELECT name, owner, token, until FROM leases WHERE until > :now ORDER BY name

-- name: find_task_run
SELECT t.id FROM runs AS r CROSS JOIN task_runs AS t ON t.run = r.id AND t.task = :task WHERE r.run_id = :run_id

-- name: open_ledger
INSERT INTO ledgers (task_run) VALUES (:task_run) ON CONFLICT DO NOTHING

-- name: insert_items
INSERT INTO items (task_run, basis, status, is_open, key, payload)
VALUES (?, ?, 'pending', 1, ?, ?)
ON CONFLICT (task_run, key) DO NOTHING

-- name: list_settled_items
SELECT key, payload, result
FROM items
WHERE task_run = :task_run AND status IN ('completed', 'skipped') AND basis = :basis

-- name: carry_items
INSERT INTO items (task_run, basis, status, is_open, key, payload, result, finished_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (task_run, key) DO NOTHING

-- name: last_item_id
SELECT coalesce(max(id), 0) FROM items

-- name: count_carried
SELECT count(*) FROM items WHERE id > :last AND status = 'skipped'

-- name: move_counts
UPDATE ledgers
SET pending = pending + :pending, running = running + :running, completed = completed + :completed,
    failed = failed + :failed, skipped = skipped + :skipped, claimed_to = max(claimed_to, :claimed_to)
WHERE task_run = :task_run

-- name: get_counts
SELECT pending, running, completed, failed, skipped FROM ledgers WHERE task_run = :task_run

-- name: list_claimable_items
SELECT id, key, payload, attempt, status
FROM items INDEXED BY items_open
WHERE task_run = :task_run AND is_open = 1 AND claimable_at <= :now AND (status = 'pending' AND failure IS NOT NULL) = :has_failed
ORDER BY id
LIMIT :limit

-- name: claim_items
-- Between the first and the last that were listed, all of their kind that may be claimed were listed.
UPDATE items INDEXED BY items_open
SET status = 'running', attempt = attempt + 1, claimable_at = :until, owner = :owner
WHERE task_run = :task_run AND is_open = 1 AND claimable_at <= :now AND (status = 'pending' AND failure IS NOT NULL) = :has_failed
    AND id BETWEEN :first AND :last

-- name: finish_items
UPDATE items
SET status = ?, is_open = ?, claimable_at = ?, finished_at = ?, result = ?, failure = ?, error = ?
WHERE id = ? AND attempt = ? AND key = ? AND task_run = ? AND status = 'running'

-- name: list_counts
SELECT t.task, l.pending, l.running, l.completed, l.failed, l.skipped
FROM task_runs AS t
CROSS JOIN ledgers AS l ON l.task_run = t.id
WHERE t.run = :run AND (:task IS NULL OR t.task = :task)
ORDER BY t.id

-- name: list_items
SELECT t.task, i.key, i.payload, i.status, i.attempt, i.result, i.failure, i.finished_at
FROM task_runs AS t INDEXED BY task_runs_by_name
CROSS JOIN items AS i INDEXED BY items_by_key ON i.task_run = t.id
WHERE t.run = :run
    AND (:task IS NULL OR t.task = :task)
    AND i.key >= :start AND i.key IS NOT :after
    AND (:status IS NULL OR i.status = :status)
ORDER BY t.task, i.key
LIMIT :limit

-- name: list_failed_items
-- Those that hold a failure, or ended in one: few of many, as a rule.
SELECT t.task, i.key, i.payload, i.status, i.attempt, i.result, i.failure, i.finished_at
FROM task_runs AS t INDEXED BY task_runs_by_name
CROSS JOIN items AS i INDEXED BY items_failed ON i.task_run = t.id
WHERE t.run = :run
    AND (:task IS NULL OR t.task = :task)
    AND (i.error IS NOT NULL OR i.status = 'failed')
    AND i.key >= :start AND i.key IS NOT :after
    AND (:error IS NULL OR i.error = :error)
    AND (:status IS NULL OR i.status = :status)
ORDER BY t.task, i.key
LIMIT :limit

-- name: count_item_errors
SELECT error, count(*) AS items
FROM items INDEXED BY items_failed
WHERE task_run = :task_run AND error IS NOT NULL
GROUP BY error
ORDER BY items DESC, error

-- name: append_events
INSERT INTO events (kind, at, run_id, task, facts) VALUES (?, ?, ?, ?, ?)

-- name: read_events
SELECT seq, kind, at, run_id, task, facts
FROM events
WHERE seq > :after AND seq <= :last AND run_id IS NOT NULL
    AND (:run_id IS NULL OR run_id = :run_id)
    AND (:task IS NULL OR task = :task)
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
ORDER BY seq
LIMIT :limit

-- name: read_newest_events
SELECT seq, kind, at, run_id, task, facts
FROM events
WHERE seq > :after AND seq <= :last AND run_id IS NOT NULL
    AND (:run_id IS NULL OR run_id = :run_id)
    AND (:task IS NULL OR task = :task)
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
ORDER BY seq DESC
LIMIT :limit

-- name: note_last_event
-- Without an index on the run, which every task run would pay for, the events of a closed run are found by this bound.
UPDATE runs SET last_event = (SELECT max(seq) FROM events) WHERE run_id = ? AND status <> 'running'

-- name: find_event_bounds
SELECT max(first_event - 1, :after) AS after, last_event AS last FROM runs WHERE run_id = :run_id

-- name: set_mark
INSERT INTO marks (pipeline, task, name, value, at) VALUES (:pipeline, :task, :name, :value, :at)
ON CONFLICT (pipeline, task, name) DO UPDATE SET value = excluded.value, at = excluded.at

-- name: list_marks
SELECT task, name, value, at FROM marks WHERE pipeline = :pipeline ORDER BY task, name

-- name: list_collectable
WITH ranked AS (
    SELECT id, run_id, status, created_at,
        row_number() OVER (PARTITION BY pipeline ORDER BY created_at DESC, id DESC) AS place
    FROM runs
), ledger_runs AS (
    SELECT r.id, row_number() OVER (
            PARTITION BY r.pipeline, r.partition, t.task ORDER BY r.created_at DESC, r.id DESC
        ) AS place
    FROM ledgers AS l
    JOIN task_runs AS t ON t.id = l.task_run
    JOIN runs AS r ON r.id = t.run
)
SELECT id, run_id
FROM ranked
WHERE status <> 'running'
    AND (place > :runs_per_pipeline OR created_at < :oldest)
    AND id NOT IN (SELECT id FROM ledger_runs WHERE place = 1)
    AND run_id NOT IN (SELECT run_id FROM completions)

-- name: delete_items
DELETE FROM items
WHERE task_run IN (SELECT id FROM task_runs WHERE run IN (SELECT value FROM json_each(:runs)))

-- name: delete_ledgers
DELETE FROM ledgers
WHERE task_run IN (SELECT id FROM task_runs WHERE run IN (SELECT value FROM json_each(:runs)))

-- name: delete_attempts
DELETE FROM attempts
WHERE task_run IN (SELECT id FROM task_runs WHERE run IN (SELECT value FROM json_each(:runs)))

-- name: delete_edges
DELETE FROM edges
WHERE upstream IN (SELECT id FROM task_runs WHERE run IN (SELECT value FROM json_each(:runs)))

-- name: delete_task_runs
DELETE FROM task_runs WHERE run IN (SELECT value FROM json_each(:runs))

-- name: blank_newest_event
UPDATE events
SET run_id = NULL, task = NULL, facts = NULL
WHERE seq = (SELECT max(seq) FROM events) AND run_id IN (SELECT value FROM json_each(:run_ids))

-- name: delete_events
DELETE FROM events WHERE run_id IN (SELECT value FROM json_each(:run_ids))

-- name: delete_runs
DELETE FROM runs WHERE id IN (SELECT value FROM json_each(:runs))
