-- name: stored_contributions
select
    contribution_id, is_listed, receiving_committee, filing_period, contribution_date, contributor_name, contributor_address,
    contributor_type, contribution_type, contribution_amount, employer_name, employer_occupation, office, fundtype
from bronze.maryland_contributions
where cycle = $cycle and given_on between $first and $last
