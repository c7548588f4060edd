//! Extreme values, and their insertion into valid bodies.

use fastrand::Rng;

use super::json::Json;

/// Size of the largest string in bytes.
const LARGEST: usize = 1 << 20;

/// A kind of extreme value.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Extreme {
    /// A number that some type cannot represent, or that has many digits.
    Number,
    /// Nested arrays or objects, 100 to 10,000 levels deep.
    Nesting,
    /// An object with up to 10,000 keys.
    ManyKeys,
    /// An object with a duplicate key.
    RepeatedKeys,
    /// An empty name or string.
    Empty,
    /// A name of up to 100 KB.
    LongName,
    /// Control characters of Unicode, and invisible characters.
    Controls,
    /// An array with up to 10,000 items.
    ManyItems,
    /// A string of up to 1 MB.
    LongText,
    /// A time at an end of the calendar, or an invalid time.
    Moment,
    /// A value of another type.
    OtherType,
    /// A missing field, or an unknown one.
    OtherFields,
    /// Malformed JSON.
    Broken,
    /// A path segment that addresses another resource, or that cannot be decoded.
    Path,
    /// A query string that is long, that has duplicates, or that cannot be decoded.
    QueryString,
    /// Headers that are long, many, or not in the document.
    Headers,
    /// A query with many calls, parentheses or numbers.
    QueryText,
    /// A file whose rows are at a limit of their format.
    File,
    /// Bytes that are not HTTP.
    Wire,
}

/// The kinds of extreme values that a body can contain.
pub(super) const IN_BODIES: [Extreme; 13] = [
    Extreme::Number,
    Extreme::Nesting,
    Extreme::ManyKeys,
    Extreme::RepeatedKeys,
    Extreme::Empty,
    Extreme::LongName,
    Extreme::Controls,
    Extreme::ManyItems,
    Extreme::LongText,
    Extreme::Moment,
    Extreme::OtherType,
    Extreme::OtherFields,
    Extreme::Broken,
];

/// Returns a number between two others, log-uniformly distributed.
pub(super) fn log_uniform(rng: &mut Rng, least: usize, most: usize) -> usize {
    let (low, high) = ((least as f64).ln(), (most as f64).ln());
    ((low + rng.f64() * (high - low)).exp() as usize).clamp(least, most)
}

/// Returns a random item, or `None` if the slice is empty.
pub(super) fn one<'a, T>(rng: &mut Rng, all: &'a [T]) -> Option<&'a T> {
    rng.choice(all)
}

/// Returns a random word.
pub(super) fn word<'a>(rng: &mut Rng, words: &[&'a str]) -> &'a str {
    rng.choice(words).copied().unwrap_or_default()
}

/// Inserts an extreme value at one position of a tree.
pub(super) fn put(extreme: Extreme, tree: &mut Json, rng: &mut Rng) {
    let number = rng.usize(..tree.nodes());
    let Some(node) = tree.node(number) else { return };
    match extreme {
        Extreme::Number => *node = Json::Raw(self::number(rng)),
        Extreme::Nesting => *node = Json::Raw(nesting(rng)),
        Extreme::ManyKeys => many_keys(node, rng),
        Extreme::RepeatedKeys => repeated_keys(node, rng),
        Extreme::Empty => name(tree, rng, String::new()),
        Extreme::LongName => {
            let long = long(rng, 100_000);
            name(tree, rng, long);
        }
        Extreme::Controls => {
            let controls = controls(rng);
            if rng.u8(..4) == 0 { *node = Json::Raw(surrogate(rng)) } else { name(tree, rng, controls) }
        }
        Extreme::ManyItems => many_items(tree, rng),
        Extreme::LongText => *node = Json::Text(long(rng, LARGEST)),
        Extreme::Moment => *node = Json::text(moment(rng)),
        Extreme::OtherType => *node = Json::Raw(other_type(rng).to_owned()),
        Extreme::OtherFields => other_fields(tree, rng),
        _ => {}
    }
}

