-- name: corrected_receipts
-- The receipts as they are to be stored: what the bulk files say otherwise put right.
select
    sub_id, committee_id, amendment_indicator, report_type, election_type, image_number, receipt_type, entity_type,
    contributor_name, contributor_city, contributor_state, contributor_zip, contributor_employer, contributor_occupation,
    contribution_receipt_date, contribution_receipt_amount, contributor_id, conduit_committee_id, transaction_id, file_number,
    memo_code, memo_text, line_number, load_date, raw, cycle
from bronze.openfec_receipts as kept
where cycle = $cycle
    and not exists (
        select 1 from silver.reconciliation as report
        where report.cycle = $cycle and report.snapshot = $snapshot and report.sub_id = kept.sub_id
            and (report.finding = 'vanished' or report.finding = 'changed' and report.reason <> 'loaded again')
    )
union all
select
    trimmed(published."SUB_ID"),
    trimmed(published."CMTE_ID"),
    trimmed(published."AMNDT_IND"),
    trimmed(published."RPT_TP"),
    trimmed(published."TRANSACTION_PGI"),
    trimmed(published."IMAGE_NUM"),
    trimmed(published."TRANSACTION_TP"),
    trimmed(published."ENTITY_TP"),
    trimmed(published."NAME"),
    trimmed(published."CITY"),
    trimmed(published."STATE"),
    trimmed(published."ZIP_CODE"),
    trimmed(published."EMPLOYER"),
    trimmed(published."OCCUPATION"),
    cast(as_date_of_digits(trimmed(published."TRANSACTION_DT")) as text),
    trimmed(published."TRANSACTION_AMT"),
    trimmed(published."OTHER_ID"),
    null,
    trimmed(published."TRAN_ID"),
    trimmed(published."FILE_NUM"),
    trimmed(published."MEMO_CD"),
    trimmed(published."MEMO_TEXT"),
    null,
    known.load_date,
    null,
    $cycle
from (
    select
        "SUB_ID", "CMTE_ID", "AMNDT_IND", "RPT_TP", "TRANSACTION_PGI", "IMAGE_NUM", "TRANSACTION_TP", "ENTITY_TP", "NAME",
        "CITY", "STATE", "ZIP_CODE", "EMPLOYER", "OCCUPATION", "TRANSACTION_DT", "TRANSACTION_AMT", "OTHER_ID", "TRAN_ID",
        "FILE_NUM", "MEMO_CD", "MEMO_TEXT"
    from bronze.individual_contributions
    where cycle = $cycle
    union all
    select
        "SUB_ID", "CMTE_ID", "AMNDT_IND", "RPT_TP", "TRANSACTION_PGI", "IMAGE_NUM", "TRANSACTION_TP", "ENTITY_TP", "NAME",
        "CITY", "STATE", "ZIP_CODE", "EMPLOYER", "OCCUPATION", "TRANSACTION_DT", "TRANSACTION_AMT", "OTHER_ID", "TRAN_ID",
        "FILE_NUM", "MEMO_CD", "MEMO_TEXT"
    from bronze.other_transactions
    where cycle = $cycle
) as published
join bronze.followed_committees as followed
    on followed.cycle = $cycle and followed.committee_id = trimmed(published."CMTE_ID")
left join silver.transaction_codes as code on code.code = trimmed(published."TRANSACTION_TP")
left join bronze.openfec_receipts as known on known.cycle = $cycle and known.sub_id = trimmed(published."SUB_ID")
left join silver.reconciliation as report
    on report.cycle = $cycle and report.snapshot = $snapshot and report.sub_id = known.sub_id
    and report.finding = 'changed' and report.reason <> 'loaded again'
-- Rows that are not there, and rows of which the files say otherwise.
where report.sub_id is not null or known.sub_id is null and code.paying_side is distinct from 'filer'
