-- name: last_busy_day
-- The last day, of the cycle and up to today, on which about as many receipts as usual were received, as the bulk files say.
with days as (
    select as_date_of_digits(trimmed("TRANSACTION_DT")) as received_on, count(*) as receipts
    from bronze.individual_contributions
    where cycle = $cycle
    group by as_date_of_digits(trimmed("TRANSACTION_DT"))
),
within as (
    select received_on, receipts
    from days
    where received_on between make_date($cycle - 1, 1, 1) and make_date($cycle, 12, 31)
        and received_on <= cast($today as date)
)
select max(received_on) as day
from within
where receipts >= 2 and 20 * receipts >= (select avg(receipts) from within)

-- name: newest_loads
-- The newest load date of every committee's stored receipts.
select committee_id, max(load_date) as load_date
from bronze.openfec_receipts
where cycle = $cycle and load_date is not null
group by committee_id
order by committee_id
