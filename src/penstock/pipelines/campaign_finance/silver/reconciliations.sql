-- name: reconciliations
-- One row per snapshot of the bulk files: how it compares with what was stored.
select
    $snapshot as snapshot,
    (
        select max(load_date) from bronze.openfec_receipts as known
        where known.cycle = $cycle and exists (
            select 1 from bronze.individual_contributions as line where line.cycle = $cycle and line."SUB_ID" = known.sub_id
            union all
            select 1 from bronze.other_transactions as line where line.cycle = $cycle and line."SUB_ID" = known.sub_id
        )
    ) as taken_at,
    (select count(*) from bronze.openfec_receipts where cycle = $cycle) as stored,
    sum(case when finding = 'inserted' then 1 else 0 end) as inserted,
    sum(case when finding = 'changed' then 1 else 0 end) as changed,
    sum(case when finding = 'vanished' then 1 else 0 end) as vanished,
    sum(case when finding = 'late' then 1 else 0 end) as late,
    $cycle as cycle
from (select 1 as one) as always
left join silver.reconciliation as report on report.cycle = $cycle and report.snapshot = $snapshot
