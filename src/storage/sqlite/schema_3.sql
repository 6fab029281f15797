-- The error that an entry tells of: JSON.
ALTER TABLE history ADD COLUMN error TEXT;
-- Whether what it changed and the steps taken are not kept, since the task's history has grown too large.
ALTER TABLE history ADD COLUMN omitted INTEGER NOT NULL DEFAULT 0;
