-- name: contributions
with recursive once as (
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
        -- What a joint fundraiser hands on was counted when it came in, also where a member calls its share a gift.
        coalesce(donor.designation = 'J' and code.pair = 'gift', false) as is_share,
        if(is_share, 'joint fundraising share', code.category) as category,
        if(is_share, null, code.pair) as pair,
        code.donor_side,
        code.paying_side,
        coalesce(code.is_counted, false) and not is_share as is_countable,
        coalesce(code.sign, 1) as sign,
        case
            when code.category in ('conduit receipt', 'conduit pass-through') and other_id like 'C%' then other_id
            when code.category in (
                'independent expenditure for', 'independent expenditure against', 'communication cost for',
                'communication cost against', 'disbursement'
            ) then null
            when code.donor_side = 'counterparty' then once.committee_id
            when code.donor_side = 'filer' and other_id like 'C%' then other_id
        end as recipient_committee_id
    from once
    left join silver.transaction_codes as code on code.code = once.transaction_code
    left join silver.committees as donor on donor.cycle = $cycle and donor.committee_id = once.donor_committee_id
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
-- Both committees report one transfer: first those of one day are taken together, then the others, latest first, then one
-- gift that the recipient reports in parts.
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
    select * exclude (place)
    from dated
    where sub_id not in (select given_id from same_day) and sub_id not in (select got_id from same_day)
),
spaced as (
    select
        *,
        transaction_on - lag(transaction_on) over (
            partition by pair, donor_committee_id, recipient_committee_id, amount order by transaction_on, sub_id
        ) > 45 as is_apart
    from left_over
    where transaction_on is not null
),
-- No pair can reach over a gap of more than 45 days, so that each stretch between such gaps stands alone.
stretched as (
    select
        * exclude (is_apart),
        count(*) filter (where is_apart) over (
            partition by pair, donor_committee_id, recipient_committee_id, amount order by transaction_on, sub_id
        ) as stretch
    from spaced
),
queues as (
    select
        list({'id': sub_id, 'day': transaction_on} order by transaction_on desc, sub_id) filter (where is_donors) as given,
        list({'id': sub_id, 'day': transaction_on} order by transaction_on desc, sub_id) filter (where not is_donors) as got
    from stretched
    group by pair, donor_committee_id, recipient_committee_id, amount, stretch
    having bool_or(is_donors) and not bool_and(is_donors)
),
-- Both queues are walked from their heads: two that lie near each other are a pair, else the later one stays alone. No
-- other way of pairing finds more pairs.
walked as (
    select given, got, 1 as given_at, 1 as got_at, null::varchar as given_id, null::varchar as got_id
    from queues
    union all
    select
        given, got,
        given_at + if(given[given_at].day - got[got_at].day >= -45, 1, 0),
        got_at + if(given[given_at].day - got[got_at].day <= 45, 1, 0),
        case when abs(given[given_at].day - got[got_at].day) <= 45 then given[given_at].id end,
        case when abs(given[given_at].day - got[got_at].day) <= 45 then got[got_at].id end
    from walked
    where given_at <= len(given) and got_at <= len(got)
),
near_day as (
    select given_id, got_id from walked where given_id is not null
),
alone as (
    select
        *,
        row_number() over (
            partition by is_donors, pair, donor_committee_id, recipient_committee_id, amount
            -- Undated rows come first on one side and last on the other: each meets a dated one where there is any.
            order by (transaction_on is null) = is_donors desc, transaction_on, sub_id
        ) as place
    from left_over
    where sub_id not in (select given_id from near_day) and sub_id not in (select got_id from near_day)
),
no_day as (
    select given.sub_id as given_id, got.sub_id as got_id
    from alone as given
    join alone as got using (pair, donor_committee_id, recipient_committee_id, amount, place)
    where given.is_donors and not got.is_donors and (given.transaction_on is null or got.transaction_on is null)
),
in_parts as (
    select pair, donor_committee_id, recipient_committee_id, transaction_on, sum(amount) as amount, min(sub_id) as first_id
    from alone
    where not is_donors and transaction_on is not null and sub_id not in (select got_id from no_day)
    group by pair, donor_committee_id, recipient_committee_id, transaction_on
    having count(*) > 1
),
as_sum as (
    select given.sub_id as given_id
    from alone as given
    join in_parts as got using (pair, donor_committee_id, recipient_committee_id, amount)
    where given.is_donors and abs(given.transaction_on - got.transaction_on) <= 45
    qualify row_number() over (partition by given.sub_id order by abs(given.transaction_on - got.transaction_on), first_id) = 1
        and row_number() over (partition by first_id order by abs(given.transaction_on - got.transaction_on), given.sub_id) = 1
),
twice as (
    select given_id as sub_id from same_day
    union all select given_id from near_day
    union all select given_id from no_day
    union all select given_id from as_sum
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
