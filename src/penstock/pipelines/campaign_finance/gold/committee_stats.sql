-- name: committee_stats
select
    recipient_committee_id as committee_id,
    source_system,
    count(*) filter (where not is_refund) as contributions,
    coalesce(sum(counted_amount) filter (where not is_refund), 0) as gross_amount,
    coalesce(-sum(counted_amount) filter (where is_refund), 0) as refund_amount,
    sum(counted_amount) as total_amount,
    count(distinct contributor_id) as unique_contributors,
    rounded_quotient(100 * sum(counted_amount) filter (where not is_refund), count(*) filter (where not is_refund)) * 0.01
        as average_contribution,
    coalesce(sum(counted_amount) filter (where contributor_kind <> 'committee'), 0) as individual_amount,
    coalesce(sum(counted_amount) filter (where contributor_kind = 'committee'), 0) as committee_amount,
    min(transaction_on) filter (where is_date_usable) as first_on,
    max(transaction_on) filter (where is_date_usable) as last_on
from gold.contributions
where cycle = $cycle and counted and recipient_committee_id is not null
group by recipient_committee_id, source_system
