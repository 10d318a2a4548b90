"""Calendars: rules in human words, cron and RRULE, all with a time zone; pure, nothing here looks at a clock."""
