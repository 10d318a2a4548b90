-- name: linkages
with typed as (
    select
        trimmed("LINKAGE_ID") as linkage_id,
        in_capitals(trimmed("CAND_ID")) as candidate_id,
        in_capitals(trimmed("CMTE_ID")) as committee_id,
        trimmed("CAND_ELECTION_YR") as candidate_year,
        as_bigint(trimmed("CAND_ELECTION_YR")) as candidate_election_year,
        trimmed("FEC_ELECTION_YR") as fec_year,
        as_bigint(trimmed("FEC_ELECTION_YR")) as fec_election_year,
        in_capitals(trimmed("CMTE_TP")) as committee_type,
        in_capitals(trimmed("CMTE_DSGN")) as designation
    from bronze.linkages
    where cycle = $cycle
)
select
    linkage_id, candidate_id, committee_id, candidate_election_year, fec_election_year, committee_type, designation,
    case
        when candidate_year is not null and candidate_election_year is null then 'year unreadable'
        when fec_year is not null and fec_election_year is null then 'year unreadable'
    end as doubts
from typed
