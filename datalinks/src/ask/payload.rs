//! The payloads of events, and the answer with its steps.

use datalinks_gen::{Row, api::types};
use serde::Serialize;

use super::changes;
use crate::types::{FromWire, from_wire};

/// The plan of the agent: its steps and the reasons for them (`plan`).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AskPlan {
    /// The reason for the plan.
    pub reasoning: String,
    /// The instructions of the steps, in order.
    pub steps: Vec<String>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl AskPlan {
    /// Creates a plan.
    pub fn new<S: Into<String>>(reasoning: impl Into<String>, steps: impl IntoIterator<Item = S>) -> Self {
        let steps = steps.into_iter().map(Into::into).collect();
        Self { reasoning: reasoning.into(), steps, extra: Row::new() }
    }
}

from_wire! { AskPlan = types::AutoRagPlanEvent { reasoning, steps, extra } }

/// The start of a step (`stepStarted`).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StepStarted {
    /// The index of the step, from 0.
    pub index: i64,
    /// The instruction of the step.
    pub instruction: String,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl StepStarted {
    /// Creates the start of a step.
    pub fn new(index: i64, instruction: impl Into<String>) -> Self {
        Self { index, instruction: instruction.into(), extra: Row::new() }
    }
}

from_wire! { StepStarted = types::AutoRagStepStartedEvent { index, instruction, extra } }

/// The start of the query of a step (`queryExecuting`).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct QueryExecuting {
    /// The index of the step, from 0.
    pub index: i64,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl QueryExecuting {
    /// Creates the start of the query of a step.
    pub fn new(index: i64) -> Self {
        Self { index, extra: Row::new() }
    }
}

from_wire! { QueryExecuting = types::AutoRagQueryExecutingEvent { index, extra } }

/// A completed step: its instruction, query, reasoning and rows (`step`).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AskStep {
    /// The index of the step, from 0.
    pub index: i64,
    /// The instruction of the step.
    pub instruction: String,
    /// The query that was run.
    pub query: String,
    /// The reason for the query.
    pub reasoning: String,
    /// The rows that the query found.
    pub data: Vec<Row>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl AskStep {
    /// Creates a completed step.
    pub fn new(
        index: i64,
        instruction: impl Into<String>,
        query: impl Into<String>,
        reasoning: impl Into<String>,
        data: Vec<Row>,
    ) -> Self {
        AutoRagStep::new(instruction, query, reasoning, data).with_index(index)
    }

    /// Returns the step in the form in which an answer contains it.
    pub(super) fn without_index(self) -> AutoRagStep {
        let Self { index: _, instruction, query, reasoning, data, extra } = self;
        AutoRagStep { instruction, query, reasoning, data, extra }
    }
}

from_wire! { AskStep = types::AutoRagStepEvent { index, instruction, query, reasoning, data: data.0, extra } }

/// The answer of the agent (`answer`).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AskAnswer {
    /// The answer in natural language.
    pub response: String,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl AskAnswer {
    /// Creates an answer.
    pub fn new(response: impl Into<String>) -> Self {
        Self { response: response.into(), extra: Row::new() }
    }
}

from_wire! { AskAnswer = types::AutoRagAnswerEvent { response, extra } }

/// The reason why the service stopped (`error`).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AskFailure {
    /// The message of the service.
    pub message: String,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl AskFailure {
    /// Creates a failure.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), extra: Row::new() }
    }
}

from_wire! { AskFailure = types::AutoRagErrorEvent { message, extra } }

/// An answer with the steps that led to it, as [`Ask::autorag`](super::Ask::autorag) and
/// [`AskStream::collect`](super::AskStream::collect) return it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AutoRagAnswer {
    /// The answer in natural language.
    pub response: String,
    /// The steps that led to the answer, in order.
    pub steps: Vec<AutoRagStep>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl AutoRagAnswer {
    /// Creates an answer with its steps.
    pub fn new(response: impl Into<String>, steps: Vec<AutoRagStep>) -> Self {
        Self { response: response.into(), steps, extra: Row::new() }
    }
}

from_wire! { AutoRagAnswer = types::AutoRagResponseData { response, steps: FromWire::from_wire(steps), extra } }

