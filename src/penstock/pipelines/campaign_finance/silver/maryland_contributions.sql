-- name: maryland_contributions
with published as (
    select
        'MD' || contribution_id as contribution_id,
        trimmed(receiving_committee) as committee_name,
        in_words(receiving_committee, '.''', '') as committee_word,
        trimmed(filing_period) as filing_period,
        as_bigint(first_match(filing_period, '([12][0-9]{3})')) as filing_year,
        as_date(trimmed(contribution_date)) as transaction_on,
        trimmed(contributor_name) as contributor_name,
        trimmed(contributor_address) as address,
        trimmed(contributor_type) as contributor_type,
        coalesce(in_words(contributor_type, '.''', ''), '') as contributor_word,
        trimmed(contribution_type) as contribution_type,
        coalesce(in_words(contribution_type, '.''', ''), '') as contribution_word,
        as_decimal(trimmed(contribution_amount)) as amount,
        rounded_amount(contribution_amount) is not null as is_rounded,
        trimmed(employer_name) as employer,
        trimmed(employer_occupation) as occupation,
        trimmed(office) as office,
        trimmed(fundtype) as fund_type
    from bronze.maryland_contributions
    where cycle = $cycle and is_listed
),
usable as (
    select * from published where amount is not null and committee_name is not null
),
meant as (
    select
        usable.*,
        -- Words nobody has told us yet are known by a word in them.
        coalesce(contributor.meaning, case
            when contributor_word like '%COMMITTEE%' then 'committee'
            when contributor_word like '%INDIVIDUAL%' then 'individual'
            when contributor_word like '%ORGANIZATION%' or contributor_word like '%BUSINESS%' then 'organisation'
        end) as giver,
        coalesce(contribution.meaning, case
            when contribution_word like '%LOAN%' then 'loan'
            when contribution_word like '%REFUND%' or contribution_word like '%REBATE%' or contribution_word like '%INTEREST%'
                or contribution_word like '%INCOME%' then 'other'
            when contribution_word like '%CHECK%' or contribution_word like '%CARD%' or contribution_word like '%IN KIND%'
                or contribution_word like '%CASH%' then 'gift'
        end) as thing
    from usable
    left join silver.maryland_types as contributor
        on contributor.cycle = $cycle and contributor.about = 'contributor' and contributor.word = contributor_word
    left join silver.maryland_types as contribution
        on contribution.cycle = $cycle and contribution.about = 'contribution' and contribution.word = contribution_word
),
known as (
    select plain_name, count(*) as committees, min(committee_id) as committee_id, min(candidate_id) as candidate_id
    from silver.maryland_committees
    where cycle = $cycle
    group by plain_name
),
linked as (
    select
        meant.*,
        case when recipient.committees = 1 then recipient.committee_id end as committee_id,
        case when recipient.committees = 1 then recipient.candidate_id end as candidate_id,
        coalesce(recipient.committees, 0) as namesakes,
        case when giver = 'committee' and donor.committees = 1 then donor.committee_id end as donor_committee_id,
        -- Two blanks stand between last, first and middle name; the FEC's comma is what they mean.
        case
            when coalesce(giver, '') in ('individual', 'candidate') and contributor_name not like '%,%'
                then regexp_replace(regexp_replace(contributor_name, '  +', ', '), '  +', ' ', 'g')
            else regexp_replace(contributor_name, '  +', ' ', 'g')
        end as name,
        first_match(address, '  ([^ ]+( [^ ]+)*) +[A-Za-z]{2} +[0-9]{5}-?[0-9]{0,4}$') as city,
        in_capitals(first_match(address, ' ([A-Za-z]{2}) +[0-9]{5}-?[0-9]{0,4}$')) as state,
        first_match(address, '([0-9]{5})-?[0-9]{0,4}$') as zip5
    from meant
    left join known as recipient on recipient.plain_name = committee_word
    left join known as donor on donor.plain_name = in_words(contributor_name, '.''', '')
),
judged as (
    select
        linked.*,
        case
            when thing is null or giver is null then null
            when thing = 'loan' then case when amount < 0 then 'loan repayment' else 'loan' end
            when thing = 'other' or giver = 'nobody' then 'other receipt'
            when amount < 0 and giver = 'committee' then 'refund to a committee'
            when amount < 0 then 'refund'
            when giver = 'candidate' then 'candidate''s own contribution'
            when giver = 'committee' then 'contribution by a committee'
            else 'contribution'
        end as category,
        case
            when donor_committee_id is not null then 'committee'
            when giver in ('individual', 'candidate') then 'individual'
            else 'organisation'
        end as donor_kind
    from linked
)
select
    contribution_id, committee_id, committee_name, candidate_id, filing_period, filing_year, transaction_on, name, address, city,
    state, zip5, contributor_type, contribution_type, amount, employer, occupation, office, fund_type, category, donor_kind,
    donor_committee_id,
    case when donor_committee_id is null then left(md5(
        donor_kind || '|' || coalesce(name, '') || '|' || coalesce(city, '') || '|' || coalesce(state, '')
        || '|' || coalesce(zip5, '') || '|' || coalesce(employer, '')
    ), 16) end as alias_id,
    nullif(concat_ws(
        ',',
        case when is_rounded then 'amount rounded' end,
        case when filing_year is null then 'filing year missing' end,
        case when namesakes = 0 then 'committee unknown' when namesakes > 1 then 'committee ambiguous' end,
        case when giver is null then 'unknown contributor type' end,
        case when thing is null then 'unknown transaction code' end,
        case when name is null then 'name missing' end,
        case when address is not null and zip5 is null then 'zip unreadable' end
    ), '') as doubts
from judged
