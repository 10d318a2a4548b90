-- name: reconciliations
-- One row per snapshot of the bulk files: how it compares with what was stored.
select
    $snapshot as snapshot,
    cast($taken_at as timestamp) as taken_at,
    (select count(*) from bronze.openfec_receipts where cycle = $cycle) as stored,
    sum(case when finding = 'inserted' then 1 else 0 end) as inserted,
    sum(case when finding = 'changed' then 1 else 0 end) as changed,
    sum(case when finding = 'vanished' then 1 else 0 end) as vanished,
    sum(case when finding = 'late' then 1 else 0 end) as late,
    $cycle as cycle
from (select 1 as one) as always
left join silver.reconciliation as report on report.cycle = $cycle and report.snapshot = $snapshot
