-- The functions that statements for any engine may call beside those every engine has; `postgres/functions.sql` holds the
-- same ones, and answers the same.

-- name: trimmed
-- The text without spaces of any kind at its ends; NULL when nothing is left.
create or replace macro trimmed(given) as nullif(trim(given), '');

-- name: in_capitals
-- Each letter as its capital, one for one: ß becomes ẞ.
create or replace macro in_capitals(given) as upper(given);

-- name: in_small_letters
-- Each letter as its small letter, one for one.
create or replace macro in_small_letters(given) as lower(given);

-- name: in_words
-- The words of a text in capitals without accents, one space between them. Characters of `dropped` are left out; letters
-- A to Z, digits and characters of `kept` stay; all others separate words.
create or replace macro in_words(given, dropped, kept) as trim(regexp_replace(
    regexp_replace(upper(strip_accents(given)), '[' || dropped || ']', '', 'g'), '[^A-Z0-9' || kept || ']+', ' ', 'g'
));

-- name: first_match
-- What the pattern's first group matches at the first place it matches; NULL where that is nothing. Patterns are made of
-- literals, sets, groups and counts: what all engines read alike.
create or replace macro first_match(given, pattern) as nullif(regexp_extract(given, pattern, 1), '');

-- name: as_decimal
-- The number a text is, rounded to two decimals, halves away from zero; NULL when it is none, of more than 18 digits, or
-- written with an exponent.
create or replace macro as_decimal(given) as
    case when not contains(given, 'e') and not contains(given, 'E') then try_cast(given as decimal(18, 2)) end;

-- name: unreadable_amount
-- The text itself where it is neither blank nor a number of `as_decimal`.
create or replace macro unreadable_amount(given) as
    case when trim(given) <> '' and as_decimal(trim(given)) is null then given end;

-- name: rounded_amount
-- The text itself where it is a number and `as_decimal` loses decimals.
create or replace macro rounded_amount(given) as
    case when try_cast(trim(given) as decimal(38, 16)) <> as_decimal(trim(given)) then given end;

-- name: as_bigint
-- The number a text is, rounded to a whole one, halves away from zero; NULL when it is none, or of more than 64 bits.
create or replace macro as_bigint(given) as case when given !~ '[A-DF-Za-df-z]' then try_cast(given as bigint) end;

-- name: as_date
-- The date written as month, day and year with slashes; NULL when there is no such day.
create or replace macro as_date(given) as
    case when try_strptime(given, '%m/%d/%Y') >= date '0001-01-01' then try_strptime(given, '%m/%d/%Y')::date end;

-- name: as_date_of_digits
-- The date written as eight digits, MMDDYYYY, or seven where a leading zero was dropped; NULL when there is no such day.
create or replace macro as_date_of_digits(given) as case
    when given ~ '^[0-9]{7,8}$' and try_strptime(lpad(given, 8, '0'), '%m%d%Y') >= date '0001-01-01'
    then try_strptime(lpad(given, 8, '0'), '%m%d%Y')::date
end;

-- name: rounded_quotient
-- The quotient of two whole numbers, rounded to a whole one, halves away from zero, and exact; NULL for a divisor of 0.
create or replace macro rounded_quotient(dividend, divisor) as cast(
    sign(dividend) * sign(divisor) * (
        (2 * abs(cast(dividend as hugeint)) + abs(cast(divisor as hugeint))) // nullif(2 * abs(cast(divisor as hugeint)), 0)
    ) as decimal(38, 0)
);
