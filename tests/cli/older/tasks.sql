-- A storage of schema 2, as the program wrote it that kept no types inside of lists and maps: what is JSON says neither
-- `decimal` nor `date`, and its numbers have the digits of floats. Only moments of deletion and timeouts lie further ahead.

INSERT INTO tasks (key, id, flow, version, digest, status, state, queue, priority, revision, seq, parent_id, created_at, updated_at, wake_at, timeout_at, delete_at, ended_at, attributes, secrets, output, error, progress, wakes, woken_at, rests_until, held_back)
    VALUES (1, 'cf7fa64e-ae0b-4bf4-8b48-b12cf1c9862e', 'shop', 1, 'f986580042f3e4a460eda39ba3b298c18feb52ecacc3c71f014956f66857a7fa', 'waiting', 'waits?', 'default', 0, 1, 2, NULL, 1795945876466, 1795945876466, 4102444800000, 4102444800000, 4102444800000, NULL, '{"price":"19.90","due":"2026-11-21","at":"2026-11-21T09:00:00+01:00","wait":"1h 30m","rate":0.2,"lines":[{"due":"2026-11-21","price":"10.5"},{"due":"2026-11-21","price":"9"}],"bag":["19.90","2026-11-21","2026-11-21T09:00:00+01:00","1h 30m",0.2,1.5,{"price":"19.90"}],"how":"waits"}', NULL, NULL, NULL, '{"seq":2,"arrived_at":"2026-11-29T09:51:16.466Z","attempt":1,"began_at":null,"retry_at":null,"clock_at":null,"idle":0,"visits":[["fill",1],["how?",1],["waits?",1]],"error":null,"depth":0,"started":0,"pins":{"part":"6a305518fbfe5e9404ba8d607f521b76b87142d9114451331e5c015c8eee8408"}}', 0, NULL, NULL, 0);
INSERT INTO tasks (key, id, flow, version, digest, status, state, queue, priority, revision, seq, parent_id, created_at, updated_at, wake_at, timeout_at, delete_at, ended_at, attributes, secrets, output, error, progress, wakes, woken_at, rests_until, held_back)
    VALUES (2, 'ca0ad797-4a36-4d66-8dae-cc9992457811', 'shop', 1, 'f986580042f3e4a460eda39ba3b298c18feb52ecacc3c71f014956f66857a7fa', 'failed', 'fails', 'default', 0, 1, 3, NULL, 1795945876518, 1795945876518, NULL, 4102444800000, 4102444800000, 1795945876518, '{"price":"19.90","due":"2026-11-21","at":"2026-11-21T09:00:00+01:00","wait":"1h 30m","rate":0.2,"lines":[{"due":"2026-11-21","price":"10.5"},{"due":"2026-11-21","price":"9"}],"bag":["19.90","2026-11-21","2026-11-21T09:00:00+01:00","1h 30m",0.2,1.5,{"price":"19.90"}],"how":"fails"}', NULL, NULL, '{"kind":"late","message":"in `fails`: too late","state":"fails","attempt":1,"at":{"file":"shop.yml","line":27,"column":21},"data":{"bag":["19.90","2026-11-21","2026-11-21T09:00:00+01:00","1h 30m",0.2,1.5,{"price":"19.90"}],"due":"2026-11-21","price":"19.90"}}', '{"seq":3,"arrived_at":"2026-11-29T09:51:16.518Z","attempt":1,"began_at":null,"retry_at":null,"clock_at":null,"idle":2,"visits":[["fill",1],["how?",1],["fails",1]],"error":null,"depth":0,"started":0,"pins":{"part":"6a305518fbfe5e9404ba8d607f521b76b87142d9114451331e5c015c8eee8408"}}', 0, NULL, NULL, 0);
