//! `opsflow graph`: a picture of a flow, or of what a task did in it.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::flow::{Flow, StateId};
use crate::interpreter::Way as Taken;
use crate::library::Entry;
use crate::name::Name;
use crate::picture::{Direction as Leads, EdgeKind, Graph, Path as TaskPath, Reached};

use crate::task::Task;
use crate::testing::{FlowCoverage, TestOptions};

use super::exit::{Exit, Failure};
use super::flows::is_file;
use super::session::Session;

/// The options of `graph`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
With --task the picture shows the definition that the task is pinned to, which may differ from the file: its path bold, \
the state it is in marked, the rest faded. FILE may be left out then.

Examples:
  opsflow graph plan_a_party.yml                      an outline, on a terminal
  opsflow graph plan_a_party -o party.svg             a picture for browsers and printers
  opsflow graph plan_a_party -o party.png --direction right   an image, from left to right
  opsflow graph plan_a_party.yml --format dot | dot -Tpdf > party.pdf
  opsflow graph plan_a_party.yml --coverage > party.svg   what its tests reach
  opsflow graph --task 0198c2 --format mermaid        what a task did; ids may be shortened")]
pub(super) struct Args {
    /// A file, or the name of a flow
    #[arg(value_name = "FILE|FLOW", required_unless_present = "task")]
    what: Option<String>,
    /// The flow of the file, if not its first
    #[arg(value_name = "FLOW")]
    flow: Option<String>,
    /// Write to this file; its ending says how to draw: `.svg`, `.png`, `.dot`, `.mmd` or `.txt`
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How to draw [default: as the ending of `--output` says, else text on a terminal, else svg]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Where the picture leads; an outline of text always leads down
    #[arg(long, value_name = "WHERE", default_value = "down")]
    direction: Direction,
    /// The task whose path is drawn: its id, or the first four or more digits of it
    #[arg(long, value_name = "ID")]
    task: Option<String>,
    /// Show in green what the flow's tests reach, and in red what they do not
    #[arg(long, conflicts_with = "task")]
    coverage: bool,
}

/// How a picture is written.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// A picture for browsers and printers, light or dark
    Svg,
    /// An image, for chats and slides
    Png,
    /// For Graphviz
    Dot,
    /// For Mermaid, which GitHub and many editors draw
    Mermaid,
    /// An outline for terminals
    Text,
}

/// The direction of a picture.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    /// From above to below
    Down,
    /// From left to right
    Right,
}

