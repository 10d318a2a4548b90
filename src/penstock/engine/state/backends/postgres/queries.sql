-- Every statement about runs, task runs, items, completions, events and leases.
--
-- Who changes a run, its task runs or its items locks the run's row first (several: by rising id); rows of leases come
-- after those of runs, and the lock on the event log is the last one taken. So nobody waits in a circle, and each verb
-- finds its run as the verb before it left it: the lock is a statement of its own, because in READ COMMITTED only the
-- next statement sees what the one waited for wrote.

-- name: insert_run
INSERT INTO runs (
    run_id, pipeline, partition, params, cause, status, continue_on_failure, created_at, alive_until, owner, deployment
)
VALUES (
    %(run_id)s, %(pipeline)s, %(partition)s, %(params)s, %(cause)s, 'running', %(continue_on_failure)s,
    %(created_at)s::bigint, %(alive_until)s::bigint, %(owner)s, %(deployment)s
)
ON CONFLICT (run_id) DO NOTHING
RETURNING id

-- name: next_task_run_ids
SELECT nextval(pg_get_serial_sequence('task_runs', 'id')) FROM generate_series(1, %(count)s::bigint)

-- name: insert_task_runs
INSERT INTO task_runs (id, run, task, status, is_open, waiting, finished_at, action, reason)
OVERRIDING SYSTEM VALUE
SELECT n.id, n.run, n.task, n.status, n.status = 'queued', n.waiting, n.finished_at, n.action, n.reason
FROM unnest(
        %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[]
    ) AS n (id, run, task, status, waiting, finished_at, action, reason)

-- name: insert_edges
INSERT INTO edges (upstream, dependent, position) SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])

-- name: close_run_if_over
UPDATE runs
SET finished_at = %(at)s::bigint,
    status = CASE
        WHEN EXISTS (SELECT 1 FROM task_runs WHERE run = %(run)s::bigint AND status = 'failed') THEN 'failed'
        WHEN EXISTS (SELECT 1 FROM task_runs WHERE run = %(run)s::bigint AND status = 'cancelled') THEN 'cancelled'
        ELSE 'completed'
    END
WHERE id = %(run)s::bigint
    AND status = 'running'
    AND NOT EXISTS (SELECT 1 FROM task_runs WHERE run = %(run)s::bigint AND is_open)
RETURNING status

-- name: close_run
UPDATE runs SET status = %(status)s, finished_at = %(at)s::bigint WHERE id = %(run)s::bigint

-- name: find_runs
SELECT * FROM runs
WHERE run_id >= %(start)s::text AND run_id < %(start)s::text || chr(1114111)
ORDER BY run_id
LIMIT 2

-- name: get_run
SELECT * FROM runs WHERE run_id = %(run_id)s

-- name: lock_run
SELECT id, cancel_signal, status FROM runs WHERE run_id = %(run_id)s FOR NO KEY UPDATE

-- name: lock_runs_of_partition
SELECT id
FROM runs
WHERE pipeline = %(pipeline)s AND (%(partition)s::text IS NULL OR partition = %(partition)s::text)
ORDER BY id
FOR NO KEY UPDATE

-- name: list_runs
SELECT * FROM runs
WHERE (%(pipeline)s::text IS NULL OR pipeline = %(pipeline)s::text)
    AND (%(partition)s::text IS NULL OR partition = %(partition)s::text)
    AND (%(status)s::text IS NULL OR status = %(status)s::text)
    AND (%(deployment)s::text IS NULL OR deployment = %(deployment)s::text)
    AND (created_at, id) < (%(created_at)s::bigint, %(before)s::bigint)
ORDER BY created_at DESC, id DESC
LIMIT %(limit)s::bigint

-- name: count_task_runs
SELECT run, status, count(*), count(failure)
FROM task_runs
WHERE run = ANY (%(runs)s::bigint[])
GROUP BY run, status

-- name: list_task_runs
SELECT * FROM task_runs WHERE run = %(run)s::bigint ORDER BY id

