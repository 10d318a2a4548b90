-- name: create_tables
create table if not exists {tables} (table_name {text} primary key, declaration {text} not null)

-- name: create_partitions
create table if not exists {partitions} (
    table_name {text}, "partition" {text}, version bigint not null, row_count bigint not null, content_sum {text} not null,
    primary key (table_name, "partition")
)

-- name: create_cursors
create table if not exists {cursors} (
    table_name {text}, "partition" {text}, scope {text}, cursor {text}, load {text}, saved_at {text},
    primary key (table_name, "partition", scope)
)

-- name: create_loads
create table if not exists {loads} (
    load {text}, table_name {text}, "partition" {text}, version bigint, files {text}, counts {text}, recorded_at {text}
)

-- name: create_changes
create table if not exists {changes} (
    load {text}, table_name {text}, "partition" {text}, version bigint, kind {text}, key {text}, old {text}, new {text}, changed {text}
)

-- name: create_probe
create table if not exists {probe} (name {text} primary key, value {text} not null)

-- name: create_rejected_rows
create table if not exists {rejected_rows} (
    table_name {text}, "partition" {text}, file {text}, line bigint, reason {text}, raw {text}, load {text}
)

-- name: find_declaration
select declaration from {tables} where table_name = $table

-- name: list_declarations
select table_name, declaration from {tables} order by table_name

-- name: save_declaration
insert into {tables} (table_name, declaration) values ($table, $declaration)
on conflict (table_name) do update set declaration = excluded.declaration

-- name: find_partition
select version, row_count, content_sum from {partitions} where table_name = $table and "partition" = $part

-- name: list_partitions
select "partition", version, row_count from {partitions} where table_name = $table

-- name: save_partition
insert into {partitions} (table_name, "partition", version, row_count, content_sum)
values ($table, $part, $version, $rows, $sum)
on conflict (table_name, "partition") do update set
    version = excluded.version, row_count = excluded.row_count, content_sum = excluded.content_sum

-- name: find_cursor
select cursor from {cursors} where table_name = $table and "partition" = $part and scope = $scope

-- name: save_cursor
insert into {cursors} (table_name, "partition", scope, cursor, load, saved_at)
values ($table, $part, $scope, $cursor, $load, $at)
on conflict (table_name, "partition", scope) do update set
    cursor = excluded.cursor, load = excluded.load, saved_at = excluded.saved_at

-- name: record_load
insert into {loads} (load, table_name, "partition", version, files, counts, recorded_at)
values ($load, $table, $part, $version, $files, $counts, $at)

-- name: find_probe
select value from {probe} where name = 'hash'

-- name: save_probe
insert into {probe} (name, value) values ('hash', $value) on conflict (name) do update set value = excluded.value

-- name: forget
delete from {book} where table_name = $table and ("partition" = $part or $part is null)
