-- The error that an entry tells of: JSON.
ALTER TABLE history ADD COLUMN error TEXT;
-- Whether what it changed and the steps taken are not kept, since the task's history has grown too large.
ALTER TABLE history ADD COLUMN omitted INTEGER NOT NULL DEFAULT 0;
-- For how long the claim was given, or last extended: one that ends further ahead than that was given while the clock was
-- ahead.
ALTER TABLE tasks ADD COLUMN claim_lease INTEGER;
-- Whether the claim before the present one was never given back.
ALTER TABLE tasks ADD COLUMN abandoned INTEGER NOT NULL DEFAULT 0;
-- The call that whoever took the task up last may not make, and the grant that it needs.
ALTER TABLE tasks ADD COLUMN held_up_by TEXT;
-- The moment before which the task cannot have been stored as it is: looked at after the clock was set back. Two leases
-- and a minute are MAX_LEASES_AHEAD and MAX_REST.
ALTER TABLE tasks ADD COLUMN not_before INTEGER GENERATED ALWAYS AS (
    CASE WHEN claim_lease IS NULL AND status <> 'active' AND wakes = 0 THEN NULL ELSE max(
        coalesce(claim_until - 2 * claim_lease, -9000000000000000000),
        CASE WHEN status = 'active' THEN updated_at ELSE -9000000000000000000 END,
        CASE WHEN wakes > 0 THEN coalesce(woken_at, 0) - 60000 ELSE -9000000000000000000 END
    ) END
) VIRTUAL;
CREATE INDEX tasks_not_before ON tasks (not_before) WHERE not_before IS NOT NULL;

-- What is held up is looked for by what holds it up, so that who lacks that does not go through it.
DROP INDEX tasks_due;
CREATE INDEX tasks_due ON tasks (queue, priority, due_at) WHERE due_at IS NOT NULL AND held_up_by IS NULL;
CREATE INDEX tasks_held_up ON tasks (held_up_by, queue, priority, due_at)
    WHERE due_at IS NOT NULL AND held_up_by IS NOT NULL;
