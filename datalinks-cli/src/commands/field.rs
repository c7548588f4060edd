//! Descriptions of fields, as flags give them.

/// Parses `NAME=TEXT`.
pub(super) fn field(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, meaning)) if !name.is_empty() => Ok((name.to_owned(), meaning.to_owned())),
        _ => Err("expected NAME=TEXT, such as title='Title as released'".to_owned()),
    }
}
