-- name: candidates
with authorized as (
    select candidate_id, count(*) as committees
    from silver.committees
    where cycle = $cycle and candidate_id is not null
    group by candidate_id
),
split as (
    select
        *,
        upper(trim(split_part(name, ',', 1))) as family,
        list_filter(
            string_split(
                regexp_replace(upper(substr(name, length(split_part(name, ',', 1)) + 2)), '[.,\s]+', ' ', 'g'), ' '
            ),
            -- Titles are no part of a name.
            lambda word: word <> '' and word not in (
                'MR', 'MRS', 'MS', 'MISS', 'DR', 'HON', 'HONORABLE', 'SEN', 'REP', 'PROF', 'REV', 'MD', 'PHD', 'ESQ'
            )
        ) as given
    from silver.candidates
    where cycle = $cycle
),
named as (
    select
        *,
        list_filter(given, lambda word: word not in ('JR', 'SR', 'II', 'III', 'IV'))
        || string_split(regexp_replace(family, '\s+', ' ', 'g'), ' ')
        || list_filter(given, lambda word: word in ('JR', 'SR', 'II', 'III', 'IV')) as words
    from split
)
select
    named.candidate_id,
    name,
    nullif(array_to_string(list_transform(words, lambda word: case
        when word in ('II', 'III', 'IV') then word
        when length(word) = 1 then word || '.'
        when word like 'MC%' and length(word) > 3 then 'Mc' || word[3] || lower(word[4:])
        when word like 'O''%' and length(word) > 2 then 'O''' || word[3] || lower(word[4:])
        else word[1] || lower(word[2:])
    end), ' '), '') as display_name,
    office,
    case office when 'H' then 'US_HOUSE' when 'S' then 'US_SENATE' when 'P' then 'PRESIDENT' end as office_name,
    office_state,
    office_district,
    party,
    incumbency,
    status,
    election_year,
    principal_committee_id,
    coalesce(committees, 0) as committees
from named
left join authorized on authorized.candidate_id = named.candidate_id
