//! The effects of faults.

use std::time::Duration;

use super::setting::Value;

/// The effect of a fault on a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Effect {
    /// No effect except the delay.
    None,
    Status(u16),
    Html(u16),
    ExpiredUrl,
    CutAfter(usize),
    CutBytes(usize),
    EndAfter(usize),
    LoseResponse,
    TruncateBody,
    Garbage,
    GarbageAfter(usize),
    RepeatCall,
    RepeatEvent(usize),
    WithoutHeader(String),
    EffectiveAfter(Duration),
}

impl Effect {
    /// Returns the name of the setting, which is also the value of the response header.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::None => "delay",
            Self::Status(_) => "status",
            Self::Html(_) => "html",
            Self::ExpiredUrl => "expired-url",
            Self::CutAfter(_) => "cut-after",
            Self::CutBytes(_) => "cut-bytes",
            Self::EndAfter(_) => "end-after",
            Self::LoseResponse => "lose-response",
            Self::TruncateBody => "truncate-body",
            Self::Garbage => "garbage",
            Self::GarbageAfter(_) => "garbage-after",
            Self::RepeatCall => "repeat-call",
            Self::RepeatEvent(_) => "repeat-event",
            Self::WithoutHeader(_) => "without-header",
            Self::EffectiveAfter(_) => "effective-after",
        }
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Self::Status(status) | Self::Html(status) => Value::Status(*status),
            Self::CutAfter(count)
            | Self::CutBytes(count)
            | Self::EndAfter(count)
            | Self::GarbageAfter(count)
            | Self::RepeatEvent(count) => Value::Count(*count),
            Self::WithoutHeader(name) => Value::Text(name.clone()),
            Self::EffectiveAfter(delay) => Value::Time(*delay),
            Self::None
            | Self::ExpiredUrl
            | Self::LoseResponse
            | Self::TruncateBody
            | Self::Garbage
            | Self::RepeatCall => Value::Flag,
        }
    }

    /// Returns the effect that this setting selects, or `None` if the setting is not an effect.
    pub(super) fn of(name: &str, value: &Value) -> Option<Self> {
        Some(match (name, value) {
            ("status", Value::Status(status)) => Self::Status(*status),
            ("html", Value::Status(status)) => Self::Html(*status),
            ("expired-url", Value::Flag) => Self::ExpiredUrl,
            ("cut-after", Value::Count(events)) => Self::CutAfter(*events),
            ("cut-bytes", Value::Count(bytes)) => Self::CutBytes(*bytes),
            ("end-after", Value::Count(events)) => Self::EndAfter(*events),
            ("lose-response", Value::Flag) => Self::LoseResponse,
            ("truncate-body", Value::Flag) => Self::TruncateBody,
            ("garbage", Value::Flag) => Self::Garbage,
            ("garbage-after", Value::Count(events)) => Self::GarbageAfter(*events),
            ("repeat-call", Value::Flag) => Self::RepeatCall,
            ("repeat-event", Value::Count(events)) => Self::RepeatEvent(*events),
            ("without-header", Value::Text(header)) => Self::WithoutHeader(header.clone()),
            ("effective-after", Value::Time(delay)) => Self::EffectiveAfter(*delay),
            _ => return None,
        })
    }
}
