//! What the coverage says of an operation is what the labels of its responses say.

use std::collections::{BTreeMap, BTreeSet};

use datalinks_emulator::Coverage;
use datalinks_tests::body_fields::Bodies;
use datalinks_tests::recordings::{self, Exchange};
use datalinks_tests::world::{self, Ready, World, key};

/// Other forms of a request: as it was recorded, with all fields that the document has, and with nothing but a question.
#[derive(Clone, Copy)]
enum Form {
    Recorded,
    Full,
    Question,
}

impl Form {
    /// A request in this form, if it has one.
    fn of(self, bodies: &Bodies, exchange: &Exchange, mut ready: Ready) -> Option<Ready> {
        let is_query = exchange.operation_id == "queryData";
        match (self, &mut ready.json) {
            (Self::Recorded, _) => {}
            (Self::Full, Some(body)) => *body = bodies.filled(exchange.operation(), body)?,
            (Self::Question, Some(body)) if is_query => {
                body.as_object_mut()?.remove("query");
                body["naturalLanguageQuery"] = "which trees are tall?".into();
            }
            _ => return None,
        }
        Some(ready)
    }
}

#[tokio::test]
async fn responses_are_labeled_as_the_coverage_says() {
    let (http, bodies) = (world::client(), Bodies::default());
    let coverage = World::start(&http).await.emulator.coverage();
    let mut labels: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for recording in recordings::all() {
        for exchange in recording.exchanges {
            for form in [Form::Recorded, Form::Full, Form::Question] {
                let world = World::start(&http).await;
                let ready = world.ready(&exchange).await;
                let Some(ready) = form.of(&bodies, &exchange, ready) else { continue };
                let answer = world.send(&ready, Some(&key("ana"))).await;
                if (200..300).contains(&answer.status) {
                    let own = labels.entry(exchange.operation_id.clone()).or_default();
                    own.insert(answer.label().to_owned());
                }
            }
        }
    }
    let mut wrong = Vec::new();
    for one in coverage {
        // What has no handler and no recorded request is reported by other tests.
        let Some(seen) = labels.get(one.operation) else { continue };
        let (typical, possible): (&str, &[&str]) = match one.coverage {
            Coverage::PartlyScripted => ("partly-scripted", &["computed"]),
            Coverage::Scripted => ("scripted", &["computed"]),
            Coverage::Unsupported => continue,
            _ => ("computed", &[]),
        };
        let others = seen.iter().filter(|label| *label != typical && !possible.contains(&label.as_str()));
        if !seen.contains(typical) || others.count() > 0 {
            wrong.push(format!(
                "{} is {typical} by the coverage, and its responses are {seen:?}",
                one.operation
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