INSERT INTO tasks (key, id, flow, version, digest, status, state, queue, priority, revision, seq, parent_id, created_at, updated_at, wake_at, timeout_at, delete_at, ended_at, attributes, secrets, output, error, progress, wakes, woken_at, rests_until, held_back)
    VALUES (3, '1982dbea-8bc0-411c-9cd7-ffffceb18219', 'shop', 1, 'f986580042f3e4a460eda39ba3b298c18feb52ecacc3c71f014956f66857a7fa', 'waiting', 'parts?', 'default', 0, 2, 3, NULL, 1795945876618, 1795945876758, 4102444800000, 4102444800000, 4102444800000, NULL, '{"price":"19.90","due":"2026-11-21","at":"2026-11-21T09:00:00+01:00","wait":"1h 30m","rate":0.2,"lines":[{"due":"2026-11-21","price":"10.5"},{"due":"2026-11-21","price":"9"}],"bag":["19.90","2026-11-21","2026-11-21T09:00:00+01:00","1h 30m",0.2,1.5,{"price":"19.90"}],"how":"parts"}', NULL, NULL, NULL, '{"seq":3,"arrived_at":"2026-11-29T09:51:16.618Z","attempt":1,"began_at":null,"retry_at":null,"clock_at":null,"idle":0,"visits":[["fill",1],["how?",1],["parts",1],["parts?",1]],"error":null,"depth":0,"started":2,"pins":{"part":"6a305518fbfe5e9404ba8d607f521b76b87142d9114451331e5c015c8eee8408"}}', 0, 1795945876773, 1795945876773, 0);
INSERT INTO tasks (key, id, flow, version, digest, status, state, queue, priority, revision, seq, parent_id, created_at, updated_at, wake_at, timeout_at, delete_at, ended_at, attributes, secrets, output, error, progress, wakes, woken_at, rests_until, held_back)
    VALUES (4, '8371c7cf-069b-5cd2-94fe-20b378a12683', 'part', 1, '6a305518fbfe5e9404ba8d607f521b76b87142d9114451331e5c015c8eee8408', 'completed', 'start', 'default', 0, 2, 1, '1982dbea-8bc0-411c-9cd7-ffffceb18219', 1795945876618, 1795945876718, NULL, 4102444800000, 4102444800000, 1795945876718, '{"price":"19.90"}', NULL, '{"at":["19.90"],"price":"19.90"}', NULL, '{"seq":1,"arrived_at":"2026-11-29T09:51:16.618Z","attempt":1,"began_at":null,"retry_at":null,"clock_at":null,"idle":1,"visits":[["start",1]],"error":null,"depth":1,"started":0,"pins":{}}', 0, NULL, NULL, 0);
INSERT INTO tasks (key, id, flow, version, digest, status, state, queue, priority, revision, seq, parent_id, created_at, updated_at, wake_at, timeout_at, delete_at, ended_at, attributes, secrets, output, error, progress, wakes, woken_at, rests_until, held_back)
    VALUES (5, '635c0c03-e600-521e-9ca7-285a82b23839', 'part', 1, '6a305518fbfe5e9404ba8d607f521b76b87142d9114451331e5c015c8eee8408', 'completed', 'start', 'default', 0, 2, 1, '1982dbea-8bc0-411c-9cd7-ffffceb18219', 1795945876618, 1795945876730, NULL, 4102444800000, 4102444800000, 1795945876730, '{"price":"39.80"}', NULL, '{"at":["39.80"],"price":"39.80"}', NULL, '{"seq":1,"arrived_at":"2026-11-29T09:51:16.618Z","attempt":1,"began_at":null,"retry_at":null,"clock_at":null,"idle":1,"visits":[["start",1]],"error":null,"depth":1,"started":0,"pins":{}}', 0, NULL, NULL, 0);
