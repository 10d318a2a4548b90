-- name: candidates
with authorized as (
    select candidate_id, count(*) as committees from silver.committees where cycle = $cycle and candidate_id is not null group by 1
),
named as (
    select
        *,
        trim(split_part(name, ',', 1)) as family,
        -- Titles are no part of a name; what follows the second comma is a suffix.
        trim(regexp_replace(upper(split_part(name, ',', 2)), '\b(MR|MRS|MS|DR|HON|SEN|REP|PROF|REV)\b\.?', '', 'g')) as given,
        trim(split_part(name, ',', 3)) as suffix
    from silver.candidates
    where cycle = $cycle
)
select
    named.candidate_id,
    name,
    nullif(list_aggregate(list_transform(
        string_split(regexp_replace(trim(concat_ws(' ', given, upper(family), upper(suffix))), '\s+', ' ', 'g'), ' '),
        lambda word: case
            when word in ('II', 'III', 'IV') then word
            when word like 'MC%' and length(word) > 3 then 'Mc' || upper(word[3]) || lower(word[4:])
            when word like 'O''%' and length(word) > 2 then 'O''' || upper(word[3]) || lower(word[4:])
            else upper(word[1]) || lower(word[2:])
        end
    ), 'string_agg', ' '), '') as display_name,
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
