-- name: committees
select
    committee_id,
    'FEC' as source_system,
    name,
    case
        when designation = 'J' then 'JOINT_FUNDRAISER'
        when committee_type in ('H', 'S', 'P') then 'CANDIDATE'
        when committee_type = 'O' then 'SUPER_PAC'
        when committee_type in ('N', 'Q', 'V', 'W') then 'PAC'
        when committee_type in ('X', 'Y', 'Z') then 'PARTY'
        when committee_type is not null then 'OTHER'
        when designation in ('P', 'A') then 'CANDIDATE'
        when designation in ('U', 'B', 'D') then 'PAC'
        else 'OTHER'
    end as kind,
    committee_type,
    designation,
    party,
    city,
    state,
    candidate_id
from silver.committees
where cycle = $cycle
union all
select
    committee.committee_id,
    'MARYLAND',
    committee.name,
    case
        when in_capitals(committee.committee_type) like '%CANDIDATE%' then 'CANDIDATE'
        when in_capitals(committee.committee_type) like '%POLITICAL ACTION%' then 'PAC'
        when in_capitals(committee.committee_type) like '%PARTY%' then 'PARTY'
        else 'OTHER'
    end,
    committee.committee_type,
    null,
    candidate.party,
    committee.city,
    committee.state,
    committee.candidate_id
from silver.maryland_committees as committee
left join silver.maryland_candidates as candidate
    on candidate.cycle = $cycle and candidate.candidate_id = committee.candidate_id
where committee.cycle = $cycle