impl Format {
    /// The format for the ending of a file.
    fn of(file: &Path) -> Result<Self, Failure> {
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        Ok(match ending {
            "svg" => Self::Svg,
            "png" => Self::Png,
            "dot" | "gv" => Self::Dot,
            "mmd" | "mermaid" => Self::Mermaid,
            "txt" => Self::Text,
            _ => {
                let message = format!("the ending of `{}` does not say how to draw", file.display());
                return Err(Failure::usage(message)
                    .with_help("end it in `.svg`, `.png`, `.dot`, `.mmd` or `.txt`, or add `--format`"));
            }
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "a file that was asked for")]
fn write(file: &Path, picture: &[u8]) -> Result<(), Failure> {
    std::fs::write(file, picture)
        .map_err(|why| Failure::storage(format!("`{}` cannot be written: {why}", file.display())))
}

pub(super) async fn command(session: &Session, args: Args) -> Result<Exit, Failure> {
    let flow = args.flow.as_deref();
    let graph = match (&args.task, &args.what) {
        (Some(id), what) => of_task(session, id, what.as_deref(), flow).await?,
        (None, Some(what)) if args.coverage => {
            covered(session, &session.file_of(what)?, &session.choose_one(what, flow)?.flow)?
        }
        (None, Some(what)) => Graph::of(&session.choose_one(what, flow)?.flow),
        (None, None) => return Err(Failure::usage("name a file, or a task with `--task`")),
    };
    let format = match (args.format, &args.output) {
        (Some(format), _) => format,
        (None, Some(file)) => Format::of(file)?,
        (None, None) if io::stdout().is_terminal() => Format::Text,
        (None, None) => Format::Svg,
    };
    let graph = match args.direction {
        Direction::Down => graph,
        Direction::Right if format == Format::Text => {
            let help = "leave out `--direction`, or draw another format: `-o FILE.svg`";
            return Err(Failure::usage("an outline of text always leads down").with_help(help));
        }
        Direction::Right => graph.leading(Leads::Right),
    };
    let picture = match format {
        Format::Svg => svg(&graph)?,
        Format::Png => return image(session, &args, &svg(&graph)?),
        Format::Dot => graph.dot(),
        Format::Mermaid => graph.mermaid(),
        Format::Text => graph.text(),
    };
    match &args.output {
        Some(file) => write(file, picture.as_bytes())?,
        None => session.screen().result(&picture)?,
    }
    Ok(Exit::Done)
}

fn svg(graph: &Graph) -> Result<String, Failure> {
    graph
        .svg()
        .map_err(|why| Failure::usage(why.to_string()).with_help("`--format dot` or `--format text` have no bound"))
}

/// Writes a picture as an image.
fn image(session: &Session, args: &Args, svg: &str) -> Result<Exit, Failure> {
    if args.output.is_none() && io::stdout().is_terminal() {
        return Err(Failure::usage("a terminal shows no PNG").with_help("write it to a file: `-o FILE.png`"));
    }
    let image = super::image::png(svg)?;
    match &args.output {
        Some(file) => write(file, &image)?,
        None => session.screen().bytes(&image)?,
    }
    Ok(Exit::Done)
}

/// The picture of the definition that a task is pinned to, with the task's path.
async fn of_task(session: &Session, id: &str, what: Option<&str>, flow: Option<&str>) -> Result<Graph, Failure> {
    let (running, id) = session.open_to_look(id).await?;
    let task = running.ops.task(id).await?;
    match what {
        Some(what) if is_file(what) => compare(session, &task, Path::new(what), flow)?,
        Some(what) => is_of(&task, what)?,
        None => {}
    }
    let pinned = running.ops.flow_of(&task).await?;
    let history = running.ops.history(id).await?;
    Ok(Graph::of(&pinned).with_path(&TaskPath::of(&task, &history)))
}

/// Refuses a file or a flow that is not the task's, and notes if it has changed since.
fn compare(session: &Session, task: &Task, file: &Path, flow: Option<&str>) -> Result<(), Failure> {
    let own = &task.flow;
    if let Some(other) = flow {
        is_of(task, other)?;
    }
    let library = session.library(Some(file))?;
    if !library.names_of(file).contains(own) {
        let message = format!("task {} is one of `{own}`, which `{}` does not hold", task.id, file.display());
        return Err(Failure::usage(message).with_help("leave the file out: the task has its own definition"));
    }
    let same = matches!(library.get(own), Some(Entry::Good(flow)) if flow.definition.digest == task.digest);
    if !same {
        session.screen().aside(&format!("`{own}` has changed since the task began; drawn as it was then\n"));
    }
    Ok(())
}

/// Refuses a flow that is not the task's.
fn is_of(task: &Task, flow: &str) -> Result<(), Failure> {
    if task.flow == *flow {
        return Ok(());
    }
    Err(Failure::usage(format!("task {} is one of `{}`, not of `{flow}`", task.id, task.flow)))
}

/// The picture of a flow, with its test coverage.
fn covered(session: &Session, file: &Path, flow: &Flow) -> Result<Graph, Failure> {
    let report = super::test::run(session, &[file.to_owned()], &TestOptions::default());
    if let Some(failed) = report.failed().find(|test| test.flow == flow.name) {
        let message = format!(
            "a test of `{}` fails, so what is drawn is what they reached until then: {}\n",
            flow.name, failed.name
        );
        session.screen().aside(&message);
    }
    match report.coverage.flows.iter().find(|covered| covered.flow == flow.name) {
        Some(coverage) => Ok(Graph::of(flow).with_reached(&OfTests { flow, coverage })),
        None => Err(Failure::findings(report.findings)),
    }
}

/// The test coverage of a flow.
struct OfTests<'a> {
    flow: &'a Flow,
    coverage: &'a FlowCoverage,
}

impl OfTests<'_> {
    fn count(&self, state: StateId, way: Taken) -> u64 {
        self.coverage.ways.get(&(state, way)).copied().unwrap_or_default()
    }
}

impl Reached for OfTests<'_> {
    fn state(&self, state: StateId) -> u64 {
        self.coverage.states.get(state).map_or(0, |state| state.count)
    }

    fn way(&self, state: StateId, kind: EdgeKind, number: usize) -> u64 {
        match (kind, number) {
            (EdgeKind::Next, _) => self.count(state, Taken::Next),
            (EdgeKind::Error, number) => self.count(state, Taken::Error(number)),
            // A decision has branches, or `if_true` and `if_false`.
            (_, 0) => self.count(state, Taken::Branch(0)) + self.count(state, Taken::Yes),
            (_, 1) => self.count(state, Taken::Branch(1)) + self.count(state, Taken::No),
            (_, number) => self.count(state, Taken::Branch(number)),
        }
    }

    fn event(&self, state: Option<StateId>, interaction: Option<&Name>) -> u64 {
        let number = |name: &Name| self.flow.interactions.iter().position(|own| own.name == *name);
        let way = match interaction {
            Some(name) => number(name).map(Taken::Interaction),
            None => Some(Taken::Timeout),
        };
        let Some(way) = way else { return 0 };
        match state {
            Some(state) => self.count(state, way),
            None => (0..self.flow.states.len()).map(|state| self.count(state, way)).sum(),
        }
    }
}
