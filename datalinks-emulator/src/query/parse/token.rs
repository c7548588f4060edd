//! The tokens of a query: words, quoted text, names and numbers.

use winnow::Parser;
use winnow::ascii::multispace0;
use winnow::combinator::opt;
use winnow::stream::{LocatingSlice, Location};
use winnow::token::{any, literal, take_while};

use super::error::Stop;

pub(super) type Input<'i> = LocatingSlice<&'i str>;

/// The content of quoted text, and the offset of each of its bytes in the query.
pub(super) struct Quoted {
    pub(super) text: String,
    offsets: Vec<usize>,
    end: usize,
}

impl Quoted {
    /// Converts an offset in the content to an offset in the query.
    pub(super) fn outside(&self, at: usize) -> usize {
        self.offsets.get(at).copied().unwrap_or(self.end)
    }
}

pub(super) fn is_quote(input: &Input<'_>) -> bool {
    input.starts_with(['"', '\''])
}

/// Parses quoted text. The next character is a quote.
pub(super) fn quoted(input: &mut Input<'_>) -> Result<Quoted, Stop> {
    let quote = any(input)?;
    let (mut text, mut offsets) = (String::new(), Vec::new());
    loop {
        let at = input.current_token_start();
        if input.is_empty() {
            return Err(Stop::at(at, format!("the closing quote {quote}"))
                .advice(format!("close the quotes, or write {quote} in the text as \\{quote}")));
        }
        let c = match any(input)? {
            c if c == quote => return Ok(Quoted { text, offsets, end: at }),
            '\\' => match opt(any::<_, Stop>).parse_next(input)? {
                Some(escaped @ ('\\' | '"' | '\'')) => escaped,
                _ => {
                    return Err(Stop::at(at, "one of \\\\ \\\" \\'")
                        .advice("write a backslash as \\\\; there are no other escapes"));
                }
            },
            c => c,
        };
        text.push(c);
        offsets.extend(std::iter::repeat_n(at, c.len_utf8()));
    }
}

/// Parses quoted text or a word.
pub(super) fn operand(input: &mut Input<'_>, expected: &str) -> Result<String, Stop> {
    if is_quote(input) {
        return Ok(quoted(input)?.text);
    }
    let word: &str = take_while(0.., is_word).parse_next(input)?;
    if word.is_empty() { Err(Stop::here(input, expected)) } else { Ok(word.to_owned()) }
}

pub(super) fn is_word(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(c, '(' | ')' | '"' | '\'' | '=' | '!' | '<' | '>' | '&' | '|' | '\\' | ',')
}

/// Parses the name of a dataset in parentheses. Without quotes, all text up to the closing parenthesis is the name.
pub(super) fn dataset_name(input: &mut Input<'_>) -> Result<String, Stop> {
    open(input, "the name of a dataset")?;
    space(input)?;
    let at = input.current_token_start();
    let name = if is_quote(input) {
        quoted(input)?.text
    } else {
        let is_name = |c| !matches!(c, '(' | ')' | '"' | '\'');
        let name: &str = take_while(0.., is_name).parse_next(input)?;
        name.trim_end().to_owned()
    };
    if name.trim().is_empty() {
        return Err(
            Stop::at(at, "the name of a dataset").advice("write it in quotes, e.g. \"namespace/dataset\"")
        );
    }
    close(input, "`)` after the name of the dataset")?;
    Ok(name)
}

/// Parses a number of decimal digits.
pub(super) fn number(input: &mut Input<'_>, expected: &str) -> Result<u64, Stop> {
    space(input)?;
    let at = input.current_token_start();
    let digits: &str = take_while(0.., is_word).parse_next(input)?;
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    match digits.parse() {
        Ok(number) if is_number => Ok(number),
        _ => Err(Stop::at(at, expected).advice("write it in digits, without quotes or sign")),
    }
}

pub(super) fn identifier<'i>(input: &mut Input<'i>) -> Result<&'i str, Stop> {
    take_while(0.., |c: char| c.is_alphanumeric() || c == '_').parse_next(input)
}

pub(super) fn open(input: &mut Input<'_>, content: &str) -> Result<(), Stop> {
    expect(input, "(", &format!("`(` and {content}"))
}

pub(super) fn close(input: &mut Input<'_>, expected: &str) -> Result<(), Stop> {
    expect(input, ")", expected)
}

pub(super) fn expect(input: &mut Input<'_>, token: &'static str, expected: &str) -> Result<(), Stop> {
    space(input)?;
    if accept(input, token)? { Ok(()) } else { Err(Stop::here(input, expected)) }
}

/// Consumes a token if it is next, and returns whether it was.
pub(super) fn accept(input: &mut Input<'_>, token: &'static str) -> Result<bool, Stop> {
    Ok(opt(literal::<_, _, Stop>(token)).parse_next(input)?.is_some())
}

pub(super) fn space(input: &mut Input<'_>) -> Result<(), Stop> {
    multispace0.void().parse_next(input)
}
