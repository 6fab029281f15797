//! The command `opsflow`.

fn main() {}
