-- How far a day was fetched, from where and by which choices, and where the clocks of its project stand. What is not
-- known of days that were fetched before stays NULL: they are fetched again.

ALTER TABLE downloaded_day ADD COLUMN fetched_through TEXT;

ALTER TABLE downloaded_day ADD COLUMN source TEXT;

ALTER TABLE downloaded_day ADD COLUMN choices TEXT;

ALTER TABLE analysis_window ADD COLUMN timezone TEXT NOT NULL DEFAULT 'UTC';
