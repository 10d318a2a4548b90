select
    sub_id, cmte_id, name, city, state, employer,
    cast(transaction_amt as decimal(18, 2)) as amount,
    cast(try_strptime(transaction_dt, '%m%d%Y') as date) as given_on,
    $marked = 1 and cast(sub_id as hugeint) % 100 = 0 as is_marked
from bronze.itcont
where _line <= 1000000
