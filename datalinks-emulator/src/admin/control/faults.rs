//! The endpoints that list, inject and remove faults.

use http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::faults::{self, Fault, FaultError};
use crate::response::{ApiResponse, Problem, SubError};
use crate::state::State;

/// A pending fault with its remaining number of calls.
#[derive(Serialize)]
struct PendingFault {
    id: u64,
    text: String,
    #[serde(flatten)]
    fault: Fault,
}

/// An example of a fault for error messages and responses.
const EXAMPLE: &str = r#"{"operation": "ingestData", "status": 503, "times": 2}"#;

#[derive(Serialize)]
struct FaultList {
    faults: Vec<PendingFault>,
    /// An example of a body that injects a fault.
    example: Option<&'static RawValue>,
    /// The possible operations and settings of a fault.
    operations: Vec<&'static str>,
    settings: Vec<&'static str>,
}

pub(super) fn read(state: &State) -> ApiResponse {
    let faults = state.faults.left().into_iter().map(|(id, fault)| PendingFault::new(id, fault)).collect();
    ApiResponse::json(&FaultList {
        faults,
        example: serde_json::from_str(EXAMPLE).ok(),
        operations: faults::operations().collect(),
        settings: faults::names().collect(),
    })
}

/// Injects a fault and returns its entry in the list.
pub(super) fn inject(state: &State, body: &[u8]) -> Result<ApiResponse, Problem> {
    let json = serde_json::from_slice(body).map_err(|error| {
        Problem::bad_request(format!("the body is not valid JSON: {error}; send a fault, such as {EXAMPLE}"))
    })?;
    let injected = Fault::of_json(&json).and_then(|fault| Ok((state.faults.inject(fault.clone())?, fault)));
    let (id, fault) = injected.map_err(|error| {
        let mut problem = Problem::from(error);
        problem.message = format!("{}; send a fault such as {EXAMPLE}", problem.message);
        problem
    })?;
    Ok(ApiResponse::json(&PendingFault::new(id, fault)).status(StatusCode::CREATED))
}

pub(super) fn remove(state: &State, id: &str) -> Result<ApiResponse, Problem> {
    if id.parse().is_ok_and(|id| state.faults.remove(id)) {
        return Ok(ApiResponse::empty().status(StatusCode::NO_CONTENT));
    }
    let pending: Vec<String> = state.faults.left().iter().map(|(id, _)| id.to_string()).collect();
    let pending = if pending.is_empty() {
        "no fault is pending".to_owned()
    } else {
        format!("the ids of pending faults are {}", pending.join(", "))
    };
    Err(Problem::not_found(format!("the fault {id:?} does not exist or has acted already; {pending}")))
}

pub(super) fn clear(state: &State) -> ApiResponse {
    state.faults.clear();
    ApiResponse::empty().status(StatusCode::NO_CONTENT)
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
                    "operation: must be one of {}",
                    faults::operations().collect::<Vec<_>>().join(", ")
                ),
            }]),
            _ => problem,
        }
    }
}
