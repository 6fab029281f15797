-- Moments are milliseconds after 1970. What is JSON says so.

CREATE TABLE tasks (
    key         INTEGER PRIMARY KEY,                -- rises with each task stored
    id          TEXT NOT NULL UNIQUE,
    flow        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    digest      TEXT NOT NULL,
    status      TEXT NOT NULL,
    state       TEXT NOT NULL,
    queue       TEXT NOT NULL,
    priority    INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    seq         INTEGER NOT NULL,                   -- of the last history entry
    parent_id   TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    wake_at     INTEGER,
    timeout_at  INTEGER,
    delete_at   INTEGER,
    ended_at    INTEGER,
    attributes  TEXT NOT NULL,                      -- JSON, secrets in clear
    secrets     TEXT,                               -- JSON: names of secret attributes
    output      TEXT,                               -- JSON
    error       TEXT,                               -- JSON
    progress    TEXT NOT NULL,                      -- JSON
    wakes       INTEGER NOT NULL DEFAULT 0,         -- by sub-tasks, not yet seen
    woken_at    INTEGER,                            -- by the first of them
    claim       TEXT,                               -- its token
    claim_until INTEGER,
    -- From when on the task may be claimed as due, if ever. `max` of anything and NULL is NULL.
    due_at      INTEGER GENERATED ALWAYS AS (max(
        CASE
            WHEN status = 'active' THEN updated_at
            WHEN status <> 'waiting' THEN NULL
            WHEN wakes > 0 THEN min(woken_at, coalesce(wake_at, woken_at))
            ELSE wake_at
        END,
        coalesce(claim_until, -9000000000000000000)
    )) VIRTUAL
) STRICT;

CREATE INDEX tasks_due ON tasks (queue, priority, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX tasks_by_age ON tasks (created_at);
CREATE INDEX tasks_by_parent ON tasks (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_by_deletion ON tasks (delete_at)
    WHERE delete_at IS NOT NULL AND status IN ('completed', 'failed', 'cancelled');

CREATE TABLE history (
    task        INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    from_state  TEXT NOT NULL,
    to_state    TEXT NOT NULL,
    cause       TEXT NOT NULL,
    by          TEXT,
    changes     TEXT,                               -- JSON
    steps       TEXT,                               -- JSON
    ms          INTEGER NOT NULL,
    PRIMARY KEY (task, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE steps (
    task        INTEGER NOT NULL,
    ordinal     INTEGER NOT NULL,
    record      TEXT NOT NULL,                      -- JSON
    PRIMARY KEY (task, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE once (
    task        INTEGER NOT NULL,
    key         TEXT NOT NULL,
    record      TEXT NOT NULL,                      -- JSON
    PRIMARY KEY (task, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE applied (
    task        INTEGER NOT NULL,
    key         TEXT NOT NULL,
    interaction TEXT NOT NULL,
    params      TEXT NOT NULL,
    PRIMARY KEY (task, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE records (
    kind        TEXT NOT NULL,
    id          TEXT NOT NULL,
    task        INTEGER NOT NULL,
    attribute   TEXT NOT NULL,
    PRIMARY KEY (kind, id, task, attribute)
) STRICT, WITHOUT ROWID;

CREATE INDEX records_by_task ON records (task);

CREATE TABLE definitions (
    digest      TEXT PRIMARY KEY,
    flow        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    file        TEXT NOT NULL,
    first_line  INTEGER NOT NULL,
    text        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Which tasks are pinned to which definitions: kept by the triggers alone.
CREATE TABLE pins (
    digest      TEXT NOT NULL,
    task        INTEGER NOT NULL,
    PRIMARY KEY (digest, task)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tasks_inserted AFTER INSERT ON tasks BEGIN
    INSERT OR IGNORE INTO pins SELECT new.digest, new.key
        UNION SELECT value, new.key FROM json_each(new.progress, '$.pins');
END;

CREATE TRIGGER tasks_pinned AFTER UPDATE OF digest, progress ON tasks
WHEN new.digest <> old.digest OR new.progress -> '$.pins' IS NOT old.progress -> '$.pins' BEGIN
    DELETE FROM pins WHERE task = old.key
        AND digest IN (SELECT old.digest UNION SELECT value FROM json_each(old.progress, '$.pins'));
    INSERT OR IGNORE INTO pins SELECT new.digest, new.key
        UNION SELECT value, new.key FROM json_each(new.progress, '$.pins');
END;

CREATE TRIGGER tasks_deleted AFTER DELETE ON tasks BEGIN
    DELETE FROM history WHERE task = old.key;
    DELETE FROM steps WHERE task = old.key;
    DELETE FROM once WHERE task = old.key;
    DELETE FROM applied WHERE task = old.key;
    DELETE FROM records WHERE task = old.key;
    DELETE FROM pins WHERE task = old.key
        AND digest IN (SELECT old.digest UNION SELECT value FROM json_each(old.progress, '$.pins'));
END;
