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
    from bronze.openfec_receipts as read
    where cycle = $cycle
        -- Of a committee that is followed no more nothing can be told.
        and exists (
            select 1 from bronze.followed_committees as followed
            where followed.cycle = $cycle and followed.committee_id = read.committee_id
        )
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
        trimmed(published."SUB_ID") as sub_id,
        trimmed(published."CMTE_ID") as committee_id,
        trimmed(published."TRAN_ID") as transaction_id,
        trimmed(published."FILE_NUM") as file_number,
        trimmed(published."TRANSACTION_TP") as receipt_type,
        trimmed(published."ENTITY_TP") as entity_type,
        trimmed(published."NAME") as contributor_name,
        trimmed(published."CITY") as contributor_city,
        trimmed(published."STATE") as contributor_state,
        trimmed(published."ZIP_CODE") as contributor_zip,
        trimmed(published."EMPLOYER") as contributor_employer,
        trimmed(published."OCCUPATION") as contributor_occupation,
        trimmed(published."MEMO_CD") as memo_code,
        trimmed(published."MEMO_TEXT") as memo_text,
        trimmed(published."AMNDT_IND") as amendment_indicator,
        trimmed(published."RPT_TP") as report_type,
        trimmed(published."TRANSACTION_PGI") as election_type,
        trimmed(published."IMAGE_NUM") as image_number,
        trimmed(published."OTHER_ID") as other_id,
        as_decimal(trimmed(published."TRANSACTION_AMT")) as amount,
        as_date_of_digits(trimmed(published."TRANSACTION_DT")) as received_on
    from published
    join bronze.followed_committees as followed
        on followed.committee_id = trimmed(published."CMTE_ID") and followed.cycle = $cycle
    left join silver.transaction_codes as code on code.code = trimmed(published."TRANSACTION_TP")
    left join stored on stored.sub_id = trimmed(published."SUB_ID")
    where code.paying_side is distinct from 'filer' or stored.sub_id is not null
),
-- How far a cursor by contribution date would have come before the rows of each load day.
days as (
    select committee_id, load_date, max(received_on) as newest_on
    from stored
    where load_date is not null and received_on <= cast(load_date as date)
    group by committee_id, load_date
),
reached as (
    select
        committee_id, load_date,
        max(newest_on) over (
            partition by committee_id order by load_date rows between unbounded preceding and 1 preceding
        ) as reached_on
    from days
),
filings as (
    select
        committee_id, file_number, min(load_date) as loaded_at,
        max(case when received_on <= cast(load_date as date) then received_on end) as last_on
    from stored
    where load_date is not null
    group by committee_id, file_number
),
compared as (
    select
        coalesce(truth.sub_id, stored.sub_id) as sub_id,
        coalesce(truth.committee_id, stored.committee_id) as committee_id,
        coalesce(truth.transaction_id, stored.transaction_id) as transaction_id,
        coalesce(truth.file_number, stored.file_number) as file_number,
        coalesce(truth.amendment_indicator, stored.amendment_indicator) as amendment,
        stored.receipt_type,
        stored.sub_id is null as is_missing,
        truth.sub_id is null as is_gone,
        stored.amount as amount_before,
        truth.amount as amount_after,
        coalesce(truth.received_on, stored.received_on) as received_on,
        stored.load_date,
        case when stored.sub_id is not null and truth.sub_id is not null then
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
        end as differences
    from stored
    full outer join truth on truth.sub_id = stored.sub_id
),
placed as (
    select
        compared.*, cast($taken_at as timestamp) as taken_at, filings.loaded_at as filing_loaded_at,
        -- A cursor by contribution date had passed the whole filing when it was loaded; single dates are mistyped.
        coalesce(filings.last_on, compared.received_on) < reached.reached_on as is_late,
        -- Rows that were there when a committee was first looked at, or at the last reconciliation, are no news.
        compared.load_date > greatest(followed.followed_since, coalesce(before.taken_at, followed.followed_since)) as is_new,
        -- What was loaded before the first walk began is taken over from the bulk files the first time.
        followed.read_from is not null
            and (before.taken_at is null or before.taken_at < followed.followed_since) as is_taken_over
    from compared
    cross join (
        select max(taken_at) as taken_at from silver.reconciliations where cycle = $cycle and snapshot <> $snapshot
    ) as before
    left join bronze.followed_committees as followed
        on followed.cycle = $cycle and followed.committee_id = compared.committee_id
    left join filings on filings.committee_id = compared.committee_id and filings.file_number = compared.file_number
    left join reached on reached.committee_id = compared.committee_id and reached.load_date = filings.loaded_at
),
-- A row of a filing that was amended is gone, and the amendment reports it under the same identifier of the filer.
replaced as (
    select gone.sub_id, min(newer.sub_id) as replaced_by
    from placed as gone
    join placed as newer
        on newer.committee_id = gone.committee_id and newer.transaction_id = gone.transaction_id
        and not newer.is_gone and as_bigint(newer.file_number) > as_bigint(gone.file_number)
    where gone.is_gone
    group by gone.sub_id
),
judged as (
    select
        placed.*, replaced.replaced_by,
        case
            -- Of a row newer than the bulk files they know nothing, nor of one without a code, which they leave out.
            when is_gone and (load_date > taken_at or receipt_type is null) then null
            when is_gone then 'vanished'
            when is_missing and is_taken_over then null
            when is_missing and received_on < known.reached_on then 'late'
            when is_missing then 'inserted'
            when differences <> '' then case when load_date > taken_at then null else 'changed' end
            when not is_new or placed.sub_id in (select replaced_by from replaced) then null
            when load_date > filing_loaded_at then 'changed'
            when amendment = 'A' then 'inserted'
            when is_late then 'late'
        end as finding
    from placed
    left join replaced on replaced.sub_id = placed.sub_id
    left join (select committee_id, max(newest_on) as reached_on from days group by committee_id) as known
        on known.committee_id = placed.committee_id
)
select
    $snapshot as snapshot, sub_id, committee_id, finding,
    case
        when finding = 'vanished' then case when replaced_by is null then 'withdrawn' else 'amended' end
        when differences <> '' then trim(differences)
        when finding = 'changed' then 'loaded again'
        when is_missing then 'not read from the API'
        when finding = 'inserted' then 'added by an amendment'
        else 'read from the API in time'
    end as reason,
    replaced_by, transaction_id, file_number, received_on, amount_before, amount_after, load_date, $cycle as cycle
from judged
where finding is not null