-- name: list_task_runs_named
SELECT * FROM task_runs WHERE run = %(run)s::bigint AND task = ANY (%(tasks)s::text[]) ORDER BY id

-- name: list_attempts
SELECT a.task_run, a.number, a.owner, a.started_at, a.finished_at, a.outcome, a.failure
FROM task_runs AS t
JOIN attempts AS a ON a.task_run = t.id
WHERE t.run = %(run)s::bigint
ORDER BY a.task_run, a.number

-- name: list_attempts_named
SELECT a.task_run, a.number, a.owner, a.started_at, a.finished_at, a.outcome, a.failure
FROM task_runs AS t
JOIN attempts AS a ON a.task_run = t.id
WHERE t.run = %(run)s::bigint AND t.task = ANY (%(tasks)s::text[])
ORDER BY a.task_run, a.number

-- name: list_edges
SELECT e.dependent, u.task
FROM task_runs AS u
JOIN edges AS e ON e.upstream = u.id
WHERE u.run = %(run)s::bigint
ORDER BY e.dependent, e.position

-- name: list_edges_named
SELECT e.dependent, u.task
FROM task_runs AS u
JOIN edges AS e ON e.upstream = u.id
JOIN task_runs AS t ON t.id = e.dependent
WHERE u.run = %(run)s::bigint AND t.task = ANY (%(tasks)s::text[])
ORDER BY e.dependent, e.position

-- name: set_cancel_signal
UPDATE runs
SET cancel_signal = CASE WHEN cancel_signal = 'cancel_now' THEN cancel_signal ELSE %(signal)s END
WHERE id = %(run)s::bigint

-- name: cancel_waiting
UPDATE task_runs
SET status = 'cancelled', is_open = false, claimable_at = 0, finished_at = %(at)s::bigint
WHERE run = %(run)s::bigint AND status IN ('pending', 'queued')

-- name: close_if_none_open
UPDATE runs
SET status = %(status)s, finished_at = %(at)s::bigint
WHERE id = %(run)s::bigint AND NOT EXISTS (SELECT 1 FROM task_runs WHERE run = %(run)s::bigint AND is_open)

-- name: archive_abandoned_of_run
INSERT INTO attempts (task_run, number, owner, started_at, finished_at, outcome)
SELECT id, attempt, owner, started_at, %(at)s::bigint, 'abandoned'
FROM task_runs
WHERE run = %(run)s::bigint AND is_open AND status = 'running'

-- name: cancel_running
UPDATE task_runs
SET status = 'cancelled', is_open = false, claimable_at = 0, started_at = NULL, finished_at = %(at)s::bigint
WHERE run = %(run)s::bigint AND is_open AND status = 'running'

-- name: release_items_of_run
UPDATE items
SET status = 'pending', claimable_at = 0
WHERE is_open AND status = 'running' AND task_run IN (SELECT id FROM task_runs WHERE run = %(run)s::bigint)

-- name: release_ledgers_of_run
UPDATE ledgers
SET pending = pending + running, running = 0
WHERE running > 0 AND task_run IN (SELECT id FROM task_runs WHERE run = %(run)s::bigint)

-- name: reopen_items_of_run
UPDATE items
SET status = 'pending', is_open = true, claimable_at = 0, finished_at = NULL
WHERE status IN ('running', 'failed')
    AND task_run IN (SELECT id FROM task_runs WHERE run = %(run)s::bigint AND status = 'pending')

-- name: reopen_ledgers_of_run
UPDATE ledgers
SET pending = pending + running + failed, running = 0, failed = 0
WHERE running + failed > 0
    AND task_run IN (SELECT id FROM task_runs WHERE run = %(run)s::bigint AND status = 'pending')

-- name: archive_unfinished
INSERT INTO attempts (task_run, number, owner, started_at, finished_at, outcome, failure)
SELECT id, attempt, owner, started_at, finished_at, outcome, failure
FROM task_runs
WHERE run = %(run)s::bigint AND started_at IS NOT NULL AND status NOT IN ('completed', 'skipped')

