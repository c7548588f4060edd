//! Where the generated client differs from the recorded one on purpose.

use datalinks_gen::{Operation, StreamKind};
use datalinks_tests::recordings::{Request, without_nulls};

/// One deliberate difference. It must occur: one that no recording shows is a leftover, and fails.
pub(crate) struct Difference {
    pub(crate) what: &'static str,
    pub(crate) why: &'static str,
    /// Changes the recorded request into the one expected.
    apply: fn(&mut Request, &Operation),
}

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        what: "a null in a body is left out",
        why: "the schemas call these fields optional and not nullable; the service reads both, as far as is known",
        apply: |request, _| request.json.iter_mut().for_each(without_nulls),
    },
    Difference {
        what: "`Accept` names what the operation answers, instead of `*/*`",
        why: "a proxy in between then knows that a stream is one",
        apply: |request, operation| {
            let accept = match operation.stream {
                None => "application/json",
                Some(StreamKind::Sse) => "text/event-stream",
                Some(StreamKind::Ndjson) => "application/x-ndjson",
            };
            request.headers.insert("accept".to_owned(), accept.into());
        },
    },
    Difference {
        what: "a temperature of 0 or 1 is written 0.0 or 1.0",
        why: "the field is a floating-point number; JSON makes no difference between the two",
        apply: |request, _| {
            let settings = request.json.as_mut().and_then(|body| body.get_mut("llm")?.as_object_mut());
            for value in settings.into_iter().flat_map(|settings| settings.values_mut()) {
                if let Some(number) = value.as_f64() {
                    *value = number.into();
                }
            }
        },
    },
];

/// Applies all of them and answers which changed something.
pub(crate) fn apply(request: &mut Request, operation: &Operation) -> Vec<&'static str> {
    let mut applied = Vec::new();
    for difference in DIFFERENCES {
        let before = format!("{request:?}");
        (difference.apply)(request, operation);
        if format!("{request:?}") != before {
            applied.push(difference.what);
        }
    }
    applied
}
