-- name: maryland_candidates
-- One line of a list per election; a candidacy is all lines of a person for one contest in one year.
with listed as (
    select
        'MD' || left(md5(concat_ws(
            '|',
            in_words(office_name, '.''', ''), in_words(coalesce(district, ''), '.''', ''), in_words(last_name, '.''', ''),
            in_words(first_name, '.''', ''), in_words(coalesce(party, ''), '.''', ''), cast(election_year as text),
            case when election = 'Special' then 'special' else '' end
        )), 14) as candidate_id,
        bronze.*,
        in_words(office_name, '.''', '') as office_word,
        in_words(coalesce(party, ''), '.''', '') as party_word,
        in_capitals(coalesce(status, '')) as status_word,
        first_match(in_capitals(district), '([0-9]+[A-Z]?)') as district_number,
        -- Where the contest is: named by its district, else where who runs lives.
        case
            when in_capitals(district) = 'BALTIMORE CITY' or district like '% County' then regexp_replace(district, ' County$', '')
            else regexp_replace(jurisdiction, ' County$', '')
        end as place
    from bronze.maryland_candidates as bronze
    where cycle = $cycle and office_name is not null and last_name is not null
),
ranked as (
    select
        listed.*,
        count(*) over (partition by candidate_id) as lists,
        row_number() over (
            partition by candidate_id
            order by case election when 'General' then 0 else 1 end, candidacy_id
        ) as rank
    from listed
),
placed as (
    select
        ranked.*,
        -- Names nobody has told us yet are known by a word in them.
        coalesce(offices.office_name, case
            when office_word like '%CONGRESS%' then 'US_HOUSE'
            when office_word like '%STATE SENAT%' then 'STATE_SENATE'
            when office_word like '%SENATOR%' then 'US_SENATE'
            when office_word like '%NATIONAL CONVENTION%' or office_word like '%ALTERNATE DELEGATE%' then 'CONVENTION_DELEGATE'
            when office_word like '%DELEGATE%' then 'STATE_HOUSE'
            when office_word like '%GOVERNOR%' then 'GOVERNOR'
            when office_word like '%CITY COUNCIL%' or office_word like 'COUNCIL CITY%' then 'CITY_COUNCIL'
            when office_word like 'MAYOR%' then 'MAYOR'
            when office_word like '%COUNCIL%' then 'COUNTY_COUNCIL'
            when office_word like '%COMMISSIONER%' then 'COUNTY_COMMISSIONER'
            when office_word like '%SHERIFF%' then 'SHERIFF'
            when office_word like '%JUDGE%' then 'JUDGE'
            when office_word like '%EDUCATION%' then 'SCHOOL_BOARD'
            when office_word like '%CLERK%' then 'CIRCUIT_CLERK'
            when office_word like '%WILLS%' then 'REGISTER_OF_WILLS'
            when office_word like '%ATTORNEY%' then 'STATES_ATTORNEY'
            when office_word like '%CENTRAL COMMITTEE%' then 'PARTY_COMMITTEE'
        end) as office_code,
        offices.level as office_level,
        case
            when party_word in ('DEMOCRATIC', 'DEMOCRAT', 'DEM') then 'DEM'
            when party_word in ('REPUBLICAN', 'REP') then 'REP'
            when party_word in ('LIBERTARIAN', 'LIB') then 'LIB'
            when party_word in ('GREEN', 'GRE') then 'GRE'
            when party_word in ('UNAFFILIATED', 'UN') then 'UN'
            when party_word in ('NON PARTISAN', 'NONPARTISAN') then 'NON'
            when party_word = 'CONSTITUTION' then 'CON'
            when party_word in ('OTHER', 'OTHER CANDIDATES', 'WORKING CLASS', 'BREAD AND ROSES') then 'OTH'
            when party_word = 'WRITE IN' then 'W'
        end as party_code
    from ranked
    left join silver.maryland_offices as offices on offices.cycle = $cycle and offices.word = office_word
    where rank = 1
),
leveled as (
    select
        placed.*,
        case
            when coalesce(office_level, case
                when office_code in ('US_HOUSE', 'US_SENATE') then 'FEDERAL'
                when office_code in ('STATE_SENATE', 'STATE_HOUSE', 'GOVERNOR', 'CONVENTION_DELEGATE') then 'STATE'
                when office_code in ('CITY_COUNCIL', 'MAYOR') then 'CITY'
                else 'COUNTY'
            -- Baltimore is a city that belongs to no county.
            end) = 'COUNTY' and in_capitals(place) = 'BALTIMORE CITY' then 'CITY'
            else coalesce(office_level, case
                when office_code in ('US_HOUSE', 'US_SENATE') then 'FEDERAL'
                when office_code in ('STATE_SENATE', 'STATE_HOUSE', 'GOVERNOR', 'CONVENTION_DELEGATE') then 'STATE'
                when office_code in ('CITY_COUNCIL', 'MAYOR') then 'CITY'
                else 'COUNTY'
            end)
        end as office_place_level
    from placed
)
select
    candidate_id,
    last_name || coalesce(', ' || first_name, '') as name,
    last_name,
    first_name,
    office_name as office,
    coalesce(office_code, 'OTHER') as office_name,
    office_place_level as level,
    case
        when district_number is null then null
        when office_code = 'US_HOUSE' then lpad(district_number, 2, '0')
        when office_code in ('STATE_SENATE', 'STATE_HOUSE', 'PARTY_COMMITTEE') then regexp_replace(district_number, '^0+', '')
        when office_code in ('CIRCUIT_JUDGE', 'JUDGE') then 'Circuit ' || regexp_replace(district_number, '^0+', '')
        else 'District ' || regexp_replace(district_number, '^0+', '')
    end as office_district,
    case when office_place_level = 'COUNTY' then place end as office_county,
    case
        when office_place_level <> 'CITY' then null
        when first_match(office_name, 'City of (.+)$') is not null then first_match(office_name, 'City of (.+)$')
        else place
    end as office_city,
    party_code as party,
    trimmed(party) as party_name,
    status,
    status_word = 'ACTIVE' or status_word like 'SEEKING%' as is_active,
    election_year,
    committee_name,
    lists,
    nullif(concat_ws(
        ',',
        case when office_code is null then 'office unknown' end,
        case when party_word <> '' and party_code is null then 'party unknown' end
    ), '') as doubts
from leveled
