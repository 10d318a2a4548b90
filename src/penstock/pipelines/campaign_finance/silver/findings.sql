-- name: findings
with published as (
    select
        'itcont' as source, trim("SUB_ID") as sub_id, "CMTE_ID" as committee, "TRANSACTION_DT" as dated,
        ["TRANSACTION_AMT"] as amounts, "ZIP_CODE" as zip, "TRANSACTION_TP" as code, null as candidate, []::varchar[] as years
    from bronze.individual_contributions where cycle = $cycle
    union all
    select 'itoth', trim("SUB_ID"), "CMTE_ID", "TRANSACTION_DT", ["TRANSACTION_AMT"], "ZIP_CODE", "TRANSACTION_TP", null, []
    from bronze.other_transactions where cycle = $cycle
    union all
    select
        'itpas2', trim("SUB_ID"), "CMTE_ID", "TRANSACTION_DT", ["TRANSACTION_AMT"], "ZIP_CODE", "TRANSACTION_TP", "CAND_ID", []
    from bronze.committee_contributions where cycle = $cycle
    union all
    select 'oppexp', trim("SUB_ID"), "CMTE_ID", "TRANSACTION_DT", ["TRANSACTION_AMT"], "ZIP_CODE", null, null, []
    from bronze.operating_expenditures where cycle = $cycle
    union all
    select 'cm', upper(trim("CMTE_ID")), null, null, [], "CMTE_ZIP", null, null, []
    from bronze.committees where cycle = $cycle
    union all
    select 'cn', upper(trim("CAND_ID")), null, null, [], "CAND_ZIP", null, null, ["CAND_ELECTION_YR"]
    from bronze.candidates where cycle = $cycle
    union all
    select 'ccl', trim("LINKAGE_ID"), null, null, [], null, null, null, ["CAND_ELECTION_YR", "FEC_ELECTION_YR"]
    from bronze.linkages where cycle = $cycle
    union all
    select
        source, upper(trim("CAND_ID")), null, "CVG_END_DT",
        [
            "TTL_RECEIPTS", "TTL_DISB", "TTL_INDIV_CONTRIB", "OTHER_POL_CMTE_CONTRIB", "POL_PTY_CONTRIB",
            "CAND_CONTRIB", "CAND_LOANS", "INDIV_REFUNDS", "COH_COP", "DEBTS_OWED_BY"
        ],
        null, null, null, []
    from (
        select 'weball' as source, * from bronze.candidate_summaries where cycle = $cycle
        union all by name
        select 'webl' as source, * from bronze.congressional_summaries where cycle = $cycle
    )
    union all
    select
        'webk', upper(trim("CMTE_ID")), null, "CVG_END_DT",
        [
            "TTL_RECEIPTS", "TTL_DISB", "INDV_CONTRIB", "OTHER_POL_CMTE_CONTRIB", "INDV_REFUNDS",
            "CONTRIB_TO_OTHER_CMTE", "IND_EXP", "COH_COP"
        ],
        null, null, null, []
    from bronze.pac_summaries where cycle = $cycle
),
kept as (
    select source, sub_id, doubts from silver.transactions where cycle = $cycle
    union all
    select 'oppexp', sub_id, doubts from silver.operating_expenditures where cycle = $cycle
    union all
    select 'cm', committee_id, doubts from silver.committees where cycle = $cycle
    union all
    select 'cn', candidate_id, doubts from silver.candidates where cycle = $cycle
    union all
    select 'ccl', linkage_id, doubts from silver.linkages where cycle = $cycle
    union all
    select source, candidate_id, doubts from silver.candidate_summaries where cycle = $cycle
    union all
    select 'webk', committee_id, doubts from silver.pac_summaries where cycle = $cycle
),
doubtful as (
    select source, sub_id, unnest(string_split(doubts, ',')) as reason, 'doubtful' as severity from kept where doubts is not null
),
dropped as (
    select
        source, sub_id,
        case when coalesce(trim(committee), '') = '' then 'committee missing' else 'amount unreadable' end as reason,
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
        when 'amount unreadable' then array_to_string(list_filter(
            amounts, lambda given: trim(given) <> '' and try_cast(trim(given) as decimal(18, 2)) is null
        ), ', ')
        when 'amount rounded' then array_to_string(list_filter(
            amounts, lambda given: try_cast(trim(given) as decimal(18, 2)) <> try_cast(trim(given) as decimal(38, 16))
        ), ', ')
        when 'year unreadable' then array_to_string(list_filter(
            years, lambda given: trim(given) <> '' and try_cast(trim(given) as bigint) is null
        ), ', ')
        when 'date impossible' then dated
        when 'date far from cycle' then dated
        when 'committee unknown' then committee
        when 'candidate unknown' then candidate
        when 'unknown transaction code' then code
        when 'zip unreadable' then zip
    end as value
from found
join published using (source, sub_id)
