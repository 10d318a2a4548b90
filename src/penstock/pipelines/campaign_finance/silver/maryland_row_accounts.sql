-- name: maryland_row_accounts
with published as (
    select 'contributions' as source, count(*) as bronze_rows from bronze.maryland_contributions where cycle = $cycle
    union all
    select 'committees', count(*) from bronze.maryland_committees where cycle = $cycle
    union all
    select 'candidates', count(*) from bronze.maryland_candidates where cycle = $cycle
),
kept as (
    select
        'contributions' as source, count(*) as silver_rows, count(doubts) as doubtful_rows
    from silver.maryland_contributions
    where cycle = $cycle
    union all
    select 'committees', count(*), count(doubts) from silver.maryland_committees where cycle = $cycle
    union all
    select 'candidates', cast(coalesce(sum(lists), 0) as bigint), count(doubts) from silver.maryland_candidates where cycle = $cycle
),
dropped as (
    select source, count(*) as dropped_rows
    from silver.maryland_findings
    where cycle = $cycle and severity = 'dropped'
    group by source
)
select published.source, bronze_rows, silver_rows, coalesce(dropped_rows, 0) as dropped_rows, doubtful_rows
from published
join kept on kept.source = published.source
left join dropped on dropped.source = published.source
