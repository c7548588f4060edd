//! The observer of responses.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use datalinks_gen::UNLISTED;
use http::StatusCode;
use serde_json::{Map, Value};

use super::{
    compare::{Difference, compare},
    declared,
    found::{Drift, DriftKind},
    report::DriftReport,
};
use crate::{
    client::{DataLinksBuilder, IngestProxyBuilder},
    transport::{Received, ResponseObserver, media_type},
};

/// Bodies that are longer are not compared, in bytes, because the comparison blocks the task of the call.
const BODY_LIMIT: usize = 1024 * 1024;

/// Most different findings that are kept. A service of another kind would differ everywhere.
const KEPT: usize = 1000;

/// Most differences of one body that are kept.
const KEPT_OF_BODY: usize = 200;

/// Longest name or value in a finding, in characters.
const SHOWN: usize = 100;

/// Compares the responses of clients with the document, and collects what the document does not have.
///
/// An observer is cheap to clone, and all clones collect together. Register it with
/// [`observe_drift`](DataLinksBuilder::observe_drift). It does not change the responses, and never makes a call fail.
///
/// Event streams are not compared, and neither are bodies longer than 1 MiB.
#[derive(Clone, Debug, Default)]
pub struct DriftObserver {
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    drifts: BTreeMap<Key, Found>,
    responses: u64,
    uncompared: u64,
    omitted: u64,
}

/// What distinguishes findings.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Key {
    operation: &'static str,
    status: u16,
    kind: DriftKind,
    pointer: String,
    seen: String,
}

#[derive(Debug)]
struct Found {
    declared: Vec<String>,
    count: u64,
}

impl DriftObserver {
    /// Creates an observer that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns what was collected until now.
    pub fn report(&self) -> DriftReport {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let drifts = seen.drifts.iter().map(|(key, found)| Drift {
            operation: key.operation.to_owned(),
            status: key.status,
            kind: key.kind,
            pointer: key.pointer.clone(),
            declared: found.declared.clone(),
            seen: key.seen.clone(),
            count: found.count,
        });
        let mut report = DriftReport::new(drifts.collect());
        report.responses = seen.responses;
        report.uncompared = seen.uncompared;
        report.omitted = seen.omitted;
        report
    }

    fn observe(&self, response: &Received<'_>) {
        let operation = response.operation;
        if operation.id == UNLISTED.id {
            return;
        }
        let Some(declared) = declared::response(operation.id, response.status) else { return };
        let mut found = Vec::new();
        let mut more = 0;
        let mut is_compared = true;
        match (declared.listed, declared.default) {
            (Some(shapes), _) => {
                (more, is_compared) = body(shapes, response, &mut found);
            }
            (None, shapes) => {
                if !may_be_of_gateway(response.status) {
                    let statuses = declared.statuses.iter().map(|status| (*status).to_owned()).collect();
                    found.push(Difference {
                        kind: DriftKind::Status,
                        pointer: String::new(),
                        declared: statuses,
                        seen: response.status.as_str().to_owned(),
                    });
                    if let Some(shapes) = shapes.filter(|_| response.status.is_client_error()) {
                        (more, is_compared) = body(shapes, response, &mut found);
                    }
                }
            }
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.responses += 1;
        seen.uncompared += u64::from(!is_compared);
        seen.omitted += more as u64;
        for difference in found {
            let clean = |text: &str| shortened(&response.redactor.text(text, false));
            let key = Key {
                operation: operation.id,
                status: response.status.as_u16(),
                kind: difference.kind,
                pointer: clean(&difference.pointer),
                seen: clean(&difference.seen),
            };
            if let Some(known) = seen.drifts.get_mut(&key) {
                known.count += 1;
            } else if seen.drifts.len() < KEPT {
                seen.drifts.insert(key, Found { declared: difference.declared, count: 1 });
            } else {
                seen.omitted += 1;
            }
        }
    }
}

/// Returns `true` for a status that a gateway may send for any operation.
fn may_be_of_gateway(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// Compares the body of a response. Returns the number of differences that are left out, and whether the body was compared.
fn body(
    shapes: &'static Map<String, Value>,
    response: &Received<'_>,
    found: &mut Vec<Difference>,
) -> (usize, bool) {
    let Some(body) = response.body else { return (0, false) };
    if body.is_empty() || shapes.is_empty() {
        return (0, true);
    }
    let media_type = media_type(response.headers).to_ascii_lowercase();
    let Some(schema) = shapes.get(&media_type) else {
        found.push(Difference {
            kind: DriftKind::MediaType,
            pointer: String::new(),
            declared: shapes.keys().cloned().collect(),
            seen: if media_type.is_empty() { "none".to_owned() } else { media_type },
        });
        return (0, false);
    };
    match parsed(body) {
        Some(value) => {
            let (differences, count) = compare(schema, &value, KEPT_OF_BODY);
            let more = count - differences.len();
            found.extend(differences);
            (more, true)
        }
        None => (0, false),
    }
}

/// Returns the JSON of a body that is short enough.
fn parsed(body: &Bytes) -> Option<Value> {
    if body.len() > BODY_LIMIT { None } else { serde_json::from_slice(body).ok() }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Adds the method to a builder.
macro_rules! observe_drift {
    ($builder:ty) => {
        impl $builder {
            /// Compares each response with the OpenAPI document. See [`drift`](crate::drift).
            pub fn observe_drift(self, observer: &DriftObserver) -> Self {
                let observer = observer.clone();
                self.on_response(ResponseObserver::new(move |response| observer.observe(response)))
            }
        }
    };
}

observe_drift!(DataLinksBuilder);
observe_drift!(IngestProxyBuilder);
