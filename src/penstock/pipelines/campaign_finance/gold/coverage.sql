-- name: coverage
with counted as (
    select
        given.*,
        case
            when category in ('contribution', 'earmarked contribution') and contributor_kind <> 'committee'
                then 'individual_contributions'
            when category = 'refund' then 'individual_refunds'
            when category = 'candidate''s own contribution' then 'candidate_contributions'
            when category in ('contribution', 'contribution by a committee') and contributor_kind = 'committee'
                then case when donor.committee_type in ('X', 'Y', 'Z') then 'party_contributions' else 'committee_contributions' end
        end as measure
    from gold.contributions as given
    left join silver.committees as donor on donor.cycle = $cycle and donor.committee_id = given.contributor_id
    where given.cycle = $cycle and counted
),
ours as (
    select 'candidate' as level, recipient_candidate_id as recipient_id, measure, transaction_on, is_date_usable, amount
    from counted
    where measure is not null and recipient_candidate_id is not null
    union all
    -- The summaries of PACs and parties do not tell party committees from others.
    select
        'committee', recipient_committee_id, replace(measure, 'party_', 'committee_'), transaction_on, is_date_usable, amount
    from counted
    where measure is not null and measure <> 'candidate_contributions' and recipient_committee_id is not null
),
measures as (
    select
        unnest(array[
            'individual_contributions', 'individual_refunds', 'candidate_contributions', 'committee_contributions',
            'party_contributions'
        ]) as measure
),
summaries as (
    select
        'candidate' as level, candidate_id as recipient_id, covered_until,
        individual_contributions, individual_refunds, candidate_contributions, committee_contributions, party_contributions
    from silver.candidate_summaries
    where cycle = $cycle and source = 'weball'
    union all
    select
        'committee', committee_id, covered_until, individual_contributions, individual_refunds, null, committee_contributions, null
    from silver.pac_summaries
    where cycle = $cycle
),
measured as (
    select
        level, recipient_id, covered_until, measure,
        case measure
            when 'individual_contributions' then individual_contributions
            when 'individual_refunds' then individual_refunds
            when 'candidate_contributions' then candidate_contributions
            when 'committee_contributions' then committee_contributions
            when 'party_contributions' then party_contributions
        end as published_amount
    from summaries
    cross join measures
),
published as (
    select level, recipient_id, covered_until, measure, published_amount from measured where published_amount is not null
),
placed as (
    select
        level, recipient_id, measure, amount,
        -- A date that cannot be used tells nothing; such rows are compared.
        coalesce(is_date_usable and transaction_on > covered_until, false) as is_later
    from ours
    join published using (level, recipient_id, measure)
),
summed as (
    select
        level, recipient_id, measure,
        sum(amount) filter (where not is_later) as our_amount,
        sum(amount) filter (where is_later) as later_amount
    from placed
    group by level, recipient_id, measure
),
compared as (
    select
        level, recipient_id, measure, coalesce(our_amount, 0) as our_amount, coalesce(later_amount, 0) as later_amount,
        published_amount, covered_until
    from published
    left join summed using (level, recipient_id, measure)
)
select
    level, recipient_id, measure, our_amount, published_amount, our_amount - published_amount as difference,
    cast(rounded_quotient(our_amount * 100 * 1000000, published_amount * 100) as double precision) / 1000000 as covered_share,
    case
        when our_amount = published_amount then 'equal'
        when abs(our_amount - published_amount) * 100 <= abs(published_amount) then 'close'
        when our_amount < published_amount then 'ours lower'
        else 'ours higher'
    end as verdict,
    later_amount, covered_until
from compared
where our_amount <> 0 or published_amount <> 0 or later_amount <> 0
