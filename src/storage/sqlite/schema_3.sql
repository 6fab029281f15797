-- The error of an entry: JSON.
ALTER TABLE history ADD COLUMN error TEXT;
-- Whether its changes and steps were left out because the task's history had grown too large.
ALTER TABLE history ADD COLUMN omitted INTEGER NOT NULL DEFAULT 0;
-- For how long the claim was given, or last extended. A claim that ends further ahead than that was given while the clock
-- was ahead.
ALTER TABLE tasks ADD COLUMN claim_lease INTEGER;
-- Whether the claim before the present one was never given back.
ALTER TABLE tasks ADD COLUMN abandoned INTEGER NOT NULL DEFAULT 0;
-- The call that the last process to run the task may not make, and the grant that it needs.
ALTER TABLE tasks ADD COLUMN held_up_by TEXT;
-- The earliest moment at which the task can have been stored as it is; used after the clock was set back. The two leases
-- and the minute are MAX_LEASES_AHEAD and MAX_REST.
ALTER TABLE tasks ADD COLUMN not_before INTEGER GENERATED ALWAYS AS (
    CASE WHEN claim_lease IS NULL AND status <> 'active' AND wakes = 0 THEN NULL ELSE max(
        coalesce(claim_until - 2 * claim_lease, -9000000000000000000),
        CASE WHEN status = 'active' THEN updated_at ELSE -9000000000000000000 END,
        CASE WHEN wakes > 0 THEN coalesce(woken_at, 0) - 60000 ELSE -9000000000000000000 END
    ) END
) VIRTUAL;
CREATE INDEX tasks_not_before ON tasks (not_before) WHERE not_before IS NOT NULL;

-- Held-up tasks are found by what holds them up, so that a process that lacks it does not read them.
DROP INDEX tasks_due;
CREATE INDEX tasks_due ON tasks (queue, priority, due_at) WHERE due_at IS NOT NULL AND held_up_by IS NULL;
CREATE INDEX tasks_held_up ON tasks (held_up_by, queue, priority, due_at)
    WHERE due_at IS NOT NULL AND held_up_by IS NOT NULL;
