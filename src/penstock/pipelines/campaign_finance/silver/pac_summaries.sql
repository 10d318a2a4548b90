-- name: pac_summaries
select
    in_capitals(trimmed("CMTE_ID")) as committee_id,
    trimmed("CMTE_NM") as name,
    as_decimal(trimmed("TTL_RECEIPTS")) as receipts,
    as_decimal(trimmed("TTL_DISB")) as disbursements,
    as_decimal(trimmed("INDV_CONTRIB")) as individual_contributions,
    as_decimal(trimmed("OTHER_POL_CMTE_CONTRIB")) as committee_contributions,
    as_decimal(trimmed("INDV_REFUNDS")) as individual_refunds,
    as_decimal(trimmed("CONTRIB_TO_OTHER_CMTE")) as contributions_made,
    as_decimal(trimmed("IND_EXP")) as independent_expenditures,
    as_decimal(trimmed("COH_COP")) as cash_on_hand,
    as_date(trimmed("CVG_END_DT")) as covered_until,
    nullif(concat_ws(
        ',',
        case
            when concat(
                unreadable_amount("TTL_RECEIPTS"), unreadable_amount("TTL_DISB"), unreadable_amount("INDV_CONTRIB"),
                unreadable_amount("OTHER_POL_CMTE_CONTRIB"), unreadable_amount("INDV_REFUNDS"),
                unreadable_amount("CONTRIB_TO_OTHER_CMTE"), unreadable_amount("IND_EXP"), unreadable_amount("COH_COP")
            ) <> '' then 'amount unreadable'
        end,
        case
            when concat(
                rounded_amount("TTL_RECEIPTS"), rounded_amount("TTL_DISB"), rounded_amount("INDV_CONTRIB"),
                rounded_amount("OTHER_POL_CMTE_CONTRIB"), rounded_amount("INDV_REFUNDS"),
                rounded_amount("CONTRIB_TO_OTHER_CMTE"), rounded_amount("IND_EXP"), rounded_amount("COH_COP")
            ) <> '' then 'amount rounded'
        end,
        case when trimmed("CVG_END_DT") is not null and as_date(trimmed("CVG_END_DT")) is null then 'date impossible' end
    ), '') as doubts
from bronze.pac_summaries
where cycle = $cycle
