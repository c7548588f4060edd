//! Detection of JSON values whose end is certain although they are invalid.

/// Returns `true` if the strings, brackets, commas and colons of a value are where JSON allows them.
///
/// Then only words can be invalid, as in `{"a": NaN}`, or the content of a string, or a value is missing. The value
/// certainly ends where its brackets indicate. Otherwise, for example with a missing or excess quote or bracket, the
/// brackets may be part of a string, and so may the value that seems to follow.
pub(super) fn is_certain(value: &[u8]) -> bool {
    let mut open: Vec<Open> = Vec::new();
    let mut last = Token::Start;
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        at += 1;
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            continue;
        }
        // Nothing may follow a complete value.
        if open.is_empty() && !matches!(last, Token::Start | Token::Word) {
            return false;
        }
        match (byte, open.last_mut()) {
            (b'"', within) => {
                let Some(length) = string(&value[at..]) else { return false };
                at += length;
                let fits = matches!(last, Token::Start | Token::Open | Token::Comma | Token::Colon);
                if !fits || within.is_none() && last != Token::Start {
                    return false;
                }
                last = Token::String;
            }
            (b'{' | b'[', within) => {
                let fits = match within {
                    None => last == Token::Start,
                    Some(Open { is_object: true, .. }) => last == Token::Colon,
                    Some(Open { is_object: false, .. }) => matches!(last, Token::Open | Token::Comma),
                };
                if !fits {
                    return false;
                }
                open.push(Open { is_object: byte == b'{', has_colon: false });
                last = Token::Open;
            }
            (b'}' | b']', Some(within)) => {
                if within.is_object != (byte == b'}') || within.ends_in_key(last) {
                    return false;
                }
                open.pop();
                last = Token::Close;
            }
            (b',', Some(within)) => {
                if within.ends_in_key(last) {
                    return false;
                }
                within.has_colon = false;
                last = Token::Comma;
            }
            (b':', Some(within @ Open { is_object: true, has_colon: false })) => {
                if !matches!(last, Token::String | Token::Word) {
                    return false;
                }
                within.has_colon = true;
                last = Token::Colon;
            }
            // Anything else may be quotes or comments of another language.
            (b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.' | b'_', _) => {
                if matches!(last, Token::String | Token::Close) {
                    return false;
                }
                last = Token::Word;
            }
            _ => return false,
        }
    }
    open.is_empty() && last != Token::Start
}

#[derive(Clone, Copy, PartialEq)]
enum Token {
    Start,
    Open,
    Close,
    Comma,
    Colon,
    String,
    Word,
}

/// An object or an array that is not closed yet.
struct Open {
    is_object: bool,
    /// Set if the current member has a colon.
    has_colon: bool,
}

impl Open {
    /// Returns `true` if the last member is a key without a value.
    fn ends_in_key(&self, last: Token) -> bool {
        self.is_object && !self.has_colon && last == Token::String
    }
}

/// Returns the length of a string after its opening quote, including its closing quote. `None` if it does not end.
fn string(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_with_invalid_words_has_a_certain_end() {
        for value in [
            "{}",
            "NaN",
            "-Infinity",
            "nul",
            "1 2",
            "\"a\\x\"",
            r#"{"a":NaN}"#,
            r#"{"a":[1,NaN,{"b":-Infinity}],"c":"}"}"#,
            r#"{"a":01,"b":.5,"c":1.,"d":+1,"e":0x1F,"f":1_000}"#,
            r#"{a:True,b:None,"c":undefined}"#,
            r#"{"a":,"b":1,}"#,
            "{\"a\":\"tab\there, line\nthere\",\"b\":\"\\x\"}",
            "[1,,2]",
            "{\"\\\"\":\"\\\\\"}",
        ] {
            assert!(is_certain(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn value_with_invalid_quotes_or_brackets_has_no_certain_end() {
        for value in [
            "",
            " ",
            "{",
            "}",
            "{]",
            r#"{"a":1]"#,
            r#"{"a":"x"y"}"#,
            r#"{"a":"x"y"z"}"#,
            r#"{"a":"x},{"b":1}"#,
            r#"{"a":x"},{"b":"y"}"#,
            r#"{"a":{"x":NaN},{"b":2}}"#,
            r#"{"a":1 {"b":2}}"#,
            r#"{"a":[1] 2}"#,
            r#"{"a":"b":"c"}"#,
            r#"{"a","b"}"#,
            r#"["a":1]"#,
            r#"{'a':'x}'}"#,
            "{\"a\":1 /* } */}",
            "{“a”:1}",
            "{} {}",
            "\"a\" 1",
            "\"a\"\"b\"",
            "1 {}",
            "NaN \"a\"",
            "{\"a\":\"C:\\\"},{\"b\":1}",
            "\"a\\",
        ] {
            assert!(!is_certain(value.as_bytes()), "{value}");
        }
    }
}
