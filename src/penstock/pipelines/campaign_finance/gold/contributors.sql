-- name: contributors
-- The confidence starts from what each rule is worth and falls by a hundredth for every further contributor of the same
-- name, ten at most: JOHN SMITH in one ZIP code may well be two people.
with rules as (
    select * from (values
        ('same name, place and employer', 0.99),
        ('name and zip', 0.95),
        ('name, state and employer', 0.85),
        ('organisation name', 0.85),
        ('name and city', 0.80),
        ('name only', 0.40)
    ) as rule (match_rule, worth)
),
-- The newest row says how the contributor is written now; the identifier decides between two of one day. Rows of itpas2
-- stand in itoth too.
newest as (
    select
        contributor_id,
        arg_max(
            {
                'name': row.name, 'city': row.city, 'state': row.state, 'zip5': row.zip5, 'employer': row.employer,
                'occupation': row.occupation
            },
            strftime(if(is_date_usable, transaction_on, date '0001-01-01'), '%Y%m%d') || row.sub_id
        ) as written,
        count(*) as rows
    from silver.transactions as row
    join gold.contributor_aliases as alias using (alias_id)
    where row.cycle = $cycle and alias.cycle = $cycle and source <> 'itpas2'
    group by contributor_id
),
grouped as (
    select
        contributor_id, kind, match_key, spellings, rows,
        written.name, written.city, written.state, written.zip5, written.employer, written.occupation
    from newest
    join (
        select contributor_id, min(kind) as kind, min(match_key) as match_key, count(*) as spellings
        from gold.contributor_aliases
        where cycle = $cycle
        group by contributor_id
    ) using (contributor_id)
),
weakest as (
    select contributor_id, min_by(match_rule, worth) as match_rule, min(worth) as worth
    from gold.contributor_aliases
    join rules using (match_rule)
    where cycle = $cycle
    group by contributor_id
),
named as (
    select
        grouped.*,
        weakest.match_rule,
        worth,
        string_split(match_key, '|') as words,
        case when kind = 'individual'
            then count(*) over (partition by kind, split_part(match_key, '|', 2), split_part(match_key, '|', 3)) else 1
        end as namesakes
    from grouped
    join weakest using (contributor_id)
),
committees as (
    select
        donor_committee_id as contributor_id,
        coalesce(min(committee.name), min(case when donor_committee_id = other_id then row.name end)) as name,
        coalesce(min(committee.city), min(case when donor_committee_id = other_id then row.city end)) as city,
        coalesce(min(committee.state), min(case when donor_committee_id = other_id then row.state end)) as state,
        coalesce(min(committee.zip5), min(case when donor_committee_id = other_id then row.zip5 end)) as zip5,
        count(distinct row.name) filter (where donor_committee_id = other_id) as spellings,
        count(distinct sub_id) as rows
    from silver.transactions as row
    left join silver.committees as committee
        on committee.cycle = $cycle and committee.committee_id = row.donor_committee_id
    where row.cycle = $cycle and donor_committee_id is not null
    group by donor_committee_id
)
select
    contributor_id, kind, name,
    -- The key of a donor without a name holds no words of one.
    case when words[1] = 'P' then nullif(words[2], '') end as last_name,
    case when words[1] = 'P' then nullif(words[3], '') end as first_name,
    case when words[1] = 'P' then nullif(words[4], '') end as middle_initial,
    case when words[1] = 'P' then nullif(words[5], '') end as suffix,
    city, state, zip5, employer, occupation, spellings, rows, match_rule,
    (worth - 0.01 * least(10, namesakes - 1))::double as match_confidence
from named
union all
select
    contributor_id, 'committee', name, null, null, null, null, city, state, zip5, null, null, greatest(spellings, 1), rows,
    'committee id', 1.0
from committees