-- name: reset_unfinished
UPDATE task_runs
SET status = 'pending', is_open = false, claimable_at = 0, waiting = 0, bad_upstream = 0,
    started_at = NULL, finished_at = NULL, outcome = NULL, result = NULL, failure = NULL
WHERE run = %(run)s::bigint AND status NOT IN ('completed', 'skipped')

-- name: recount_waiting
UPDATE task_runs
SET waiting = open_edges.waiting
FROM (
    SELECT e.dependent, count(*) AS waiting
    FROM task_runs AS u
    JOIN edges AS e ON e.upstream = u.id
    WHERE u.run = %(run)s::bigint AND u.status = 'pending'
    GROUP BY e.dependent
) AS open_edges
WHERE task_runs.id = open_edges.dependent AND task_runs.status = 'pending'

-- name: queue_unblocked
UPDATE task_runs
SET status = 'queued', is_open = true
WHERE run = %(run)s::bigint AND status = 'pending' AND waiting = 0

-- name: reopen_run
UPDATE runs
SET status = 'running', cancel_signal = NULL, finished_at = NULL, owner = %(owner)s,
    alive_until = %(alive_until)s::bigint
WHERE id = %(run)s::bigint

-- name: claim_task_runs
WITH claimable AS (
    SELECT id, status, owner, started_at
    FROM task_runs
    WHERE run = %(run)s::bigint AND is_open AND claimable_at <= %(now)s::bigint
    ORDER BY run, id
    LIMIT %(limit)s::bigint
)
UPDATE task_runs AS t
SET status = 'running', claimable_at = %(until)s::bigint, attempt = t.attempt + 1, owner = %(owner)s,
    started_at = %(now)s::bigint, finished_at = NULL, outcome = NULL, failure = NULL
FROM claimable AS c
WHERE t.id = c.id
RETURNING t.id, t.task, t.action, t.reason, t.attempt, t.bad_upstream, c.status, c.owner, c.started_at

-- name: claim_named_task_runs
WITH claimable AS (
    SELECT id, status, owner, started_at
    FROM task_runs
    WHERE run = %(run)s::bigint AND is_open AND claimable_at <= %(now)s::bigint
        AND task = ANY (%(tasks)s::text[])
    ORDER BY run, id
    LIMIT %(limit)s::bigint
)
UPDATE task_runs AS t
SET status = 'running', claimable_at = %(until)s::bigint, attempt = t.attempt + 1, owner = %(owner)s,
    started_at = %(now)s::bigint, finished_at = NULL, outcome = NULL, failure = NULL
FROM claimable AS c
WHERE t.id = c.id
RETURNING t.id, t.task, t.action, t.reason, t.attempt, t.bad_upstream, c.status, c.owner, c.started_at

-- name: archive_abandoned
INSERT INTO attempts (task_run, number, owner, started_at, finished_at, outcome)
VALUES (%(task_run)s::bigint, %(number)s::bigint, %(owner)s, %(started_at)s::bigint, %(at)s::bigint, 'abandoned')

-- name: list_failed_upstream
SELECT u.task
FROM task_runs AS u
JOIN edges AS e ON e.upstream = u.id AND e.dependent = %(task_run)s::bigint
WHERE u.run = %(run)s::bigint AND u.status IN ('failed', 'cancelled', 'upstream_failed')
ORDER BY e.position

-- name: find_held
-- `open_task_runs` counts no further than 2: enough to know whether this one is the last.
SELECT id,
    (SELECT count(*) FROM (SELECT 1 FROM task_runs WHERE run = %(run)s::bigint AND is_open LIMIT 2) AS o),
    EXISTS (SELECT 1 FROM edges WHERE upstream = task_runs.id)
FROM task_runs
WHERE run = %(run)s::bigint AND task = %(task)s AND attempt = %(token)s::bigint AND status = 'running'

