-- name: contributor_candidate_stats
select
    contributor_id,
    recipient_candidate_id as candidate_id,
    source_system,
    count(*) filter (where not is_refund) as contributions,
    coalesce(sum(counted_amount) filter (where not is_refund), 0) as gross_amount,
    coalesce(-sum(counted_amount) filter (where is_refund), 0) as refund_amount,
    sum(counted_amount) as total_amount,
    min(transaction_on) filter (where is_date_usable) as first_on,
    max(transaction_on) filter (where is_date_usable) as last_on
from gold.contributions
where cycle = $cycle and counted and contributor_id is not null and recipient_candidate_id is not null
group by contributor_id, recipient_candidate_id, source_system
