//! The coverage of an operation equals the labels of its responses.

use std::collections::{BTreeMap, BTreeSet};

use datalinks_emulator::Coverage;
use datalinks_tests::body_fields::Bodies;
use datalinks_tests::recordings::{self, Exchange};
use datalinks_tests::world::{self, Ready, World, key};

/// Variants of a request: as recorded, with all fields of the document, and with only a question.
#[derive(Clone, Copy)]
enum Form {
    Recorded,
    Full,
    Question,
}

impl Form {
    /// Returns the request in this variant, if it has one.
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
async fn labels_of_responses_equal_the_coverage() {
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
        // Other tests report operations without a handler or a recorded request.
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