-- name: finish_task_run
UPDATE task_runs
SET status = %(status)s, is_open = false, claimable_at = 0, finished_at = %(at)s::bigint, outcome = %(outcome)s,
    result = %(result)s, failure = %(failure)s, reason = coalesce(%(reason)s, reason)
WHERE id = %(task_run)s::bigint

-- name: archive_attempt
INSERT INTO attempts (task_run, number, owner, started_at, finished_at, outcome, failure)
SELECT id, attempt, owner, started_at, %(at)s::bigint, %(outcome)s, %(failure)s
FROM task_runs
WHERE id = %(task_run)s::bigint

-- name: requeue_task_run
UPDATE task_runs
SET status = 'queued', claimable_at = %(retry_at)s::bigint, started_at = NULL, result = %(result)s,
    failure = %(failure)s, reason = coalesce(%(reason)s, reason)
WHERE id = %(task_run)s::bigint

-- name: release_dependents
UPDATE task_runs AS t
SET waiting = t.waiting - 1,
    bad_upstream = t.bad_upstream + %(bad)s::bigint,
    status = CASE WHEN t.waiting = 1 THEN 'queued' ELSE t.status END,
    is_open = t.waiting = 1
FROM edges AS e
WHERE e.upstream = %(task_run)s::bigint AND t.id = e.dependent AND t.status = 'pending'
RETURNING t.is_open

-- name: spread_failure
WITH RECURSIVE reached (id) AS (
    SELECT %(task_run)s::bigint
    UNION
    SELECT t.id
    FROM reached
    JOIN edges AS e ON e.upstream = reached.id
    JOIN task_runs AS t ON t.id = e.dependent
    WHERE t.status = 'pending'
)
UPDATE task_runs
SET status = 'upstream_failed', finished_at = %(at)s::bigint
WHERE id IN (SELECT id FROM reached) AND status = 'pending'

-- name: cancel_unless_continued
UPDATE task_runs
SET status = 'cancelled', is_open = false, claimable_at = 0, finished_at = %(at)s::bigint
WHERE run = %(run)s::bigint
    AND status IN ('pending', 'queued')
    AND NOT (SELECT continue_on_failure FROM runs WHERE id = %(run)s::bigint)

-- name: save_completion
INSERT INTO completions (pipeline, partition, task, run_id, completed_at, facts, result)
VALUES (%(pipeline)s, %(partition)s, %(task)s, %(run_id)s, %(completed_at)s::bigint, %(facts)s, %(result)s)
ON CONFLICT (pipeline, partition, task) DO UPDATE
SET run_id = excluded.run_id, completed_at = excluded.completed_at, facts = excluded.facts, result = excluded.result

-- name: load_completions
SELECT task, run_id, completed_at, facts, result
FROM completions
WHERE pipeline = %(pipeline)s AND partition = %(partition)s

-- name: load_named_completions
SELECT task, run_id, completed_at, facts, result
FROM completions
WHERE pipeline = %(pipeline)s AND partition = %(partition)s AND task = ANY (%(tasks)s::text[])

-- name: forget_ledgers
UPDATE items
SET basis = ''
WHERE task_run IN (
    SELECT t.id
    FROM task_runs AS t
    JOIN ledgers AS l ON l.task_run = t.id
    WHERE t.run = ANY (%(runs)s::bigint[]) AND (%(tasks)s::text[] IS NULL OR t.task = ANY (%(tasks)s::text[]))
)

-- name: forget
DELETE FROM completions
WHERE pipeline = %(pipeline)s
    AND (%(partition)s::text IS NULL OR partition = %(partition)s::text)
    AND (%(tasks)s::text[] IS NULL OR task = ANY (%(tasks)s::text[]))

-- name: lock_runs_of_owner
SELECT id, run_id
FROM runs
WHERE run_id = ANY (%(runs)s::text[])
    OR id IN (SELECT run FROM task_runs WHERE is_open AND status = 'running' AND owner = %(owner)s)
    OR id IN (
        SELECT t.run
        FROM ledgers AS l
        JOIN task_runs AS t ON t.id = l.task_run
        WHERE l.running > 0
            AND EXISTS (
                SELECT 1 FROM items AS i
                WHERE i.task_run = l.task_run AND i.is_open AND i.id <= l.claimed_to
                    AND i.status = 'running' AND i.owner = %(owner)s
            )
    )
