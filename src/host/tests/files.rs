#![expect(clippy::disallowed_methods, reason = "the tests prepare the files that the capability finds")]

use std::fs;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use super::{allowing, call, message};
use crate::host::Machine;
use crate::task::Outcome;
use crate::value::Value;

/// A granted folder within one that is not.
struct Ground {
    outer: TempDir,
    host: Machine,
}

impl Ground {
    fn new() -> Self {
        let outer = tempfile::tempdir().unwrap();
        let granted = outer.path().join("in");
        fs::create_dir(&granted).unwrap();
        fs::write(outer.path().join("secret"), "secret").unwrap();
        let host = allowing(&[&format!("files={}", granted.display())]).working_folder(&granted);
        Self { outer, host }
    }

    fn inside(&self, path: &str) -> std::path::PathBuf {
        self.outer.path().join("in").join(path)
    }

    async fn call(&self, function: &str, arguments: serde_json::Value) -> Outcome {
        call(&self.host, &format!("files::{function}"), arguments).await
    }
}

#[tokio::test]
async fn files_are_written_read_and_removed() {
    let ground = Ground::new();
    assert_eq!(ground.call("exists", json!(["a.txt"])).await, Ok(false.into()));
    assert_eq!(ground.call("write", json!(["a.txt", "one"])).await, Ok(Value::Unit));
    assert_eq!(ground.call("append", json!(["a.txt", " two"])).await, Ok(Value::Unit));
    assert_eq!(ground.call("append", json!(["new.txt", "made", { "once": "k" }])).await, Ok(Value::Unit));
    assert_eq!(ground.call("read", json!([ground.inside("a.txt")])).await, Ok("one two".into()));
    assert_eq!(ground.call("read", json!(["new.txt"])).await, Ok("made".into()));
    assert_eq!(ground.call("exists", json!(["a.txt"])).await, Ok(true.into()));
    assert_eq!(ground.call("make_folder", json!(["sub/deep"])).await, Ok(Value::Unit));
    assert_eq!(ground.call("make_folder", json!(["sub/deep"])).await, Ok(Value::Unit));
    let names = ["a.txt", "new.txt", "sub"].map(Value::from).to_vec();
    assert_eq!(ground.call("list", json!(["."])).await, Ok(names.into()));
    assert_eq!(ground.call("delete", json!(["a.txt"])).await, Ok(true.into()));
    assert_eq!(ground.call("delete", json!(["a.txt"])).await, Ok(false.into()));
    assert_eq!(ground.call("delete", json!(["sub/deep"])).await, Ok(true.into()));
}

