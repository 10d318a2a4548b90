-- name: last_busy_day_of_individual_contributions
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

-- name: last_busy_day_of_other_transactions
-- The last day, of the cycle and up to today, on which about as many receipts as usual were received, as the bulk files say.
with days as (
    select as_date_of_digits(trimmed("TRANSACTION_DT")) as received_on, count(*) as receipts
    from bronze.other_transactions
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
