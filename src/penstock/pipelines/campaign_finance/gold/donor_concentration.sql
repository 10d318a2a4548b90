-- name: donor_concentration
-- Whole cents up to the last division: the result does not depend on the order of addition, nor on how an engine divides.
with given as (
    select
        'committee' as level, recipient_committee_id as recipient_id, source_system, contributor_id,
        (sum(counted_amount) * 100)::decimal(38, 0) as cents
    from gold.contributions
    where cycle = $cycle and counted and recipient_committee_id is not null and contributor_id is not null
    group by recipient_committee_id, source_system, contributor_id
    union all
    select 'candidate', recipient_candidate_id, source_system, contributor_id, (sum(counted_amount) * 100)::decimal(38, 0)
    from gold.contributions
    where cycle = $cycle and counted and recipient_candidate_id is not null and contributor_id is not null
    group by recipient_candidate_id, source_system, contributor_id
),
ranked as (
    select
        level, recipient_id, source_system, cents,
        row_number() over (partition by level, recipient_id order by cents desc, contributor_id) as place
    from given
    where cents > 0
),
summed as (
    select
        level, recipient_id, source_system,
        count(*) as donors,
        sum(cents)::decimal(38, 0) as total,
        coalesce(sum(cents) filter (where place <= 1), 0)::decimal(38, 0) as top_1,
        coalesce(sum(cents) filter (where place <= 10), 0)::decimal(38, 0) as top_10,
        coalesce(sum(cents) filter (where place <= 100), 0)::decimal(38, 0) as top_100,
        coalesce(sum(cents) filter (where cents <= 20000), 0)::decimal(38, 0) as small,
        sum(cents * place)::decimal(38, 0) as weighted,
        sum(cents * cents)::decimal(38, 0) as squares
    from ranked
    group by level, recipient_id, source_system
)
select
    level, recipient_id, source_system, donors,
    total * 0.01 as total_amount,
    cast(rounded_quotient(top_1 * 1000000, total) as double precision) / 1000000 as top_1_share,
    cast(rounded_quotient(top_10 * 1000000, total) as double precision) / 1000000 as top_10_share,
    cast(rounded_quotient(top_100 * 1000000, total) as double precision) / 1000000 as top_100_share,
    cast(rounded_quotient(((donors + 1) * total - 2 * weighted) * 1000000, donors * total) as double precision) / 1000000
        as gini,
    cast(rounded_quotient(squares * 1000000, total * total) as double precision) / 1000000 as hhi,
    cast(rounded_quotient(small * 1000000, total) as double precision) / 1000000 as small_donor_share
from summed
