-- name: list_states
select p.table_name, p."partition", p.version, p.row_count, p.content_sum, w.recorded_at, w.load
from {partitions} as p
left join (
    -- Later writes of a version changed nothing: they rejected rows, or read files again.
    select table_name, "partition", version, min(recorded_at) as recorded_at, min(load) as load
    from {loads}
    group by table_name, "partition", version
) as w on w.table_name = p.table_name and w."partition" = p."partition" and w.version = p.version
order by p.table_name, p."partition"

-- name: list_loads
select load, "partition", version, files, counts, recorded_at
from {loads}
where table_name = $table and ("partition" = $part or $part is null)
order by recorded_at desc, version desc, load desc
limit $limit

-- name: list_changes
select load, "partition", version, kind, key, old, new, changed
from {changes}
where table_name = $table and ("partition" = $part or $part is null) and (load = $load or $load is null)
order by load desc, version desc, "partition", key
limit $limit

-- name: list_rows
select {columns} from {target} as t where {within} order by {order} limit $limit offset $offset
