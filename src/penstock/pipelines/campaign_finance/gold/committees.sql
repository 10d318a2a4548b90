-- name: committees
select
    committee_id,
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
