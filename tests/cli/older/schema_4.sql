-- A storage as the program wrote it that knew schema 4: a waiting task with an interaction applied under a key, one that has
-- failed, one that was left for a worker, and a schedule that has started a task.
BEGIN TRANSACTION;
CREATE TABLE applied (
    task        INTEGER NOT NULL,
    key         TEXT NOT NULL,
    interaction TEXT NOT NULL,
    params      TEXT NOT NULL,
    PRIMARY KEY (task, key)
) STRICT, WITHOUT ROWID;
INSERT INTO "applied" VALUES(2,'k1','remark!','c09544736586d6fcd01d3060c1449872eb29e7fe331bea197d5f5963685270a6');
CREATE TABLE definitions (
    digest      TEXT PRIMARY KEY,
    flow        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    file        TEXT NOT NULL,
    first_line  INTEGER NOT NULL,
    text        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "definitions" VALUES('38d49d4446c6de2f7745ea0dcbf5db0ba25ff2542d21b53d3142b28c5cc51934','breaks',1,'breaks.yml',1,'flow: breaks
states:
  start: { action: ''throw #{ kind: "late", message: "too late" }'', go_to: done }
  done: result
');
INSERT INTO "definitions" VALUES('6bd8085a8877fbab669ec120e16aab58adc8449d321517655bd23ef0038cf83e','shop',1,'shop.yml',1,'flow: shop
index: [customer]
timeout: 36500d
attributes:
  customer: { type: ref, required: true }
  total: { type: decimal, default: "10.50" }
  token: { secret: true, default: hunter22 }
  note: { type: string }
interactions:
  pay!: { params: { note: { type: string } }, when: [paid?], action: note = params.note, go_to: done }
  remark!: { params: { note: { type: string } }, action: note = params.note }
states:
  start:
    action: total = total + decimal("1.00")
    go_to: paid?
  paid?:
    wait_until:
      - { after: 36000d, go_to: done }
  done: { result: total }
');
INSERT INTO "definitions" VALUES('b4323700ad6a6c88997097057e2d05afe5cbc6f452d104c3ade3e849a0f18fba','nightly',1,'nightly.yml',1,'flow: nightly
schedule: { cron: "* * * * *", timezone: Europe/Rome }
states:
  start: { action: let x = 1, go_to: done }
  done: result
');
CREATE TABLE gone_parents (
    id          TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
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
    ms          INTEGER NOT NULL, error TEXT, omitted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (task, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO "history" VALUES(1,1,1795972065532,'start','done','action',NULL,NULL,NULL,0,NULL,0);
INSERT INTO "history" VALUES(2,1,1795972065626,'start','paid?','action',NULL,'{"total":[{"$opsflow":"decimal 10.50"},{"$opsflow":"decimal 11.50"}]}',NULL,0,NULL,0);
INSERT INTO "history" VALUES(2,2,1795972066262,'paid?','paid?','interaction','remark!','{"note":[null,"first"]}',NULL,1,NULL,0);
INSERT INTO "history" VALUES(3,1,1795972066310,'start','start','error',NULL,NULL,NULL,1,'{"kind":"late","message":"too late","attempt":1,"at":{"file":"breaks.yml","line":3,"column":21}}',0);
CREATE TABLE once (
    task        INTEGER NOT NULL,
    key         TEXT NOT NULL,
    record      TEXT NOT NULL,                      -- JSON
    PRIMARY KEY (task, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE pins (
    digest      TEXT NOT NULL,
    task        INTEGER NOT NULL,
    PRIMARY KEY (digest, task)
) STRICT, WITHOUT ROWID;
INSERT INTO "pins" VALUES('38d49d4446c6de2f7745ea0dcbf5db0ba25ff2542d21b53d3142b28c5cc51934',3);
INSERT INTO "pins" VALUES('6bd8085a8877fbab669ec120e16aab58adc8449d321517655bd23ef0038cf83e',2);
INSERT INTO "pins" VALUES('6bd8085a8877fbab669ec120e16aab58adc8449d321517655bd23ef0038cf83e',4);
INSERT INTO "pins" VALUES('b4323700ad6a6c88997097057e2d05afe5cbc6f452d104c3ade3e849a0f18fba',1);
CREATE TABLE records (
    kind        TEXT NOT NULL,
    id          TEXT NOT NULL,
    task        INTEGER NOT NULL,
    attribute   TEXT NOT NULL,
    PRIMARY KEY (kind, id, task, attribute)
) STRICT, WITHOUT ROWID;
INSERT INTO "records" VALUES('customer','7',2,'customer');
INSERT INTO "records" VALUES('customer','8',4,'customer');
CREATE TABLE schedules (
    flow        TEXT PRIMARY KEY,
    rule        TEXT NOT NULL,                      -- cron and time zone
    seen_until  INTEGER NOT NULL,                   -- every run up to then was seen to
    task_id     TEXT                                -- the task it started last
) STRICT, WITHOUT ROWID;
INSERT INTO "schedules" VALUES('nightly','* * * * * Europe/Rome',1795972020000,'a6ee41e4-f7e3-5e91-9e4a-1ed60bef234b');
CREATE TABLE steps (
    task        INTEGER NOT NULL,
    ordinal     INTEGER NOT NULL,
    record      TEXT NOT NULL,                      -- JSON
    PRIMARY KEY (task, ordinal)
) STRICT, WITHOUT ROWID;
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
, rests_until INTEGER, held_back INTEGER NOT NULL DEFAULT 0, claim_lease INTEGER, abandoned INTEGER NOT NULL DEFAULT 0, held_up_by TEXT, not_before INTEGER GENERATED ALWAYS AS (
    CASE WHEN claim_lease IS NULL AND status <> 'active' AND wakes = 0 THEN NULL ELSE max(
        coalesce(claim_until - 2 * claim_lease, -9000000000000000000),
        CASE WHEN status = 'active' THEN updated_at ELSE -9000000000000000000 END,
        CASE WHEN wakes > 0 THEN coalesce(woken_at, 0) - 60000 ELSE -9000000000000000000 END
    ) END
) VIRTUAL, holder TEXT, call TEXT, call_since INTEGER) STRICT;
INSERT INTO "tasks" VALUES(1,'a6ee41e4-f7e3-5e91-9e4a-1ed60bef234b','nightly',1,'b4323700ad6a6c88997097057e2d05afe5cbc6f452d104c3ade3e849a0f18fba','completed','done','default',0,2,1,NULL,1795972065530,1795972065532,NULL,1796058465530,4949572065626,1795972065532,'{}',NULL,NULL,NULL,'{"seq":1,"history_bytes":64,"arrived_at":"2026-11-29T17:07:45.532Z","attempt":1,"began_at":null,"retry_at":null,"clock_at":null,"idle":1,"visits":[["start",1],["done",1]],"error":null,"depth":0,"started":0,"pins":{}}',0,NULL,NULL,NULL,NULL,0,NULL,0,NULL,'vm:17155',NULL,NULL);
INSERT INTO "tasks" VALUES(2,'148e6281-c080-42c0-9ac7-3c600364138e','shop',1,'6bd8085a8877fbab669ec120e16aab58adc8449d321517655bd23ef0038cf83e','waiting','paid?','default',0,2,2,NULL,1795972065626,1795972066262,4906372065626,4949572065626,4949572065626,NULL,'{"customer":{"id":"7","type":"customer"},"total":{"$opsflow":"decimal 11.50"},"token":"hunter22","note":"first"}','["token"]',NULL,NULL,'{"seq":2,"history_bytes":172,"arrived_at":"2026-11-29T17:07:45.626Z","attempt":1,"began_at":null,"retry_at":null,"clock_at":null,"idle":0,"visits":[["start",1],["paid?",1]],"error":null,"depth":0,"started":0,"pins":{}}',0,NULL,NULL,NULL,NULL,0,NULL,0,NULL,NULL,NULL,NULL);
INSERT INTO "tasks" VALUES(3,'d8511509-f05a-4bfe-ae01-c659650493af','breaks',1,'38d49d4446c6de2f7745ea0dcbf5db0ba25ff2542d21b53d3142b28c5cc51934','failed','start','default',0,1,1,NULL,1795972066309,1795972066310,NULL,1796058466309,4949572065626,1795972066310,'{}',NULL,NULL,'{"kind":"late","message":"in `start`: too late","state":"start","attempt":1,"at":{"file":"breaks.yml","line":3,"column":21},"data":null}','{"seq":1,"history_bytes":76,"arrived_at":"2026-11-29T17:07:46.309Z","attempt":1,"began_at":null,"retry_at":null,"clock_at":null,"idle":1,"visits":[["start",1]],"error":null,"depth":0,"started":0,"pins":{}}',0,NULL,NULL,NULL,NULL,0,NULL,0,NULL,NULL,NULL,NULL);
INSERT INTO "tasks" VALUES(4,'9e7bcca5-94ce-42f2-a1f8-5e02ce7b10ec','shop',1,'6bd8085a8877fbab669ec120e16aab58adc8449d321517655bd23ef0038cf83e','waiting','start','default',0,1,0,NULL,1795972066380,1795972066380,1795972066380,4949572066380,4949572065626,NULL,'{"customer":{"id":"8","type":"customer"},"total":{"$opsflow":"decimal 10.50"},"token":"hunter22"}','["token"]',NULL,NULL,'{"seq":0,"history_bytes":0,"arrived_at":"2026-11-29T17:07:46.380Z","attempt":1,"began_at":null,"retry_at":null,"clock_at":null,"idle":0,"visits":[["start",1]],"error":null,"depth":0,"started":0,"pins":{}}',0,NULL,NULL,NULL,NULL,0,NULL,0,NULL,NULL,NULL,NULL);
CREATE INDEX tasks_by_age ON tasks (created_at);
CREATE INDEX tasks_by_parent ON tasks (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX records_by_task ON records (task);
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
CREATE INDEX tasks_by_deletion ON tasks (delete_at)
    WHERE delete_at IS NOT NULL AND status IN ('completed', 'failed', 'cancelled') AND held_back = 0;
CREATE INDEX tasks_held_back ON tasks (parent_id) WHERE held_back = 1;
CREATE TRIGGER tasks_ended AFTER UPDATE OF status ON tasks
WHEN old.status IN ('active', 'waiting') AND new.status IN ('completed', 'failed', 'cancelled')
    AND EXISTS (SELECT 1 FROM tasks WHERE parent_id = new.id AND held_back = 1) BEGIN
    INSERT OR IGNORE INTO gone_parents VALUES (new.id);
END;
CREATE TRIGGER tasks_gone AFTER DELETE ON tasks
WHEN EXISTS (SELECT 1 FROM tasks WHERE parent_id = old.id AND held_back = 1) BEGIN
    INSERT OR IGNORE INTO gone_parents VALUES (old.id);
END;
CREATE INDEX tasks_not_before ON tasks (not_before) WHERE not_before IS NOT NULL;
CREATE INDEX tasks_due ON tasks (queue, priority, due_at) WHERE due_at IS NOT NULL AND held_up_by IS NULL;
CREATE INDEX tasks_held_up ON tasks (held_up_by, queue, priority, due_at)
    WHERE due_at IS NOT NULL AND held_up_by IS NOT NULL;
COMMIT;
PRAGMA application_id = 0x6f707366;
PRAGMA user_version = 4;
