-- name: maryland_committees
-- A committee is linked to a candidate in four passes, each for those the passes before left over: by its CCF id and by its
-- name, where the candidate's list gives them; by the candidate's name its own name consists of; and by the only candidate
-- whose first and last name both stand in its name. A last name alone links nobody.
with registered as (
    select
        'MD' || trimmed(ccf_id) as committee_id,
        trimmed(ccf_id) as ccf,
        bronze.*,
        in_words(committee_name, '.''', '') as plain_name,
        coalesce(in_capitals(committee_type), '') like '%CANDIDATE%' as is_candidates
    from bronze.maryland_committees as bronze
    where cycle = $cycle
),
named as (
    select
        registered.*,
        count(*) over (partition by plain_name) = 1 as is_name_unique,
        ' ' || plain_name || ' ' as padded,
        -- What committees of candidates add to the candidate's name.
        trim(regexp_replace(
            ' ' || plain_name || ' ',
            ' (FRIENDS OF|FRIENDS FOR|FRIENDS TO ELECT|CITIZENS FOR|CITIZENS TO ELECT|PEOPLE FOR|NEIGHBORS FOR|COMMITTEE TO ELECT|'
            || 'COMMITTEE FOR|THE|VOTE|ELECT|TEAM|FOR MARYLAND|FOR DELEGATE|FOR SENATE|FOR COUNTY COUNCIL|FOR CITY COUNCIL|'
            || 'FOR GOVERNOR|FOR SHERIFF|FOR JUDGE|FOR MAYOR) ', ' ', 'g'
        )) as person_name
    from registered
),
running as (
    select
        candidate_id, committee_name, election_year,
        split_part(in_words(first_name, '.''', ''), ' ', 1) as first_word,
        regexp_replace(in_words(last_name, '.''', ''), ' (JR|SR|II|III|IV)$', '') as last_words
    from silver.maryland_candidates
    where cycle = $cycle
),
people as (
    -- Who runs in several contests of one year cannot be told from a namesake; of several years the newest stands.
    select
        running.*,
        count(*) over (partition by first_word, last_words, election_year) as namesakes,
        max(election_year) over (partition by first_word, last_words) as newest_year
    from running
    where first_word <> ''
),
tellable as (
    select candidate_id, first_word, last_words from people where namesakes = 1 and election_year = newest_year
),
told as (
    select
        candidate_id, in_words(committee_name, '.''', '') as committee_word,
        row_number() over (partition by in_words(committee_name, '.''', '') order by election_year desc, candidate_id) as place,
        count(*) over (partition by in_words(committee_name, '.''', ''), election_year) as claimants
    from running
    where committee_name is not null
),
by_ccf as (
    select named.committee_id, min(told.candidate_id) as candidate_id, 1 as pass
    from named
    join told on told.committee_word = in_words(named.ccf, '.''', '') and told.place = 1 and told.claimants = 1
    group by named.committee_id
),
by_name as (
    select named.committee_id, told.candidate_id, 2 as pass
    from named
    join told on told.committee_word = named.plain_name and told.place = 1 and told.claimants = 1
    where is_name_unique
),
by_person as (
    select named.committee_id, min(tellable.candidate_id) as candidate_id, 3 as pass
    from named
    join tellable
        on named.person_name in (first_word || ' ' || last_words, last_words || ' ' || first_word)
    where is_candidates
    group by named.committee_id
    having count(*) = 1
),
by_words as (
    select named.committee_id, min(tellable.candidate_id) as candidate_id, 4 as pass
    from named
    join tellable
        on position(' ' || first_word || ' ' in padded) > 0 and position(' ' || last_words || ' ' in padded) > 0
    where is_candidates
    group by named.committee_id
    having count(*) = 1
),
linked as (
    select
        committee_id, candidate_id, pass, row_number() over (partition by committee_id order by pass) as place
    from (
        select committee_id, candidate_id, pass from by_ccf
        union all
        select committee_id, candidate_id, pass from by_name
        union all
        select committee_id, candidate_id, pass from by_person
        union all
        select committee_id, candidate_id, pass from by_words
    ) as found
)
select
    named.committee_id,
    ccf as ccf_id,
    trimmed(committee_name) as name,
    plain_name,
    is_name_unique,
    trimmed(committee_type) as committee_type,
    trimmed(committee_status) as status,
    coalesce(in_capitals(trimmed(citation_violations)), 'NO') not in ('NO', 'N', 'NONE', '0') as has_violations,
    trimmed(election_type) as election_type,
    as_date(trimmed(registered_date)) as registered_on,
    as_date(trimmed(amended_date)) as amended_on,
    trimmed(chairperson_name) as chair,
    trimmed(treasurer_name) as treasurer,
    first_match(trimmed(treasurer_address), '  ([^ ]+( [^ ]+)*) +[A-Z]{2} +[0-9]{5}-?[0-9]{0,4}$') as city,
    first_match(trimmed(treasurer_address), ' ([A-Z]{2}) +[0-9]{5}-?[0-9]{0,4}$') as state,
    first_match(trimmed(treasurer_address), '([0-9]{5})-?[0-9]{0,4}$') as zip5,
    linked.candidate_id,
    case pass
        when 1 then 'ccf id' when 2 then 'committee name' when 3 then 'candidate name' when 4 then 'both names within'
    end as candidate_source,
    nullif(concat_ws(
        ',',
        case when trimmed(committee_name) is null then 'name missing' end,
        case when trimmed(registered_date) is not null and as_date(trimmed(registered_date)) is null then 'date impossible' end
    ), '') as doubts
from named
left join linked on linked.committee_id = named.committee_id and linked.place = 1
