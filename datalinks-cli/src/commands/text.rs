//! Texts that are given as an argument, or on standard input.

use crate::failure::{Failure, Result};
use crate::terminal::read_to_end;

/// Longest text on standard input, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Returns a text that is given as an argument, or standard input for `-`. `what` names the text in messages.
pub(super) async fn text(argument: String, what: &str) -> Result<String> {
    let text = match argument.as_str() {
        "-" => String::from_utf8(read_to_end(LONGEST).await?)
            .map_err(|_| Failure::usage(format!("the {what} on standard input is not UTF-8")))?,
        _ => argument,
    };
    match text.trim() {
        "" => Err(Failure::usage(format!("the {what} is empty"))),
        text => Ok(text.to_owned()),
    }
}
