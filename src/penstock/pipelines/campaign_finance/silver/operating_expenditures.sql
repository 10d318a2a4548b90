-- name: operating_expenditures
with typed as (
    select
        trimmed("SUB_ID") as sub_id,
        in_capitals(trimmed("CMTE_ID")) as committee_id,
        in_capitals(trimmed("RPT_TP")) as report_type,
        as_bigint(trimmed("RPT_YR")) as report_year,
        in_capitals(trimmed("LINE_NUM")) as line_number,
        trimmed("NAME") as payee,
        trimmed("CITY") as city,
        in_capitals(trimmed("STATE")) as state,
        trimmed("ZIP_CODE") as zip,
        first_match(trimmed("ZIP_CODE"), '^([0-9]{5})-?[0-9]{0,4}$') as zip5,
        trimmed("TRANSACTION_DT") as dated,
        as_date(trimmed("TRANSACTION_DT")) as transaction_on,
        as_decimal(trimmed("TRANSACTION_AMT")) as amount,
        rounded_amount("TRANSACTION_AMT") is not null as is_rounded,
        in_capitals(trimmed("TRANSACTION_PGI")) as election,
        trimmed("PURPOSE") as purpose,
        trimmed("CATEGORY") as category,
        trimmed("CATEGORY_DESC") as category_description,
        coalesce(in_capitals(trimmed("MEMO_CD")) = 'X', false) as is_memo,
        trimmed("MEMO_TEXT") as memo_text,
        in_capitals(trimmed("ENTITY_TP")) as entity_type,
        trimmed("TRAN_ID") as transaction_id,
        trimmed("BACK_REF_TRAN_ID") as back_reference_id
    from bronze.operating_expenditures
    where cycle = $cycle
),
usable as (
    select
        typed.*,
        coalesce(transaction_on between make_date($cycle - 5, 1, 1) and make_date($cycle + 1, 12, 31), false) as is_date_usable
    from typed
    where amount is not null and committee_id is not null
)
select
    sub_id, usable.committee_id, report_type, report_year, line_number, payee, usable.city, usable.state, usable.zip5,
    transaction_on, is_date_usable, amount, election, purpose, category, category_description, is_memo, memo_text, entity_type,
    transaction_id, back_reference_id,
    committee.name as committee_name,
    committee.candidate_id,
    nullif(concat_ws(
        ',',
        case when is_rounded then 'amount rounded' end,
        case when dated is null then 'date missing' when transaction_on is null then 'date impossible'
            when not is_date_usable then 'date far from cycle' end,
        case when committee.committee_id is null then 'committee unknown' end,
        case when payee is null then 'name missing' end,
        case when zip is not null and usable.zip5 is null then 'zip unreadable' end
    ), '') as doubts
from usable
left join silver.committees as committee on committee.cycle = $cycle and committee.committee_id = usable.committee_id