INSERT INTO tasks (key, id, flow, version, digest, status, state, queue, priority, revision, seq, parent_id, created_at, updated_at, wake_at, timeout_at, delete_at, ended_at, attributes, secrets, output, error, progress, wakes, woken_at, rests_until, held_back)
    VALUES (6, 'f1e2d995-448e-4c31-acd2-004d7190d410', 'shop', 1, 'f986580042f3e4a460eda39ba3b298c18feb52ecacc3c71f014956f66857a7fa', 'active', 'steps', 'default', 0, 1, 2, NULL, 1795945876963, 1795945876963, NULL, 4102444800000, 4102444800000, NULL, '{"price":"19.90","due":"2026-11-21","at":"2026-11-21T09:00:00+01:00","wait":"1h 30m","rate":0.2,"lines":[{"due":"2026-11-21","price":"10.5"},{"due":"2026-11-21","price":"9"}],"bag":["19.90","2026-11-21","2026-11-21T09:00:00+01:00","1h 30m",0.2,1.5,{"price":"19.90"}],"how":"steps"}', NULL, NULL, NULL, '{"seq":2,"arrived_at":"2026-11-29T09:51:16.963Z","attempt":1,"began_at":"2026-11-29T09:51:16.963Z","retry_at":null,"clock_at":null,"idle":1,"visits":[["fill",1],["how?",1],["steps",1]],"error":null,"depth":0,"started":0,"pins":{"part":"6a305518fbfe5e9404ba8d607f521b76b87142d9114451331e5c015c8eee8408"}}', 0, NULL, NULL, 0);
INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms)
    VALUES (1, 1, 1795945876466, 'fill', 'how?', 'action', NULL, '{"bag":[[],["19.90","2026-11-21","2026-11-21T09:00:00+01:00","1h 30m",0.2,1.5,{"price":"19.90"}]],"lines":[[{"due":"2026-11-21","price":"10.5"}],[{"due":"2026-11-21","price":"10.5"},{"due":"2026-11-21","price":"9"}]]}', NULL, 0);
INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms)
    VALUES (1, 2, 1795945876466, 'how?', 'waits?', 'decision', NULL, NULL, NULL, 0);
INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms)
    VALUES (2, 1, 1795945876518, 'fill', 'how?', 'action', NULL, '{"bag":[[],["19.90","2026-11-21","2026-11-21T09:00:00+01:00","1h 30m",0.2,1.5,{"price":"19.90"}]],"lines":[[{"due":"2026-11-21","price":"10.5"}],[{"due":"2026-11-21","price":"10.5"},{"due":"2026-11-21","price":"9"}]]}', NULL, 0);
INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms)
    VALUES (2, 2, 1795945876518, 'how?', 'fails', 'decision', NULL, NULL, NULL, 0);
INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms)
    VALUES (2, 3, 1795945876518, 'fails', 'fails', 'error', NULL, NULL, NULL, 0);
INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms)
    VALUES (3, 1, 1795945876618, 'fill', 'how?', 'action', NULL, '{"bag":[[],["19.90","2026-11-21","2026-11-21T09:00:00+01:00","1h 30m",0.2,1.5,{"price":"19.90"}]],"lines":[[{"due":"2026-11-21","price":"10.5"}],[{"due":"2026-11-21","price":"10.5"},{"due":"2026-11-21","price":"9"}]]}', NULL, 0);
INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms)
    VALUES (3, 2, 1795945876618, 'how?', 'parts', 'decision', NULL, NULL, NULL, 0);
INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms)
    VALUES (3, 3, 1795945876618, 'parts', 'parts?', 'start', NULL, NULL, NULL, 0);
INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms)
    VALUES (4, 1, 1795945876718, 'start', 'start', 'start', NULL, NULL, NULL, 0);
INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms)
    VALUES (5, 1, 1795945876730, 'start', 'start', 'start', NULL, NULL, NULL, 0);
INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms)
    VALUES (6, 1, 1795945876963, 'fill', 'how?', 'action', NULL, '{"bag":[[],["19.90","2026-11-21","2026-11-21T09:00:00+01:00","1h 30m",0.2,1.5,{"price":"19.90"}]],"lines":[[{"due":"2026-11-21","price":"10.5"}],[{"due":"2026-11-21","price":"10.5"},{"due":"2026-11-21","price":"9"}]]}', NULL, 0);
INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms)
    VALUES (6, 2, 1795945876963, 'how?', 'steps', 'decision', NULL, NULL, NULL, 0);
INSERT INTO steps (task, ordinal, record)
    VALUES (6, 0, '{"ordinal":0,"function":"files::read","digest":"43368d301c4facb842cd4c55a2a9f445c0c78cf195d87e4114a562a07485fc3d","outcome":{"Ok":"{\"rate\": 1.10, \"price\": 1234567890123456.78}\n"},"once":"rates","at":"2026-11-29T09:51:16.982Z","ms":0}');