ORDER BY id
FOR NO KEY UPDATE

-- name: extend_task_runs
UPDATE task_runs
SET claimable_at = %(until)s::bigint
WHERE run = ANY (%(locked)s::bigint[]) AND is_open AND status = 'running' AND owner = %(owner)s

-- name: extend_items
UPDATE items AS i
SET claimable_at = %(until)s::bigint
FROM ledgers AS l
JOIN task_runs AS t ON t.id = l.task_run
WHERE t.run = ANY (%(locked)s::bigint[])
    AND l.running > 0
    AND i.task_run = l.task_run AND i.is_open AND i.id <= l.claimed_to
    AND i.status = 'running' AND i.owner = %(owner)s

-- name: extend_names
UPDATE leases
SET until = %(until)s::bigint,
    owner = CASE WHEN %(until)s::bigint > %(now)s::bigint THEN owner ELSE '' END
WHERE name IN (SELECT name FROM leases WHERE owner = %(owner)s ORDER BY name FOR NO KEY UPDATE)

-- name: vouch_for_runs
UPDATE runs
SET alive_until = %(until)s::bigint
WHERE run_id = ANY (%(runs)s::text[]) AND status = 'running'

-- name: list_signals
SELECT r.run_id, r.cancel_signal
FROM runs AS r
WHERE r.cancel_signal IS NOT NULL
    AND (
        r.run_id = ANY (%(runs)s::text[])
        OR r.status = 'running' AND (
            r.owner = %(owner)s
            OR EXISTS (
                SELECT 1 FROM task_runs AS t
                WHERE t.run = r.id AND t.is_open AND t.status = 'running' AND t.owner = %(owner)s
            )
        )
    )

-- name: list_lost
SELECT r.run_id, t.task
FROM attempts AS a
JOIN task_runs AS t ON t.id = a.task_run
JOIN runs AS r ON r.id = t.run
WHERE a.outcome = 'abandoned' AND a.owner = %(owner)s
    AND NOT (t.owner = a.owner AND t.started_at IS NOT NULL)
    AND NOT EXISTS (
        SELECT 1 FROM attempts AS later
        WHERE later.task_run = a.task_run AND later.number > a.number AND later.owner = a.owner
    )

-- name: acquire_lease
INSERT INTO leases (name, owner, token, until)
VALUES (%(name)s, %(owner)s, 1, %(until)s::bigint)
ON CONFLICT (name) DO UPDATE
SET owner = excluded.owner, until = excluded.until, token = leases.token + (leases.owner <> excluded.owner)::int
WHERE leases.owner = excluded.owner OR leases.until <= %(now)s::bigint
RETURNING owner, token, until

-- name: get_lease
SELECT owner, token, until FROM leases WHERE name = %(name)s

-- name: list_leases
SELECT name, owner, token, until FROM leases WHERE until > %(now)s::bigint ORDER BY name

-- name: find_task_run
SELECT t.id
FROM runs AS r
JOIN task_runs AS t ON t.run = r.id AND t.task = %(task)s
WHERE r.run_id = %(run_id)s

-- name: open_ledger
INSERT INTO ledgers (task_run) VALUES (%(task_run)s::bigint) ON CONFLICT DO NOTHING

-- name: list_settled_items
SELECT key, payload, result
FROM items
WHERE task_run = %(task_run)s::bigint AND status IN ('completed', 'skipped') AND basis = %(basis)s

-- name: insert_items
INSERT INTO items (task_run, basis, key, payload, status, is_open, result, finished_at)
SELECT %s::bigint, %s::text, n.key, n.payload, n.status, n.status = 'pending', n.result, n.finished_at
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    WITH ORDINALITY AS n (key, payload, status, result, finished_at, place)
ORDER BY n.place
ON CONFLICT (task_run, key) DO NOTHING
RETURNING status

