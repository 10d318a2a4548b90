-- name: as_is
select l, row_number() over () as n
from read_csv(
    $path_{place}, columns = {{'l': 'VARCHAR'}}, encoding = '{encoding}', delim = '{no_delimiter}', new_line = '\n',
    header = false, auto_detect = false, quote = '', escape = '', compression = 'none', parallel = false
)

-- name: spooled
select l, n
from read_csv(
    $path_{place}, columns = {{'n': 'BIGINT', 'l': 'VARCHAR'}}, encoding = 'utf-8', delim = ',', new_line = '\n',
    header = false, auto_detect = false, quote = '"', escape = '"', compression = 'none', parallel = false,
    max_line_size = {max_line_size}
)

-- name: branch
select {place} as place, $name_{place} as file, n, l, xor(hash(l), $layout::ubigint) as h
from ({reader})
where l is not null and (n >> 11) % {branches} = {branch}

-- name: fields
select {fields}, place, file, n, h, len(p) = {width} as whole, l
from (select *, string_split(l, '{delimiter}') as p from {lines})

-- name: insert_directly
insert into {target} ({columns}, _file, _line, _load, _line_hash, _hash)
select {columns}, file, n, $load, case when whole then h end, {row_hash} from ({fields})

-- name: count_partial
select count(*) from {target} as t where {within} and _line_hash is null

-- name: reject_partial
insert into {rejected}
select 'field count', x.file, x.n, x.l
from ({lines}) as x
where (x.file, x.n) in (select (t._file, t._line) from {target} as t where {within} and t._line_hash is null)

-- name: delete_partial
delete from {target} as t where {within} and t._line_hash is null

-- name: scan
create temp table {scan} as
select s.stored, x.place, x.file, x.n, x.h, case when s.stored is null then x.l end as l
from ({lines}) as x full join ({stored}) as s on s.h = x.h

-- name: stored_lines
select t.rowid as stored, t._line_hash as h from {target} as t where {within}

-- name: no_stored_lines
select cast(null as bigint) as stored, cast(null as ubigint) as h where false

-- name: count_scan
select
    count(*) filter (where stored is not null and n is not null),
    count(*) filter (where n is null)
from {scan}

-- name: reject_lines
insert into {rejected}
select 'field count', file, n, l from {scan} where l is not null and len(string_split(l, '{delimiter}')) <> {width}

-- name: insert_given
insert into {given} ({columns}, _file, _line, _line_hash, _seq, _hash)
select {columns}, file, n, h, place * {stride} + n, {row_hash} from ({fields}) where whole

-- name: conflicts
create temp table {losers} as
select g.rowid as given, t.rowid as stored, max(s.place * {stride} + s.n) > any_value(g._seq) as is_stored_later
from {given} as g
join {target} as t on {same_identity} and {within}
join {scan} as s on s.stored = t.rowid and s.n is not null
group by g.rowid, t.rowid

-- name: reject_given
insert into {rejected}
select 'duplicate key', r._file, r._line, {raw}
from {given} as r
where r.rowid in (select given from {losers} where is_stored_later)

-- name: delete_given
delete from {given} where rowid in (select given from {losers} where is_stored_later)

-- name: reject_stored
insert into {rejected}
select 'duplicate key', s.file, s.n, {raw}
from {target} as r join {scan} as s on s.stored = r.rowid and s.n is not null
where r.rowid in (select stored from {losers} where not is_stored_later)

-- name: count_beaten
select count(*) from {losers} where not is_stored_later

-- name: count_stored
select count(*) from {target} as t where {within}
