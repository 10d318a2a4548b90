-- name: contributions
with once as (
    -- Every row of itpas2 stands in itoth too; the former names the candidate.
    select * from silver.transactions as row
    where cycle = $cycle and source = 'itcont'
    union all
    select * from silver.transactions as row
    where cycle = $cycle and source = 'itpas2'
        and sub_id not in (select sub_id from silver.transactions where cycle = $cycle and source = 'itcont')
    union all
    select * from silver.transactions as row
    where cycle = $cycle and source = 'itoth'
        and sub_id not in (select sub_id from silver.transactions where cycle = $cycle and source <> 'itoth')
),
coded as (
    select
        once.*,
        code.category,
        code.pair,
        code.donor_side,
        code.paying_side,
        coalesce(code.is_counted, false) as is_countable,
        coalesce(code.sign, 1) as sign,
        case
            when code.category in ('conduit receipt', 'conduit pass-through') and other_id like 'C%' then other_id
            when code.category in (
                'independent expenditure for', 'independent expenditure against', 'communication cost for',
                'communication cost against', 'disbursement'
            ) then null
            when code.donor_side = 'counterparty' then committee_id
            when code.donor_side = 'filer' and other_id like 'C%' then other_id
        end as recipient_committee_id
    from once
    left join silver.transaction_codes as code on code.code = once.transaction_code
),
-- A row of a filing that a later amendment reports again. Identifiers alone do not show it: filers use them anew.
amended as (
    select
        committee_id, transaction_id, transaction_code, name, transaction_on, max(try_cast(file_number as bigint)) as newest
    from once
    where amendment = 'A' and transaction_id is not null
    group by committee_id, transaction_id, transaction_code, name, transaction_on
),
superseded as (
    select once.sub_id
    from once
    join amended
        on amended.committee_id = once.committee_id
        and amended.transaction_id = once.transaction_id
        and amended.transaction_code is not distinct from once.transaction_code
        and amended.name is not distinct from once.name
        and amended.transaction_on is not distinct from once.transaction_on
        and try_cast(once.file_number as bigint) < amended.newest
),
-- The same filer notes below an earmarked gift which conduit it came through, under the gift's identifier and an E.
notes as (
    select note.sub_id, gift.sub_id as gift_sub_id, note.other_id as conduit_id
    from once as gift
    join once as note on note.committee_id = gift.committee_id and note.transaction_id = gift.transaction_id || 'E'
    where gift.transaction_code = '15E' and coalesce(note.entity_type, '') <> 'IND'
),
conduits as (
    select gift_sub_id, min(conduit_id) as conduit_id from notes where conduit_id like 'C%' group by gift_sub_id
),
-- Both committees report one transfer: first those of one day are taken together, then the others in order of their dates.
sides as (
    select
        sub_id, pair, donor_committee_id, recipient_committee_id, amount, transaction_on, donor_side = 'filer' as is_donors
    from coded
    where pair is not null and not is_memo and donor_committee_id is not null and recipient_committee_id is not null
        and sub_id not in (select sub_id from superseded)
),
dated as (
    select
        *,
        row_number() over (
            partition by is_donors, pair, donor_committee_id, recipient_committee_id, amount, transaction_on order by sub_id
        ) as place
    from sides
),
same_day as (
    select given.sub_id as given_id, got.sub_id as got_id
    from dated as given
    join dated as got using (pair, donor_committee_id, recipient_committee_id, amount, transaction_on, place)
    where given.is_donors and not got.is_donors
),
left_over as (
    select
        * exclude (place),
        row_number() over (
            partition by is_donors, pair, donor_committee_id, recipient_committee_id, amount order by transaction_on, sub_id
        ) as place
    from dated
    where sub_id not in (select given_id from same_day) and sub_id not in (select got_id from same_day)
),
other_day as (
    select given.sub_id as given_id
    from left_over as given
    join left_over as got using (pair, donor_committee_id, recipient_committee_id, amount, place)
    where given.is_donors and not got.is_donors
        and coalesce(abs(date_diff('day', given.transaction_on, got.transaction_on)) <= 45, true)
),
twice as (
    select given_id as sub_id from same_day union all select given_id from other_day
),
judged as (
    select
        coded.*,
        coalesce(coded.donor_committee_id, alias.contributor_id) as contributor_id,
        case
            when coded.sub_id in (select sub_id from superseded) then 'superseded by an amendment'
            when coded.sub_id in (select sub_id from notes) then 'note on a conduit'
            when category is null then 'unknown transaction code'
            when is_memo then 'memo item'
            when coded.sub_id in (select sub_id from twice) then 'reported by the recipient too'
            else category
        end as reason
    from coded
    left join gold.contributor_aliases as alias on alias.cycle = $cycle and alias.alias_id = coded.alias_id
)
select
    judged.sub_id,
    source,
    judged.committee_id as filer_id,
    contributor_id,
    donor_kind as contributor_kind,
    case
        when paying_side = 'filer' then judged.committee_id
        when donor_side = 'counterparty' then contributor_id
        else other_id
    end as payer_id,
    recipient_committee_id,
    case
        when category in (
            'independent expenditure for', 'independent expenditure against', 'communication cost for',
            'communication cost against', 'coordinated party expenditure'
        ) then coalesce(given_candidate_id, case when regexp_full_match(other_id, '[HSP]\d.{7}') then other_id end)
        else coalesce(given_candidate_id, recipient.candidate_id)
    end as recipient_candidate_id,
    case
        when category = 'earmarked contribution' then coalesce(case when other_id like 'C%' then other_id end, conduits.conduit_id)
        when category in ('conduit receipt', 'conduit pass-through') then judged.committee_id
    end as conduit_committee_id,
    transaction_code,
    category,
    is_countable and reason = category as counted,
    reason,
    amount,
    case when is_countable and reason = category then amount * sign else 0 end as counted_amount,
    coalesce(category in ('earmarked contribution', 'conduit receipt', 'conduit pass-through'), false)
        or coalesce(transaction_code in ('30E', '31E', '32E'), false) as is_earmark,
    is_memo,
    coalesce(category in ('refund', 'refund to a committee'), false) as is_refund,
    coalesce(category in ('loan', 'loan repayment'), false) as is_loan,
    case
        when category in ('independent expenditure for', 'communication cost for') then 'for'
        when category in ('independent expenditure against', 'communication cost against') then 'against'
    end as stance,
    transaction_on,
    is_date_usable,
    judged.state,
    judged.zip5,
    election,
    report_type,
    transaction_id,
    memo_text
from judged
left join conduits on conduits.gift_sub_id = judged.sub_id
left join silver.committees as recipient
    on recipient.cycle = $cycle and recipient.committee_id = judged.recipient_committee_id
