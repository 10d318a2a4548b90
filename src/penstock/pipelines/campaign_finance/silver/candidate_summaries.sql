-- name: candidate_summaries
with published as (
    select 'weball' as source, * from bronze.candidate_summaries where cycle = $cycle
    union all by name
    select 'webl' as source, * from bronze.congressional_summaries where cycle = $cycle
),
amounted as (
    select
        *,
        [
            trim("TTL_RECEIPTS"), trim("TTL_DISB"), trim("TTL_INDIV_CONTRIB"), trim("OTHER_POL_CMTE_CONTRIB"),
            trim("POL_PTY_CONTRIB"), trim("CAND_CONTRIB"), trim("CAND_LOANS"), trim("INDIV_REFUNDS"),
            trim("COH_COP"), trim("DEBTS_OWED_BY")
        ] as amounts
    from published
)
select
    source,
    upper(trim("CAND_ID")) as candidate_id,
    nullif(trim("CAND_NAME"), '') as name,
    try_cast(trim("TTL_RECEIPTS") as decimal(18, 2)) as receipts,
    try_cast(trim("TTL_DISB") as decimal(18, 2)) as disbursements,
    try_cast(trim("TTL_INDIV_CONTRIB") as decimal(18, 2)) as individual_contributions,
    try_cast(trim("OTHER_POL_CMTE_CONTRIB") as decimal(18, 2)) as committee_contributions,
    try_cast(trim("POL_PTY_CONTRIB") as decimal(18, 2)) as party_contributions,
    try_cast(trim("CAND_CONTRIB") as decimal(18, 2)) as candidate_contributions,
    try_cast(trim("CAND_LOANS") as decimal(18, 2)) as candidate_loans,
    try_cast(trim("INDIV_REFUNDS") as decimal(18, 2)) as individual_refunds,
    try_cast(trim("COH_COP") as decimal(18, 2)) as cash_on_hand,
    try_cast(trim("DEBTS_OWED_BY") as decimal(18, 2)) as debts,
    try_strptime(trim("CVG_END_DT"), '%m/%d/%Y')::date as covered_until,
    nullif(concat_ws(
        ',',
        case when len(list_filter(amounts, lambda given: given <> '' and try_cast(given as decimal(18, 2)) is null)) > 0
            then 'amount unreadable' end,
        case when len(list_filter(
            amounts, lambda given: try_cast(given as decimal(18, 2)) <> try_cast(given as decimal(38, 16))
        )) > 0 then 'amount rounded' end,
        case when trim("CVG_END_DT") <> '' and covered_until is null then 'date impossible' end
    ), '') as doubts
from amounted