/// A step of an [`AutoRagAnswer`]. Its index is its position in the answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AutoRagStep {
    /// The instruction of the step.
    pub instruction: String,
    /// The query that was run.
    pub query: String,
    /// The reason for the query.
    pub reasoning: String,
    /// The rows that the query found.
    pub data: Vec<Row>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl AutoRagStep {
    /// Creates a step.
    pub fn new(
        instruction: impl Into<String>,
        query: impl Into<String>,
        reasoning: impl Into<String>,
        data: Vec<Row>,
    ) -> Self {
        Self {
            instruction: instruction.into(),
            query: query.into(),
            reasoning: reasoning.into(),
            data,
            extra: Row::new(),
        }
    }

    /// Returns the digest of the rows, as `sha256:` and 64 hexadecimal digits.
    ///
    /// It depends on the values only, so that others can compute it, too. Each row is written without the columns whose names
    /// begin with an underscore, in the canonical form of RFC 8785 (integers beyond 2^53 keep all digits). The SHA-256 of each
    /// of these texts is written as hexadecimal digits, the digests are sorted, and each is followed by a line feed. The digest
    /// of the rows is the SHA-256 of that list.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::ask::AutoRagStep;
    /// use serde_json::json;
    ///
    /// let rows = json!([{ "title": "Alien", "year": 1979 }, { "title": "Heat" }]);
    /// let one = AutoRagStep::new("", "", "", serde_json::from_value(rows)?);
    /// let rows = json!([{ "title": "Heat", "__metadata": {} }, { "year": 1979.0, "title": "Alien" }]);
    /// let other = AutoRagStep::new("", "", "", serde_json::from_value(rows)?);
    /// assert_eq!(one.rows_digest(), other.rows_digest());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn rows_digest(&self) -> String {
        changes::digest(&self.data)
    }

    /// Returns the step in the form of an event.
    pub(super) fn with_index(self, index: i64) -> AskStep {
        let Self { instruction, query, reasoning, data, extra } = self;
        AskStep { index, instruction, query, reasoning, data, extra }
    }
}

from_wire! { AutoRagStep = types::AutoRagResponseStep { instruction, query, reasoning, data: data.0, extra } }

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;

    /// Checks that `value` is read from `text` and written as the same JSON, and that integers may be written as `2.0`.
    #[track_caller]
    fn check<T: Debug + DeserializeOwned + PartialEq + Serialize>(text: &Value, value: &T) {
        assert_eq!(serde_json::from_value::<T>(text.clone()).unwrap(), *value);
        assert_eq!(serde_json::to_value(value).unwrap(), *text);
        let floating = text.to_string().replace("\"index\":2,", "\"index\":2.0,");
        assert_eq!(serde_json::from_str::<T>(&floating).unwrap(), *value);
    }

    fn object(value: Value) -> Row {
        serde_json::from_value(value).unwrap()
    }

    fn extra() -> Row {
        object(json!({ "new": [null, 1.5], "x": "y" }))
    }

    #[test]
    fn plan_has_all_fields() {
        let mut plan = AskPlan::new("because", ["find", "count"]);
        check(&json!({ "reasoning": "because", "steps": ["find", "count"] }), &plan);
        plan.extra = extra();
        check(
            &json!({ "reasoning": "because", "steps": ["find", "count"], "new": [null, 1.5], "x": "y" }),
            &plan,
        );
    }

    #[test]
    fn starts_of_steps_and_queries_have_all_fields() {
        let mut started = StepStarted::new(2, "find");
        check(&json!({ "index": 2, "instruction": "find" }), &started);
        started.extra = extra();
        check(&json!({ "index": 2, "instruction": "find", "new": [null, 1.5], "x": "y" }), &started);
        let mut executing = QueryExecuting::new(2);
        check(&json!({ "index": 2 }), &executing);
        executing.extra = extra();
        check(&json!({ "index": 2, "new": [null, 1.5], "x": "y" }), &executing);
    }

    #[test]
    fn steps_have_all_fields() {
        let rows = vec![object(json!({ "title": "Alien", "year": 1979 }))];
        let mut step = AskStep::new(2, "find", "Ontology(\"films\")", "because", rows);
        step.extra = extra();
        let text = json!({
            "index": 2, "instruction": "find", "query": "Ontology(\"films\")", "reasoning": "because",
            "data": [{ "title": "Alien", "year": 1979 }], "new": [null, 1.5], "x": "y",
        });
        check(&text, &step);
        let mut without = text;
        without.as_object_mut().unwrap().remove("index");
        let step = step.without_index();
        check(&without, &step);
        let mut answer = AutoRagAnswer::new("one", vec![step.clone(), step]);
        answer.extra = extra();
        check(
            &json!({ "response": "one", "steps": [without, without], "new": [null, 1.5], "x": "y" }),
            &answer,
        );
    }

    #[test]
    fn answers_and_failures_have_all_fields() {
        let mut answer = AskAnswer::new("one");
        check(&json!({ "response": "one" }), &answer);
        answer.extra = extra();
        check(&json!({ "response": "one", "new": [null, 1.5], "x": "y" }), &answer);
        let mut failure = AskFailure::new("no model");
        check(&json!({ "message": "no model" }), &failure);
        failure.extra = extra();
        check(&json!({ "message": "no model", "new": [null, 1.5], "x": "y" }), &failure);
    }

    #[test]
    fn payloads_without_a_required_field_are_rejected() {
        fn read<T: DeserializeOwned>(text: Value) -> bool {
            serde_json::from_value::<T>(text).is_ok()
        }
        assert!(!read::<AskPlan>(json!({ "reasoning": "because" })));
        assert!(!read::<StepStarted>(json!({ "instruction": "find" })));
        assert!(!read::<QueryExecuting>(json!({ "index": "2" })));
        assert!(!read::<AskStep>(json!({ "index": 2, "instruction": "find", "query": "", "reasoning": "" })));
        assert!(!read::<AskAnswer>(json!({ "response": null })));
        assert!(!read::<AskFailure>(json!({})));
        assert!(!read::<AutoRagAnswer>(json!({ "response": "one" })));
        assert!(!read::<AutoRagStep>(json!({ "data": [] })));
    }
}
