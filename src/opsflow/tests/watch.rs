//! An instance whose flows reload themselves.

#![expect(clippy::disallowed_methods, reason = "these tests write the files that are watched")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::Notify;

use crate::flow::CheckContext;
use crate::library::Reload;
use crate::{Builder, Error, Library, Map, Opsflow, Source, Status, Value};

/// How long the report of a reload may take before a test fails: far longer than it ever does.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder with one flow, `ask`, and the reports of its reloads.
struct Folder {
    folder: TempDir,
    told: Option<Receiver<Reload>>,
}

/// A flow that waits, calls `slow`, and gives a result.
fn ask(result: u32) -> String {
    format!(
        "flow: ask
attributes: {{ go: {{ type: boolean, default: false }} }}
states:
  start: {{ wait_until: [{{ if: go, go_to: calls }}] }}
  calls: {{ action: slow(), go_to: done }}
  done: {{ result: {result} }}
interactions:
  go!: {{ action: go = true }}
"
    )
}

impl Folder {
    fn new() -> Self {
        let folder = Self { folder: TempDir::new().unwrap(), told: None };
        folder.save(&ask(1));
        folder
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ask.yml")
    }

    fn save(&self, text: &str) {
        std::fs::write(self.path(), text).unwrap();
    }

    async fn watched(&mut self, builder: Builder) -> Opsflow {
        let (tell, told) = channel();
        self.told = Some(told);
        let builder = builder.flows(self.folder.path()).unwrap().watch(true);
        builder.on_reload(move |reload| drop(tell.send(reload.clone()))).build().await.unwrap()
    }

    /// The first reported reload of this kind.
    fn reload(&self, is_meant: impl Fn(&Reload) -> bool) -> Reload {
        loop {
            let reload = self.told.as_ref().unwrap().recv_timeout(PATIENCE).expect("no such reload was told of");
            if is_meant(&reload) {
                return reload;
            }
        }
    }

    /// Waits until nobody watches any more.
    fn is_left_alone(&self) -> bool {
        loop {
            match self.told.as_ref().unwrap().recv_timeout(PATIENCE) {
                Ok(_) => {}
                Err(why) => return why == RecvTimeoutError::Disconnected,
            }
        }
    }
}

/// Functions with one that takes no time.
fn quick() -> Builder {
    Opsflow::builder().effect("slow", || async {})
}

#[tokio::test]
async fn a_task_in_flight_ends_by_the_definition_it_began_with() {
    let mut folder = Folder::new();
    let ops = folder.watched(quick()).await;
    let old = ops.call("ask", Map::new()).await.unwrap();
    assert_eq!(old.status, Status::Waiting);
    folder.save(&ask(2));
    folder.reload(|reload| reload.changed == ["ask"]);
    let new = ops.call("ask", Map::new()).await.unwrap();
    assert_ne!(new.digest, old.digest);
    for (task, result) in [(old, 1), (new, 2)] {
        let task = ops.interact(task.id, "go!", Map::new(), None).await.unwrap();
        assert_eq!((task.status, task.output), (Status::Completed, Value::Integer(result)));
    }
}

#[tokio::test]
async fn a_reload_in_the_midst_of_a_step_does_not_disturb_it() {
    let mut folder = Folder::new();
    let (began, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, waits) = (Arc::clone(&began), Arc::clone(&go_on));
    let slow = move || {
        let (begins, waits) = (Arc::clone(&begins), Arc::clone(&waits));
        async move {
            begins.notify_one();
            waits.notified().await;
        }
    };
    let ops = folder.watched(Opsflow::builder().effect("slow", slow)).await;
    let task = ops.call("ask", Map::new()).await.unwrap();
    let own = ops.clone();
    let running = tokio::spawn(async move { own.interact(task.id, "go!", Map::new(), None).await });
    tokio::time::timeout(PATIENCE, began.notified()).await.expect("the step does not begin");
    folder.save(&ask(2));
    folder.reload(|reload| reload.changed == ["ask"]);
    std::fs::remove_file(folder.path()).unwrap();
    folder.reload(|reload| reload.removed == ["ask"]);
    assert!(matches!(ops.call("ask", Map::new()).await, Err(Error::UnknownFlow { .. })));
    go_on.notify_one();
    let task = running.await.unwrap().unwrap();
    assert_eq!((task.status, task.output), (Status::Completed, Value::Integer(1)));
}

#[tokio::test]
async fn a_broken_file_is_told_of_and_its_last_good_flow_can_be_called_meanwhile() {
    let mut folder = Folder::new();
    let ops = folder.watched(quick()).await;
    folder.save(&ask(2).replace("go_to: done", "go_to: dnoe"));
    let broken = folder.reload(|reload| reload.findings.iter().any(|f| f.message.contains("dnoe")));
    assert_eq!(broken.kept, ["ask"]);
    let task = ops.call("ask", Map::new()).await.unwrap();
    let task = ops.interact(task.id, "go!", Map::new(), None).await.unwrap();
    assert_eq!(task.output, Value::Integer(1));
    folder.save(&ask(1));
    let repaired = folder.reload(|reload| reload.findings.is_empty());
    assert!(repaired.changed.is_empty() && repaired.kept.is_empty(), "{repaired:?}");
}

#[tokio::test]
async fn the_last_clone_that_is_dropped_ends_it_and_so_does_shutdown() {
    let mut folder = Folder::new();
    let ops = folder.watched(quick()).await;
    let clone = ops.clone();
    drop(ops);
    folder.save(&ask(2));
    folder.reload(|reload| reload.changed == ["ask"]);
    drop(clone);
    assert!(folder.is_left_alone());
    let ops = folder.watched(quick()).await;
    assert!(ops.shutdown().await.is_none());
    assert!(folder.is_left_alone());
    folder.save(&ask(3));
    assert_eq!(ops.library().reload().changed, ["ask"]);
}

#[tokio::test]
async fn an_observer_that_panics_is_told_of_the_next_reload() {
    let folder = Folder::new();
    let (tell, told) = channel();
    let observer = move |reload: &Reload| {
        tell.send(reload.changed.clone()).unwrap();
        panic!("it has enough");
    };
    let builder = quick().flows(folder.folder.path()).unwrap().watch(true).on_reload(observer);
    let _ops = builder.build().await.unwrap();
    for result in [2, 3] {
        folder.save(&ask(result));
        while told.recv_timeout(PATIENCE).unwrap() != ["ask"] {}
    }
}

#[tokio::test]
async fn flows_of_no_file_cannot_be_watched() {
    let source = Arc::new(Source::new("ask.yml", ask(1)));
    let library = Library::of_sources([source], &CheckContext::default());
    let refused = Opsflow::builder().library(library).watch(true).build().await;
    let Err(Error::Watch { message, help }) = refused else { panic!("it watches nothing") };
    assert!(message.contains("there is nothing to watch") && help.contains("from a folder"), "{message}: {help}");
}
