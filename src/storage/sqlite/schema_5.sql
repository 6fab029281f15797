-- What is counted: the cost of a look is that of what is live, not of what is kept.
CREATE INDEX tasks_live ON tasks (status, flow, state, created_at) WHERE status IN ('active', 'waiting', 'failed');

-- Small JSON by name, changed by compare-and-set.
CREATE TABLE notes (
    name        TEXT PRIMARY KEY,
    note        TEXT NOT NULL                       -- JSON
) STRICT, WITHOUT ROWID;

-- How far each flow's schedule has come is a note.
INSERT INTO notes SELECT 'schedule/' || flow, json_object('rule', rule, 'seen_until', seen_until, 'task_id', task_id)
    FROM schedules;
DROP TABLE schedules;

-- What happens to tasks, in order: a task was started (seq 0), or has a new history entry. Only one writer writes at a time,
-- so what can be read is always the beginning of what will be. The newest row is never deleted: an emptied table would count
-- from 1 again.
CREATE TABLE feed (
    position    INTEGER PRIMARY KEY,
    task        INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    status      INTEGER NOT NULL,                   -- 0 active, 1 waiting, 2 completed, 3 failed, 4 cancelled
    at          INTEGER NOT NULL                    -- when it was stored, in seconds
) STRICT;

-- What is known of the store as a whole: its id, which is made once, and the greatest key of a deleted task that had the
-- greatest key of all. It is not given to another task: the feed still names it.
CREATE TABLE store (
    id          TEXT NOT NULL,
    last_key    INTEGER NOT NULL
) STRICT;
INSERT INTO store VALUES (lower(hex(randomblob(16))), 0);

CREATE TRIGGER tasks_last_deleted AFTER DELETE ON tasks
WHEN old.key > coalesce((SELECT max(key) FROM tasks), 0) BEGIN
    UPDATE store SET last_key = max(last_key, old.key);
END;

-- Who asked for an entry.
ALTER TABLE history ADD COLUMN actor TEXT;
