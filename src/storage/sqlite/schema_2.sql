-- Until when a parent is not looked at again because of its sub-tasks.
ALTER TABLE tasks ADD COLUMN rests_until INTEGER;

-- How far each flow's schedule has come.
CREATE TABLE schedules (
    flow        TEXT PRIMARY KEY,
    rule        TEXT NOT NULL,                      -- cron and time zone
    seen_until  INTEGER NOT NULL,                   -- every run up to then was seen to
    task_id     TEXT                                -- the task it started last
) STRICT, WITHOUT ROWID;