INSERT INTO steps (task, ordinal, record)
    VALUES (6, 1, '{"ordinal":1,"function":"http::post","digest":"f15e265d1ab451444b5f51a8f2213969b2e3217d442df801b03bb2afeab89fcb","outcome":{"Ok":{"body":"{\"n\": 1.5, \"t\": [2, \"x\"], \"price\": 1234567890123456.78}","headers":{"content-length":"55","content-type":"application/json","date":"Sun, 29 Nov 2026 09:51:16 GMT","server":"BaseHTTP/0.6 Python/3.11.7"},"json":{"n":1.5,"price":1234567890123456.8,"t":[2,"x"]},"status":200}},"once":null,"at":"2026-11-29T09:51:16.999Z","ms":13}');
INSERT INTO once (task, key, record)
    VALUES (6, 'rates', '{"ordinal":0,"function":"files::read","digest":"43368d301c4facb842cd4c55a2a9f445c0c78cf195d87e4114a562a07485fc3d","outcome":{"Ok":"{\"rate\": 1.10, \"price\": 1234567890123456.78}\n"},"once":"rates","at":"2026-11-29T09:51:16.982Z","ms":0}');
INSERT INTO definitions (digest, flow, version, file, first_line, text)
    VALUES ('6a305518fbfe5e9404ba8d607f521b76b87142d9114451331e5c015c8eee8408', 'part', 1, 'shop.yml', 34, '---
flow: part
attributes: { price: decimal }
states: { start: { result: ''#{ price: price, at: [price] }'' } }
');
INSERT INTO definitions (digest, flow, version, file, first_line, text)
    VALUES ('f986580042f3e4a460eda39ba3b298c18feb52ecacc3c71f014956f66857a7fa', 'shop', 1, 'shop.yml', 1, 'flow: shop
uses: [files, http, shell]
timeout: 3650d
attributes:
  price: { type: decimal, default: 19.90 }
  due: { type: date, default: 2026-11-21 }
  at: { type: datetime, default: 2026-11-21T09:00:00+01:00 }
  wait: { type: duration, default: 1h 30m }
  rate: { type: float, default: 0.2 }
  lines: { type: list, items: { type: map, fields: { price: decimal, due: date } }, default: [{ price: 10.50, due: 2026-11-21 }] }
  bag: { type: list, default: [] }
  read: any
  how: { type: string, default: waits }
starts_with: fill
states:
  fill: { action: ''bag = [price, due, at, wait, rate, 1.5, #{ price: price }]; lines += #{ price: decimal("9"), due: due }'', go_to: how? }
  how?: { decision: [{ if: how == "steps", go_to: steps }, { if: how == "fails", go_to: fails }, { if: how == "parts", go_to: parts }, { go_to: waits? }] }
  waits?: { wait_until: [{ if: read != (), go_to: done }], timeout: 3650d }
  steps:
    action: |
      let first = files::read("rates.json", #{ once: "rates" });
      read = parse_json(first);
      let answer = http::post("http://127.0.0.1:18977/", #{ json: #{ price: price, due: due, half: 0.5, whole: 2, bag: bag } }).json;
      shell::run("sh", ["-c", "test -f go || exec sleep 600"], #{ timeout: "1h" });
      read.answer = [answer, first];
    go_to: done
  fails: { action: ''fail("late", "too late", #{ price: price, due: due, bag: bag })'', go_to: done }
  parts: { start: part, for_each: ''[1, 2]'', with: { price: price * item }, go_to: parts? }
  parts?: { wait_until: [{ if: read != (), go_to: sum }], timeout: 3650d }
  sum: { action: ''read = completed_sub_tasks.map(|s| decimal(s.output.price))'', go_to: done }
  done: { result: ''#{ price: price * 2, dearest: lines[0].price > lines[1].price, days: lines.map(|l| l.due.day), bag: bag, read: read }'' }
interactions:
  read!: { params: { read: any, price: { type: decimal, default: 1.10 } }, action: ''read = params.read; bag += params.price'' }
');
