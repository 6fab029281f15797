//! Timers, and clocks that jump.

use crate::attributes;
use crate::runner::DueReport;
use crate::task::Status;

use super::super::on_each;

const TIMERS: &str = r#"
flow: timer
attributes: { name: string, hours: integer }
starts_with: which?
states:
  which?:
    decision:
      - { if: hours == 1, go_to: one }
      - { if: hours == 2, go_to: two }
      - { go_to: three }
  one: { wait_until: [{ after: 1h, go_to: ring }] }
  two: { wait_until: [{ after: 2h, go_to: ring }] }
  three: { wait_until: [{ after: 3h, go_to: ring }] }
  ring: { action: 'note(name)', go_to: done }
  done: result
"#;

#[tokio::test]
async fn timers_come_in_the_order_of_their_time() {
    on_each(TIMERS, async |bench| {
        for (name, hours) in [("c", 3), ("a", 1), ("b", 2)] {
            bench.call("timer", attributes! { name: name, hours: hours }).await;
        }
        bench.turn("59m");
        assert_eq!(bench.due().await, DueReport::default());
        bench.turn("1m");
        assert_eq!(bench.due().await.advanced, 1);
        assert_eq!(bench.outside.calls(), ["a"]);
        bench.turn("5h");
        bench.due().await;
        assert_eq!(bench.outside.calls(), ["a", "b", "c"]);
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_jumps_wakes_nothing_twice_and_loses_nothing() {
    on_each(TIMERS, async |bench| {
        let start = bench.clock.as_ref();
        let began = crate::clock::Clock::now(start);
        let at = |minutes: i64| crate::clock::after(began, crate::Duration::from_secs(minutes * 60));
        let mut ids = Vec::new();
        for (name, hours) in [("a", 1), ("b", 2), ("c", 3)] {
            ids.push(bench.call("timer", attributes! { name: name, hours: hours }).await.id);
        }
        // Forward over one of them, back behind all, forward over two, back, and to the end.
        for (minutes, calls) in
            [(61, 1), (-600, 1), (90, 1), (130, 2), (10, 2), (119, 2), (500, 3), (-500, 3), (501, 3)]
        {
            bench.clock.set(at(minutes));
            bench.due().await;
            assert_eq!(bench.outside.calls().len(), calls, "at {minutes} min");
        }
        assert_eq!(bench.outside.calls(), ["a", "b", "c"]);
        for id in ids {
            let task = bench.task(id).await;
            assert_eq!(task.status, Status::Completed);
            let history = bench.ops.history(id).await.unwrap();
            assert!(history.iter().map(|entry| entry.seq).eq(1..=3), "{history:?}");
        }
        // Work that begins while the clock is wrong is done nevertheless.
        bench.clock.set(at(-1000));
        let task = bench.ops.later("timer", attributes! { name: "d", hours: 1 }).await.unwrap();
        bench.due().await;
        bench.clock.set(at(0));
        bench.due().await;
        assert_eq!(bench.task(task.id).await.status, Status::Completed);
    })
    .await;
}

#[tokio::test]
async fn a_worker_notices_that_its_clock_was_turned() {
    let bench = super::super::Bench::over(std::sync::Arc::new(crate::Memory::new()), TIMERS);
    let task = bench.call("timer", attributes! { name: "a", hours: 3 }).await;
    let began = tokio::time::Instant::now();
    let work = bench.ops.work(crate::WorkerConfig::default(), async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        bench.turn("3h");
        bench.ops.ended(task.id).await.unwrap();
    });
    assert_eq!(super::soon(work).await.unwrap().advanced, 1);
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
}
