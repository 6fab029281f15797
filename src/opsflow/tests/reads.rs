use std::sync::Arc;

use crate::diagnostic::Source;
use crate::error::Error;
use crate::flow::CheckContext;
use crate::library::Library;
use crate::opsflow::{Opsflow, attributes_of};
use crate::task::TaskId;

const COUNTING: &str = "flow: counting
attributes: { n: { type: integer, default: 0 }, most: integer, name: string }
starts_with: count
states:
  count: { action: n += 1, go_to: enough? }
  enough?: { decision: n >= most, if_true: done, if_false: count }
  done: { result: '#{ count: n, name: name }' }
";

#[derive(serde::Serialize)]
struct Given {
    most: i64,
    name: String,
}

#[derive(serde::Deserialize, PartialEq, Debug)]
struct Counted {
    count: i64,
    name: String,
}

async fn counted(most: i64) -> (Opsflow, crate::Task) {
    let source = Arc::new(Source::new("counting.yml", COUNTING));
    let library = Library::of_sources([source], &CheckContext::default());
    let ops = Opsflow::builder().library(library).build().await.unwrap();
    let given = attributes_of(&Given { most, name: "Ann".to_owned() }).unwrap();
    let task = ops.call("counting", given).await.unwrap();
    (ops, task)
}

#[tokio::test]
async fn types_of_the_program_go_in_and_come_out() {
    let (_, task) = counted(3).await;
    let output: Counted = task.output_as().unwrap();
    assert_eq!(output, Counted { count: 3, name: "Ann".to_owned() });
    assert!(task.output_as::<Vec<String>>().is_err());
    assert!(attributes_of(&7).is_err());
}

#[tokio::test]
async fn history_is_read_page_by_page() {
    let (ops, task) = counted(900).await;
    let whole = ops.history(task.id).await.unwrap();
    let (mut pages, mut lengths, mut read) = (ops.history_pages(task.id), Vec::new(), Vec::new());
    while let Some(page) = pages.next().await.unwrap() {
        lengths.push(page.len());
        read.extend(page);
    }
    assert!(lengths.len() > 1 && lengths[0] == 1_000, "{lengths:?}");
    assert_eq!(read, whole);
    let nobody = TaskId::nil();
    assert!(matches!(ops.history_pages(nobody).next().await, Err(Error::NotFound(id)) if id == nobody));
}

#[tokio::test]
async fn counts_say_where_tasks_stand() {
    let (ops, _) = counted(2).await;
    assert_eq!(ops.counts().await.unwrap(), [], "what has completed is not counted");
    let given = attributes_of(&Given { most: 1, name: "Bob".to_owned() }).unwrap();
    ops.later("counting", given).await.unwrap();
    let counts = ops.counts().await.unwrap();
    assert_eq!(counts.iter().map(|count| (count.state.as_str(), count.tasks)).collect::<Vec<_>>(), [("count", 1)]);
}
