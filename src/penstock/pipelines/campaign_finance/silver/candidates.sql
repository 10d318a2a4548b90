-- name: candidates
with typed as (
    select
        in_capitals(trimmed("CAND_ID")) as candidate_id,
        trimmed("CAND_NAME") as name,
        in_capitals(trimmed("CAND_PTY_AFFILIATION")) as party,
        trimmed("CAND_ELECTION_YR") as year,
        as_bigint(trimmed("CAND_ELECTION_YR")) as election_year,
        in_capitals(trimmed("CAND_OFFICE")) as office,
        in_capitals(trimmed("CAND_OFFICE_ST")) as office_state,
        lpad(trimmed("CAND_OFFICE_DISTRICT"), 2, '0') as office_district,
        in_capitals(trimmed("CAND_ICI")) as incumbency,
        in_capitals(trimmed("CAND_STATUS")) as status,
        in_capitals(trimmed("CAND_PCC")) as principal_committee_id,
        trimmed("CAND_CITY") as city,
        in_capitals(trimmed("CAND_ST")) as state,
        trimmed("CAND_ZIP") as zip,
        first_match(trimmed("CAND_ZIP"), '^([0-9]{5})-?[0-9]{0,4}$') as zip5
    from bronze.candidates
    where cycle = $cycle
)
select
    candidate_id, name, party, election_year, office, office_state, office_district, incumbency, status,
    principal_committee_id, city, state, zip5,
    nullif(concat_ws(
        ',',
        case when year is not null and election_year is null then 'year unreadable' end,
        case when zip is not null and zip5 is null then 'zip unreadable' end
    ), '') as doubts
from typed
