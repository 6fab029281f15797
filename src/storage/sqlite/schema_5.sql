-- What is counted: the cost of a look is that of what is live, not of what is kept.
CREATE INDEX tasks_live ON tasks (status, flow, state, created_at) WHERE status IN ('active', 'waiting', 'failed');
