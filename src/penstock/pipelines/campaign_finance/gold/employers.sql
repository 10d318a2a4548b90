-- name: employers
with worked as (
    select sub_id, source, employer from silver.transactions where cycle = $cycle and donor_kind = 'individual'
    union all
    select contribution_id, 'maryland', employer
    from silver.maryland_contributions
    where cycle = $cycle and donor_kind = 'individual'
),
spelled as (
    select
        sub_id, source,
        coalesce(
            trimmed(regexp_replace(
                in_words(employer, '.''`', '&/'), ' (INC|LLC|LLP|LP|LTD|PLLC|PC|PA|CO|CORP|CORPORATION|COMPANY)$', ''
            )),
            'unknown'
        ) as employer
    from worked
)
select
    employer,
    source_system,
    count(*) filter (where not is_refund) as contributions,
    coalesce(sum(counted_amount) filter (where not is_refund), 0) as gross_amount,
    coalesce(-sum(counted_amount) filter (where is_refund), 0) as refund_amount,
    sum(counted_amount) as total_amount,
    count(distinct contributor_id) as unique_contributors
from gold.contributions as given
join spelled using (sub_id, source)
where given.cycle = $cycle and counted
group by employer, source_system
