-- name: linkages
select
    trim("LINKAGE_ID") as linkage_id,
    nullif(upper(trim("CAND_ID")), '') as candidate_id,
    nullif(upper(trim("CMTE_ID")), '') as committee_id,
    try_cast(trim("CAND_ELECTION_YR") as bigint) as candidate_election_year,
    try_cast(trim("FEC_ELECTION_YR") as bigint) as fec_election_year,
    nullif(upper(trim("CMTE_TP")), '') as committee_type,
    nullif(upper(trim("CMTE_DSGN")), '') as designation,
    case
        when trim("CAND_ELECTION_YR") <> '' and candidate_election_year is null then 'year unreadable'
        when trim("FEC_ELECTION_YR") <> '' and fec_election_year is null then 'year unreadable'
    end as doubts
from bronze.linkages
where cycle = $cycle
