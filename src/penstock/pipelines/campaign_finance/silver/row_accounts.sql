-- name: row_accounts
with published as (
    select 'cm' as source, count(*) as bronze_rows from bronze.committees where cycle = $cycle
    union all select 'cn', count(*) from bronze.candidates where cycle = $cycle
    union all select 'ccl', count(*) from bronze.linkages where cycle = $cycle
    -- A row that the API has told anew since is counted there.
    union all select 'itcont', count(*) from bronze.individual_contributions as line
        where cycle = $cycle and not exists (
            select 1 from silver.recent_receipts as newer where newer.cycle = $cycle and newer."SUB_ID" = line."SUB_ID"
        )
    -- A row that the API has told anew since is counted there.
    union all select 'itoth', count(*) from bronze.other_transactions as line
        where cycle = $cycle and not exists (
            select 1 from silver.recent_receipts as newer where newer.cycle = $cycle and newer."SUB_ID" = line."SUB_ID"
        )
    union all select 'itpas2', count(*) from bronze.committee_contributions where cycle = $cycle
    union all select 'oppexp', count(*) from bronze.operating_expenditures where cycle = $cycle
    union all select 'weball', count(*) from bronze.candidate_summaries where cycle = $cycle
    union all select 'webl', count(*) from bronze.congressional_summaries where cycle = $cycle
    union all select 'webk', count(*) from bronze.pac_summaries where cycle = $cycle
    union all select source, count(*) from silver.recent_receipts where cycle = $cycle group by source
),
kept as (
    select 'cm' as source, count(*) as silver_rows, count(doubts) as doubtful_rows from silver.committees where cycle = $cycle
    union all select 'cn', count(*), count(doubts) from silver.candidates where cycle = $cycle
    union all select 'ccl', count(*), count(doubts) from silver.linkages where cycle = $cycle
    union all select source, count(*), count(doubts) from silver.transactions where cycle = $cycle group by source
    union all select 'oppexp', count(*), count(doubts) from silver.operating_expenditures where cycle = $cycle
    union all select source, count(*), count(doubts) from silver.candidate_summaries where cycle = $cycle group by source
    union all select 'webk', count(*), count(doubts) from silver.pac_summaries where cycle = $cycle
),
dropped as (
    select source, count(*) as dropped_rows from silver.findings where cycle = $cycle and severity = 'dropped' group by source
)
select
    source, bronze_rows,
    coalesce(silver_rows, 0) as silver_rows,
    coalesce(dropped_rows, 0) as dropped_rows,
    coalesce(doubtful_rows, 0) as doubtful_rows
from published
left join kept using (source)
left join dropped using (source)
