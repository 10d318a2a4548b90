-- What a person looks for among many items: those that failed, by the class of the failure.

-- name: item_error
-- Class name of the failure it holds.
ALTER TABLE items ADD COLUMN error text COLLATE "C"

-- name: fill_item_error
-- The class comes first in a stored failure. The database's own JSON would refuse a message that holds a NUL.
UPDATE items SET error = split_part(failure, '"', 4) WHERE failure IS NOT NULL

-- name: items_failed
-- Items that go well pay nothing for it.
CREATE INDEX items_failed ON items (task_run, key, error) WHERE error IS NOT NULL OR status = 'failed'
