-- Every statement about calls to publishers.

-- name: save_budget
-- The row stays locked until the transaction ends, changed or not: calls of one budget are granted one after another.
INSERT INTO budgets AS b (name, windows) VALUES (%(budget)s, %(windows)s)
ON CONFLICT (name) DO UPDATE SET windows = excluded.windows WHERE b.windows <> excluded.windows

-- name: lock_budget
SELECT windows FROM budgets WHERE name = %(budget)s FOR NO KEY UPDATE

-- name: get_block
SELECT blocked_until FROM budgets WHERE name = %(budget)s

-- name: find_in_the_way
-- Of the newest calls, the one that has to leave the window before another may enter.
SELECT counts_at, is_settled
FROM calls
WHERE budget = %(budget)s
ORDER BY counts_at DESC
LIMIT 1 OFFSET %(calls)s::bigint - 1

-- name: add_calls
INSERT INTO calls (budget, counts_at, is_settled)
SELECT %(budget)s::text, %(counts_at)s::bigint, %(is_settled)s::boolean
FROM generate_series(1, %(count)s::bigint)
RETURNING number

-- name: forget_calls
DELETE FROM calls WHERE budget = %(budget)s AND counts_at <= %(until)s::bigint

-- name: settle_call
UPDATE calls
SET counts_at = %(ended_at)s::bigint, is_settled = true
WHERE number = %(number)s::bigint AND budget = %(budget)s AND NOT is_settled

-- name: count_calls
SELECT count(*) FROM calls WHERE budget = %(budget)s AND counts_at > %(after)s::bigint

-- name: block
UPDATE budgets SET blocked_until = greatest(blocked_until, %(until)s::bigint) WHERE name = %(budget)s

-- name: list_budgets
SELECT name, windows, blocked_until FROM budgets ORDER BY name

-- name: list_calls
SELECT counts_at FROM calls WHERE budget = %(budget)s ORDER BY counts_at
