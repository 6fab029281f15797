//! Replaces images if opsflow is built without the feature `png`.

use super::exit::Failure;

pub(super) fn png(_svg: &str) -> Result<Vec<u8>, Failure> {
    let help = "draw an SVG (`-o FILE.svg`), or build opsflow with the feature `png`";
    Err(Failure::usage("this opsflow was built without the feature `png`").with_help(help))
}
