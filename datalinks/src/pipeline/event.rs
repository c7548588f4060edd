//! The events of a pipeline run.

use serde::{Serialize, de::DeserializeOwned};

use datalinks_gen::Row;

use super::typed::{self, Kind, TYPE};
use crate::{
    error::{Error, ErrorKind},
    json::misfit::Mismatch,
    secrets::Redactor,
    types::Rejected,
};

/// A JSON object, the form of the proxy's free-form responses.
pub(crate) type JsonObject = Row;

/// An event of a [`PipelineRun`](super::PipelineRun). The service documents only the two types of events
/// that end a run. Other events are kept unchanged, or deserialized into `T` if the run is
/// [typed](super::PipelineRun::typed). Serialized, an event is the object, or the line as a string.
///
/// # Examples
///
/// ```
/// use datalinks::PipelineEvent;
///
/// let event = serde_json::from_str(r#"{"type":"complete","rows":7}"#)?;
/// assert!(matches!(PipelineEvent::from_object(event), PipelineEvent::Complete(_)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum PipelineEvent<T = JsonObject> {
    /// The run succeeded, which is its last event (`complete`).
    Complete(JsonObject),
    /// The run failed, which is its last event (`error`). The service documents that an error is retryable (network, rate limit)
    /// or fatal, and does not document the field that distinguishes the two.
    Error(JsonObject),
    /// Any other event, unchanged or as a `T`.
    Other(T),
    /// A line that is not a JSON object. The cursor counts it as an event.
    Unreadable(String),
    /// Any other event that is a JSON object and does not fit `T`. The index is its position in the run. A run that is
    /// not typed has such an event only for what JSON values cannot hold, such as the number `1e400`.
    Rejected(Rejected),
}

impl PipelineEvent {
    /// Creates the event for an object, by the object's `type`.
    pub fn from_object(object: JsonObject) -> Self {
        match object.get(TYPE).and_then(serde_json::Value::as_str).map_or(Kind::Other, Kind::of) {
            Kind::Complete => Self::Complete(object),
            Kind::Error => Self::Error(object),
            Kind::Other => Self::Other(object),
        }
    }

    /// Returns the `type` of the event, or `None` if it has none.
    pub fn kind(&self) -> Option<&str> {
        self.object()?.get(TYPE)?.as_str()
    }

    /// Returns all fields of the event, or `None` for a line that is not a JSON object.
    pub fn object(&self) -> Option<&JsonObject> {
        match self {
            Self::Complete(object) | Self::Error(object) | Self::Other(object) => Some(object),
            Self::Unreadable(_) | Self::Rejected(_) => None,
        }
    }
}

impl<T> PipelineEvent<T> {
    /// Returns `true` if the run ends with this event.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Complete(_) | Self::Error(_))
    }

    /// Sets the position in the run. Removes secrets from reports of failures and from lines that are not events. Removes the
    /// secrets of the client and of the call that started the run from objects that do not fit.
    pub(super) fn complete(&mut self, position: u64, redactor: &Redactor) {
        match self {
            Self::Error(object) => redactor.row(object),
            // Such a line is usually a message of a proxy or a framework, as in an error.
            Self::Unreadable(line) => redactor.string(line),
            Self::Rejected(event) => {
                event.index = usize::try_from(position).unwrap_or(usize::MAX);
                event.clean(redactor);
            }
            Self::Complete(_) | Self::Other(_) => {}
        }
    }
}

