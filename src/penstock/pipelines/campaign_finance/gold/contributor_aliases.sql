-- name: contributor_aliases
-- Who is who. A person is a family name, first name, middle initial and suffix at a place (ZIP code, else city, else
-- state). Two places are one person where the same name works for the same employer in the same state. All keys are made
-- of content alone, and each choice among several is the smallest, so that the order of rows never matters.
--
-- PostgreSQL knows nothing of how many rows a part of a statement holds, and takes the two kinds for rare when asked for by
-- name. Conditions say what a kind is not, and windows stand for joins of a part with itself: so it joins by hashing.
with donors as (
    select alias_id, donor_kind, name, city, state, zip5, employer
    from silver.transactions
    where cycle = $cycle and alias_id is not null
    union all
    select alias_id, donor_kind, name, city, state, zip5, employer
    from silver.maryland_contributions
    where cycle = $cycle and alias_id is not null
),
aliases as (
    select
        alias_id,
        min(donor_kind) as kind, min(name) as name, min(city) as city, min(state) as state, min(zip5) as zip5,
        min(employer) as employer
    from donors
    group by alias_id
),
spelled as (
    select name, in_words(name, '.''`"', ',&') as plain
    from (select distinct name from aliases where name is not null) as names
),
organisations as (
    select
        name,
        'O|' || trim(regexp_replace(
            regexp_replace(replace(replace(plain, ',', ' '), '&', ' AND '), ' +', ' ', 'g'),
            '^THE | (INC|LLC|LLP|LP|LTD|PLLC|PC|PA|CO|CORP|CORPORATION|COMPANY|INCORPORATED|LIMITED|L L C)$', '', 'g'
        )) as label
    from spelled
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
    where kind <> 'organisation'
),
neighbours as (
    select
        people.*,
        min(middle) over (partition by family, first, suffix, place) as first_initial,
        max(middle) over (partition by family, first, suffix, place) as last_initial
    from people
),
placed as (
    select
        alias_id, place_kind, employer_plain, state, place, first,
        -- A missing initial is filled in only where the place knows exactly one.
        concat_ws(
            '|', family, first, coalesce(middle, case when first_initial = last_initial then first_initial else '' end), suffix
        ) as person
    from neighbours
),
homes as (
    select placed.*, concat_ws('|', person, place) as home from placed
),
employed as (
    select
        homes.*,
        case when employer_plain is not null and state is not null and first <> ''
            then min(home) over (partition by person, state, employer_plain)
        end as first_home
    from homes
),
joined as (
    select home, min(first_home) as first_home
    from employed
    where first_home is not null
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
    select
        alias_id, place_kind, employer_plain, 'P|' || coalesce(chained.label, employed.home) as label,
        coalesce(chained.label, employed.home) <> employed.home as is_moved
    from employed
    left join chained on chained.home = employed.home
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
    where kind <> 'individual'
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
