-- What is worth reading first, one statement per table, in the order they are shown; amounts in whole dollars.
-- A column named `series` holds numbers joined by commas, to be drawn as small bars.

-- name: the_cycle_month_by_month
with months as (
    select starts_on, sum(total_amount) as total_amount, sum(contributions) as gifts
    from gold.contribution_series
    where cycle = $cycle and level = 'committee' and grain = 'month' and starts_on is not null
    group by starts_on
)
select
    left(cast(min(starts_on) as text), 7) as first_month,
    left(cast(max(starts_on) as text), 7) as last_month,
    cast(sum(gifts) as bigint) as counted_gifts,
    cast(round(sum(total_amount)) as bigint) as receipts,
    string_agg(cast(total_amount as text), ',' order by starts_on) as series
from months

-- name: top_committees_by_counted_receipts
with top as (
    select committee_id, unique_contributors, total_amount
    from gold.committee_stats
    where cycle = $cycle
    order by total_amount desc, committee_id
    limit 10
),
amounts as (
    select recipient_id, starts_on, total_amount
    from gold.contribution_series
    where cycle = $cycle and level = 'committee' and grain = 'month' and starts_on is not null
),
-- Every month of the cycle, so that the bars of two committees stand over each other.
months as (
    select
        top.committee_id,
        string_agg(cast(cast(coalesce(amounts.total_amount, 0) as decimal(18, 2)) as text), ',' order by every.starts_on) as series
    from top
    cross join (select distinct starts_on from amounts) as every
    left join amounts on amounts.recipient_id = top.committee_id and amounts.starts_on = every.starts_on
    group by top.committee_id
)
select
    left(coalesce(committees.name, top.committee_id), 30) as committee,
    top.unique_contributors as givers,
    cast(round(top.total_amount) as bigint) as receipts,
    months.series as series
from top
left join gold.committees as committees on committees.committee_id = top.committee_id and committees.cycle = $cycle
left join months on months.committee_id = top.committee_id
order by top.total_amount desc, top.committee_id

-- name: top_candidates_by_counted_receipts
select
    left(coalesce(candidates.display_name, stats.candidate_id), 28) as candidate,
    candidates.office_name as office,
    candidates.party as party,
    stats.unique_contributors as givers,
    cast(round(stats.total_amount) as bigint) as receipts,
    cast(rounded_quotient(100 * 100 * stats.individual_amount, 100 * stats.total_amount) as integer) || '%' as from_people
from gold.candidate_stats as stats
left join gold.candidates as candidates
    on candidates.candidate_id = stats.candidate_id and candidates.cycle = stats.cycle
where stats.cycle = $cycle
order by stats.total_amount desc, stats.candidate_id
limit 8

-- name: how_much_comes_from_how_few
select
    left(coalesce(committees.name, few.recipient_id), 28) as committee,
    few.donors as donors,
    cast(round(cast(few.top_1_share as decimal(18, 6)) * 100) as integer) || '%' as top_1,
    cast(round(cast(few.top_10_share as decimal(18, 6)) * 100) as integer) || '%' as top_10,
    cast(round(cast(few.top_100_share as decimal(18, 6)) * 100) as integer) || '%' as top_100,
    cast(cast(round(cast(few.gini as decimal(18, 6)), 2) as decimal(18, 2)) as text) as gini,
    cast(round(cast(few.small_donor_share as decimal(18, 6)) * 100) as integer) || '%' as small_donors
from gold.donor_concentration as few
left join gold.committees as committees
    on committees.committee_id = few.recipient_id and committees.cycle = few.cycle
where few.cycle = $cycle and few.level = 'committee'
order by few.donors desc, few.total_amount desc, few.recipient_id
limit 8

-- name: what_counts_and_what_does_not
select
    case when counted then 'yes' else 'no' end as counts,
    reason as because,
    count(*) as number,
    cast(round(sum(amount)) as bigint) as reported,
    cast(round(sum(counted_amount)) as bigint) as adds
from gold.contributions
where cycle = $cycle
group by counted, reason
order by counted desc, count(*) desc, reason
limit 14

-- name: spent_for_and_against_candidates
select
    left(coalesce(candidates.display_name, spent.candidate_id), 32) as candidate,
    cast(round(sum(case when spent.stance = 'for' then spent.total_amount else 0 end)) as bigint) as spent_for,
    cast(round(sum(case when spent.stance = 'against' then spent.total_amount else 0 end)) as bigint) as spent_against
from gold.independent_expenditures as spent
left join gold.candidates as candidates
    on candidates.candidate_id = spent.candidate_id and candidates.cycle = spent.cycle
where spent.cycle = $cycle
group by coalesce(candidates.display_name, spent.candidate_id)
order by sum(spent.total_amount) desc, coalesce(candidates.display_name, spent.candidate_id)
limit 5

-- name: our_sums_beside_the_publishers
select
    level,
    verdict,
    count(*) as totals,
    cast(round(sum(our_amount)) as bigint) as ours,
    cast(round(sum(published_amount)) as bigint) as published,
    cast(round(sum(our_amount) - sum(published_amount)) as bigint) as difference
from gold.coverage
where cycle = $cycle
group by level, verdict
order by level, count(*) desc, verdict
