-- name: recent_receipts
-- What the API knows and the bulk files do not hold yet, in the words of the bulk files.
with processed as (
    select
        'openfec' as source, sub_id as "SUB_ID", committee_id as "CMTE_ID", amendment_indicator as "AMNDT_IND",
        report_type as "RPT_TP", election_type as "TRANSACTION_PGI", image_number as "IMAGE_NUM",
        receipt_type as "TRANSACTION_TP", entity_type as "ENTITY_TP", contributor_name as "NAME",
        contributor_city as "CITY", contributor_state as "STATE", contributor_zip as "ZIP_CODE",
        contributor_employer as "EMPLOYER", contributor_occupation as "OCCUPATION",
        -- A day of the bulk files has its year at the end.
        substr(contribution_receipt_date, 6, 2) || substr(contribution_receipt_date, 9, 2)
        || substr(contribution_receipt_date, 1, 4) as "TRANSACTION_DT",
        contribution_receipt_amount as "TRANSACTION_AMT", coalesce(contributor_id, conduit_committee_id) as "OTHER_ID",
        transaction_id as "TRAN_ID", file_number as "FILE_NUM", memo_code as "MEMO_CD", memo_text as "MEMO_TEXT"
    from bronze.openfec_receipts as line
    where cycle = $cycle
        and (
            -- What was loaded after the bulk files were made, they hold as it was before.
            load_date > (select max(taken_at) from silver.reconciliations where cycle = $cycle)
            or not exists (
                select 1 from bronze.individual_contributions as bulk
                where bulk.cycle = $cycle and bulk."SUB_ID" = line.sub_id
            )
            and not exists (
                select 1 from bronze.other_transactions as bulk
                where bulk.cycle = $cycle and bulk."SUB_ID" = line.sub_id
            )
        )
),
-- A filing stands as filed until any of its rows is processed, or another filing amends it.
filed as (
    select
        'efile' as source, 'efile-' || file_number || '-' || cast(related_line_number as text) as "SUB_ID",
        line.committee_id as "CMTE_ID", amendment_indicator as "AMNDT_IND", report_type as "RPT_TP", pgo as "TRANSACTION_PGI",
        image_number as "IMAGE_NUM",
        -- As filed, a row has a line of its form but no transaction type yet.
        case
            when conduit_committee_id is not null and coalesce(entity_type, 'IND') = 'IND' then '15E'
            when line_number like '11A%' and committee.committee_type in ('O', 'V', 'W') then '10'
            when line_number like '11A%' then '15'
            when line_number = '11B' or line_number = '11C' then '18K'
            when line_number = '11D' then '15C'
            when line_number = '12' then '18G'
            when line_number like '13A%' then '16C'
        end as "TRANSACTION_TP",
        entity_type as "ENTITY_TP", contributor_name as "NAME", contributor_city as "CITY", contributor_state as "STATE",
        contributor_zip as "ZIP_CODE", contributor_employer as "EMPLOYER", contributor_occupation as "OCCUPATION",
        substr(contribution_receipt_date, 6, 2) || substr(contribution_receipt_date, 9, 2)
        || substr(contribution_receipt_date, 1, 4) as "TRANSACTION_DT",
        contribution_receipt_amount as "TRANSACTION_AMT", conduit_committee_id as "OTHER_ID", transaction_id as "TRAN_ID",
        file_number as "FILE_NUM", memo_code as "MEMO_CD", memo_text as "MEMO_TEXT"
    from bronze.openfec_efiled_receipts as line
    left join silver.committees as committee on committee.cycle = $cycle and committee.committee_id = line.committee_id
    where line.cycle = $cycle
        and not exists (
            select 1 from bronze.openfec_receipts as done
            where done.cycle = $cycle and done.committee_id = line.committee_id and done.file_number = line.file_number
        )
        and not exists (
            select 1 from bronze.individual_contributions as bulk
            where bulk.cycle = $cycle and bulk."CMTE_ID" = line.committee_id and bulk."FILE_NUM" = line.file_number
        )
        and not exists (
            select 1 from bronze.other_transactions as bulk
            where bulk.cycle = $cycle and bulk."CMTE_ID" = line.committee_id and bulk."FILE_NUM" = line.file_number
        )
        -- Its processed rows may have gone since: then it was amended or withdrawn.
        and not exists (
            select 1 from silver.reconciliation as gone
            where gone.cycle = $cycle and gone.committee_id = line.committee_id and gone.file_number = line.file_number
        )
        and not exists (
            select 1 from bronze.openfec_efiled_receipts as newer
            where newer.cycle = $cycle and newer.amends_file = line.file_number
        )
)
select
    source, "SUB_ID", "CMTE_ID", "AMNDT_IND", "RPT_TP", "TRANSACTION_PGI", "IMAGE_NUM", "TRANSACTION_TP", "ENTITY_TP",
    "NAME", "CITY", "STATE", "ZIP_CODE", "EMPLOYER", "OCCUPATION", "TRANSACTION_DT", "TRANSACTION_AMT", "OTHER_ID",
    "TRAN_ID", "FILE_NUM", "MEMO_CD", "MEMO_TEXT", $cycle as cycle
from processed
union all
select
    source, "SUB_ID", "CMTE_ID", "AMNDT_IND", "RPT_TP", "TRANSACTION_PGI", "IMAGE_NUM", "TRANSACTION_TP", "ENTITY_TP",
    "NAME", "CITY", "STATE", "ZIP_CODE", "EMPLOYER", "OCCUPATION", "TRANSACTION_DT", "TRANSACTION_AMT", "OTHER_ID",
    "TRAN_ID", "FILE_NUM", "MEMO_CD", "MEMO_TEXT", $cycle
from filed
