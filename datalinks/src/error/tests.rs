use super::*;

fn redactor() -> Redactor {
    Redactor::new("canary-key")
}

/// Returns all text that an error exposes.
fn shown(error: &Error) -> String {
    let mut text = format!(
        "{error} {error:?} {error:#?} {:?} {:?} {:?}",
        error.body(),
        error.headers(),
        error.sub_errors()
    );
    text += &serde_json::to_string(error).unwrap();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(" {error} {error:?}");
        cause = error.source();
    }
    text
}

/// `main` prints the `Debug` of an error that it returns. The text was that of a structure, without the advice.
///
/// Regression 8d.
#[test]
fn debug_begins_with_the_line_of_display() {
    let cause = std::io::Error::other("the disk is full");
    let error = Error::new(ErrorKind::Server, "no")
        .caused_by(cause)
        .with_body(&[b'x'; 90])
        .advice("wait")
        .at("op", None);
    let (display, debug) = (error.to_string(), format!("{error:?}"));
    assert!(display.contains("op failed: no") && display.contains("; wait"), "{display}");
    assert!(debug.starts_with(&display), "{debug}");
    assert_eq!(format!("{error:#?}"), debug);
    let rest = &debug[display.len()..];
    assert!(
        rest.contains("Server")
            && rest.contains("caused by: the disk is full")
            && rest.contains(&"x".repeat(90))
    );
    assert_eq!(debug.lines().count(), 1);
    let plain = Error::invalid("no\nline\u{2028}breaks");
    assert_eq!(format!("{plain:?}"), format!("{plain} (InvalidInput)"));
    assert!(!plain.to_string().contains(['\n', '\u{2028}']));
    // A cause whose text is in the message is shown once.
    let error =
        Error::invalid("it failed: the disk is full").caused_by(std::io::Error::other("the disk is full"));
    assert_eq!(format!("{error:?}").matches("disk").count(), 1);
}

/// Regression 8e.
#[test]
fn advice_does_not_repeat_the_message() {
    let error = Error::invalid("the value is invalid; nothing was sent");
    assert_eq!(error.to_string(), "the value is invalid; nothing was sent; change the value");
}

/// Secrets are removed from data that was set before and after the secrets were known.
#[test]
fn secrets_are_removed_from_every_part_of_an_error() {
    #[derive(Debug)]
    struct Cause(Option<Box<Cause>>);
    impl fmt::Display for Cause {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "Bearer canary-key at https://h/a?canary-key")
        }
    }
    impl StdError for Cause {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            self.0.as_deref().map(|cause| cause as _)
        }
    }
    let filled = |error: Error| {
        let mut headers = HeaderMap::new();
        headers.insert("location", "https://u:canary-key@h/a?canary=1".parse().unwrap());
        let sub = SubError::new("canary-key", "https://h/?sig=canary");
        let cut = format!("{}canary-k", "x".repeat(492));
        error
            .at("op", Some("GET https://h/canary-key".into()))
            .with_code("canary-key", vec![sub])
            .with_request_id(Some(format!("{}canary", "x".repeat(194))))
            .with_response(StatusCode::BAD_REQUEST, &headers, &Bytes::from_static(b"\"canary-key\""))
            .with_body(cut.as_bytes())
            .advice(String::from("open https://h/a?b=canary"))
            .caused_by(Cause(Some(Box::new(Cause(None)))))
    };
    let message = "no canary-key at https://h/a?key=canary, nor at https://h/canary?X-Amz-Signature=canary";
    let after = filled(Error::new(ErrorKind::Rejected, message).redacted(&redactor()));
    let before = filled(Error::new(ErrorKind::Rejected, message)).redacted(&redactor());
    for error in [after, before] {
        let text = shown(&error);
        assert!(!text.contains("canary"), "{text}");
        assert!(
            text.contains("[key]") && text.contains("https://h/a?[query]") && text.contains("[URL]"),
            "{text}"
        );
        assert_eq!(error.raw_response().unwrap().2, "\"[key]\"");
        assert!(error.source().unwrap().source().unwrap().source().is_none());
    }
}

#[test]
fn cause_without_a_secret_keeps_its_type() {
    let error =
        Error::new(ErrorKind::Io, "no").caused_by(std::io::Error::other("full")).redacted(&redactor());
    assert!(error.source().unwrap().downcast_ref::<std::io::Error>().is_some());
}

/// The advice named a request id, which many responses do not have.
#[test]
fn advice_of_a_failing_server_does_not_need_a_request_id() {
    let text = Error::new(ErrorKind::Server, "no").to_string();
    assert!(text.contains("report this to the operator of the service"), "{text}");
    assert!(!text.contains("request id"), "{text}");
}

/// Services repeat the message of an error in its details.
#[test]
fn details_do_not_repeat_the_message() {
    let error = |message: &str, details: &[(&str, &str)]| {
        let details = details.iter().map(|(code, message)| SubError::new(*code, *message)).collect();
        let error = Error::new(ErrorKind::Rejected, message).with_status(StatusCode::BAD_REQUEST);
        error.with_code("BAD", details).to_string()
    };
    let line = error("the query stops at 9: expected a name", &[("SYNTAX", "query: expected a name")]);
    assert!(line.contains("expected a name (400 Bad Request, BAD), SYNTAX: query;"), "{line}");
    let line = error("the body is invalid: data: missing", &[("BAD", "data: missing")]);
    assert!(line.contains("data: missing (400 Bad Request, BAD);"), "{line}");
    let line =
        error("2 violations, the first is data: missing", &[("M", "data: missing"), ("M", "links: missing")]);
    assert!(line.contains("BAD), M, M: links;"), "{line}");
    let line = error("a: must be a number", &[("M", "b: must be a")]);
    assert!(line.contains("BAD), M: b: must be a;"), "{line}");
    let line = error("no", &[("ROWS", "too many: 5")]);
    assert!(line.contains("no (400 Bad Request, BAD), ROWS: too many: 5;"), "{line}");
}
