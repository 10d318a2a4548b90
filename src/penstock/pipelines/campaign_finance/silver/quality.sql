-- name: quality
-- What the gates measure, before anything is published in gold.
with sums as (
    select sum(bronze_rows) as bronze_rows, sum(silver_rows) as silver_rows
    from silver.row_accounts
    where cycle = $cycle and source in ('itcont', 'itoth', 'itpas2', 'openfec', 'efile')
),
empty as (
    select count(*) as tables
    from silver.row_accounts
    where cycle = $cycle and bronze_rows > 0 and silver_rows = 0
),
entries as (
    select
        count(*) as entries,
        -- Without any committee nothing can be told: somebody left their file out.
        case when exists (select 1 from silver.committees where cycle = $cycle)
            then sum(case when committee_name is null then 1 else 0 end) end as unknown_committees,
        sum(case when donor_kind is null then 1 else 0 end) as unknown_kinds
    from silver.transactions
    where cycle = $cycle
),
-- One line of one filing that stands there under several identifiers.
repeated as (
    select coalesce(sum(copies - 1), 0) as entries
    from (
        select count(*) as copies
        from silver.transactions
        where cycle = $cycle and source <> 'itoth' and transaction_id is not null
        group by source, committee_id, file_number, transaction_id, name, transaction_on, amount, memo_text
        having count(*) > 1
    ) as groups
)
select
    'empty results' as gate, cast(tables as double precision) as measured, cast(0 as double precision) as threshold,
    tables = 0 as is_passed, 'tables that are empty though their source is not' as unit, $cycle as cycle
from empty
union all
select
    'dropped rows', (bronze_rows - silver_rows) / cast(nullif(bronze_rows, 0) as double precision), $max_dropped_share,
    coalesce((bronze_rows - silver_rows) / cast(nullif(bronze_rows, 0) as double precision), 0) <= $max_dropped_share,
    'share of the transactions read', $cycle
from sums
union all
select
    'unknown committees', unknown_committees / cast(nullif(entries, 0) as double precision), $max_unresolved_share,
    coalesce(unknown_committees / cast(nullif(entries, 0) as double precision), 0) <= $max_unresolved_share,
    'share of the transactions kept', $cycle
from entries
union all
select
    'unknown transaction codes', unknown_kinds / cast(nullif(entries, 0) as double precision), $max_unresolved_share,
    coalesce(unknown_kinds / cast(nullif(entries, 0) as double precision), 0) <= $max_unresolved_share,
    'share of the transactions kept', $cycle
from entries
union all
select
    'repeated lines', repeated.entries / cast(nullif(total.entries, 0) as double precision), $max_repeated_share,
    coalesce(repeated.entries / cast(nullif(total.entries, 0) as double precision), 0) <= $max_repeated_share,
    'share of the transactions kept', $cycle
from repeated
cross join entries as total
