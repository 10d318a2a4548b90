"""WHEN: turns calendars and finished runs into requests for runs."""
