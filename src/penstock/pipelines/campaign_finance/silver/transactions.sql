-- name: transactions
with published as (
    select
        'itcont' as source, "SUB_ID", "CMTE_ID", cast(null as text) as "CAND_ID", "AMNDT_IND", "RPT_TP", "TRANSACTION_PGI",
        "IMAGE_NUM", "TRANSACTION_TP", "ENTITY_TP", "NAME", "CITY", "STATE", "ZIP_CODE", "EMPLOYER", "OCCUPATION",
        "TRANSACTION_DT", "TRANSACTION_AMT", "OTHER_ID", "TRAN_ID", "FILE_NUM", "MEMO_CD", "MEMO_TEXT"
    from bronze.individual_contributions as line
    where cycle = $cycle and not exists (
        select 1 from silver.recent_receipts as newer where newer.cycle = $cycle and newer."SUB_ID" = line."SUB_ID"
    )
    union all
    select
        'itoth', "SUB_ID", "CMTE_ID", null, "AMNDT_IND", "RPT_TP", "TRANSACTION_PGI",
        "IMAGE_NUM", "TRANSACTION_TP", "ENTITY_TP", "NAME", "CITY", "STATE", "ZIP_CODE", "EMPLOYER", "OCCUPATION",
        "TRANSACTION_DT", "TRANSACTION_AMT", "OTHER_ID", "TRAN_ID", "FILE_NUM", "MEMO_CD", "MEMO_TEXT"
    from bronze.other_transactions as line
    where cycle = $cycle and not exists (
        select 1 from silver.recent_receipts as newer where newer.cycle = $cycle and newer."SUB_ID" = line."SUB_ID"
    )
    union all
    select
        'itpas2', "SUB_ID", "CMTE_ID", "CAND_ID", "AMNDT_IND", "RPT_TP", "TRANSACTION_PGI",
        "IMAGE_NUM", "TRANSACTION_TP", "ENTITY_TP", "NAME", "CITY", "STATE", "ZIP_CODE", "EMPLOYER", "OCCUPATION",
        "TRANSACTION_DT", "TRANSACTION_AMT", "OTHER_ID", "TRAN_ID", "FILE_NUM", "MEMO_CD", "MEMO_TEXT"
    from bronze.committee_contributions
    where cycle = $cycle
    union all
    select
        source, "SUB_ID", "CMTE_ID", null, "AMNDT_IND", "RPT_TP", "TRANSACTION_PGI",
        "IMAGE_NUM", "TRANSACTION_TP", "ENTITY_TP", "NAME", "CITY", "STATE", "ZIP_CODE", "EMPLOYER", "OCCUPATION",
        "TRANSACTION_DT", "TRANSACTION_AMT", "OTHER_ID", "TRAN_ID", "FILE_NUM", "MEMO_CD", "MEMO_TEXT"
    from silver.recent_receipts
    where cycle = $cycle
),
typed as (
    select
        source,
        trimmed("SUB_ID") as sub_id,
        in_capitals(trimmed("CMTE_ID")) as committee_id,
        in_capitals(trimmed("CAND_ID")) as given_candidate_id,
        in_capitals(trimmed("AMNDT_IND")) as amendment,
        in_capitals(trimmed("RPT_TP")) as report_type,
        in_capitals(trimmed("TRANSACTION_PGI")) as election,
        trimmed("IMAGE_NUM") as image_number,
        in_capitals(trimmed("TRANSACTION_TP")) as transaction_code,
        in_capitals(trimmed("ENTITY_TP")) as entity_type,
        trimmed("NAME") as name,
        trimmed("CITY") as city,
        in_capitals(trimmed("STATE")) as state,
        trimmed("ZIP_CODE") as zip,
        first_match(trimmed("ZIP_CODE"), '^([0-9]{5})-?[0-9]{0,4}$') as zip5,
        trimmed("EMPLOYER") as employer,
        trimmed("OCCUPATION") as occupation,
        trimmed("TRANSACTION_DT") as dated,
        -- The publisher drops a leading zero here and there: 1052019 is the 5th of January.
        as_date_of_digits(trimmed("TRANSACTION_DT")) as transaction_on,
        as_decimal(trimmed("TRANSACTION_AMT")) as amount,
        rounded_amount("TRANSACTION_AMT") is not null as is_rounded,
        in_capitals(trimmed("OTHER_ID")) as other_id,
        trimmed("TRAN_ID") as transaction_id,
        trimmed("FILE_NUM") as file_number,
        coalesce(in_capitals(trimmed("MEMO_CD")) = 'X', false) as is_memo,
        trimmed("MEMO_TEXT") as memo_text
    from published
),
usable as (
    select
        typed.*,
        coalesce(transaction_on between make_date($cycle - 5, 1, 1) and make_date($cycle + 1, 12, 31), false) as is_date_usable
    from typed
    where amount is not null and committee_id is not null
),
linked as (
    select
        usable.*,
        committee.name as committee_name,
        committee.committee_type,
        committee.party as committee_party,
        committee.committee_id is null as is_committee_unknown,
        coalesce(usable.given_candidate_id, committee.candidate_id) as candidate_id,
        code.code is null as is_code_unknown,
        case
            when code.code is null then null
            when code.donor_side = 'filer' then 'committee'
            -- Of an earmarked gift the other id names the conduit, not the donor.
            when usable.other_id like 'C%' and (code.pair is not null or coalesce(entity_type, '') in ('PAC', 'COM', 'CCM', 'PTY'))
                then 'committee'
            when entity_type in ('ORG', 'PAC', 'COM', 'CCM', 'PTY') then 'organisation'
            else 'individual'
        end as donor_kind,
        code.donor_side
    from usable
    left join silver.committees as committee on committee.cycle = $cycle and committee.committee_id = usable.committee_id
    left join silver.transaction_codes as code on code.code = usable.transaction_code
)
select
    source, sub_id, linked.committee_id, committee_name, committee_type, committee_party,
    linked.candidate_id, given_candidate_id,
    candidate.name as candidate_name, candidate.office as candidate_office, candidate.party as candidate_party,
    amendment, report_type, election, image_number, transaction_code, entity_type, linked.name, linked.city, linked.state,
    linked.zip5, employer, occupation, transaction_on, is_date_usable, amount, other_id, transaction_id, file_number, is_memo,
    memo_text, donor_kind,
    case when donor_kind = 'committee' then case when donor_side = 'filer' then linked.committee_id else other_id end end
        as donor_committee_id,
    case when donor_kind in ('individual', 'organisation') then left(md5(
        donor_kind || '|' || coalesce(linked.name, '') || '|' || coalesce(linked.city, '') || '|' || coalesce(linked.state, '')
        || '|' || coalesce(linked.zip5, '') || '|' || coalesce(employer, '')
    ), 16) end as alias_id,
    nullif(concat_ws(
        ',',
        case when is_rounded then 'amount rounded' end,
        case when dated is null then 'date missing' when transaction_on is null then 'date impossible'
            when not is_date_usable then 'date far from cycle' end,
        case when is_committee_unknown then 'committee unknown' end,
        case when given_candidate_id is not null and candidate.candidate_id is null then 'candidate unknown' end,
        case when is_code_unknown then 'unknown transaction code' end,
        case when linked.name is null then 'name missing' end,
        case when zip is not null and linked.zip5 is null then 'zip unreadable' end
    ), '') as doubts
from linked
left join silver.candidates as candidate on candidate.cycle = $cycle and candidate.candidate_id = linked.candidate_id
