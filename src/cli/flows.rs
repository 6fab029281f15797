//! The flows that a command sees: those of the given file, and of the folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::has_errors;
use crate::flow::Flow;
use crate::library::Library;
use crate::name::{Name, nearest};
use crate::workbench::{FlowSet, in_depth};

use super::exit::{Failure, did_you_mean};
use super::session::Session;

/// The folder of the flows by default.
pub(super) const DEFAULT_FOLDER: &str = "workflows";

/// Entries of a folder that are compared with a name.
const MAX_SEEN: usize = 1_000;

/// The requested flow, and the flows it may start.
pub(super) struct Chosen {
    pub(super) library: Library,
    pub(super) flow: Arc<Flow>,
}

impl Session {
    /// The flow `name` of `file`, or its first.
    pub(super) fn choose_in_file(&self, file: &Path, name: Option<&str>) -> Result<Chosen, Failure> {
        if !file.exists() {
            return Err(
                Failure::usage(format!("there is no file `{}`", file.display())).with_help_if(self.nearest_file(file))
            );
        }
        let library = self.library(Some(file))?;
        let name = match name {
            None => library.first_of(file).map_err(Failure::findings)?,
            Some(name) => {
                let known = library.names_of(file);
                known.iter().find(|known| **known == *name).cloned().ok_or_else(|| not_in_file(file, name, &known))?
            }
        };
        chosen(library, &name)
    }

    /// The flow for `what`: flow `name` of a file, or its first; or a flow of the folder.
    pub(super) fn choose_one(&self, what: &str, name: Option<&str>) -> Result<Chosen, Failure> {
        match name {
            None => self.choose(what),
            Some(_) => self.choose_in_file(Path::new(what), name),
        }
    }

    /// The flow for `text`: the first flow of a file, or a flow of the folder.
    pub(super) fn choose(&self, text: &str) -> Result<Chosen, Failure> {
        let path = Path::new(text);
        if is_file(text) || path.is_dir() {
            return self.choose_in_file(path, None);
        }
        let library = self.library(None)?;
        if library.get(text).is_none() && library.nearest(text).is_none() {
            let failure = no_flow(&library, text);
            return Err(Failure { help: self.nearest_file(path).or(failure.help), ..failure });
        }
        chosen(library, text)
    }

    /// The file `text`, or the one that contains the flow of this name.
    pub(super) fn file_of(&self, text: &str) -> Result<PathBuf, Failure> {
        if is_file(text) || Path::new(text).exists() {
            return Ok(PathBuf::from(text));
        }
        let files = self.library(None)?.files_with_flows();
        let held = files.into_iter().find(|(_, flows)| flows.iter().any(|flow| *flow == *text));
        Ok(held.map_or_else(|| PathBuf::from(text), |(file, _)| PathBuf::from(file)))
    }

    /// Reports the first of `paths` that is neither a file nor a folder and has no ending, like the name of a flow.
    pub(super) fn are_there(&self, paths: &[PathBuf], takes_names: bool) -> Result<(), Failure> {
        let is_lost = |path: &&PathBuf| path.extension().is_none() && path.as_os_str() != "-" && !path.exists();
        let Some(path) = paths.iter().find(is_lost) else { return Ok(()) };
        let text = path.display().to_string();
        let held = || self.file_of(&text).ok().filter(|file| file != path);
        let named = || self.library(None).ok().and_then(|library| did_you_mean(library.nearest(&text).as_ref()));
        let help = held()
            .map(|file| format!("did you mean `{}`?", Library::name_of(&file)))
            .or_else(|| if takes_names { named() } else { None })
            .or_else(|| self.nearest_file(path))
            .or_else(|| nearest_folder(path));
        let what = if takes_names { "no flow, file or folder" } else { "no file or folder" };
        Err(Failure::usage(format!("there is {what} `{text}`")).with_help_if(help))
    }

    /// The file that may have been meant by one that does not exist: in its folder, or in that of the flows.
    fn nearest_file(&self, file: &Path) -> Option<String> {
        let flows = self.settings.flows.as_deref().unwrap_or(&self.settings.default_flows);
        let near = Library::nearest_file(file).or_else(|| Library::nearest_file(&flows.join(file)))?;
        Some(format!("did you mean `{}`?", Library::name_of(&near)))
    }

