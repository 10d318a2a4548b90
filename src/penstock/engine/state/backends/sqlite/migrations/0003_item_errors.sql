-- What a person looks for among many items: those that failed, by the class of the failure.

-- name: item_error
-- Class name of the failure it holds.
ALTER TABLE items ADD COLUMN error TEXT

-- name: fill_item_error
UPDATE items SET error = json_extract(failure, '$.error') WHERE failure IS NOT NULL

-- name: items_failed
-- Items that go well pay nothing for it.
CREATE INDEX items_failed ON items (task_run, key, error) WHERE error IS NOT NULL OR status = 'failed'