-- name: move_counts
UPDATE ledgers
SET pending = pending + %(pending)s::bigint,
    running = running + %(running)s::bigint,
    completed = completed + %(completed)s::bigint,
    failed = failed + %(failed)s::bigint,
    skipped = skipped + %(skipped)s::bigint,
    claimed_to = greatest(claimed_to, %(claimed_to)s::bigint)
WHERE task_run = %(task_run)s::bigint
RETURNING pending, running, completed, failed, skipped

-- name: claim_items
WITH claimable AS (
    SELECT id, status
    FROM items
    WHERE task_run = %(task_run)s::bigint
        AND is_open
        AND claimable_at <= %(now)s::bigint
        AND (status = 'pending' AND failure IS NOT NULL) = %(has_failed)s
    ORDER BY task_run, id
    LIMIT %(limit)s::bigint
)
UPDATE items AS i
SET status = 'running', attempt = i.attempt + 1, claimable_at = %(until)s::bigint, owner = %(owner)s
FROM claimable AS c
WHERE i.id = c.id
RETURNING i.id, i.key, i.payload, i.attempt, c.status

-- name: finish_items
UPDATE items AS i
SET status = n.status, is_open = n.status = 'pending', claimable_at = n.claimable_at, finished_at = n.finished_at,
    result = n.result, failure = n.failure, error = n.error
FROM unnest(
        %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[],
        %s::text[]
    ) AS n (id, attempt, key, status, claimable_at, finished_at, result, failure, error)
WHERE i.id = n.id AND i.attempt = n.attempt AND i.key = n.key AND i.task_run = %s::bigint AND i.status = 'running'
RETURNING i.status

-- name: list_counts
SELECT t.task, l.pending, l.running, l.completed, l.failed, l.skipped
FROM task_runs AS t
JOIN ledgers AS l ON l.task_run = t.id
WHERE t.run = %(run)s::bigint AND (%(task)s::text IS NULL OR t.task = %(task)s::text)
ORDER BY t.id

-- name: list_items
SELECT t.task, i.key, i.payload, i.status, i.attempt, i.result, i.failure, i.finished_at
FROM task_runs AS t
JOIN items AS i ON i.task_run = t.id
WHERE t.run = %(run)s::bigint
    AND (%(task)s::text IS NULL OR t.task = %(task)s::text)
    AND (%(after)s::text IS NULL OR i.key > %(after)s::text)
    AND (%(status)s::text IS NULL OR i.status = %(status)s::text)
ORDER BY t.task, i.key
LIMIT %(limit)s::bigint

-- name: list_failed_items
-- Those that hold a failure, or ended in one: few of many, as a rule.
SELECT t.task, i.key, i.payload, i.status, i.attempt, i.result, i.failure, i.finished_at
FROM task_runs AS t
JOIN items AS i ON i.task_run = t.id
WHERE t.run = %(run)s::bigint
    AND (%(task)s::text IS NULL OR t.task = %(task)s::text)
    AND (i.error IS NOT NULL OR i.status = 'failed')
    AND (%(after)s::text IS NULL OR i.key > %(after)s::text)
    AND (%(error)s::text IS NULL OR i.error = %(error)s::text)
    AND (%(status)s::text IS NULL OR i.status = %(status)s::text)
ORDER BY t.task, i.key
LIMIT %(limit)s::bigint

-- name: count_item_errors
SELECT error, count(*) AS items
FROM items
WHERE task_run = %(task_run)s::bigint AND error IS NOT NULL
GROUP BY error
ORDER BY items DESC, error

-- name: append_events
-- Numbers are given while the lock is held, and it is held until they can be seen: who has read up to a number has
-- read every smaller one there will ever be.
WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(%s::int, %s::int))
INSERT INTO events (kind, at, run_id, task, facts)
SELECT n.kind, n.at, n.run_id, n.task, n.facts
FROM turn
CROSS JOIN unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])
    WITH ORDINALITY AS n (kind, at, run_id, task, facts, place)
