-- name: operating_expenditures
with read as (
    select
        trim("SUB_ID") as sub_id,
        nullif(upper(trim("CMTE_ID")), '') as committee_id,
        nullif(upper(trim("RPT_TP")), '') as report_type,
        try_cast(trim("RPT_YR") as bigint) as report_year,
        nullif(upper(trim("LINE_NUM")), '') as line_number,
        nullif(trim("NAME"), '') as payee,
        nullif(trim("CITY"), '') as city,
        nullif(upper(trim("STATE")), '') as state,
        nullif(trim("ZIP_CODE"), '') as zip,
        nullif(regexp_extract(trim("ZIP_CODE"), '^(\d{5})-?\d{0,4}$', 1), '') as zip5,
        nullif(trim("TRANSACTION_DT"), '') as dated,
        try_strptime(trim("TRANSACTION_DT"), '%m/%d/%Y')::date as transaction_on,
        try_cast(trim("TRANSACTION_AMT") as decimal(18, 2)) as amount,
        try_cast(trim("TRANSACTION_AMT") as decimal(38, 16)) <> amount as is_rounded,
        nullif(upper(trim("TRANSACTION_PGI")), '') as election,
        nullif(trim("PURPOSE"), '') as purpose,
        nullif(trim("CATEGORY"), '') as category,
        nullif(trim("CATEGORY_DESC"), '') as category_description,
        coalesce(upper(trim("MEMO_CD")) = 'X', false) as is_memo,
        nullif(trim("MEMO_TEXT"), '') as memo_text,
        nullif(upper(trim("ENTITY_TP")), '') as entity_type,
        nullif(trim("TRAN_ID"), '') as transaction_id,
        nullif(trim("BACK_REF_TRAN_ID"), '') as back_reference_id
    from bronze.operating_expenditures
    where cycle = $cycle
),
usable as (
    select
        *,
        coalesce(transaction_on between make_date($cycle - 5, 1, 1) and make_date($cycle + 1, 12, 31), false) as is_date_usable
    from read
    where amount is not null and committee_id is not null
)
select
    usable.* exclude (zip, dated, is_rounded),
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
