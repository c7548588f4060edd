//! Secrets recognized by their form: presigned URLs, and fields that the OpenAPI document marks with `x-secret`.

/// Query parameters of presigned URLs, in lower case. Their values are removed everywhere.
const PARAMETERS: [&str; 12] = [
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
    "x-goog-signature",
    "x-goog-credential",
    "awsaccesskeyid",
    "signature",
    "sig",
    "key-pair-id",
    "access_token",
    "api_key",
    "apikey",
];

/// The part of a URL that is removed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Urls {
    /// User, password, query and fragment. A signed URL is removed as a whole.
    Queries,
    /// The whole URL.
    Whole,
}

/// Removes URLs or parts of them. They may be escaped as in JSON. Returns `None` if there is nothing to remove.
pub(super) fn redact_urls(text: &str, how: Urls) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut redacted, mut done, mut from) = (String::new(), 0, 0);
    while let Some((at, length)) = separator(bytes, from) {
        from = at + length;
        let scheme = bytes[..at]
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte))
            .count();
        let start = at - scheme;
        if scheme == 0 || start < done {
            continue;
        }
        let end = from + url_end(&bytes[from..]);
        let body = &text[from..end];
        let secret = match how {
            Urls::Whole => Some("[URL]".to_owned()),
            Urls::Queries if redact_parameters(body).is_some() => Some("[URL]".to_owned()),
            Urls::Queries => without_secrets(body).map(|body| format!("{}{body}", &text[start..from])),
        };
        from = end;
        let Some(secret) = secret else { continue };
        redacted.push_str(&text[done..start]);
        redacted.push_str(&secret);
        done = end;
    }
    redacted.push_str(&text[done..]);
    (done > 0).then_some(redacted)
}

/// Finds the next `://`, whose slashes may be escaped, and returns its offset and length.
fn separator(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let slash = |at: usize| {
        let backslashes = bytes[at..].iter().take_while(|byte| **byte == b'\\').count();
        (bytes.get(at + backslashes) == Some(&b'/')).then_some(at + backslashes + 1)
    };
    (from..bytes.len())
        .filter(|at| bytes[*at] == b':')
        .find_map(|at| slash(at + 1).and_then(slash).map(|end| (at, end - at)))
}

/// Returns the length of a URL. The text around it may be JSON.
fn url_end(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\\' {
            let backslashes = bytes[at..].iter().take_while(|byte| **byte == b'\\').count();
            match bytes.get(at + backslashes) {
                Some(b'/' | b'u') => at += backslashes + 1,
                _ => return at,
            }
        } else if byte.is_ascii_whitespace() || byte.is_ascii_control() || b"\"<>`".contains(byte) {
            return at;
        } else {
            at += 1;
        }
    }
    at
}

/// Removes user, password, query and fragment from a URL after its `://`. Returns `None` if it has none of them.
fn without_secrets(body: &str) -> Option<String> {
    let query = body.find(['?', '#']).filter(|at| at + 1 < body.len());
    let (path, marker) = match query {
        Some(at) => (&body[..at], Some(&body[at..=at])),
        None => (body, None),
    };
    let authority = path.find(['/', '\\']).unwrap_or(path.len());
    let user = path[..authority].rfind('@');
    if query.is_none() && user.is_none() {
        return None;
    }
    let host = match user {
        Some(at) => format!("[user]{}", &path[at..]),
        None => path.to_owned(),
    };
    Some(match marker {
        Some("?") => format!("{host}?[query]"),
        Some(_) => format!("{host}#[fragment]"),
        None => host,
    })
}

/// Removes the values of parameters that sign URLs. Returns `None` if there are none.
pub(super) fn redact_parameters(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let (mut redacted, mut done, mut from) = (String::new(), 0, 0);
    while let Some((at, equals)) = equals_sign(lower.as_bytes(), from) {
        from = at + equals;
        let name = PARAMETERS.iter().find(|name| {
            let before = lower[..at].strip_suffix(**name);
            before.is_some_and(|before| {
                !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_')
                    || before.ends_with("%3f")
                    || before.ends_with("%26")
            })
        });
        if name.is_none() {
            continue;
        }
        let value = &lower[from..];
        let end = value.find(|c: char| c.is_whitespace() || "&\"'<>`\\;,".contains(c)).unwrap_or(value.len());
        let end = value[..end].find("%26").unwrap_or(end);
        redacted.push_str(&text[done..from]);
        redacted.push_str("[secret]");
        from += end;
        done = from;
    }
    redacted.push_str(&text[done..]);
    (done > 0).then_some(redacted)
}

/// Finds the next `=`, plain or encoded, and returns its offset and length.
fn equals_sign(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    (from..bytes.len()).find_map(|at| {
        let forms: [&[u8]; 4] = [b"=", b"%3d", b"\\u003d", b"&#61;"];
        forms.iter().find(|form| bytes[at..].starts_with(form)).map(|form| (at, form.len()))
    })
}

