//! Reads the output of a program up to its bound.

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::task::StepFailure;

use super::MAX_OUTPUT_BYTES;

/// The size of the buffer for a read.
const READ_BYTES: usize = 8 * 1024;

/// Reads `pipe` to its end into `bytes`. Fails as soon as the bound is exceeded.
pub(super) async fn collect(
    pipe: Option<impl AsyncRead + Unpin>,
    bytes: &mut Vec<u8>,
    program: &str,
    name: &str,
) -> Result<(), StepFailure> {
    let Some(mut pipe) = pipe else { return Ok(()) };
    loop {
        bytes.reserve(READ_BYTES);
        let read = pipe.read_buf(bytes).await;
        let read = read.map_err(|error| StepFailure::new("shell", format!("{name} of `{program}`: {error}")))?;
        if bytes.len() > MAX_OUTPUT_BYTES {
            let bound = format!("more than {MAX_OUTPUT_BYTES} bytes (MAX_OUTPUT_BYTES)");
            return Err(StepFailure::limit(format!("`{program}` wrote {bound} to {name}")));
        }
        if read == 0 {
            return Ok(());
        }
    }
}
