-- name: contribution_series
-- Sums by day first: all coarser grains are made of days, and so agree with them to the cent.
with days as (
    select
        recipient_committee_id, recipient_candidate_id, source_system,
        case when is_date_usable then transaction_on end as given_on,
        count(*) filter (where not is_refund) as contributions,
        coalesce(sum(counted_amount) filter (where not is_refund), 0) as gross_amount,
        coalesce(-sum(counted_amount) filter (where is_refund), 0) as refund_amount,
        sum(counted_amount) as total_amount
    from gold.contributions
    where cycle = $cycle and counted
    group by recipient_committee_id, recipient_candidate_id, source_system, case when is_date_usable then transaction_on end
),
leveled as (
    select 'committee' as level, recipient_committee_id as recipient_id, days.* from days where recipient_committee_id is not null
    union all
    select 'candidate', recipient_candidate_id, days.* from days where recipient_candidate_id is not null
),
grains as (
    select unnest(array['day', 'week', 'month', 'cycle']) as grain
),
periods as (
    select
        level, recipient_id, source_system, grain,
        case
            when grain = 'cycle' then cast(cast($cycle as integer) as text)
            when given_on is null then 'undated'
            when grain = 'day' then cast(given_on as text)
            when grain = 'week' then cast(extract(isoyear from given_on) as text) || '-W'
                || lpad(cast(extract(week from given_on) as text), 2, '0')
            else left(cast(given_on as text), 7)
        end as period,
        case
            when grain = 'cycle' then make_date($cycle - 1, 1, 1)
            when grain = 'day' then given_on
            when grain = 'week' then cast(date_trunc('week', given_on) as date)
            else cast(date_trunc('month', given_on) as date)
        end as starts_on,
        contributions, gross_amount, refund_amount, total_amount
    from leveled
    cross join grains
)
select
    level, recipient_id, source_system, grain, period,
    min(starts_on) as starts_on,
    cast(sum(contributions) as bigint) as contributions,
    sum(gross_amount) as gross_amount,
    sum(refund_amount) as refund_amount,
    sum(total_amount) as total_amount
from periods
group by level, recipient_id, source_system, grain, period