impl<T: DeserializeOwned> PipelineEvent<T> {
    /// Reads the last event of a run, an event that `T` reads in a special way, or a line that does not fit. Fails if the
    /// event ends the run and cannot be decoded.
    #[cold]
    pub(super) fn read_again(line: &[u8]) -> Result<Self, UnreadableEnd> {
        let object = std::str::from_utf8(line).ok().and_then(|text| Some((text, typed::kind(text)?)));
        let Some((text, kind)) = object else {
            return Ok(Self::Unreadable(String::from_utf8_lossy(line).into_owned()));
        };
        let end = || {
            serde_json::from_str(text).map_err(|error| {
                let reason = Mismatch::of::<JsonObject>(text, &error).to_string();
                UnreadableEnd { failed: kind == Kind::Error, line: text.to_owned(), reason }
            })
        };
        Ok(match kind {
            Kind::Complete => Self::Complete(end()?),
            Kind::Error => Self::Error(end()?),
            Kind::Other => match serde_json::from_str(text) {
                Ok(event) => Self::Other(event),
                Err(error) => {
                    Self::Rejected(Rejected::new(0, text, Mismatch::of::<T>(text, &error).to_string()))
                }
            },
        })
    }
}

/// An event that ends a run, in a JSON object that JSON values cannot hold.
#[derive(Debug)]
pub(super) struct UnreadableEnd {
    failed: bool,
    line: String,
    reason: String,
}

impl UnreadableEnd {
    /// Returns the error for the run `id`. Its body is the start of the line.
    pub(super) fn into_error(self, id: &str) -> Error {
        let (kind, end) = match self.failed {
            true => (ErrorKind::Reported, "failed"),
            false => (ErrorKind::UnexpectedResponse, "is complete"),
        };
        let what = format!("run {id} {end}, and its last event cannot be decoded: {}", self.reason);
        Error::new(kind, what)
            .with_body(self.line.as_bytes())
            .advice("the run has ended, so do not follow it again; Error::body has the start of the event")
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fmt::Debug};

    use proptest::{collection::vec, prelude::*, sample::select};
    use serde::{Deserialize, Deserializer};
    use serde_json::{Value, value::RawValue};

    use super::*;