/// Removes the strings of JSON fields with these names. The JSON may itself be inside a string. Returns `None` if there
/// are none.
pub(super) fn redact_fields(text: &str, names: &[&str]) -> Option<String> {
    let bytes = text.as_bytes();
    let backslashes = |at: usize| bytes[at..].iter().take_while(|byte| **byte == b'\\').count();
    let blanks = |at: usize| bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    // Returns the offset after a quote, which may be escaped.
    let quote = |at: usize| {
        let end = at + backslashes(at);
        (bytes.get(end) == Some(&b'"')).then_some(end + 1)
    };
    // Returns the start of the string value of a field whose name ends at `at`, and the number of escapes of its
    // quotes.
    let value = |at: usize| {
        let colon = quote(at)?;
        let colon = colon + blanks(colon);
        if bytes.get(colon) != Some(&b':') {
            return None;
        }
        let start = colon + 1 + blanks(colon + 1);
        Some((quote(start)?, backslashes(start)))
    };
    let (mut redacted, mut done, mut from) = (String::new(), 0, 0);
    while let Some(open) = bytes[from..].iter().position(|byte| *byte == b'"').map(|at| from + at) {
        from = open + 1;
        let name = names.iter().find(|name| bytes[from..].starts_with(name.as_bytes()));
        let Some((start, escapes)) = name.and_then(|name| value(from + name.len())) else { continue };
        let end = (start..bytes.len()).filter(|at| bytes[*at] == b'"').find(|at| {
            let before = bytes[start..*at].iter().rev().take_while(|byte| **byte == b'\\').count();
            before <= escapes
        });
        let end = end.map_or(bytes.len(), |end| {
            end - bytes[start..end].iter().rev().take_while(|byte| **byte == b'\\').count()
        });
        redacted.push_str(&text[done..start]);
        redacted.push_str("[secret]");
        (done, from) = (end, end);
        // The closing quote does not begin another string.
        from += quote(from).map_or(0, |after| after - from);
    }
    redacted.push_str(&text[done..]);
    (done > 0).then_some(redacted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_parts_of_urls_are_redacted() {
        for (text, queries, whole) in [
            ("see https://h/a?b=canary&c, then", "see https://h/a?[query] then", "see [URL] then"),
            ("(\"http://u:canary@h:1/a#canary\")", "(\"http://[user]@h:1/a#[fragment]\")", "(\"[URL]\")"),
            (
                r#"{"u":"https:\/\/h\/a?s=canary\u0026t"}"#,
                r#"{"u":"https:\/\/h\/a?[query]"}"#,
                r#"{"u":"[URL]"}"#,
            ),
            (
                r#""{\"u\":\"https://h/a?s=canary\"}""#,
                r#""{\"u\":\"https://h/a?[query]\"}""#,
                r#""{\"u\":\"[URL]\"}""#,
            ),
            ("no data at https://h/canary?X-Amz-Signature=canary.", "no data at [URL]", "no data at [URL]"),
            (
                "https://h/a?s=canary https://h/b?s=canary",
                "https://h/a?[query] https://h/b?[query]",
                "[URL] [URL]",
            ),
        ] {
            assert_eq!(redact_urls(text, Urls::Queries).as_deref(), Some(queries));
            let again = redact_urls(queries, Urls::Queries);
            assert_eq!(again.as_deref().unwrap_or(queries), queries, "redacting again changes it");
            assert_eq!(redact_urls(text, Urls::Whole).as_deref(), Some(whole));
        }
        for text in ["", "no URL", "://", "is it https://h/a?", "https://h/a@b", "a:b", "é://é"] {
            assert_eq!(redact_urls(text, Urls::Queries), None, "{text}");
        }
    }

    #[test]
    fn signatures_without_a_url_are_redacted() {
        for (text, expected) in [
            ("/a?X-Amz-Signature=canary&X=1", "/a?X-Amz-Signature=[secret]&X=1"),
            (
                "https%3A%2F%2Fh%2Fa%3FX-Amz-Signature%3Dcanary%26b",
                "https%3A%2F%2Fh%2Fa%3FX-Amz-Signature%3D[secret]%26b",
            ),
            ("sv=1&sig=canary%3D \"sig\": 1", "sv=1&sig=[secret] \"sig\": 1"),
        ] {
            assert_eq!(redact_parameters(text).as_deref(), Some(expected));
            assert_eq!(redact_parameters(expected).as_deref(), Some(expected));
        }
        for text in ["", "=", "a=b", "design=1", "Signature", "é=é"] {
            assert_eq!(redact_parameters(text), None, "{text}");
        }
    }

    #[test]
    fn secret_fields_are_redacted_in_nested_json() {
        let names = ["token", "dataUrl"];
        for (text, expected) in [
            (r#"{"token":"canary","a":1}"#, r#"{"token":"[secret]","a":1}"#),
            (r#"{"token" : "ca\"nary" }"#, r#"{"token" : "[secret]" }"#),
            (r#"{"m":"{\"token\":\"canary\",\"a\":1}"}"#, r#"{"m":"{\"token\":\"[secret]\",\"a\":1}"}"#),
            (r#"{"dataUrl":"canary"#, r#"{"dataUrl":"[secret]"#),
        ] {
            assert_eq!(redact_fields(text, &names).as_deref(), Some(expected));
            assert_eq!(redact_fields(expected, &names).as_deref(), Some(expected));
        }
        for text in ["", "\"", r#"{"token":null}"#, r#"{"tokens":"a"}"#, r#"["token"]"#, r#"{"a":"token"}"#] {
            assert_eq!(redact_fields(text, &names), None, "{text}");
        }
    }
}
