-- name: find_known_line
select 1 from {target} as t where {within} and t._line_hash is not null limit 1

-- name: forget_line_hash
alter table {given} drop column _line_hash

-- name: hash_lines
alter table {given} add column _line_hash {hash_type}
generated always as (hashtextextended({line}, {layout})) stored

-- name: create_lines
create temp table {lines} (
    _seq bigint, _text {text}, _hashed {hash_type} generated always as (hashtextextended(_text, {layout})) stored
)

-- name: scan
create temp table {scan} as
select s._stored, x._seq, x._text
from {lines} as x
full join (select t.ctid as _stored, t._line_hash from {target} as t where {within}) as s on s._line_hash = x._hashed
where s._stored is null or x._seq is null

-- name: count_scan
select
    (select count(*) from {lines}), (select count(*) from {target} as t where {within}),
    count(*) filter (where _stored is null), count(*) filter (where _seq is null)
from {scan}

-- name: insert_given
insert into {given} ({field_columns}, _file, _line, _seq)
select {fields}, {file}, {number}, x._seq
from (select _seq, string_to_array(_text, '{delimiter}') as _parts from {scan} where _text is not null) as x

-- name: find_contested
create temp table {losers} as
select distinct t.ctid as _stored
from {given} as g join {target} as t on {same_identity} and {within}
where t.ctid not in (select _stored from {scan} where _stored is not null)

-- name: give_contested
insert into {given} ({columns}, _file, _line, _seq)
select {stored_columns}, {file}, {number}, x._seq
from {lines} as x join {target} as t on t._line_hash = x._hashed
where t.ctid in (select _stored from {losers})

-- name: leave_contested
insert into {scan} (_stored) select _stored from {losers}

-- name: count_given
select count(*) from {given}

-- name: drop_losers
drop table {losers}
