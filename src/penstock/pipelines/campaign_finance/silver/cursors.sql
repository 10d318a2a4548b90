-- name: last_busy_day
-- The last day on which at least ten receipts were received, as the bulk files say.
select max(received_on) as day
from (
    select as_date_of_digits(trimmed("TRANSACTION_DT")) as received_on
    from bronze.individual_contributions
    where cycle = $cycle
    group by as_date_of_digits(trimmed("TRANSACTION_DT"))
    having count(*) >= 10
) as busy

-- name: newest_loads
-- The newest load date of every committee's stored receipts.
select committee_id, max(load_date) as load_date
from bronze.openfec_receipts
where cycle = $cycle and load_date is not null
group by committee_id
order by committee_id
