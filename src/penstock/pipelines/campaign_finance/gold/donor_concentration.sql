-- name: donor_concentration
-- Whole cents in 128-bit numbers up to the last division: the result does not depend on the order of addition.
with given as (
    select
        'committee' as level, recipient_committee_id as recipient_id, contributor_id,
        (sum(counted_amount) * 100)::hugeint as cents
    from gold.contributions
    where cycle = $cycle and counted and recipient_committee_id is not null and contributor_id is not null
    group by recipient_committee_id, contributor_id
    union all
    select 'candidate', recipient_candidate_id, contributor_id, (sum(counted_amount) * 100)::hugeint
    from gold.contributions
    where cycle = $cycle and counted and recipient_candidate_id is not null and contributor_id is not null
    group by recipient_candidate_id, contributor_id
),
ranked as (
    select
        level, recipient_id, cents,
        row_number() over (partition by level, recipient_id order by cents desc, contributor_id) as place
    from given
    where cents > 0
),
summed as (
    select
        level, recipient_id,
        count(*) as donors,
        sum(cents)::hugeint as total,
        coalesce(sum(cents) filter (where place <= 1), 0)::hugeint as top_1,
        coalesce(sum(cents) filter (where place <= 10), 0)::hugeint as top_10,
        coalesce(sum(cents) filter (where place <= 100), 0)::hugeint as top_100,
        coalesce(sum(cents) filter (where cents <= 20000), 0)::hugeint as small,
        sum(cents * place)::hugeint as weighted,
        sum(cents * cents)::hugeint as squares
    from ranked
    group by level, recipient_id
)
select
    level, recipient_id, donors,
    (total / 100)::decimal(18, 2) as total_amount,
    round(top_1::double / total::double, 6) as top_1_share,
    round(top_10::double / total::double, 6) as top_10_share,
    round(top_100::double / total::double, 6) as top_100_share,
    round((donors + 1)::double / donors - 2 * weighted::double / (donors * total::double), 6) as gini,
    round(squares::double / (total::double * total::double), 6) as hhi,
    round(small::double / total::double, 6) as small_donor_share
from summed
