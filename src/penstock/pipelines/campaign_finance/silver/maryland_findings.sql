-- name: maryland_findings
with kept as (
    select 'contributions' as source, contribution_id as row_id, doubts from silver.maryland_contributions where cycle = $cycle
    union all
    select 'committees', committee_id, doubts from silver.maryland_committees where cycle = $cycle
    union all
    select 'candidates', candidate_id, doubts from silver.maryland_candidates where cycle = $cycle
),
doubtful as (
    select source, row_id, unnest(string_to_array(doubts, ',')) as reason, 'doubtful' as severity
    from kept
    where doubts is not null
),
dropped as (
    select
        'contributions' as source, 'MD' || contribution_id as row_id,
        case
            when not is_listed then 'no longer listed'
            when trimmed(receiving_committee) is null then 'committee missing'
            else 'amount unreadable'
        end as reason,
        case
            when is_listed and trimmed(receiving_committee) is not null then contribution_amount
        end as value
    from bronze.maryland_contributions as bronze
    where cycle = $cycle and not exists (
        select 1 from kept where kept.source = 'contributions' and kept.row_id = 'MD' || bronze.contribution_id
    )
    union all
    select
        'candidates', candidacy_id, case when office_name is null then 'office missing' else 'name missing' end, null
    from bronze.maryland_candidates
    where cycle = $cycle and (office_name is null or last_name is null)
),
published as (
    select
        'contributions' as source, 'MD' || contribution_id as row_id, contribution_amount as amount, filing_period as period,
        receiving_committee as committee, contributor_type, contribution_type, contributor_address as zip, null as office,
        null as party, null as dated
    from bronze.maryland_contributions
    where cycle = $cycle
    union all
    select 'committees', 'MD' || trimmed(ccf_id), null, null, null, null, null, null, null, null, registered_date
    from bronze.maryland_committees
    where cycle = $cycle
    union all
    select 'candidates', candidate_id, null, null, null, null, null, null, office, party_name, null
    from silver.maryland_candidates
    where cycle = $cycle
)
select
    doubtful.source, doubtful.row_id, reason, severity,
    case reason
        when 'amount rounded' then amount
        when 'filing year missing' then period
        when 'committee unknown' then committee
        when 'committee ambiguous' then committee
        when 'unknown contributor type' then contributor_type
        when 'unknown transaction code' then contribution_type
        when 'zip unreadable' then zip
        when 'office unknown' then office
        when 'party unknown' then party
        when 'date impossible' then dated
    end as value
from doubtful
join published on published.source = doubtful.source and published.row_id = doubtful.row_id
union all
select source, row_id, reason, 'dropped', value from dropped
