-- name: pac_summaries
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
    try_strptime(trim("CVG_END_DT"), '%m/%d/%Y')::date as covered_until
from bronze.pac_summaries
where cycle = $cycle
