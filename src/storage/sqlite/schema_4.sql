-- The process that holds the claim: its machine and its process id. It means nothing without a claim.
ALTER TABLE tasks ADD COLUMN holder TEXT;
-- The call that the holder waits for, if that takes long: its function, and when it began.
ALTER TABLE tasks ADD COLUMN call TEXT;
ALTER TABLE tasks ADD COLUMN call_since INTEGER;