#[tokio::test]
async fn what_lies_outside_is_denied() {
    let ground = Ground::new();
    let secret = ground.outer.path().join("secret");
    let told = message(ground.call("read", json!([secret])).await, "denied");
    let (path, grant) = (secret.display(), ground.outer.path().display());
    assert_eq!(told, format!("`files` in `{path}` is not allowed; run with `--allow files={grant}`"));
    for path in
        ["../secret", "../in/../secret", "sub/../../secret", "../absent", "/etc/passwd", "absent/../../secret", ".."]
    {
        for function in ["read", "write", "append", "list", "exists", "delete", "make_folder"] {
            let arguments = if matches!(function, "write" | "append") { json!([path, "x"]) } else { json!([path]) };
            message(ground.call(function, arguments).await, "denied");
        }
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
    assert_eq!(ground.outer.path().read_dir().unwrap().count(), 2);
    message(call(&Machine::new(), "files::read", json!(["Cargo.toml"])).await, "denied");
}

#[tokio::test]
async fn a_granted_folder_is_no_entry_of_itself() {
    let ground = Ground::new();
    message(ground.call("delete", json!([ground.inside("")])).await, "denied");
    message(ground.call("delete", json!(["."])).await, "denied");
    assert!(ground.inside("").is_dir());
}

#[tokio::test]
async fn a_folder_whose_name_only_begins_alike_is_outside() {
    let ground = Ground::new();
    fs::create_dir(ground.outer.path().join("inner")).unwrap();
    message(ground.call("write", json!(["../inner/x", "x"])).await, "denied");
}

#[cfg(unix)]
#[tokio::test]
async fn links_lead_nowhere_outside() {
    use std::os::unix::fs::symlink;
    let ground = Ground::new();
    let outer = ground.outer.path();
    symlink(outer.join("secret"), ground.inside("file")).unwrap();
    symlink(outer, ground.inside("folder")).unwrap();
    symlink(outer.join("absent"), ground.inside("dangling")).unwrap();
    symlink(ground.inside("ring"), ground.inside("ring")).unwrap();
    for path in ["file", "folder/secret", "folder/absent", "dangling", "folder/in/../secret"] {
        message(ground.call("read", json!([path])).await, "denied");
        message(ground.call("write", json!([path, "x"])).await, "denied");
        message(ground.call("append", json!([path, "x"])).await, "denied");
        message(ground.call("exists", json!([path])).await, "denied");
    }
    let real = outer.canonicalize().unwrap();
    let out = |path: &str, grant: &Path| {
        let grant = grant.display();
        format!("`{path}` leads out of the folders that are allowed, by a link; run with `--allow files={grant}`")
    };
    let told = message(ground.call("read", json!(["file"])).await, "denied");
    assert_eq!(told, out("file", &real), "not the folder that is granted already");
    assert_eq!(message(ground.call("read", json!(["folder/absent"])).await, "denied"), out("folder/absent", &real));
    assert_eq!(message(ground.call("list", json!(["folder"])).await, "denied"), out("folder", &real));
    assert_eq!(
        message(ground.call("read", json!(["dangling"])).await, "denied"),
        "`dangling` leads by a link to nothing, or out of the folders that are allowed"
    );
    let told = message(ground.call("read", json!(["../secret"])).await, "denied");
    assert!(told.ends_with(&format!("run with `--allow files={}`", real.display())), "{told}");
    message(ground.call("delete", json!(["folder/secret"])).await, "denied");
    message(ground.call("read", json!(["ring"])).await, "files");
    assert!(!outer.join("absent").exists());
    assert_eq!(fs::read_to_string(outer.join("secret")).unwrap(), "secret");
    assert_eq!(ground.call("delete", json!(["file"])).await, Ok(true.into()), "the link, not what it leads to");
    assert!(outer.join("secret").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn links_inside_are_followed() {
    let ground = Ground::new();
    fs::write(ground.inside("real"), "one").unwrap();
    std::os::unix::fs::symlink("real", ground.inside("link")).unwrap();
    ground.call("write", json!(["link", "two"])).await.unwrap();
    assert_eq!(fs::read_to_string(ground.inside("real")).unwrap(), "two");
    assert!(ground.inside("link").is_symlink());
}

#[tokio::test]
async fn a_write_is_whole_and_leaves_nothing_else() {
    let ground = Ground::new();
    fs::write(ground.inside("a"), "old").unwrap();
    let mut reader = fs::File::open(ground.inside("a")).unwrap();
    ground.call("write", json!(["a", "new"])).await.unwrap();
    let mut seen = String::new();
    std::io::Read::read_to_string(&mut reader, &mut seen).unwrap();
    assert_eq!(seen, "old", "whoever has it open reads the old text to its end");
    assert_eq!(fs::read_to_string(ground.inside("a")).unwrap(), "new");
    message(ground.call("write", json!(["absent/a", "x"])).await, "files");
    assert_eq!(ground.inside("").read_dir().unwrap().count(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_write_keeps_the_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let ground = Ground::new();
    fs::write(ground.inside("a"), "old").unwrap();
    fs::set_permissions(ground.inside("a"), fs::Permissions::from_mode(0o640)).unwrap();
    ground.call("write", json!(["a", "new"])).await.unwrap();
    assert_eq!(ground.inside("a").metadata().unwrap().permissions().mode() & 0o777, 0o640);
}

#[cfg(unix)]
#[tokio::test]
async fn devices_and_pipes_are_no_files() {
    let ground = Ground::new();
    let made = std::process::Command::new("mkfifo").arg(ground.inside("pipe")).status().unwrap();
    assert!(made.success());
    for (function, arguments) in
        [("read", json!(["pipe"])), ("append", json!(["pipe", "x"])), ("write", json!(["pipe", "x"]))]
    {
        let told = message(ground.call(function, arguments).await, "files");
        assert!(told.ends_with("pipe` is a device or a pipe, not a file"), "{told}");
    }
    let device = allowing(&["files=/dev"]);
    message(call(&device, "files::read", json!(["/dev/zero"])).await, "files");
}

#[tokio::test]
async fn what_is_too_large_is_not_read() {
    let ground = Ground::new();
    let large = fs::File::create(ground.inside("large")).unwrap();
    large.set_len(8 * 1024 * 1024).unwrap();
    assert!(ground.call("read", json!(["large"])).await.is_ok());
    large.set_len(1 << 40).unwrap();
    let told = message(ground.call("read", json!(["large"])).await, "limit");
    assert!(told.ends_with("large` is larger than 8388608 bytes (MAX_FILE_BYTES)"), "{told}");
    let text = "x".repeat(8 * 1024 * 1024 + 1);
    message(ground.call("write", json!(["a", text])).await, "limit");
    assert!(!ground.inside("a").exists());
}

#[tokio::test]
async fn errors_name_path_and_reason() {
    let ground = Ground::new();
    let read = async |path: &str| message(ground.call("read", json!([path])).await, "files");
    let missing = read("missing").await;
    assert!(missing.starts_with("could not open `") && missing.contains("in/missing`: "), "{missing}");
    assert!(read(".").await.ends_with("is a folder, not a file"));
    fs::write(ground.inside("binary"), b"\xff\xfe").unwrap();
    assert!(read("binary").await.ends_with("binary` is not UTF-8 text"));
    assert!(read("binary/below").await.starts_with("`binary/below`: "));
    ground.call("make_folder", json!(["full/inner"])).await.unwrap();
    assert!(message(ground.call("delete", json!(["full"])).await, "files").starts_with("could not delete `"));
    message(ground.call("list", json!(["binary"])).await, "files");
    message(ground.call("read", json!(["a\0b"])).await, "files");
    message(ground.call("read", json!([7])).await, "script");
    message(ground.call("write", json!(["a", 7])).await, "script");
    message(ground.call("read", json!(["a", { "encoding": "latin" }])).await, "script");
}

#[tokio::test]
async fn a_granted_folder_may_come_into_being_later() {
    let ground = Ground::new();
    let later = ground.outer.path().join("later");
    let host = allowing(&[&format!("files={}", later.display())]);
    message(call(&host, "files::write", json!([later.join("a"), "x"])).await, "denied");
    fs::create_dir(&later).unwrap();
    call(&host, "files::write", json!([later.join("a"), "x"])).await.unwrap();
    assert!(Path::new(&later).join("a").exists());
}
