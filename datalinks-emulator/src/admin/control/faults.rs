//! The faults that have still to act: seen, injected, taken back.

use http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::faults::{self, Fault, FaultError};
use crate::response::{Answer, Problem, SubError};
use crate::state::State;

/// A fault, and what is left of it.
#[derive(Serialize)]
struct PendingFault {
    id: u64,
    text: String,
    #[serde(flatten)]
    fault: Fault,
}

/// A fault as it is sent, for messages and for whoever looks.
const EXAMPLE: &str = r#"{"operation": "ingestData", "status": 503, "times": 2}"#;

#[derive(Serialize)]
struct FaultList {
    faults: Vec<PendingFault>,
    /// A body that injects a fault.
    example: Option<&'static RawValue>,
    /// What can go wrong, and in which ways: what the names in a fault can be.
    operations: Vec<&'static str>,
    settings: Vec<&'static str>,
}

pub(super) fn read(state: &State) -> Answer {
    let faults = state.faults.left().into_iter().map(|(id, fault)| PendingFault::new(id, fault)).collect();
    Answer::json(&FaultList {
        faults,
        example: serde_json::from_str(EXAMPLE).ok(),
        operations: faults::operations().collect(),
        settings: faults::names().collect(),
    })
}

/// Injects one, which is answered as it stands in the list.
pub(super) fn inject(state: &State, body: &[u8]) -> Result<Answer, Problem> {
    let json = serde_json::from_slice(body).map_err(|error| {
        Problem::bad_request(format!("the body is not valid JSON: {error}; send a fault, such as {EXAMPLE}"))
    })?;
    let injected = Fault::of_json(&json).and_then(|fault| Ok((state.faults.inject(fault.clone())?, fault)));
    let (id, fault) = injected.map_err(|error| {
        let mut problem = Problem::from(error);
        problem.message = format!("{}; a fault is sent as {EXAMPLE}", problem.message);
        problem
    })?;
    Ok(Answer::json(&PendingFault::new(id, fault)).status(StatusCode::CREATED))
}

pub(super) fn remove(state: &State, id: &str) -> Result<Answer, Problem> {
    if id.parse().is_ok_and(|id| state.faults.remove(id)) {
        return Ok(Answer::empty().status(StatusCode::NO_CONTENT));
    }
    let there: Vec<String> = state.faults.left().iter().map(|(id, _)| id.to_string()).collect();
    let there = if there.is_empty() {
        "there is none".to_owned()
    } else {
        format!("the ids are {}", there.join(", "))
    };
    Err(Problem::not_found(format!("there is no fault {id:?}, perhaps because it has acted; {there}")))
}

pub(super) fn clear(state: &State) -> Answer {
    state.faults.clear();
    Answer::empty().status(StatusCode::NO_CONTENT)
}

impl PendingFault {
    fn new(id: u64, fault: Fault) -> Self {
        Self { id, text: fault.to_string(), fault }
    }
}

impl From<FaultError> for Problem {
    fn from(error: FaultError) -> Self {
        let problem = Self::bad_request(error.to_string());
        match error {
            FaultError::UnknownOperation(_) => problem.with_sub_errors(vec![SubError {
                code: "OPERATIONS",
                message: format!(
                    "operation: there are {}",
                    faults::operations().collect::<Vec<_>>().join(", ")
                ),
            }]),
            _ => problem,
        }
    }
}
