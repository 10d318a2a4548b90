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
    trimmed(published."SUB_ID"), trimmed("CMTE_ID"), trimmed("AMNDT_IND"), trimmed("RPT_TP"), trimmed("TRANSACTION_PGI"),
    trimmed("IMAGE_NUM"), trimmed("TRANSACTION_TP"), trimmed("ENTITY_TP"), trimmed("NAME"), trimmed("CITY"),
    trimmed("STATE"), trimmed("ZIP_CODE"), trimmed("EMPLOYER"), trimmed("OCCUPATION"),
    cast(as_date_of_digits(trimmed("TRANSACTION_DT")) as text), trimmed("TRANSACTION_AMT"), trimmed("OTHER_ID"), null,
    trimmed("TRAN_ID"), trimmed("FILE_NUM"), trimmed("MEMO_CD"), trimmed("MEMO_TEXT"), null, report.load_date, null, $cycle
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
join silver.reconciliation as report
    on report.cycle = $cycle and report.snapshot = $snapshot and report.sub_id = trimmed(published."SUB_ID")
where report.reason = 'not read from the API' or report.finding = 'changed' and report.reason <> 'loaded again'
