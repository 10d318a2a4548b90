-- Every statement about calls to publishers.

-- name: save_budget
INSERT INTO budgets (name, windows) VALUES (:budget, :windows)
ON CONFLICT (name) DO UPDATE SET windows = excluded.windows WHERE windows <> excluded.windows

-- name: get_block
SELECT blocked_until FROM budgets WHERE name = :budget

-- name: find_in_the_way
-- Of the newest calls, the one that has to leave the window before another may enter.
SELECT counts_at, is_settled
FROM calls
WHERE budget = :budget
ORDER BY counts_at DESC
LIMIT 1 OFFSET :calls - 1

-- name: add_call
INSERT INTO calls (budget, counts_at, is_settled) VALUES (:budget, :counts_at, :is_settled)

-- name: forget_calls
DELETE FROM calls WHERE budget = :budget AND counts_at <= :until

-- name: settle_call
UPDATE calls
SET counts_at = :ended_at, is_settled = 1
WHERE number = :number AND budget = :budget AND NOT is_settled

-- name: get_windows
SELECT windows FROM budgets WHERE name = :budget

-- name: count_calls
SELECT count(*) FROM calls WHERE budget = :budget AND counts_at > :after

-- name: block
UPDATE budgets SET blocked_until = max(coalesce(blocked_until, :until), :until) WHERE name = :budget

-- name: list_budgets
SELECT name, windows, blocked_until FROM budgets ORDER BY name

-- name: list_calls
SELECT counts_at FROM calls WHERE budget = :budget ORDER BY counts_at