    /// The flows of `file`, if one is given, and of the folder. The default folder may be missing, and its findings
    /// matter only when they are asked for.
    pub(super) fn library(&self, file: Option<&Path>) -> Result<Library, Failure> {
        let folders = self.folders_for(file)?;
        let paths: Vec<&Path> = file.into_iter().chain(folders.iter().map(PathBuf::as_path)).collect();
        let (library, findings) = Library::open(&paths, &self.context());
        let named = folders.iter().filter(|_| self.settings.flows.is_some()).map(PathBuf::as_path);
        let asked: Vec<String> = file.into_iter().chain(named).map(Library::name_of).collect();
        let findings: Vec<_> =
            findings.into_iter().filter(|f| asked.iter().any(|asked| asked == f.source.name())).collect();
        if has_errors(&findings) { Err(Failure::findings(findings)) } else { Ok(library) }
    }

    /// The folders of the flows; one that is given includes its subfolders.
    pub(super) fn folders_for(&self, file: Option<&Path>) -> Result<Vec<PathBuf>, Failure> {
        let folder: Vec<PathBuf> = self.folder_for(file)?.into_iter().collect();
        if self.settings.flows.is_some() { Ok(in_depth(&folder)?) } else { Ok(folder) }
    }

    /// The folders of the files among `paths`, whose flows they may start.
    pub(super) fn neighbours(&self, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
        let mut all = Vec::new();
        for file in paths.iter().filter(|path| !path.is_dir()) {
            all.extend(self.folders_for(Some(file))?);
        }
        Ok(all)
    }

    /// The flows of `paths`, not tested yet. Whose neighbours cannot be read is checked without them.
    pub(super) fn flow_set(&self, paths: &[PathBuf]) -> FlowSet {
        FlowSet::open(paths, &self.neighbours(paths).unwrap_or_default(), &self.context())
    }

    /// The folder of the flows, if there is one.
    pub(super) fn folder_for(&self, file: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
        if let Some(named) = &self.settings.flows {
            if !named.exists() {
                let message = format!("the flows `{}` are not there", named.display());
                return Err(Failure::usage(message).with_help("name a folder or a file with `--flows`"));
            }
            return Ok(Some(named.clone()));
        }
        let folder = match file {
            Some(file) => match file.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
                _ => PathBuf::from("."),
            },
            None => self.settings.default_flows.clone(),
        };
        Ok(Some(folder).filter(|folder| folder.is_dir()))
    }
}

/// Whether `text` is a file rather than the name of a flow.
pub(super) fn is_file(text: &str) -> bool {
    let path = Path::new(text);
    path.extension().is_some_and(|ext| ext == "yml" || ext == "yaml") || path.is_file()
}

/// The folder that may have been meant by one that does not exist.
fn nearest_folder(path: &Path) -> Option<String> {
    let beside = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(beside).ok()?.flatten().take(MAX_SEEN);
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let names: Vec<String> = folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let near = nearest(path.file_name()?.to_str()?, names.iter().map(String::as_str))?;
    let near = path.with_file_name(near);
    Some(format!("did you mean `{}`?", near.display()))
}

fn chosen(library: Library, name: &str) -> Result<Chosen, Failure> {
    match library.get(name) {
        Some(entry) => match entry.into_result() {
            Ok(flow) => Ok(Chosen { library, flow }),
            Err(findings) => Err(Failure::findings(findings.to_vec())),
        },
        None => Err(no_flow(&library, name)),
    }
}

fn no_flow(library: &Library, name: &str) -> Failure {
    let nearest = library.nearest(name);
    let help = did_you_mean(nearest.as_ref())
        .unwrap_or_else(|| "name a flow of the folder `workflows` (or of `--flows DIR`), or a file `….yml`".to_owned());
    Failure::usage(format!("no flow is called `{name}`")).with_help(help)
}

fn not_in_file(file: &Path, name: &str, known: &[Name]) -> Failure {
    let near = nearest(name, known.iter().map(Name::as_str)).map(Name::from);
    let help = did_you_mean(near.as_ref()).or_else(|| {
        let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        (!names.is_empty()).then(|| format!("it holds {}", names.join(", ")))
    });
    Failure::usage(format!("`{}` holds no flow `{name}`", file.display())).with_help_if(help)
}