/// Returns a number that is hard to represent.
pub(super) fn number(rng: &mut Rng) -> String {
    const NUMBERS: [&str; 30] = [
        "1e999",
        "-1e999",
        "1e-999",
        "1e308",
        "1.7976931348623159e308",
        "5e-324",
        "-0",
        "-0.0",
        "0e99",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "340282366920938463463374607431768211456",
        "4294967295",
        "4294967296",
        "2147483648",
        "-2147483649",
        "65535",
        "65536",
        "0.1",
        "1.5",
        "10001",
        "1e5",
        "1e+400",
        "123456789012345678901234567890.5",
        "1e99999999999999999999",
    ];
    match rng.u8(..10) {
        0 => {
            let digits = log_uniform(rng, 20, 100_000);
            "9".repeat(digits)
        }
        1 => {
            let digits = log_uniform(rng, 20, 100_000);
            format!("0.{}1", "0".repeat(digits))
        }
        _ => word(rng, &NUMBERS).to_owned(),
    }
}

/// Returns nested arrays, objects, or both in turn.
fn nesting(rng: &mut Rng) -> String {
    const DEPTHS: [usize; 8] = [100, 126, 127, 128, 129, 1_000, 5_000, 10_000];
    let depth =
        if rng.bool() { one(rng, &DEPTHS).copied().unwrap_or(100) } else { log_uniform(rng, 100, 10_000) };
    let (open, close) = match rng.u8(..3) {
        0 => ("[", "]"),
        1 => ("{\"a\":", "}"),
        _ => ("[{\"a\":", "}]"),
    };
    // Sometimes the end is missing, which parsers detect late.
    let ends = if rng.u8(..8) == 0 { depth / 2 } else { depth };
    format!("{}1{}", open.repeat(depth), close.repeat(ends))
}

fn many_keys(node: &mut Json, rng: &mut Rng) {
    let keys = log_uniform(rng, 100, 10_000);
    let length = if rng.u8(..4) == 0 { 80 } else { 0 };
    let value = match rng.u8(..4) {
        0 => Json::Raw("null".to_owned()),
        1 => Json::Raw("[1,2]".to_owned()),
        2 => Json::text("48.1, 11.6"),
        _ => Json::text("Quercus"),
    };
    let made = (0..keys).map(|key| (format!("k{key:0length$}"), value.clone()));
    match node {
        Json::Object(fields) => fields.extend(made),
        other => *other = Json::Object(made.collect()),
    }
}

fn repeated_keys(node: &mut Json, rng: &mut Rng) {
    let times = log_uniform(rng, 1, 2_000);
    if let Json::Object(fields) = node
        && let Some((name, value)) = one(rng, fields).cloned()
    {
        let value = if rng.bool() { Json::Raw("null".to_owned()) } else { value };
        let large = value.nodes() > 20;
        fields.extend((0..if large { 2 } else { times }).map(|_| (name.clone(), value.clone())));
        return;
    }
    *node = Json::Object((0..=times).map(|index| ("a".to_owned(), Json::Raw(index.to_string()))).collect());
}

/// Sets the name of a field, or a string, at some position.
fn name(tree: &mut Json, rng: &mut Rng, text: String) {
    let number = rng.usize(..tree.nodes());
    match tree.node(number) {
        Some(Json::Object(fields)) if !fields.is_empty() => {
            let index = rng.usize(..fields.len());
            fields[index].0 = text;
        }
        Some(node) => *node = Json::Text(text),
        None => {}
    }
}

fn many_items(tree: &mut Json, rng: &mut Rng) {
    let arrays = tree.numbers(&|node| matches!(node, Json::Array(items) if !items.is_empty()));
    let times = log_uniform(rng, 10, 10_000);
    let place = one(rng, &arrays).copied();
    match place.and_then(|number| tree.node(number)) {
        Some(Json::Array(items)) => {
            // The total size is about a megabyte at most.
            let size: usize = items.iter().map(|item| item.written().len() + 1).sum();
            let times = times.min(LARGEST / size.max(1) + 1);
            *items = items.iter().cloned().cycle().take(items.len() * times).collect();
        }
        _ => *tree = Json::Array(vec![Json::Raw("1".to_owned()); times]),
    }
}

