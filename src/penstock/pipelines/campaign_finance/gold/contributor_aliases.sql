-- name: contributor_aliases
-- Who is who. A person is a family name, first name, middle initial and suffix at a place (ZIP code, else city, else
-- state). Two places are one person where the same name works for the same employer in the same state. All keys are made
-- of content alone, and each choice among several is the smallest, so that the order of rows never matters.
with aliases as (
    select
        alias_id,
        min(donor_kind) as kind, min(name) as name, min(city) as city, min(state) as state, min(zip5) as zip5,
        min(employer) as employer
    from silver.transactions
    where cycle = $cycle and alias_id is not null
    group by alias_id
),
spelled as (
    select name, kind, in_words(name, '.''`"', ',&') as plain
    from (select distinct name, kind from aliases where name is not null) as names
),
organisations as (
    select
        name,
        'O|' || trim(regexp_replace(
            regexp_replace(replace(replace(plain, ',', ' '), '&', ' AND '), ' +', ' ', 'g'),
            '^THE | (INC|LLC|LLP|LP|LTD|PLLC|PC|PA|CO|CORP|CORPORATION|COMPANY|INCORPORATED|LIMITED|L L C)$', '', 'g'
        )) as label
    from spelled
    where kind = 'organisation'
),
-- Each word behind the comma stands between two spaces of its own, titles left out.
worded as (
    select
        name,
        trim(split_part(plain, ',', 1)) as family_words,
        regexp_replace(
            ' ' || replace(replace(substr(plain, length(split_part(plain, ',', 1)) + 2), ',', ' '), ' ', '  ') || ' ',
            ' (MR|MRS|MS|MISS|DR|HON|REV|PROF|SEN|REP|ESQ|MD|PHD|CPA) ', '', 'g'
        ) as words
    from spelled
    where kind = 'individual'
),
parsed as (
    select
        name,
        regexp_replace(family_words, ' (JR|SR|II|III|IV)$', '') as family,
        trim(regexp_replace(regexp_replace(words, ' (JR|SR|II|III|IV|V) ', '', 'g'), ' +', ' ', 'g')) as given,
        coalesce(
            first_match(words, ' (JR|SR|II|III|IV) '), first_match(family_words, ' (JR|SR|II|III|IV)$'), ''
        ) as suffix
    from worded
),
employers as (
    select
        employer,
        trim(regexp_replace(
            in_words(employer, '.''`', '&'), ' (INC|LLC|LLP|LP|LTD|PLLC|PC|PA|CO|CORP|CORPORATION|COMPANY)$', ''
        )) as plain
    from (select distinct employer from aliases where employer is not null) as given
),
telling as (
    select employer, plain
    from employers
    where plain not in (
        '', 'NA', 'N A', 'NONE', 'NULL', 'NOT EMPLOYED', 'UNEMPLOYED', 'RETIRED', 'SELF', 'SELF EMPLOYED', 'SELFEMPLOYED',
        'HOMEMAKER', 'STUDENT', 'DISABLED', 'NOT PROVIDED', 'NOT AVAILABLE', 'UNKNOWN', 'REFUSED', 'REQUESTED', 'OWNER',
        'INFO REQUESTED', 'INFORMATION REQUESTED', 'INFORMATION REQUESTED PER BEST EFFORTS', 'ENTREPRENEUR', 'CONSULTANT'
    )
),
people as (
    select
        alias_id, family, split_part(given, ' ', 1) as first, nullif(left(split_part(given, ' ', 2), 1), '') as middle, suffix,
        coalesce(zip5, in_capitals(city) || ' ' || state, in_capitals(city), state, '') as place,
        case when zip5 is not null then 'zip' when city is not null then 'city' else 'none' end as place_kind,
        aliases.state, telling.plain as employer_plain
    from aliases
    join parsed on parsed.name = aliases.name
    left join telling on telling.employer = aliases.employer
    where kind = 'individual'
),
homes as (
    select family, first, suffix, place, count(distinct middle) as initials, min(middle) as initial
    from people
    group by family, first, suffix, place
),
placed as (
    select
        alias_id, place_kind, employer_plain, people.state,
        -- A missing initial is filled in only where the place knows exactly one.
        concat_ws('|', family, first, coalesce(middle, case when initials = 1 then initial else '' end), suffix) as person,
        concat_ws('|', family, first, coalesce(middle, case when initials = 1 then initial else '' end), suffix, place) as home
    from people
    join homes using (family, first, suffix, place)
),
jobs as (
    select person, state, employer_plain, min(home) as first_home
    from placed
    where employer_plain is not null and state is not null and split_part(person, '|', 2) <> ''
    group by person, state, employer_plain
),
joined as (
    select home, min(first_home) as first_home
    from placed
    join jobs using (person, state, employer_plain)
    group by home
),
-- Two more steps along the chain home -> first home reach whoever is joined by way of a third place.
chained as (
    select one.home, coalesce(three.first_home, two.first_home, one.first_home) as label
    from joined as one
    left join joined as two on two.home = one.first_home
    left join joined as three on three.home = two.first_home
),
labelled as (
    select placed.*, 'P|' || coalesce(label, home) as label, coalesce(label, home) <> home as is_moved
    from placed
    left join chained using (home)
),
judged as (
    select
        labelled.*,
        -- Rows without a telling employer say nothing against it.
        min(employer_plain) over (partition by label) = max(employer_plain) over (partition by label) as is_one_employer
    from labelled
),
matched as (
    select
        alias_id, label,
        case
            when is_moved then 'name, state and employer'
            when place_kind = 'none' then 'name only'
            when place_kind = 'city' then 'name and city'
            when is_one_employer and employer_plain is not null then 'same name, place and employer'
            else 'name and zip'
        end as match_rule
    from judged
    union all
    select alias_id, label, 'organisation name'
    from aliases
    join organisations on organisations.name = aliases.name
    where kind = 'organisation'
    union all
    -- Without any name a donor is nobody else.
    select alias_id, '?|' || alias_id, 'name only'
    from aliases
    where name is null
)
select
    aliases.*,
    case when kind = 'organisation' then 'O' else 'P' end || left(md5(label), 15) as contributor_id,
    label as match_key,
    match_rule
from aliases
join matched using (alias_id)
