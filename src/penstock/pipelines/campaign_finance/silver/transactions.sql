-- name: transactions
with published as (
    select 'itcont' as source, * from bronze.individual_contributions where cycle = $cycle
    union all by name
    select 'itoth' as source, * from bronze.other_transactions where cycle = $cycle
    union all by name
    select 'itpas2' as source, * from bronze.committee_contributions where cycle = $cycle
),
read as (
    select
        source,
        trim("SUB_ID") as sub_id,
        nullif(upper(trim("CMTE_ID")), '') as committee_id,
        nullif(upper(trim("CAND_ID")), '') as given_candidate_id,
        nullif(upper(trim("AMNDT_IND")), '') as amendment,
        nullif(upper(trim("RPT_TP")), '') as report_type,
        nullif(upper(trim("TRANSACTION_PGI")), '') as election,
        nullif(trim("IMAGE_NUM"), '') as image_number,
        nullif(upper(trim("TRANSACTION_TP")), '') as transaction_code,
        nullif(upper(trim("ENTITY_TP")), '') as entity_type,
        nullif(trim("NAME"), '') as name,
        nullif(trim("CITY"), '') as city,
        nullif(upper(trim("STATE")), '') as state,
        nullif(trim("ZIP_CODE"), '') as zip,
        nullif(regexp_extract(trim("ZIP_CODE"), '^(\d{5})-?\d{0,4}$', 1), '') as zip5,
        nullif(trim("EMPLOYER"), '') as employer,
        nullif(trim("OCCUPATION"), '') as occupation,
        nullif(trim("TRANSACTION_DT"), '') as dated,
        -- The publisher drops a leading zero here and there: 1052019 is the 5th of January.
        case when regexp_full_match(trim("TRANSACTION_DT"), '\d{7,8}')
            then try_strptime(lpad(trim("TRANSACTION_DT"), 8, '0'), '%m%d%Y')::date end as transaction_on,
        try_cast(trim("TRANSACTION_AMT") as decimal(18, 2)) as amount,
        try_cast(trim("TRANSACTION_AMT") as decimal(38, 16)) <> amount as is_rounded,
        nullif(upper(trim("OTHER_ID")), '') as other_id,
        nullif(trim("TRAN_ID"), '') as transaction_id,
        nullif(trim("FILE_NUM"), '') as file_number,
        coalesce(upper(trim("MEMO_CD")) = 'X', false) as is_memo,
        nullif(trim("MEMO_TEXT"), '') as memo_text
    from published
),
usable as (
    select
        *,
        coalesce(transaction_on between make_date($cycle - 5, 1, 1) and make_date($cycle + 1, 12, 31), false) as is_date_usable
    from read
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
    case when donor_kind = 'committee' then if(donor_side = 'filer', linked.committee_id, other_id) end as donor_committee_id,
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
