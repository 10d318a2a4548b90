-- name: as_is
select _text, row_number() over () as _number
from read_csv(
    ${path}, columns = {{'_text': 'VARCHAR'}}, encoding = '{encoding}', delim = '{no_delimiter}', new_line = '\n',
    header = false, auto_detect = false, quote = '', escape = '', compression = 'none', parallel = false
)

-- name: spooled
select _text, _number
from read_csv(
    ${path}, columns = {{'_number': 'BIGINT', '_text': 'VARCHAR'}}, encoding = 'utf-8', delim = ',', new_line = '\n',
    header = false, auto_detect = false, quote = '"', escape = '"', compression = 'none', parallel = false,
    max_line_size = {max_line_size}
)

-- name: branch
select
    {place} as _place, $name_{place} as _name, _number + {lines_before} as _number, _text,
    xor(hash(_text), $layout::ubigint) as _hashed
from ({reader})

-- name: fields
select {fields}, * exclude (_parts), len(_parts) = {width} as _is_whole
from (select *, string_split(_text, '{delimiter}') as _parts from {lines})

-- name: insert_directly
insert into {target} ({columns}, _file, _line, _load, _line_hash, _hash)
select {columns}, _name, _number, $load, case when _is_whole then _hashed end, {row_hash}
from ({fields})
where _text is not null

-- name: count_partial
select count(*) from {target} as t where {within} and _line_hash is null

-- name: reject_partial
insert into {rejected}
select 'field count', x._name, x._number, x._text
from ({lines}) as x
where (x._name, x._number) in (select (t._file, t._line) from {target} as t where {within} and t._line_hash is null)

-- name: delete_partial
delete from {target} as t where {within} and t._line_hash is null

-- name: scan
create temp table {scan} as
select s._stored, x._place * {stride} + x._number as _seq, x._hashed, x._text
from ({lines}) as x full join ({stored}) as s on s._line_hash = x._hashed
where s._stored is null or x._place is null

-- name: stored_lines
select t.rowid as _stored, t._line_hash from {target} as t where {within}

-- name: no_stored_lines
select cast(null as bigint) as _stored, cast(null as ubigint) as _line_hash where false

-- name: count_scan
select count(*) filter (where _stored is null), count(*) filter (where _seq is null) from {scan}

-- name: reject_lines
insert into {rejected}
select 'field count', {file}, {line}, _text
from {scan}
where _text is not null and len(string_split(_text, '{delimiter}')) <> {width}

-- name: insert_given
insert into {given} ({columns}, _file, _line, _line_hash, _seq, _hash)
select {columns}, {file}, {line}, _hashed, _seq, {row_hash} from ({fields}) where _is_whole

-- name: find_contested
create temp table {losers} as
select distinct t.rowid as _stored
from {given} as g join {target} as t on {same_identity} and {within}
where t.rowid not in (select _stored from {scan} where _stored is not null)

-- name: count_contested
select count(*) from {losers}

-- name: give_contested
insert into {given} ({columns}, _file, _line, _line_hash, _seq, _hash)
select {columns}, x._name, x._number, t._line_hash, x._place * {stride} + x._number, t._hash
from ({lines}) as x join {target} as t on t._line_hash = x._hashed
where t.rowid in (select _stored from {losers})

-- name: leave_contested
insert into {scan} (_stored) select _stored from {losers}

-- name: count_stored
select count(*) from {target} as t where {within}