ORDER BY n.place

-- name: read_events
SELECT seq, kind, at, run_id, task, facts
FROM events
WHERE seq > %(after)s::bigint
    AND seq < %(before)s::bigint
    AND (%(task)s::text IS NULL OR task = %(task)s::text)
    AND (%(kinds)s::text[] IS NULL OR kind = ANY (%(kinds)s::text[]))
ORDER BY seq
LIMIT %(limit)s::bigint

-- name: read_events_of_run
SELECT seq, kind, at, run_id, task, facts
FROM events
WHERE run_id = %(run_id)s AND seq > %(after)s::bigint
    AND seq < %(before)s::bigint
    AND (%(task)s::text IS NULL OR task = %(task)s::text)
    AND (%(kinds)s::text[] IS NULL OR kind = ANY (%(kinds)s::text[]))
ORDER BY seq
LIMIT %(limit)s::bigint

-- name: read_newest_events
SELECT seq, kind, at, run_id, task, facts
FROM events
WHERE seq > %(after)s::bigint
    AND seq < %(before)s::bigint
    AND (%(task)s::text IS NULL OR task = %(task)s::text)
    AND (%(kinds)s::text[] IS NULL OR kind = ANY (%(kinds)s::text[]))
ORDER BY seq DESC
LIMIT %(limit)s::bigint

-- name: read_newest_events_of_run
SELECT seq, kind, at, run_id, task, facts
FROM events
WHERE run_id = %(run_id)s AND seq > %(after)s::bigint
    AND seq < %(before)s::bigint
    AND (%(task)s::text IS NULL OR task = %(task)s::text)
    AND (%(kinds)s::text[] IS NULL OR kind = ANY (%(kinds)s::text[]))
ORDER BY run_id, seq DESC
LIMIT %(limit)s::bigint

-- name: set_mark
INSERT INTO marks (pipeline, task, name, value, at)
VALUES (%(pipeline)s, %(task)s, %(name)s, %(value)s, %(at)s::bigint)
ON CONFLICT (pipeline, task, name) DO UPDATE SET value = excluded.value, at = excluded.at

-- name: list_marks
SELECT task, name, value, at FROM marks WHERE pipeline = %(pipeline)s ORDER BY task, name

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
SELECT id
FROM ranked
WHERE status <> 'running'
    AND (place > %(runs_per_pipeline)s::bigint OR created_at < %(oldest)s::bigint)
    AND id NOT IN (SELECT id FROM ledger_runs WHERE place = 1)
    AND run_id NOT IN (SELECT run_id FROM completions)

-- name: lock_collectable
-- Until it is locked, a run may have been resumed, or collected by another process.
SELECT id, run_id
FROM runs
WHERE id = ANY (%(runs)s::bigint[]) AND status <> 'running'
ORDER BY id
FOR UPDATE

-- name: delete_items
DELETE FROM items WHERE task_run IN (SELECT id FROM task_runs WHERE run = ANY (%(runs)s::bigint[]))

-- name: delete_ledgers
DELETE FROM ledgers WHERE task_run IN (SELECT id FROM task_runs WHERE run = ANY (%(runs)s::bigint[]))

-- name: delete_attempts
DELETE FROM attempts WHERE task_run IN (SELECT id FROM task_runs WHERE run = ANY (%(runs)s::bigint[]))

-- name: delete_edges
DELETE FROM edges WHERE upstream IN (SELECT id FROM task_runs WHERE run = ANY (%(runs)s::bigint[]))

-- name: delete_task_runs
DELETE FROM task_runs WHERE run = ANY (%(runs)s::bigint[])

-- name: delete_events
DELETE FROM events WHERE run_id = ANY (%(run_ids)s::text[])

-- name: delete_runs
DELETE FROM runs WHERE id = ANY (%(runs)s::bigint[])
