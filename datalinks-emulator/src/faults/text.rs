//! The string form of a fault, such as `ingestData:status=503,retry-after=2,after=1,times=2`.

use std::fmt;
use std::str::FromStr;

use super::error::FaultError;
use super::fault::Fault;
use super::set::find;
use super::setting::{Value, ValueKind};

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (operation, settings) = text.split_once(':').unwrap_or((text, ""));
        let mut fault = Self::new(operation.trim());
        for setting in split(settings) {
            let (name, value) = match setting.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (setting.as_str(), None),
            };
            let (name, kind) = find(name.trim())?;
            let value = match (kind, value) {
                (ValueKind::Flag, None) => Some(Value::Flag),
                (kind, value) => value.and_then(|value| Value::read(kind, value)),
            };
            fault.set(name, value.ok_or(FaultError::WrongValue { name, expected: kind.expected() })?)?;
        }
        fault.checked()
    }
}

/// Splits a string at commas. A backslash escapes the next character.
fn split(text: &str) -> Vec<String> {
    let mut settings = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ',' => settings.push(String::new()),
            '\\' => settings.last_mut().into_iter().for_each(|own| own.extend(letters.next())),
            letter => settings.last_mut().into_iter().for_each(|own| own.push(letter)),
        }
    }
    settings.retain(|setting| !setting.trim().is_empty());
    settings
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.operation)?;
        for (index, (name, value)) in self.settings().into_iter().enumerate() {
            f.write_str(if index == 0 { ":" } else { "," })?;
            f.write_str(name)?;
            if value != Value::Flag {
                let value = value.to_string().replace('\\', "\\\\").replace(',', "\\,");
                write!(f, "={value}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::option;
    use proptest::prelude::*;

    use super::super::{Effect, PUT_PART, operations};
    use super::*;

    /// Strings that a header can contain, including characters with a meaning in the string form.
    const VALUE: &str = "[ -~]{0,12}";

    fn effect() -> impl Strategy<Value = Effect> {
        prop_oneof![
            Just(Effect::None),
            (400..600_u16).prop_map(Effect::Status),
            (400..600_u16).prop_map(Effect::Html),
            Just(Effect::ExpiredUrl),
            any::<usize>().prop_map(Effect::CutAfter),
            any::<usize>().prop_map(Effect::CutBytes),
            any::<usize>().prop_map(Effect::EndAfter),
            Just(Effect::LoseResponse),
            Just(Effect::TruncateBody),
            Just(Effect::Garbage),
            any::<usize>().prop_map(Effect::GarbageAfter),
            Just(Effect::RepeatCall),
            any::<usize>().prop_map(Effect::RepeatEvent),
            "[a-z-]{1,12}".prop_map(Effect::WithoutHeader),
            (0..4_000_000_000_u64).prop_map(|ms| Effect::EffectiveAfter(Duration::from_millis(ms))),
        ]
    }

    /// Any fault, valid or not.
    fn fault() -> impl Strategy<Value = Fault> {
        let operation = prop::sample::select(operations().collect::<Vec<_>>());
        let delay = prop_oneof![
            Just(Duration::ZERO),
            (0..4_000_000_000_u64, 0..1_000_000_000_u32).prop_map(|(s, ns)| Duration::new(s, ns)),
        ];
        // Few enough digits that JSON preserves them.
        let probability = option::of((0..=10_000_u16).prop_map(|count| f64::from(count) / 10_000.0));
        let times = option::of(any::<usize>());
        let above = option::of(any::<usize>());
        let parts =
            (operation, effect(), option::of(VALUE), delay, probability, any::<usize>(), times, above);
        parts.prop_map(|(operation, effect, retry_after, delay, probability, skip, times, above)| {
            let operation = operation.to_owned();
            Fault { operation, effect, delay, retry_after, probability, skip, times, above }
        })
    }

    proptest! {
        #[test]
        fn string_and_json_forms_round_trip(fault in fault()) {
            prop_assume!(fault.clone().checked().is_ok());
            let text = fault.to_string();
            prop_assert_eq!(&text.parse::<Fault>().unwrap(), &fault, "{}", text);
            let json = serde_json::to_string(&fault).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Fault>(&json).unwrap(), &fault, "{}", json);
            let in_json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<Fault>(&in_json).unwrap(), fault);
        }

        #[test]
        fn any_string_round_trips_or_is_rejected(text in "(ingestData|autoragStream|[a-z]*)?:?[a-z0-9=,\\\\ -]*") {
            if let Ok(fault) = text.parse::<Fault>() {
                prop_assert_eq!(fault.to_string().parse::<Fault>().unwrap(), fault);
            }
        }
    }

    #[test]
    fn string_form_is_parsed_and_written() {
        let read = |text: &str| text.parse::<Fault>().unwrap();
        let busy = Fault::new("ingestData").status(503).retry_after("2").after(1).times(2);
        assert_eq!(read("ingestData:status=503,retry-after=2,after=1,times=2"), busy);
        assert_eq!(read(" ingestData: times=2, after=1, retry-after=2, status=503,"), busy);
        let date = "Wed, 21 Oct 2015 07:28:00 GMT";
        let dated = Fault::new("queryData").status(429).retry_after(date).always();
        assert_eq!(read(r"queryData:status=429,retry-after=Wed\, 21 Oct 2015 07:28:00 GMT,always"), dated);
        let slow = Fault::new(PUT_PART).expired_url().delay(Duration::from_millis(1500)).probability(0.25);
        let eventual = Fault::new("shareDatasetAccess").effective_after(Duration::from_secs(5)).always();
        assert_eq!(read("shareDatasetAccess:effective-after=5s,always"), eventual);
        assert_eq!(slow.to_string(), "putPart:expired-url,delay=1s 500ms,probability=0.25");
    }

    #[test]
    fn error_names_the_invalid_setting() {
        for (text, expected) in [
            ("ingestdata:status=503", "did you mean ingestData?"),
            ("ingestData:stauts=503", "did you mean status? the settings are status, html"),
            ("ingestData:status=soon", "the value of status must be a status such as 503"),
            ("ingestData:status", "the value of status must be"),
            ("ingestData:lose-response=1", "the value of lose-response must be left out"),
            ("ingestData:delay=5", "such as 50ms"),
            ("ingestData:status=200", "200 is not an error status"),
            ("ingestData:garbage,lose-response", "garbage and lose-response cannot be combined"),
            ("ingestData", "as in ingestData:status=503"),
            ("ingestData:times=3", "has no effect"),
            ("", "there is no operation"),
        ] {
            let message = text.parse::<Fault>().unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
