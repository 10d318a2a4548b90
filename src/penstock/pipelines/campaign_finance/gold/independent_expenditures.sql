-- name: independent_expenditures
select
    coalesce(recipient_candidate_id, 'unknown') as candidate_id,
    filer_id as committee_id,
    stance,
    count(*) as expenditures,
    sum(amount) as total_amount,
    min(transaction_on) filter (where is_date_usable) as first_on,
    max(transaction_on) filter (where is_date_usable) as last_on
from gold.contributions
where cycle = $cycle and category in ('independent expenditure for', 'independent expenditure against') and reason = category
group by coalesce(recipient_candidate_id, 'unknown'), filer_id, stance
