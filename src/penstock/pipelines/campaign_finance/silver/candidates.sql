-- name: candidates
select
    upper(trim("CAND_ID")) as candidate_id,
    nullif(trim("CAND_NAME"), '') as name,
    nullif(upper(trim("CAND_PTY_AFFILIATION")), '') as party,
    try_cast(trim("CAND_ELECTION_YR") as bigint) as election_year,
    nullif(upper(trim("CAND_OFFICE")), '') as office,
    nullif(upper(trim("CAND_OFFICE_ST")), '') as office_state,
    lpad(nullif(trim("CAND_OFFICE_DISTRICT"), ''), 2, '0') as office_district,
    nullif(upper(trim("CAND_ICI")), '') as incumbency,
    nullif(upper(trim("CAND_STATUS")), '') as status,
    nullif(upper(trim("CAND_PCC")), '') as principal_committee_id,
    nullif(trim("CAND_CITY"), '') as city,
    nullif(upper(trim("CAND_ST")), '') as state,
    nullif(regexp_extract(trim("CAND_ZIP"), '^(\d{5})-?\d{0,4}$', 1), '') as zip5,
    nullif(concat_ws(
        ',',
        case when trim("CAND_ELECTION_YR") <> '' and election_year is null then 'year unreadable' end,
        case when trim("CAND_ZIP") <> '' and zip5 is null then 'zip unreadable' end
    ), '') as doubts
from bronze.candidates
where cycle = $cycle
