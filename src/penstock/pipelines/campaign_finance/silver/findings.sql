-- name: findings
with published as (
    select 'itcont' as source, trim("SUB_ID") as sub_id, "CMTE_ID", "TRANSACTION_DT", "TRANSACTION_AMT", "ZIP_CODE", "TRANSACTION_TP", null as "CAND_ID"
    from bronze.individual_contributions where cycle = $cycle
    union all
    select 'itoth', trim("SUB_ID"), "CMTE_ID", "TRANSACTION_DT", "TRANSACTION_AMT", "ZIP_CODE", "TRANSACTION_TP", null
    from bronze.other_transactions where cycle = $cycle
    union all
    select 'itpas2', trim("SUB_ID"), "CMTE_ID", "TRANSACTION_DT", "TRANSACTION_AMT", "ZIP_CODE", "TRANSACTION_TP", "CAND_ID"
    from bronze.committee_contributions where cycle = $cycle
    union all
    select 'oppexp', trim("SUB_ID"), "CMTE_ID", "TRANSACTION_DT", "TRANSACTION_AMT", "ZIP_CODE", null, null
    from bronze.operating_expenditures where cycle = $cycle
),
kept as (
    select source, sub_id, doubts from silver.transactions where cycle = $cycle
    union all
    select 'oppexp', sub_id, doubts from silver.operating_expenditures where cycle = $cycle
),
doubtful as (
    select source, sub_id, unnest(string_split(doubts, ',')) as reason, 'doubtful' as severity from kept where doubts is not null
),
dropped as (
    select
        source, sub_id,
        case when coalesce(trim("CMTE_ID"), '') = '' then 'committee missing' else 'amount unreadable' end as reason,
        'dropped' as severity
    from published
    anti join kept using (source, sub_id)
),
found as (
    select * from doubtful union all select * from dropped
)
select
    found.*,
    case reason
        when 'amount unreadable' then "TRANSACTION_AMT"
        when 'date impossible' then "TRANSACTION_DT"
        when 'date far from cycle' then "TRANSACTION_DT"
        when 'committee unknown' then "CMTE_ID"
        when 'candidate unknown' then "CAND_ID"
        when 'unknown transaction code' then "TRANSACTION_TP"
        when 'zip unreadable' then "ZIP_CODE"
    end as value
from found
join published using (source, sub_id)
