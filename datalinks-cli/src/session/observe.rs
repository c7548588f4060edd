//! `--verbose` and `--curl`: requests on standard error.

use std::ops::Range;

use datalinks::client::{DataLinksBuilder, IngestProxyBuilder, OutgoingRequest};
use datalinks::drift::DriftObserver;
use datalinks::retry::Attempt;

use crate::output::Diagnostics;
use crate::settings::GlobalFlags;
use crate::terminal::{escape, json_safe, quoted};

/// Bodies that are longer are not shown, in bytes.
const SHOWN: usize = 16 * 1024;

/// Shows the requests of clients, as far as the user asked for it.
#[derive(Clone)]
pub(super) struct Observer {
    verbose: bool,
    curl: bool,
    drift: Option<DriftObserver>,
    diagnostics: Diagnostics,
}

/// Registers the observer with a builder of either client.
macro_rules! register {
    ($observer:expr, $builder:expr) => {{
        let (sending, ended) = ($observer.clone(), $observer.clone());
        let builder = match &$observer.drift {
            Some(drift) => $builder.observe_drift(drift),
            None => $builder,
        };
        if sending.verbose || sending.curl {
            builder
                .on_send(move |request| sending.sending(request))
                .on_attempt(move |attempt| ended.ended(attempt))
        } else {
            builder
        }
    }};
}

impl Observer {
    pub(super) fn new(flags: &GlobalFlags, drift: Option<&DriftObserver>, diagnostics: &Diagnostics) -> Self {
        Self {
            verbose: flags.verbose,
            curl: flags.curl,
            drift: drift.cloned(),
            diagnostics: diagnostics.clone(),
        }
    }

    pub(super) fn observe(&self, builder: DataLinksBuilder) -> DataLinksBuilder {
        register!(self, builder)
    }

    pub(super) fn observe_proxy(&self, builder: IngestProxyBuilder) -> IngestProxyBuilder {
        register!(self, builder)
    }

    fn sending(&self, request: &OutgoingRequest<'_>) {
        let style = self.diagnostics.style();
        if self.curl {
            self.diagnostics.line(&curl(request));
        }
        if self.verbose {
            let url = request.url();
            let line = format!("> {} {} ({})", request.method(), escape(&url), request.operation());
            self.diagnostics.line(&style.dim(line));
            for (name, value) in request.headers() {
                let value = value.map_or_else(|| "(hidden)".to_owned(), |value| escape(value).into_owned());
                self.diagnostics.line(&style.dim(format_args!(">   {name}: {value}")));
            }
            if let Some((file, bytes)) = request.file() {
                let what = format!(
                    "({} bytes of {} from byte {})",
                    bytes.end - bytes.start,
                    file.display(),
                    bytes.start
                );
                self.diagnostics.line(&style.dim(format_args!(">   {}", escape(&what))));
            }
            let body = request.body();
            if !body.is_empty() {
                self.diagnostics.line(&style.dim(format_args!(">   {}", shown(&body))));
            }
        }
    }

    fn ended(&self, attempt: &Attempt) {
        if self.verbose {
            let line = self.diagnostics.style().dim(outcome(attempt));
            self.diagnostics.line(&line);
        }
    }
}

/// Returns the line for the end of a request.
fn outcome(attempt: &Attempt) -> String {
    let status = attempt.status.map_or_else(|| "no response".to_owned(), |status| status.to_string());
    let failure = attempt.failure.map_or_else(String::new, |kind| format!(", {kind}"));
    let pause = attempt.pause.map_or_else(String::new, |pause| format!(", next in {} ms", pause.as_millis()));
    format!(
        "< {status} in {} ms ({}, attempt {}{failure}{pause})",
        attempt.duration.as_millis(),
        attempt.operation,
        attempt.number
    )
}

/// Returns a body in one line.
fn shown(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) if text.len() <= SHOWN => escape(&json_safe(text)).into_owned(),
        _ => format!("(body of {} bytes)", body.len()),
    }
}

/// Returns a request as a command. The token is a variable, and so is a presigned URL.
fn curl(request: &OutgoingRequest<'_>) -> String {
    if let Some((file, bytes)) = request.file() {
        return curl_of_part(&request.url(), &file.display().to_string(), bytes);
    }
    let mut command = format!("curl -X {} {}", request.method(), word(&request.url()));
    for (name, value) in request.headers() {
        // These are set by curl, or describe a compressed body. The command sends the content, and shows the response.
        if matches!(name.as_str(), "accept-encoding" | "content-encoding" | "content-length" | "user-agent") {
            continue;
        }
        match (name.as_str(), value) {
            ("authorization", _) => command.push_str(" -H \"authorization: Bearer $DL_API_KEY\""),
            (name, Some(value)) => command.push_str(&format!(" -H {}", word(&format!("{name}: {value}")))),
            (name, None) => {
                let variable = name.replace('-', "_").to_uppercase();
                command.push_str(&format!(" -H \"{name}: ${variable}\""));
            }
        }
    }
    let body = request.body();
    if !body.is_empty() {
        match std::str::from_utf8(&body) {
            Ok(text) if text.len() <= SHOWN => {
                command.push_str(&format!(" --data-raw {}", word(&json_safe(text))));
            }
            _ => command.push_str(&format!(" --data-binary @BODY # a file of {} bytes", body.len())),
        }
    }
    command
}

/// Returns the command that sends a part of a file to a presigned URL, which signs no content type.
fn curl_of_part(url: &str, file: &str, bytes: Range<u64>) -> String {
    format!(
        "tail -c +{} {} | head -c {} | curl -X PUT \"$PART_URL\" -H content-type: --data-binary @- # {}",
        bytes.start + 1,
        word(file),
        bytes.end - bytes.start,
        escape(url)
    )
}

/// Returns a text as a word of a shell, without control characters.
fn word(text: &str) -> String {
    quoted(&escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(word("https://x/a"), "https://x/a");
        assert_eq!(word("it's"), r"'it'\''s'");
        assert_eq!(word("a\u{1b}\n"), r"'a\x1b\n'");
    }

    #[test]
    fn part_of_a_file_is_read_by_a_shell() {
        assert_eq!(
            curl_of_part("https://store/[presigned]", "my films.csv", 12..30),
            "tail -c +13 'my films.csv' | head -c 18 | curl -X PUT \"$PART_URL\" -H content-type: --data-binary @- \
             # https://store/[presigned]"
        );
    }

    #[test]
    fn long_and_binary_bodies_are_not_shown() {
        assert_eq!(shown(b"{\"a\":\"b\"}"), "{\"a\":\"b\"}");
        assert_eq!(shown(&[0xff]), "(body of 1 bytes)");
        assert_eq!(shown(&vec![b'x'; SHOWN + 1]), format!("(body of {} bytes)", SHOWN + 1));
    }
}
