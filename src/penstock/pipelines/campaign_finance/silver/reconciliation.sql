-- name: reconciliation
-- What bulk files say otherwise than the receipts stored from the API, and what only bulk files or late filings brought.
with stored as (
    select
        sub_id, committee_id, transaction_id, file_number, receipt_type, entity_type, contributor_name, contributor_city,
        contributor_state, contributor_zip, contributor_employer, contributor_occupation, memo_code, memo_text,
        amendment_indicator, report_type, election_type, image_number,
        coalesce(contributor_id, conduit_committee_id) as other_id,
        as_decimal(contribution_receipt_amount) as amount,
        cast(contribution_receipt_date as date) as received_on,
        load_date
    from bronze.openfec_receipts
    where cycle = $cycle
),
published as (
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
),
-- Schedule A holds what committees receive; the bulk files hold what they pay too.
truth as (
    select
        trimmed("SUB_ID") as sub_id, trimmed("CMTE_ID") as committee_id, trimmed("TRAN_ID") as transaction_id,
        trimmed("FILE_NUM") as file_number, trimmed("TRANSACTION_TP") as receipt_type, trimmed("ENTITY_TP") as entity_type,
        trimmed("NAME") as contributor_name, trimmed("CITY") as contributor_city, trimmed("STATE") as contributor_state,
        trimmed("ZIP_CODE") as contributor_zip, trimmed("EMPLOYER") as contributor_employer,
        trimmed("OCCUPATION") as contributor_occupation, trimmed("MEMO_CD") as memo_code, trimmed("MEMO_TEXT") as memo_text,
        trimmed("AMNDT_IND") as amendment_indicator, trimmed("RPT_TP") as report_type,
        trimmed("TRANSACTION_PGI") as election_type, trimmed("IMAGE_NUM") as image_number, trimmed("OTHER_ID") as other_id,
        as_decimal(trimmed("TRANSACTION_AMT")) as amount, as_date_of_digits(trimmed("TRANSACTION_DT")) as received_on
    from published
    join bronze.followed_committees as followed
        on followed.committee_id = trimmed(published."CMTE_ID") and followed.cycle = $cycle
    left join silver.transaction_codes as code on code.code = trimmed(published."TRANSACTION_TP")
    where code.paying_side is distinct from 'filer'
        or exists (
            select 1 from bronze.openfec_receipts as known where known.cycle = $cycle and known.sub_id = trimmed("SUB_ID")
        )
),
-- The bulk files are at least as new as the newest of their rows that the API has told the load date of.
snapshot as (
    select max(stored.load_date) as taken_at from stored join truth on truth.sub_id = stored.sub_id
),
-- The day before which a cursor by contribution date would not have looked any more when the row was loaded.
reached as (
    select committee_id, load_date, max(received_on) as newest_on
    from stored
    where received_on <= cast(load_date as date)
    group by committee_id, load_date
),
compared as (
    select
        coalesce(truth.sub_id, stored.sub_id) as sub_id,
        coalesce(truth.committee_id, stored.committee_id) as committee_id,
        coalesce(truth.transaction_id, stored.transaction_id) as transaction_id,
        coalesce(truth.file_number, stored.file_number) as file_number,
        stored.sub_id is null as is_missing,
        truth.sub_id is null as is_gone,
        stored.amount as amount_before,
        truth.amount as amount_after,
        coalesce(truth.received_on, stored.received_on) as received_on,
        stored.load_date,
        trim(
            case when stored.amount is distinct from truth.amount then 'amount ' else '' end
            || case when stored.received_on is distinct from truth.received_on then 'date ' else '' end
            || case when trimmed(stored.contributor_name) is distinct from truth.contributor_name then 'name ' else '' end
            || case when trimmed(stored.contributor_city) is distinct from truth.contributor_city
                or trimmed(stored.contributor_state) is distinct from truth.contributor_state
                or trimmed(stored.contributor_zip) is distinct from truth.contributor_zip then 'place ' else '' end
            || case when trimmed(stored.contributor_employer) is distinct from truth.contributor_employer
                or trimmed(stored.contributor_occupation) is distinct from truth.contributor_occupation
                then 'work ' else '' end
            || case when trimmed(stored.receipt_type) is distinct from truth.receipt_type
                or trimmed(stored.entity_type) is distinct from truth.entity_type then 'kind ' else '' end
            || case when trimmed(stored.memo_code) is distinct from truth.memo_code
                or trimmed(stored.memo_text) is distinct from truth.memo_text then 'memo ' else '' end
            || case when trimmed(stored.file_number) is distinct from truth.file_number
                or trimmed(stored.transaction_id) is distinct from truth.transaction_id
                or trimmed(stored.amendment_indicator) is distinct from truth.amendment_indicator
                or trimmed(stored.report_type) is distinct from truth.report_type
                or trimmed(stored.election_type) is distinct from truth.election_type
                or trimmed(stored.image_number) is distinct from truth.image_number then 'filing ' else '' end
            || case when trimmed(stored.other_id) is distinct from truth.other_id then 'counterparty ' else '' end
        ) as differences
    from stored
    full outer join truth on truth.sub_id = stored.sub_id
)
