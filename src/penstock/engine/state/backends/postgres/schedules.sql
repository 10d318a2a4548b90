-- Every statement about deployments and firings.

-- name: save_deployment
INSERT INTO deployments AS d (name, pipeline, deployment, "trigger", params, deployed_at, is_paused, watermark)
VALUES (
    %(name)s, %(pipeline)s, %(deployment)s, %(trigger)s, %(params)s, %(deployed_at)s::bigint, %(is_paused)s,
    %(watermark)s
)
ON CONFLICT (name) DO UPDATE
SET params = excluded.params,
    deployed_at = CASE WHEN d."trigger" = excluded."trigger" THEN d.deployed_at ELSE excluded.deployed_at END,
    is_paused = CASE WHEN d."trigger" = excluded."trigger" THEN d.is_paused ELSE excluded.is_paused END,
    watermark = CASE WHEN d."trigger" = excluded."trigger" THEN d.watermark ELSE excluded.watermark END,
    "trigger" = excluded."trigger"

-- name: list_deployments
SELECT name, pipeline, deployment, "trigger", params, deployed_at, is_paused, watermark FROM deployments ORDER BY name

-- name: remove_deployment
DELETE FROM deployments WHERE name = %(name)s

-- name: remove_waiting
DELETE FROM firings WHERE deployment = %(name)s AND status = 'pending'

-- name: pause_deployment
UPDATE deployments SET is_paused = %(is_paused)s WHERE name = %(name)s

-- name: move_watermark
UPDATE deployments
SET watermark = %(watermark)s
WHERE name = %(name)s AND watermark IS NOT DISTINCT FROM %(expected)s::text

-- name: add_firing
INSERT INTO firings (deployment, key, run_id, due_at, params, cause, status, finished_at, message)
VALUES (
    %(deployment)s, %(key)s, %(run_id)s, %(due_at)s::bigint, %(params)s, %(cause)s, %(status)s,
    %(finished_at)s::bigint, %(message)s
)
ON CONFLICT DO NOTHING

-- name: claim_firing
WITH due AS (
    SELECT deployment, key
    FROM firings
    WHERE status IN ('pending', 'running')
        AND CASE WHEN status = 'pending' THEN due_at ELSE lease_until END <= %(now)s::bigint
    ORDER BY due_at, deployment, key
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
UPDATE firings AS f
SET status = 'running', owner = %(owner)s, token = f.token + 1, lease_until = %(until)s::bigint
FROM due
WHERE f.deployment = due.deployment AND f.key = due.key
RETURNING f.deployment, f.key, f.run_id, f.due_at, f.params, f.cause, f.status, f.owner, f.token, f.lease_until,
    f.finished_at, f.message

-- name: extend_firing
UPDATE firings
SET lease_until = %(until)s::bigint
WHERE deployment = %(deployment)s AND key = %(key)s AND token = %(token)s::bigint AND status = 'running'

-- name: finish_firing
UPDATE firings
SET status = %(status)s, lease_until = NULL, due_at = coalesce(%(retry_at)s::bigint, due_at),
    finished_at = %(finished_at)s::bigint, message = %(message)s
WHERE deployment = %(deployment)s AND key = %(key)s AND token = %(token)s::bigint AND status = 'running'

-- name: list_firings
SELECT deployment, key, run_id, due_at, params, cause, status, owner, token, lease_until, finished_at, message
FROM firings
WHERE (%(deployment)s::text IS NULL OR deployment = %(deployment)s::text)
    AND (%(status)s::text IS NULL OR status = %(status)s::text)
ORDER BY due_at DESC, deployment, key
LIMIT %(limit)s::bigint
