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
