-- What is worth reading first, one statement per table, in the order they are shown. A column named `series` holds
-- numbers joined by commas, to be drawn as small bars.

-- name: the_cycle_month_by_month
with months as (
    select starts_on, sum(total_amount) as total_amount, sum(contributions) as gifts
    from gold.contribution_series
    where cycle = $cycle and level = 'committee' and grain = 'month' and starts_on is not null
    group by starts_on
)
select
    min(starts_on) as from_month,
    max(starts_on) as to_month,
    cast(sum(gifts) as bigint) as counted_gifts,
    sum(total_amount) as receipts,
    string_agg(cast(total_amount as varchar), ',' order by starts_on) as series
from months

-- name: top_committees_by_counted_receipts
with months as (
    select recipient_id, string_agg(cast(total_amount as varchar), ',' order by starts_on) as series
    from gold.contribution_series
    where cycle = $cycle and level = 'committee' and grain = 'month' and starts_on is not null
    group by recipient_id
)
select
    left(coalesce(committees.name, stats.committee_id), 32) as committee,
    stats.unique_contributors as givers,
    stats.total_amount as receipts,
    months.series as series
from gold.committee_stats as stats
left join gold.committees as committees
    on committees.committee_id = stats.committee_id and committees.cycle = stats.cycle
left join months on months.recipient_id = stats.committee_id
where stats.cycle = $cycle
order by stats.total_amount desc, stats.committee_id
limit 10

-- name: top_candidates_by_counted_receipts
select
    left(coalesce(candidates.display_name, stats.candidate_id), 28) as candidate,
    candidates.office_name as office,
    candidates.party as party,
    stats.unique_contributors as givers,
    stats.total_amount as receipts
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
    round(few.top_1_share * 100) || '%' as top_1,
    round(few.top_10_share * 100) || '%' as top_10,
    round(few.top_100_share * 100) || '%' as top_100,
    round(few.gini, 2) as gini,
    round(few.small_donor_share * 100) || '%' as small_donors
from gold.donor_concentration as few
left join gold.committees as committees
    on committees.committee_id = few.recipient_id and committees.cycle = few.cycle
where few.cycle = $cycle and few.level in ('all', 'committee')
order by few.level, few.total_amount desc, few.recipient_id
limit 8

-- name: what_counts_and_what_does_not
select
    case when counted then 'counted' else 'not counted' end as verdict,
    reason,
    count(*) as transactions,
    sum(amount) as reported,
    sum(counted_amount) as adds
from gold.contributions
where cycle = $cycle
group by counted, reason
order by counted desc, count(*) desc, reason
limit 14

-- name: spent_for_and_against_candidates
select
    left(coalesce(candidates.display_name, spent.candidate_id), 32) as candidate,
    sum(case when spent.stance = 'for' then spent.total_amount else 0 end) as spent_for,
    sum(case when spent.stance = 'against' then spent.total_amount else 0 end) as spent_against
from gold.independent_expenditures as spent
left join gold.candidates as candidates
    on candidates.candidate_id = spent.candidate_id and candidates.cycle = spent.cycle
where spent.cycle = $cycle
group by coalesce(candidates.display_name, spent.candidate_id)
order by sum(spent.total_amount) desc, candidate
limit 5

-- name: our_sums_beside_the_publishers
select
    level,
    verdict,
    count(*) as totals,
    sum(our_amount) as ours,
    sum(published_amount) as published
from gold.coverage
where cycle = $cycle
group by level, verdict
order by level, count(*) desc, verdict
