-- name: contributions
with recursive once as (
    -- Every row of itpas2 stands in itoth too; the former names the candidate.
    select entry.*
    from silver.transactions as entry
    where entry.cycle = $cycle and entry.source not in ('itoth', 'itpas2')
    union all
    select entry.*
    from silver.transactions as entry
    where entry.cycle = $cycle and entry.source = 'itpas2' and not exists (
        select 1 from silver.transactions as better
        where better.cycle = $cycle and better.source = 'itcont' and better.sub_id = entry.sub_id
    )
    union all
    select entry.*
    from silver.transactions as entry
    where entry.cycle = $cycle and entry.source = 'itoth' and not exists (
        select 1 from silver.transactions as better
        where better.cycle = $cycle and better.source in ('itcont', 'itpas2') and better.sub_id = entry.sub_id
    )
),
known as (
    select
        once.*,
        -- What a joint fundraiser hands on was counted when it came in, also where a member calls its share a gift.
        coalesce(donor.designation = 'J' and code.pair = 'gift', false) as is_share,
        code.category as code_category,
        code.pair as code_pair,
        code.donor_side,
        code.paying_side,
        code.is_counted,
        coalesce(code.sign, 1) as sign
    from once
    left join silver.transaction_codes as code on code.code = once.transaction_code
    left join silver.committees as donor on donor.cycle = $cycle and donor.committee_id = once.donor_committee_id
),
coded as (
    select
        known.*,
        case when is_share then 'joint fundraising share' else code_category end as category,
        case when not is_share then code_pair end as pair,
        coalesce(is_counted, false) and not is_share as is_countable,
        case
            when code_category in ('conduit receipt', 'conduit pass-through') and other_id like 'C%' then other_id
            when code_category in (
                'independent expenditure for', 'independent expenditure against', 'communication cost for',
                'communication cost against', 'disbursement'
            ) then null
            when donor_side = 'counterparty' then committee_id
            when donor_side = 'filer' and other_id like 'C%' then other_id
        end as recipient_committee_id
    from known
),
-- A row of a filing that a later amendment reports again. Identifiers alone do not show it: filers use them anew.
amended as (
    select
        committee_id, transaction_id, transaction_code, name, transaction_on, max(as_bigint(file_number)) as newest
    from once
    where amendment = 'A' and transaction_id is not null
    group by committee_id, transaction_id, transaction_code, name, transaction_on
),
superseded as (
    select distinct once.sub_id
    from once
    join amended
        on amended.committee_id = once.committee_id
        and amended.transaction_id = once.transaction_id
        and amended.transaction_code is not distinct from once.transaction_code
        and amended.name is not distinct from once.name
        and amended.transaction_on is not distinct from once.transaction_on
        and as_bigint(once.file_number) < amended.newest
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
        and not exists (select 1 from superseded where superseded.sub_id = coded.sub_id)
),
dated as (
    select
        sides.*,
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
    select sub_id, pair, donor_committee_id, recipient_committee_id, amount, transaction_on, is_donors
    from dated
    where not exists (select 1 from same_day where same_day.given_id = dated.sub_id)
        and not exists (select 1 from same_day where same_day.got_id = dated.sub_id)
),
spaced as (
    select
        left_over.*,
        transaction_on - lag(transaction_on) over (
            partition by pair, donor_committee_id, recipient_committee_id, amount order by transaction_on, sub_id
        ) > 45 as is_apart
    from left_over
    where transaction_on is not null
),
-- No pair can reach over a gap of more than 45 days, so that each stretch between such gaps stands alone.
stretched as (
    select
        spaced.*,
        count(*) filter (where is_apart) over (
            partition by pair, donor_committee_id, recipient_committee_id, amount order by transaction_on, sub_id
        ) as stretch
    from spaced
),
queues as (
    select
        array_agg(sub_id order by transaction_on desc, sub_id) filter (where is_donors) as given_ids,
        array_agg(transaction_on order by transaction_on desc, sub_id) filter (where is_donors) as given_days,
        array_agg(sub_id order by transaction_on desc, sub_id) filter (where not is_donors) as got_ids,
        array_agg(transaction_on order by transaction_on desc, sub_id) filter (where not is_donors) as got_days
    from stretched
    group by pair, donor_committee_id, recipient_committee_id, amount, stretch
    having bool_or(is_donors) and not bool_and(is_donors)
),
-- Both queues are walked from their heads: two that lie near each other are a pair, else the later one stays alone. No
-- other way of pairing finds more pairs.
walked as (
    select given_ids, given_days, got_ids, got_days, 1 as given_at, 1 as got_at
    from queues
    union all
    select
        given_ids, given_days, got_ids, got_days,
        given_at + case when given_days[given_at] - got_days[got_at] >= -45 then 1 else 0 end,
        got_at + case when given_days[given_at] - got_days[got_at] <= 45 then 1 else 0 end
    from walked
    where given_at <= array_length(given_ids, 1) and got_at <= array_length(got_ids, 1)
),
near_day as (
    -- Behind the end of a queue there is no day.
    select given_ids[given_at] as given_id, got_ids[got_at] as got_id
    from walked
    where abs(given_days[given_at] - got_days[got_at]) <= 45
),
alone as (
    select
        left_over.*,
        row_number() over (
            partition by is_donors, pair, donor_committee_id, recipient_committee_id, amount
            -- Undated rows come first on one side and last on the other: each meets a dated one where there is any.
            order by (transaction_on is null) = is_donors desc, transaction_on, sub_id
        ) as place
    from left_over
    where not exists (select 1 from near_day where near_day.given_id = left_over.sub_id)
        and not exists (select 1 from near_day where near_day.got_id = left_over.sub_id)
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
    where not is_donors and transaction_on is not null
        and not exists (select 1 from no_day where no_day.got_id = alone.sub_id)
    group by pair, donor_committee_id, recipient_committee_id, transaction_on
    having count(*) > 1
),
as_sum as (
    select
        given.sub_id as given_id,
        row_number() over (
            partition by given.sub_id order by abs(given.transaction_on - got.transaction_on), first_id
        ) as place_of_got,
        row_number() over (
            partition by first_id order by abs(given.transaction_on - got.transaction_on), given.sub_id
        ) as place_of_given
    from alone as given
    join in_parts as got using (pair, donor_committee_id, recipient_committee_id, amount)
    where given.is_donors and abs(given.transaction_on - got.transaction_on) <= 45
),
twice as (
    select given_id as sub_id from same_day
    union
    select given_id from near_day
    union
    select given_id from no_day
    union
    select given_id from as_sum where place_of_got = 1 and place_of_given = 1
),
judged as (
    select
        coded.*,
        coalesce(coded.donor_committee_id, alias.contributor_id) as contributor_id,
        conduits.conduit_id,
        case
            when superseded.sub_id is not null then 'superseded by an amendment'
            when note.sub_id is not null then 'note on a conduit'
            when category is null then 'unknown transaction code'
            when is_memo then 'memo item'
            when twice.sub_id is not null then 'reported by the recipient too'
            else category
        end as reason
    from coded
    left join superseded on superseded.sub_id = coded.sub_id
    left join (select distinct sub_id from notes) as note on note.sub_id = coded.sub_id
    left join twice on twice.sub_id = coded.sub_id
    left join conduits on conduits.gift_sub_id = coded.sub_id
    left join gold.contributor_aliases as alias on alias.cycle = $cycle and alias.alias_id = coded.alias_id
)
select
    judged.sub_id,
    'FEC' as source_system,
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
        ) then coalesce(given_candidate_id, case when other_id ~ '^[HSP][0-9][^\n]{7}$' then other_id end)
        else coalesce(given_candidate_id, recipient.candidate_id)
    end as recipient_candidate_id,
    case
        when category = 'earmarked contribution' then coalesce(case when other_id like 'C%' then other_id end, conduit_id)
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
left join silver.committees as recipient
    on recipient.cycle = $cycle and recipient.committee_id = judged.recipient_committee_id
