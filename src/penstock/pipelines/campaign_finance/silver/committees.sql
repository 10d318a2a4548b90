-- name: committees
-- A committee raises money for a candidate when it is principal (P) or authorized (A); joint fundraisers are linked to
-- several candidates and belong to none.
with links as (
    select
        in_capitals(trimmed("CMTE_ID")) as committee_id,
        in_capitals(trimmed("CAND_ID")) as candidate_id,
        in_capitals(trimmed("CMTE_DSGN")) as designation,
        "CAND_ELECTION_YR" as election_year, "CAND_ID" as given_candidate_id, "LINKAGE_ID" as linkage_id
    from bronze.linkages
    where cycle = $cycle
),
linked as (
    select
        committee_id, candidate_id,
        row_number() over (
            partition by committee_id
            order by
                case designation when 'P' then 0 else 1 end, election_year desc nulls last, given_candidate_id, linkage_id
        ) as place
    from links
    where designation in ('P', 'A') and candidate_id is not null
),
joint as (
    select distinct committee_id from links where designation = 'J'
),
typed as (
    select
        in_capitals(trimmed("CMTE_ID")) as committee_id,
        trimmed("CMTE_NM") as name,
        trimmed("TRES_NM") as treasurer,
        trimmed("CMTE_CITY") as city,
        in_capitals(trimmed("CMTE_ST")) as state,
        trimmed("CMTE_ZIP") as zip,
        first_match(trimmed("CMTE_ZIP"), '^([0-9]{5})-?[0-9]{0,4}$') as zip5,
        in_capitals(trimmed("CMTE_DSGN")) as designation,
        in_capitals(trimmed("CMTE_TP")) as committee_type,
        in_capitals(trimmed("CMTE_PTY_AFFILIATION")) as party,
        in_capitals(trimmed("CMTE_FILING_FREQ")) as filing_frequency,
        in_capitals(trimmed("ORG_TP")) as organization_type,
        trimmed("CONNECTED_ORG_NM") as connected_organization,
        in_capitals(trimmed("CAND_ID")) as candidate_id
    from bronze.committees
    where cycle = $cycle
),
master as (
    select
        typed.*,
        case when designation in ('P', 'A') or committee_type in ('H', 'S', 'P') then candidate_id end as own_candidate_id
    from typed
)
select
    master.committee_id, name, treasurer, city, state, zip5, designation, committee_type, party, filing_frequency,
    organization_type, connected_organization,
    case when coalesce(designation, '') <> 'J'
        then coalesce(linked.candidate_id, case when joint.committee_id is null then own_candidate_id end)
    end as candidate_id,
    case
        when designation = 'J' then null
        when linked.candidate_id is not null then 'ccl'
        when own_candidate_id is not null and joint.committee_id is null then 'cm'
    end as candidate_source,
    case when zip is not null and zip5 is null then 'zip unreadable' end as doubts
from master
left join linked on linked.committee_id = master.committee_id and linked.place = 1
left join joint on joint.committee_id = master.committee_id
