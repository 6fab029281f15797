//! The command `opsflow`.

use std::process::ExitCode;

fn main() -> ExitCode {
    opsflow::cli::main()
}