union all
select
    given.contribution_id,
    'MARYLAND',
    'maryland',
    coalesce(given.committee_id, given.committee_name),
    coalesce(given.donor_committee_id, alias.contributor_id),
    given.donor_kind,
    case
        when given.category in ('refund', 'refund to a committee', 'loan repayment')
            then coalesce(given.committee_id, given.committee_name)
        else coalesce(given.donor_committee_id, alias.contributor_id)
    end,
    given.committee_id,
    given.candidate_id,
    null,
    null,
    given.category,
    judged.is_counted,
    coalesce(given.category, 'unknown transaction code'),
    given.amount,
    -- The state lists what went back as less than nothing: its sign is turned already.
    case when judged.is_counted then given.amount else 0 end,
    false,
    false,
    coalesce(given.category in ('refund', 'refund to a committee'), false),
    coalesce(given.category in ('loan', 'loan repayment'), false),
    null,
    given.transaction_on,
    given.transaction_on is not null,
    given.state,
    given.zip5,
    null,
    given.filing_period,
    null,
    null
from silver.maryland_contributions as given
cross join lateral (
    select coalesce(
        given.category in (
            'contribution', 'candidate''s own contribution', 'contribution by a committee', 'refund', 'refund to a committee'
        ),
        false
    ) as is_counted
) as judged
left join gold.contributor_aliases as alias on alias.cycle = $cycle and alias.alias_id = given.alias_id
where given.cycle = $cycle
