-- name: candidates
with authorized as (
    select candidate_id, count(*) as committees
    from silver.committees
    where cycle = $cycle and candidate_id is not null
    group by candidate_id
    union all
    select candidate_id, count(*)
    from silver.maryland_committees
    where cycle = $cycle and candidate_id is not null
    group by candidate_id
),
registered as (
    select candidate_id, name from silver.candidates where cycle = $cycle
    union all
    select candidate_id, name from silver.maryland_candidates where cycle = $cycle
),
split as (
    select
        candidate_id,
        regexp_replace(in_capitals(trimmed(split_part(name, ',', 1))), '[ \t\n\f\r]+', ' ', 'g') as family,
        regexp_replace(
            in_capitals(substr(name, length(split_part(name, ',', 1)) + 2)), '[., \t\n\f\r]+', ' ', 'g'
        ) as given
    from registered
),
-- As spoken: given names, family names, suffix.
words as (
    select candidate_id, case when word in ('JR', 'SR', 'II', 'III', 'IV') then 3 else 1 end as part, place, word
    from split
    cross join unnest(string_to_array(given, ' ')) with ordinality as given_word (word, place)
    -- Titles are no part of a name.
    where word not in ('MR', 'MRS', 'MS', 'MISS', 'DR', 'HON', 'HONORABLE', 'SEN', 'REP', 'PROF', 'REV', 'MD', 'PHD', 'ESQ')
    union all
    select candidate_id, 2, place, word
    from split
    cross join unnest(string_to_array(family, ' ')) with ordinality as family_word (word, place)
),
spoken as (
    select
        candidate_id,
        string_agg(
            case
                when word in ('II', 'III', 'IV') then word
                when length(word) = 1 then word || '.'
                when word like 'MC%' and length(word) > 3
                    then 'Mc' || substr(word, 3, 1) || in_small_letters(substr(word, 4))
                when word like 'O''%' and length(word) > 2
                    then 'O''' || substr(word, 3, 1) || in_small_letters(substr(word, 4))
                else substr(word, 1, 1) || in_small_letters(substr(word, 2))
            end,
            ' ' order by part, place
        ) as display_name
    from words
    where word <> ''
    group by candidate_id
)
select
    candidates.candidate_id,
    'FEC' as source_system,
    name,
    display_name,
    office,
    case office when 'H' then 'US_HOUSE' when 'S' then 'US_SENATE' when 'P' then 'PRESIDENT' end as office_name,
    'FEDERAL' as level,
    office_state,
    office_district,
    cast(null as text) as office_county,
    cast(null as text) as office_city,
    party,
    incumbency,
    status,
    election_year,
    principal_committee_id,
    coalesce(committees, 0) as committees
from silver.candidates as candidates
left join spoken on spoken.candidate_id = candidates.candidate_id
left join authorized on authorized.candidate_id = candidates.candidate_id
where candidates.cycle = $cycle
union all
select
    candidates.candidate_id,
    'MARYLAND',
    name,
    display_name,
    office,
    office_name,
    level,
    'MD',
    office_district,
    office_county,
    office_city,
    party,
    null,
    status,
    election_year,
    null,
    coalesce(committees, 0)
from silver.maryland_candidates as candidates
left join spoken on spoken.candidate_id = candidates.candidate_id
left join authorized on authorized.candidate_id = candidates.candidate_id
where candidates.cycle = $cycle
