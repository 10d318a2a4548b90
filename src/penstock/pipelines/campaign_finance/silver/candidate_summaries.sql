-- name: candidate_summaries
with published as (
    select
        'weball' as source, "CAND_ID", "CAND_NAME", "CVG_END_DT", "TTL_RECEIPTS", "TTL_DISB", "TTL_INDIV_CONTRIB",
        "OTHER_POL_CMTE_CONTRIB", "POL_PTY_CONTRIB", "CAND_CONTRIB", "CAND_LOANS", "INDIV_REFUNDS", "COH_COP",
        "DEBTS_OWED_BY"
    from bronze.candidate_summaries
    where cycle = $cycle
    union all
    select
        'webl', "CAND_ID", "CAND_NAME", "CVG_END_DT", "TTL_RECEIPTS", "TTL_DISB", "TTL_INDIV_CONTRIB",
        "OTHER_POL_CMTE_CONTRIB", "POL_PTY_CONTRIB", "CAND_CONTRIB", "CAND_LOANS", "INDIV_REFUNDS", "COH_COP",
        "DEBTS_OWED_BY"
    from bronze.congressional_summaries
    where cycle = $cycle
)
select
    source,
    in_capitals(trimmed("CAND_ID")) as candidate_id,
    trimmed("CAND_NAME") as name,
    as_decimal(trimmed("TTL_RECEIPTS")) as receipts,
    as_decimal(trimmed("TTL_DISB")) as disbursements,
    as_decimal(trimmed("TTL_INDIV_CONTRIB")) as individual_contributions,
    as_decimal(trimmed("OTHER_POL_CMTE_CONTRIB")) as committee_contributions,
    as_decimal(trimmed("POL_PTY_CONTRIB")) as party_contributions,
    as_decimal(trimmed("CAND_CONTRIB")) as candidate_contributions,
    as_decimal(trimmed("CAND_LOANS")) as candidate_loans,
    as_decimal(trimmed("INDIV_REFUNDS")) as individual_refunds,
    as_decimal(trimmed("COH_COP")) as cash_on_hand,
    as_decimal(trimmed("DEBTS_OWED_BY")) as debts,
    as_date(trimmed("CVG_END_DT")) as covered_until,
    nullif(concat_ws(
        ',',
        case
            when concat(
                unreadable_amount("TTL_RECEIPTS"), unreadable_amount("TTL_DISB"), unreadable_amount("TTL_INDIV_CONTRIB"),
                unreadable_amount("OTHER_POL_CMTE_CONTRIB"), unreadable_amount("POL_PTY_CONTRIB"),
                unreadable_amount("CAND_CONTRIB"), unreadable_amount("CAND_LOANS"), unreadable_amount("INDIV_REFUNDS"),
                unreadable_amount("COH_COP"), unreadable_amount("DEBTS_OWED_BY")
            ) <> '' then 'amount unreadable'
        end,
        case
            when concat(
                rounded_amount("TTL_RECEIPTS"), rounded_amount("TTL_DISB"), rounded_amount("TTL_INDIV_CONTRIB"),
                rounded_amount("OTHER_POL_CMTE_CONTRIB"), rounded_amount("POL_PTY_CONTRIB"),
                rounded_amount("CAND_CONTRIB"), rounded_amount("CAND_LOANS"), rounded_amount("INDIV_REFUNDS"),
                rounded_amount("COH_COP"), rounded_amount("DEBTS_OWED_BY")
            ) <> '' then 'amount rounded'
        end,
        case when trimmed("CVG_END_DT") is not null and as_date(trimmed("CVG_END_DT")) is null then 'date impossible' end
    ), '') as doubts
from published
