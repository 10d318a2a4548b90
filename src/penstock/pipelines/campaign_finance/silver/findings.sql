-- name: findings
with summaries as (
    select
        'weball' as source, "CAND_ID", "CVG_END_DT", "TTL_RECEIPTS", "TTL_DISB", "TTL_INDIV_CONTRIB", "OTHER_POL_CMTE_CONTRIB",
        "POL_PTY_CONTRIB", "CAND_CONTRIB", "CAND_LOANS", "INDIV_REFUNDS", "COH_COP", "DEBTS_OWED_BY"
    from bronze.candidate_summaries
    where cycle = $cycle
    union all
    select
        'webl', "CAND_ID", "CVG_END_DT", "TTL_RECEIPTS", "TTL_DISB", "TTL_INDIV_CONTRIB", "OTHER_POL_CMTE_CONTRIB",
        "POL_PTY_CONTRIB", "CAND_CONTRIB", "CAND_LOANS", "INDIV_REFUNDS", "COH_COP", "DEBTS_OWED_BY"
    from bronze.congressional_summaries
    where cycle = $cycle
),
-- Of rows with one amount that amount; of summaries the amounts to blame.
published as (
    select
        'itcont' as source, trimmed("SUB_ID") as sub_id, "CMTE_ID" as committee, "TRANSACTION_DT" as dated,
        "TRANSACTION_AMT" as amount, cast(null as text) as unreadable_amounts, cast(null as text) as rounded_amounts,
        "ZIP_CODE" as zip, "TRANSACTION_TP" as code, cast(null as text) as candidate, cast(null as text) as year,
        cast(null as text) as other_year
    from bronze.individual_contributions where cycle = $cycle
    union all
    select
        'itoth', trimmed("SUB_ID"), "CMTE_ID", "TRANSACTION_DT", "TRANSACTION_AMT", null, null, "ZIP_CODE", "TRANSACTION_TP",
        null, null, null
    from bronze.other_transactions where cycle = $cycle
    union all
    select
        'itpas2', trimmed("SUB_ID"), "CMTE_ID", "TRANSACTION_DT", "TRANSACTION_AMT", null, null, "ZIP_CODE", "TRANSACTION_TP",
        "CAND_ID", null, null
    from bronze.committee_contributions where cycle = $cycle
    union all
    select
        source, trimmed("SUB_ID"), "CMTE_ID", "TRANSACTION_DT", "TRANSACTION_AMT", null, null, "ZIP_CODE", "TRANSACTION_TP",
        null, null, null
    from silver.recent_receipts where cycle = $cycle
    union all
    select
        'oppexp', trimmed("SUB_ID"), "CMTE_ID", "TRANSACTION_DT", "TRANSACTION_AMT", null, null, "ZIP_CODE", null, null, null,
        null
    from bronze.operating_expenditures where cycle = $cycle
    union all
    select 'cm', in_capitals(trimmed("CMTE_ID")), null, null, null, null, null, "CMTE_ZIP", null, null, null, null
    from bronze.committees where cycle = $cycle
    union all
    select
        'cn', in_capitals(trimmed("CAND_ID")), null, null, null, null, null, "CAND_ZIP", null, null, "CAND_ELECTION_YR", null
    from bronze.candidates where cycle = $cycle
    union all
    select
        'ccl', trimmed("LINKAGE_ID"), null, null, null, null, null, null, null, null, "CAND_ELECTION_YR", "FEC_ELECTION_YR"
    from bronze.linkages where cycle = $cycle
    union all
    select
        source, in_capitals(trimmed("CAND_ID")), null, "CVG_END_DT", null,
        concat_ws(
            ', ', unreadable_amount("TTL_RECEIPTS"), unreadable_amount("TTL_DISB"), unreadable_amount("TTL_INDIV_CONTRIB"),
            unreadable_amount("OTHER_POL_CMTE_CONTRIB"), unreadable_amount("POL_PTY_CONTRIB"),
            unreadable_amount("CAND_CONTRIB"), unreadable_amount("CAND_LOANS"), unreadable_amount("INDIV_REFUNDS"),
            unreadable_amount("COH_COP"), unreadable_amount("DEBTS_OWED_BY")
        ),
        concat_ws(
            ', ', rounded_amount("TTL_RECEIPTS"), rounded_amount("TTL_DISB"), rounded_amount("TTL_INDIV_CONTRIB"),
            rounded_amount("OTHER_POL_CMTE_CONTRIB"), rounded_amount("POL_PTY_CONTRIB"), rounded_amount("CAND_CONTRIB"),
            rounded_amount("CAND_LOANS"), rounded_amount("INDIV_REFUNDS"), rounded_amount("COH_COP"),
            rounded_amount("DEBTS_OWED_BY")
        ),
        null, null, null, null, null
    from summaries
    union all
    select
        'webk', in_capitals(trimmed("CMTE_ID")), null, "CVG_END_DT", null,
        concat_ws(
            ', ', unreadable_amount("TTL_RECEIPTS"), unreadable_amount("TTL_DISB"), unreadable_amount("INDV_CONTRIB"),
            unreadable_amount("OTHER_POL_CMTE_CONTRIB"), unreadable_amount("INDV_REFUNDS"),
            unreadable_amount("CONTRIB_TO_OTHER_CMTE"), unreadable_amount("IND_EXP"), unreadable_amount("COH_COP")
        ),
        concat_ws(
            ', ', rounded_amount("TTL_RECEIPTS"), rounded_amount("TTL_DISB"), rounded_amount("INDV_CONTRIB"),
            rounded_amount("OTHER_POL_CMTE_CONTRIB"), rounded_amount("INDV_REFUNDS"), rounded_amount("CONTRIB_TO_OTHER_CMTE"),
            rounded_amount("IND_EXP"), rounded_amount("COH_COP")
        ),
        null, null, null, null, null
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
    select source, sub_id, unnest(string_to_array(doubts, ',')) as reason, 'doubtful' as severity
    from kept
    where doubts is not null
),
dropped as (
    select
        source, sub_id,
        case when trimmed(committee) is null then 'committee missing' else 'amount unreadable' end as reason,
        'dropped' as severity
    from published
    where not exists (select 1 from kept where kept.source = published.source and kept.sub_id = published.sub_id)
        -- A row that the API has told anew since stands under that source.
        and not (
            source in ('itcont', 'itoth') and exists (
                select 1 from silver.recent_receipts as newer
                where newer.cycle = $cycle and trimmed(newer."SUB_ID") = published.sub_id
            )
        )
),
found as (
    select source, sub_id, reason, severity from doubtful
    union all
    select source, sub_id, reason, severity from dropped
)
select
    found.source, found.sub_id, found.reason, found.severity,
    case found.reason
        when 'amount unreadable' then coalesce(unreadable_amounts, case when trimmed(amount) is null then '' else amount end)
        when 'amount rounded' then coalesce(rounded_amounts, amount)
        when 'year unreadable' then concat_ws(
            ', ',
            case when trimmed(year) is not null and as_bigint(trimmed(year)) is null then year end,
            case when trimmed(other_year) is not null and as_bigint(trimmed(other_year)) is null then other_year end
        )
        when 'date impossible' then dated
        when 'date far from cycle' then dated
        when 'committee unknown' then committee
        when 'candidate unknown' then candidate
        when 'unknown transaction code' then code
        when 'zip unreadable' then zip
    end as value
from found
join published on published.source = found.source and published.sub_id = found.sub_id
