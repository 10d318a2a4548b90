-- name: create_given
create temp table {given} (
    {typed_columns}, _file {text}, _line bigint, _line_hash {hash_type}, _seq bigint, _hash {staged_hash}
)

-- name: create_rejected
create temp table {rejected} (reason {text}, file {text}, line bigint, raw {text})

-- name: reject_blank_keys
insert into {rejected}
select 'blank key', r._file, r._line, {raw} from {rows} as r where {within} and ({blank})

-- name: delete_blank_keys
delete from {rows} as r where {within} and ({blank})

-- name: count_identities
select count(*), count(distinct {key_hash}), count(*) filter (where {blank}) from {rows} as r where {within}

-- name: create_losers
create temp table {losers} as
select rid, same
from (
    select r.{row_id} as rid, r._hash = first_value(r._hash) over w as same, row_number() over w as place
    from {rows} as r
    where {within}
    window w as (partition by {identity} order by {order})
) as ranked
where place > 1

-- name: count_losers
select count(*) from {losers} where same

-- name: reject_losers
insert into {rejected}
select 'duplicate key', r._file, r._line, {raw} from {rows} as r join {losers} as l on l.rid = r.{row_id} where not l.same

-- name: delete_losers
delete from {rows} where {row_id} in (select rid from {losers})

-- name: compare
create temp table {delta} as
select
    case when t.{row_id} is null then 'inserted' when t._hash = g._hash then 'unchanged' else 'changed' end as kind,
    t.{row_id} as stored,
    g.{row_id} as given
from {given} as g left join {target} as t on {same_identity} and {within}

-- name: add_vanished
insert into {delta}
select 'vanished', c.stored, null
from ({candidates}) as c
where c.stored not in (select stored from {delta} where stored is not null)

-- name: stored_rowids
select t.{row_id} as stored from {target} as t where {within}

-- name: count_kinds
select kind, count(*) from {delta} group by kind

-- name: create_old
create temp table {old} as
select t.{row_id} as _stored, t.*
from {target} as t
where t.{row_id} in (select stored from {delta} where kind in ('changed', 'vanished'))

-- name: log_changes
insert into {changes} (load, table_name, "partition", version, kind, key, old, new, changed)
select
    $load, $table, $part, $version, d.kind,
    case when g._hash is null then {old_key} else {new_key} end,
    case when o._hash is null then null else {old_json} end,
    case when g._hash is null then null else {new_json} end,
    case when d.kind = 'changed' then {changed_columns} end
from {delta} as d
left join {old} as o on o._stored = d.stored
left join {given} as g on g.{row_id} = d.given
where d.kind <> 'unchanged'

-- name: sum_old
select count(*), coalesce(sum(_hash & 4294967295), 0), coalesce(sum(_hash >> 32), 0) from {old}

-- name: sum_written
select count(*), coalesce(sum(_hash & 4294967295), 0), coalesce(sum(_hash >> 32), 0) from {written} as w

-- name: sum_recomputed
select count(*), coalesce(sum(h & 4294967295), 0), coalesce(sum(h >> 32), 0)
from (select {row_hash} as h from {target} as t where {within}) as hashed

-- name: written
(select g.* from {given} as g where g.{row_id} in (select given from {delta} where kind in ('inserted', 'changed')))

-- name: delete_old
delete from {target} where {row_id} in (select stored from {delta} where kind in ('changed', 'vanished'))

-- name: insert_written
insert into {target} ({columns}, {hidden}) select {columns}, {hidden_values} from {written} as w

-- name: forget_rejected
-- Of a complete set of files, what is not rejected any more was repaired by the publisher.
delete from {rejected_rows} as k
where k.table_name = $table and k."partition" = $part
    and not exists (
        select 1 from {rejected} as r
        where k.reason = r.reason
            and coalesce(k.file, '') = coalesce(r.file, '') and coalesce(k.line, 0) = coalesce(r.line, 0)
            and coalesce(k.raw, '') = coalesce(r.raw, '')
    )

-- name: keep_rejected
insert into {rejected_rows} (table_name, "partition", file, line, reason, raw, load)
select $table, $part, r.file, r.line, r.reason, r.raw, $load
from {rejected} as r
where not exists (
    select 1 from {rejected_rows} as k
    where k.table_name = $table and k."partition" = $part and k.reason = r.reason
        and coalesce(k.file, '') = coalesce(r.file, '') and coalesce(k.line, 0) = coalesce(r.line, 0)
        and coalesce(k.raw, '') = coalesce(r.raw, '')
)

-- name: count_rejected
select reason, count(*) from {rejected} group by reason order by reason

-- name: count_broken
select count(*) from {written} as w where {broken}

-- name: find_broken
select {key} from {written} as w where {broken} limit 1

-- name: check_whole
select {expectation} from {target} as t where {within}

-- name: remember_lines
update {target} as t set _line_hash = k._line_hash
from (
    select d.stored, g._line_hash from {delta} as d join {given} as g on g.{row_id} = d.given where d.kind = 'unchanged'
) as k
where t.{row_id} = k.stored
