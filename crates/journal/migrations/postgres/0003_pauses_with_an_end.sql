-- For how long an application wants to be left alone stands in seconds, where it said so.
ALTER TABLE pauses ADD COLUMN stay_away BIGINT;
