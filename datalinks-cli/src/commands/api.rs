//! `datalinks api`: one call with any method and path.

use std::path::Path;

use bytes::Bytes;
use clap::Args;
use http::Method;

use crate::failure::{Failure, Result};
use crate::session::Session;
use crate::terminal::read_to_end;

/// Send a request with the token, and print the body of the response
///
/// The body is printed as it comes, whatever the format of the output, and ends in a line break. The path is below the base
/// URL, and names in it have to be percent-encoded. A status other than 2xx is a failure.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks api GET /user/me\n  \
    datalinks api POST /query --data '{\"username\":\"self\",\"namespace\":\"cinema\",\"query\":\"Ontology(films)\"}'\n  \
    datalinks api POST /query/ask --data @question.json")]
pub(crate) struct Arguments {
    /// Method, such as GET
    method: Method,

    /// Path below the base URL, such as /user/me
    path: String,

    /// Body as JSON, or @FILE, or `-` for standard input
    #[arg(short, long, value_name = "JSON")]
    data: Option<String>,
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    let mut request = session.client().await?.request(arguments.method, arguments.path);
    if let Some(data) = arguments.data {
        request = request.body(body(data).await?);
    }
    let mut response = request.await?;
    let mut lines = Lines::default();
    while let Some(chunk) = response.chunk().await? {
        if let Some(whole) = lines.add(&chunk) {
            session.output.bytes(&whole)?;
        }
    }
    let mut rest = lines.0;
    if !rest.is_empty() {
        rest.push(b'\n');
        session.output.bytes(&rest)?;
    }
    Ok(())
}

/// Returns the body that an argument gives.
async fn body(argument: String) -> Result<Bytes> {
    if argument == "-" {
        return Ok(read_to_end(u64::MAX).await?.into());
    }
    match argument.strip_prefix('@') {
        None => Ok(argument.into()),
        Some(file) => tokio::fs::read(Path::new(file))
            .await
            .map(Bytes::from)
            .map_err(|error| Failure::usage(format!("cannot read the body from {file}")).caused_by(&error)),
    }
}

/// Text that is passed on in whole lines, so that no character is divided.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    /// Adds a part, and returns the whole lines so far.
    fn add(&mut self, part: &[u8]) -> Option<Vec<u8>> {
        let end = part.iter().rposition(|byte| *byte == b'\n');
        let Some(end) = end else {
            self.0.extend_from_slice(part);
            return None;
        };
        let (whole, rest) = part.split_at(end + 1);
        let mut lines = std::mem::replace(&mut self.0, rest.to_vec());
        lines.extend_from_slice(whole);
        Some(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_passed_on_whole() {
        let mut lines = Lines::default();
        assert_eq!(lines.add(b"a"), None);
        assert_eq!(lines.add(b"b\nc\nd").as_deref(), Some(&b"ab\nc\n"[..]));
        assert_eq!(lines.add(b"e\n").as_deref(), Some(&b"de\n"[..]));
        assert!(lines.0.is_empty());
    }
}