    /// Reads a line as a run does.
    fn read<T: DeserializeOwned>(line: &[u8]) -> Result<PipelineEvent<T>, UnreadableEnd> {
        let mut kind = Kind::Other;
        match typed::decode(line, &mut kind) {
            Ok(event) if kind == Kind::Other => Ok(PipelineEvent::Other(event)),
            _ => PipelineEvent::read_again(line),
        }
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only compared by its text")]
    struct Step {
        r#type: Option<String>,
        n: u8,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only compared by its text")]
    struct Exact {
        r#type: Phase,
        n: Option<Value>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Phase {
        Step,
        Complete,
    }

    #[derive(Debug, Deserialize)]
    #[serde(tag = "type", rename_all = "lowercase")]
    #[expect(dead_code, reason = "only compared by its text")]
    enum Tagged {
        Step {
            n: Option<Value>,
        },
        #[serde(other)]
        Unknown,
    }

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only compared by its text")]
    enum Either {
        Counted { n: u8 },
        Named { r#type: Box<str> },
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only compared by its text")]
    struct Flattened {
        n: Option<f64>,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only compared by its text")]
    struct Kept {
        r#type: Option<Box<RawValue>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code, reason = "only compared by its text")]
    enum Outside {
        Type(u8),
        N(Value),
    }

    /// An event of a kind that an application knows, or any other.
    #[derive(Debug)]
    enum Known {
        #[expect(dead_code, reason = "only compared by its text")]
        Event(Outside),
        Other,
    }

    impl<'de> Deserialize<'de> for Known {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            Ok(Outside::deserialize(from).map_or(Self::Other, Self::Event))
        }
    }

    fn line() -> impl Strategy<Value = Vec<u8>> {
        let names = ["type", "type", "type", "t\\u0079pe", "n", "n", "id", "", "Type"];
        let values = [
            "\"complete\"",
            "\"error\"",
            "\"step\"",
            "\"\\u0073tep\"",
            "\"\"",
            "7",
            "256",
            "null",
            "true",
            "1.5",
            "[\"complete\"]",
            "{\"type\":\"error\"}",
            "\"é\"",
            "[]",
            "NaN",
            "1e400",
            "\"\\ud800\"",
        ];
        let members = vec((select(names.to_vec()), select(values.to_vec())), 0..4);
        let around = select(&[("", ""), ("", ""), (" ", "\t"), ("", "x"), ("[", "]"), ("\u{feff}", "")][..]);
        let change = (any::<prop::sample::Index>(), select(b"\"{}[],:\\n \xff".to_vec()));
        (members, around, prop::option::weighted(0.3, change)).prop_map(
            |(members, (before, after), change)| {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("\"{name}\" :{value}")).collect();
                let mut line = format!("{before}{{{}}}{after}", members.join(",")).into_bytes();
                if let Some((index, byte)) = change {
                    let at = index.index(line.len());
                    line[at] = byte;
                }
                line
            },
        )
    }

    fn compare<T: DeserializeOwned + Debug>(line: &[u8]) -> Result<(), TestCaseError> {
        let found = format!("{:?}", read::<T>(line));
        let expected = format!("{:?}", PipelineEvent::<T>::read_again(line));
        prop_assert_eq!(found, expected, "{}: {}", std::any::type_name::<T>(), String::from_utf8_lossy(line));
        Ok(())
    }

    #[test]
    fn ends_are_recognized_whatever_else_is_in_the_object() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        for (value, reason) in [
            ("1e400", "number out of range"),
            (r#""\ud800""#, "unexpected end of hex escape"),
            (deep.as_str(), "recursion limit exceeded"),
        ] {
            for (name, kind) in [("complete", ErrorKind::UnexpectedResponse), ("error", ErrorKind::Reported)]
            {
                for line in [
                    format!(r#"{{"type":"{name}","x":{value}}}"#),
                    format!(r#"{{"x":{value},"type":7,"t\u0079pe":"{name}"}}"#),
                ] {
                    let ends = [
                        read::<JsonObject>(line.as_bytes()).map(drop),
                        read::<serde::de::IgnoredAny>(line.as_bytes()).map(drop),
                    ];
                    for end in ends {
                        let error = end.unwrap_err().into_error("r-1");
                        assert_eq!((error.kind(), error.body()), (kind, Some(line.as_str())));
                        assert!(error.message().contains(reason), "{line}: {error}");
                    }
                }
            }
            let line = format!(r#"{{"type":"step","x":{value}}}"#);
            let found = read::<JsonObject>(line.as_bytes()).unwrap();
            assert!(matches!(&found, PipelineEvent::Rejected(event) if event.text == line), "{found:?}");
        }
        let found = read::<JsonObject>(br#"{"\ud800":1,"type":"complete"}"#);
        assert!(found.is_err(), "{found:?}");
        let found = read::<JsonObject>(br#"{"type":"complete","x":1e400"#).unwrap();
        assert!(matches!(found, PipelineEvent::Unreadable(_)), "{found:?}");
    }

    /// Regression: a line that is not JSON kept the presigned URL that the run reads from.
    #[test]
    fn unreadable_line_keeps_no_presigned_url() {
        let line = b"cannot read https://b/x?X-Amz-Signature=canary with test-key-4711";
        let mut event = PipelineEvent::<JsonObject>::read_again(line).unwrap();
        event.complete(0, &Redactor::new("test-key-4711"));
        let PipelineEvent::Unreadable(line) = &event else { panic!("{event:?}") };
        assert!(line.starts_with("cannot read ") && line.contains(" with "), "{line}");
        assert!(!line.contains("canary") && !line.contains("4711"), "{line}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn one_pass_changes_no_event(line in line()) {
            compare::<JsonObject>(&line)?;
            compare::<Value>(&line)?;
            compare::<Step>(&line)?;
            compare::<Exact>(&line)?;
            compare::<Tagged>(&line)?;
            compare::<Either>(&line)?;
            compare::<Flattened>(&line)?;
            compare::<Kept>(&line)?;
            compare::<Outside>(&line)?;
            compare::<Known>(&line)?;
            compare::<Option<Step>>(&line)?;
            compare::<Box<RawValue>>(&line)?;
            compare::<serde::de::IgnoredAny>(&line)?;
        }
    }
}
