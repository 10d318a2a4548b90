-- name: contributors
-- The confidence starts from what each rule is worth and falls by a hundredth for every further contributor of the same
-- name, ten at most: JOHN SMITH in one ZIP code may well be two people.
with rules as (
    select match_rule, worth, row_number() over (order by worth, match_rule) as place
    from (values
        ('same name, place and employer', 0.99),
        ('name and zip', 0.95),
        ('name, state and employer', 0.85),
        ('organisation name', 0.85),
        ('name and city', 0.80),
        ('name only', 0.40)
    ) as rule (match_rule, worth)
),
ruled as (
    select contributor_id, alias_id, kind, match_key, rules.place as rule_place
    from gold.contributor_aliases as alias
    join rules on rules.match_rule = alias.match_rule
    where alias.cycle = $cycle
),
-- The newest row says how the contributor is written now; the identifier decides between two of one day. Rows of itpas2
-- stand in itoth too.
given as (
    select
        contributor_id, 'FEC' as source_system, entry.source, entry.sub_id,
        case when entry.is_date_usable then cast(entry.transaction_on as text) else '' end || ' ' || entry.sub_id as age
    from silver.transactions as entry
    join ruled on ruled.alias_id = entry.alias_id
    where entry.cycle = $cycle and entry.source <> 'itpas2'
    union all
    select
        contributor_id, 'MARYLAND', 'maryland', entry.contribution_id,
        coalesce(cast(entry.transaction_on as text), '') || ' ' || entry.contribution_id
    from silver.maryland_contributions as entry
    join ruled on ruled.alias_id = entry.alias_id
    where entry.cycle = $cycle
),
newest as (
    select
        contributor_id, max(age) as age, count(*) as appearances,
        min(source_system) as first_system, max(source_system) as last_system
    from given
    group by contributor_id
),
grouped as (
    select
        contributor_id, min(kind) as kind, min(match_key) as match_key, count(*) as spellings, min(rule_place) as rule_place
    from ruled
    group by contributor_id
),
named as (
    select
        grouped.contributor_id, kind, match_key, spellings, appearances,
        coalesce(entry.name, local.name) as name, coalesce(entry.city, local.city) as city,
        coalesce(entry.state, local.state) as state, coalesce(entry.zip5, local.zip5) as zip5,
        coalesce(entry.employer, local.employer) as employer, coalesce(entry.occupation, local.occupation) as occupation,
        rules.match_rule, rules.worth,
        case when first_system = last_system then first_system else first_system || '+' || last_system end as source_system,
        case when kind = 'individual'
            then count(*) over (partition by kind, split_part(match_key, '|', 2), split_part(match_key, '|', 3)) else 1
        end as namesakes
    from grouped
    join newest on newest.contributor_id = grouped.contributor_id
    join given on given.contributor_id = newest.contributor_id and given.age = newest.age
    -- One of the two has the row.
    left join silver.transactions as entry
        on entry.cycle = $cycle and entry.source = given.source and entry.sub_id = given.sub_id
    left join silver.maryland_contributions as local
        on local.cycle = $cycle and given.source = 'maryland' and local.contribution_id = given.sub_id
    join rules on rules.place = grouped.rule_place
),
committees as (
    select
        donor_committee_id as contributor_id,
        coalesce(min(committee.name), min(case when donor_committee_id = other_id then entry.name end)) as name,
        coalesce(min(committee.city), min(case when donor_committee_id = other_id then entry.city end)) as city,
        coalesce(min(committee.state), min(case when donor_committee_id = other_id then entry.state end)) as state,
        coalesce(min(committee.zip5), min(case when donor_committee_id = other_id then entry.zip5 end)) as zip5,
        count(distinct entry.name) filter (where donor_committee_id = other_id) as spellings,
        count(distinct sub_id) as rows
    from silver.transactions as entry
    left join silver.committees as committee
        on committee.cycle = $cycle and committee.committee_id = entry.donor_committee_id
    where entry.cycle = $cycle and donor_committee_id is not null
    group by donor_committee_id
),
state_committees as (
    select
        donor_committee_id as contributor_id, min(committee.name) as name, min(committee.city) as city,
        min(committee.state) as state, min(committee.zip5) as zip5, count(distinct entry.name) as spellings, count(*) as rows
    from silver.maryland_contributions as entry
    join silver.maryland_committees as committee
        on committee.cycle = $cycle and committee.committee_id = entry.donor_committee_id
    where entry.cycle = $cycle
    group by donor_committee_id
)
select
    contributor_id, source_system, kind, name,
    -- The key of a donor without a name holds no words of one.
    case when match_key like 'P|%' then nullif(split_part(match_key, '|', 2), '') end as last_name,
    case when match_key like 'P|%' then nullif(split_part(match_key, '|', 3), '') end as first_name,
    case when match_key like 'P|%' then nullif(split_part(match_key, '|', 4), '') end as middle_initial,
    case when match_key like 'P|%' then nullif(split_part(match_key, '|', 5), '') end as suffix,
    city, state, zip5, employer, occupation, spellings, appearances as rows, match_rule,
    cast(worth - 0.01 * least(10, namesakes - 1) as double precision) as match_confidence
from named
union all
select
    contributor_id, 'FEC', 'committee', name, null, null, null, null, city, state, zip5, null, null, greatest(spellings, 1),
    rows, 'committee id', 1.0
from committees
union all
select
    contributor_id, 'MARYLAND', 'committee', name, null, null, null, null, city, state, zip5, null, null, spellings, rows,
    'committee id', 1.0
from state_committees
