-- name: geography
with leveled as (
    select 'all' as level, 'all' as recipient_id, given.* from gold.contributions as given where cycle = $cycle and counted
    union all
    select 'candidate', recipient_candidate_id, given.* from gold.contributions as given
    where cycle = $cycle and counted and recipient_candidate_id is not null
    union all
    select 'committee', recipient_committee_id, given.* from gold.contributions as given
    where cycle = $cycle and counted and recipient_committee_id is not null
),
placed as (
    select 'state' as grain, coalesce(state, 'unknown') as place, leveled.* from leveled
    union all
    select 'zip5', coalesce(zip5, 'unknown'), leveled.* from leveled where level <> 'committee'
)
select
    level, recipient_id, source_system, grain, place,
    count(*) filter (where not is_refund) as contributions,
    coalesce(sum(counted_amount) filter (where not is_refund), 0) as gross_amount,
    coalesce(-sum(counted_amount) filter (where is_refund), 0) as refund_amount,
    sum(counted_amount) as total_amount,
    count(distinct contributor_id) as unique_contributors
from placed
group by level, recipient_id, source_system, grain, place
