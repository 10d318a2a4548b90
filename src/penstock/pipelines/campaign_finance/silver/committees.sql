-- name: committees
-- A committee raises money for a candidate when it is principal (P) or authorized (A); joint fundraisers are linked to
-- several candidates and belong to none.
with linked as (
    select
        upper(trim("CMTE_ID")) as committee_id,
        upper(trim("CAND_ID")) as candidate_id,
        row_number() over (
            partition by upper(trim("CMTE_ID"))
            order by case upper(trim("CMTE_DSGN")) when 'P' then 0 else 1 end, "CAND_ELECTION_YR" desc, "CAND_ID", "LINKAGE_ID"
        ) as place
    from bronze.linkages
    where cycle = $cycle and upper(trim("CMTE_DSGN")) in ('P', 'A') and trim("CAND_ID") <> ''
),
joint as (
    select distinct upper(trim("CMTE_ID")) as committee_id from bronze.linkages where cycle = $cycle and upper(trim("CMTE_DSGN")) = 'J'
),
master as (
    select
        upper(trim("CMTE_ID")) as committee_id,
        nullif(trim("CMTE_NM"), '') as name,
        nullif(trim("TRES_NM"), '') as treasurer,
        nullif(trim("CMTE_CITY"), '') as city,
        nullif(upper(trim("CMTE_ST")), '') as state,
        nullif(regexp_extract(trim("CMTE_ZIP"), '^(\d{5})-?\d{0,4}$', 1), '') as zip5,
        case when trim("CMTE_ZIP") <> '' and zip5 is null then 'zip unreadable' end as doubts,
        nullif(upper(trim("CMTE_DSGN")), '') as designation,
        nullif(upper(trim("CMTE_TP")), '') as committee_type,
        nullif(upper(trim("CMTE_PTY_AFFILIATION")), '') as party,
        nullif(upper(trim("CMTE_FILING_FREQ")), '') as filing_frequency,
        nullif(upper(trim("ORG_TP")), '') as organization_type,
        nullif(trim("CONNECTED_ORG_NM"), '') as connected_organization,
        case when upper(trim("CMTE_DSGN")) in ('P', 'A') or upper(trim("CMTE_TP")) in ('H', 'S', 'P')
            then nullif(upper(trim("CAND_ID")), '') end as own_candidate_id
    from bronze.committees
    where cycle = $cycle
)
select
    master.* exclude (own_candidate_id),
    case when coalesce(designation, '') <> 'J' then
        coalesce(linked.candidate_id, if(joint.committee_id is null, own_candidate_id, null)) end as candidate_id,
    case
        when designation = 'J' then null
        when linked.candidate_id is not null then 'ccl'
        when own_candidate_id is not null and joint.committee_id is null then 'cm'
    end as candidate_source
from master
left join linked on linked.committee_id = master.committee_id and linked.place = 1
left join joint on joint.committee_id = master.committee_id
