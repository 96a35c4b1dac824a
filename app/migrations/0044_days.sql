-- The end of a day raises reminders by itself, each of them once.

ALTER TABLE user_reminder ADD COLUMN raised_for text;
CREATE UNIQUE INDEX user_reminder_raised ON user_reminder (brand_id, raised_for);
