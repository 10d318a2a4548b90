-- Every statement about deployments and firings.

-- name: save_deployment
INSERT INTO deployments (name, pipeline, deployment, "trigger", params, deployed_at, is_paused, watermark)
VALUES (:name, :pipeline, :deployment, :trigger, :params, :deployed_at, :is_paused, :watermark)
ON CONFLICT (name) DO UPDATE
SET params = excluded.params,
    deployed_at = iif("trigger" = excluded."trigger", deployed_at, excluded.deployed_at),
    is_paused = iif("trigger" = excluded."trigger", is_paused, excluded.is_paused),
    watermark = iif("trigger" = excluded."trigger", watermark, excluded.watermark),
    "trigger" = excluded."trigger"

-- name: list_deployments
SELECT name, pipeline, deployment, "trigger", params, deployed_at, is_paused, watermark FROM deployments ORDER BY name

-- name: remove_deployment
DELETE FROM deployments WHERE name = :name

-- name: remove_waiting
DELETE FROM firings WHERE deployment = :name AND status = 'pending'

-- name: pause_deployment
UPDATE deployments SET is_paused = :is_paused WHERE name = :name

-- name: move_watermark
UPDATE deployments SET watermark = :watermark WHERE name = :name AND watermark IS :expected

-- name: add_firing
INSERT INTO firings (deployment, key, run_id, due_at, params, cause, status, finished_at, message)
VALUES (:deployment, :key, :run_id, :due_at, :params, :cause, :status, :finished_at, :message)
ON CONFLICT DO NOTHING

-- name: list_due
SELECT deployment, key
FROM firings
WHERE status IN ('pending', 'running')
    AND CASE WHEN status = 'pending' THEN due_at ELSE lease_until END <= :now
ORDER BY due_at, deployment, key
LIMIT 1

-- name: claim_firing
UPDATE firings
SET status = 'running', owner = :owner, token = token + 1, lease_until = :until
WHERE deployment = :deployment AND key = :key

-- name: get_firing
SELECT deployment, key, run_id, due_at, params, cause, status, owner, token, lease_until, finished_at, message
FROM firings
WHERE deployment = :deployment AND key = :key

-- name: extend_firing
UPDATE firings
SET lease_until = :until
WHERE deployment = :deployment AND key = :key AND token = :token AND status = 'running'

-- name: finish_firing
UPDATE firings
SET status = :status, lease_until = NULL, due_at = coalesce(:retry_at, due_at), finished_at = :finished_at,
    message = :message
WHERE deployment = :deployment AND key = :key AND token = :token AND status = 'running'

-- name: list_firings
SELECT deployment, key, run_id, due_at, params, cause, status, owner, token, lease_until, finished_at, message
FROM firings
WHERE (:deployment IS NULL OR deployment = :deployment) AND (:status IS NULL OR status = :status)
ORDER BY due_at DESC, deployment, key
LIMIT :limit
