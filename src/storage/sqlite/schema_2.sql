-- Until when a parent is not looked at again because of its sub-tasks.
ALTER TABLE tasks ADD COLUMN rests_until INTEGER;

-- How far each flow's schedule has come.
CREATE TABLE schedules (
    flow        TEXT PRIMARY KEY,
    rule        TEXT NOT NULL,                      -- cron and time zone
    seen_until  INTEGER NOT NULL,                   -- every run up to then was seen to
    task_id     TEXT                                -- the task it started last
) STRICT, WITHOUT ROWID;

-- Whether an ended task is kept beyond its time because its parent goes on: looked at when its time is over, and again when
-- the parent is gone.
ALTER TABLE tasks ADD COLUMN held_back INTEGER NOT NULL DEFAULT 0;

DROP INDEX tasks_by_deletion;
CREATE INDEX tasks_by_deletion ON tasks (delete_at)
    WHERE delete_at IS NOT NULL AND status IN ('completed', 'failed', 'cancelled') AND held_back = 0;
CREATE INDEX tasks_held_back ON tasks (parent_id) WHERE held_back = 1;

-- Parents for which something was kept, and that have ended or are deleted: noted by the triggers alone.
CREATE TABLE gone_parents (
    id          TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tasks_ended AFTER UPDATE OF status ON tasks
WHEN old.status IN ('active', 'waiting') AND new.status IN ('completed', 'failed', 'cancelled')
    AND EXISTS (SELECT 1 FROM tasks WHERE parent_id = new.id AND held_back = 1) BEGIN
    INSERT OR IGNORE INTO gone_parents VALUES (new.id);
END;

CREATE TRIGGER tasks_gone AFTER DELETE ON tasks
WHEN EXISTS (SELECT 1 FROM tasks WHERE parent_id = old.id AND held_back = 1) BEGIN
    INSERT OR IGNORE INTO gone_parents VALUES (old.id);
END;
