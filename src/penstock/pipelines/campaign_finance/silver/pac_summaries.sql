-- name: pac_summaries
with amounted as (
    select
        *,
        [
            trim("TTL_RECEIPTS"), trim("TTL_DISB"), trim("INDV_CONTRIB"), trim("OTHER_POL_CMTE_CONTRIB"),
            trim("INDV_REFUNDS"), trim("CONTRIB_TO_OTHER_CMTE"), trim("IND_EXP"), trim("COH_COP")
        ] as amounts
    from bronze.pac_summaries
    where cycle = $cycle
)
select
    upper(trim("CMTE_ID")) as committee_id,
    nullif(trim("CMTE_NM"), '') as name,
    try_cast(trim("TTL_RECEIPTS") as decimal(18, 2)) as receipts,
    try_cast(trim("TTL_DISB") as decimal(18, 2)) as disbursements,
    try_cast(trim("INDV_CONTRIB") as decimal(18, 2)) as individual_contributions,
    try_cast(trim("OTHER_POL_CMTE_CONTRIB") as decimal(18, 2)) as committee_contributions,
    try_cast(trim("INDV_REFUNDS") as decimal(18, 2)) as individual_refunds,
    try_cast(trim("CONTRIB_TO_OTHER_CMTE") as decimal(18, 2)) as contributions_made,
    try_cast(trim("IND_EXP") as decimal(18, 2)) as independent_expenditures,
    try_cast(trim("COH_COP") as decimal(18, 2)) as cash_on_hand,
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