fn other_fields(tree: &mut Json, rng: &mut Rng) {
    let objects = tree.numbers(&|node| matches!(node, Json::Object(_)));
    let place = one(rng, &objects).copied();
    let Some(Json::Object(fields)) = place.and_then(|number| tree.node(number)) else { return };
    if rng.bool() && !fields.is_empty() {
        let gone = rng.usize(..fields.len());
        fields.remove(gone);
    } else {
        fields.push(("unheardOf".to_owned(), Json::Raw(other_type(rng).to_owned())));
    }
}

fn other_type(rng: &mut Rng) -> &'static str {
    word(
        rng,
        &[
            "null",
            "true",
            "false",
            "0",
            "1",
            "-1",
            "\"\"",
            "\"x\"",
            "[]",
            "{}",
            "[null]",
            "[[]]",
            "{\"\":{}}",
        ],
    )
}

/// Returns a string of one or several repeated characters, up to some length.
pub(super) fn long(rng: &mut Rng, most: usize) -> String {
    let pattern = word(rng, &["x", "\u{e9}", "\u{1f9ea}", "x ", "a.", "(", "\"", "0", "k: v\n", "\u{301}"]);
    let length = log_uniform(rng, 1_000, most);
    pattern.repeat(length / pattern.len())
}

/// Returns control characters and other characters that tools handle badly.
pub(super) fn controls(rng: &mut Rng) -> String {
    let mut all: Vec<char> = ('\0'..' ').chain('\u{7f}'..='\u{9f}').collect();
    all.extend([
        '\u{ad}',
        '\u{200b}',
        '\u{200d}',
        '\u{200e}',
        '\u{202a}',
        '\u{202e}',
        '\u{2028}',
        '\u{2029}',
        '\u{2066}',
        '\u{2069}',
        '\u{feff}',
        '\u{fffd}',
        '\u{fffe}',
        '\u{ffff}',
        '\u{e000}',
        '\u{10ffff}',
        '\\',
        '"',
        '\'',
        '<',
        '&',
        '/',
        '%',
        '{',
        '}',
        '\u{130}',
        '\u{df}',
        '\u{1e9e}',
    ]);
    if rng.u8(..4) == 0 {
        return all.into_iter().collect();
    }
    let length = rng.usize(1..6);
    (0..length).filter_map(|_| one(rng, &all)).collect()
}

/// Returns a string with half a surrogate pair, which is not valid Unicode.
fn surrogate(rng: &mut Rng) -> String {
    word(
        rng,
        &["\"\\ud800\"", "\"\\udc00\\ud800\"", "\"a\\ud800\\u0041\"", "\"\\u0000\"", "\"\\ud83e\\uddea\""],
    )
    .to_owned()
}

/// Returns a time at an end of some calendar, or an invalid time.
pub(super) fn moment(rng: &mut Rng) -> String {
    word(
        rng,
        &[
            "9999-12-31T23:59:59.999999999Z",
            "+262142-12-31T23:59:59.999999Z",
            "9999-12-31T23:59:59.999999Z",
            "+262142-12-31T23:59:59Z",
            "-262143-01-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00-23:59",
            "9999-12-31T23:59:59-23:59",
            "2016-12-31T23:59:60Z",
            "2025-02-30T00:00:00Z",
            "2025-01-01",
            "soon",
            "10000-01-01T00:00:00Z",
            "-009999-01-02T01:59:59Z",
            "2025-01-01T00:00:00+24:00",
            "2025-01-01T00:00:00.1234567890123456789Z",
            "1677-09-21T00:12:43Z",
            "2262-04-12T00:00:00Z",
        ],
    )
    .to_owned()
}

/// Breaks a body at some position.
pub(super) fn broken(body: &mut Vec<u8>, rng: &mut Rng) {
    let place = rng.usize(..=body.len());
    match rng.u8(..6) {
        0 => body.truncate(place),
        1 => body.insert(place, 0xff),
        2 => body.insert(place, 0),
        3 if place < body.len() => body[place] ^= 1 << rng.u8(..8),
        4 => body.splice(..0, [0xef, 0xbb, 0xbf]).for_each(drop),
        _ => body.extend_from_slice(b"]}"),
    }
}
