//! Verifying an answer: its queries are repeated, and its sentences are compared with its rows.

use datalinks_gen::Row;

use super::{
    changes::Comparison,
    payload::{AutoRagAnswer, AutoRagStep},
    repetition::Repetition,
    unsupported::find_unsupported,
    verification::{StepOutcome, Verification, VerifiedStep},
};
use crate::{
    datasets::Namespace,
    error::Error,
    query::{QueryText, blocking},
    types::impl_into_future,
};

/// Maximum number of rows in each list of changes.
const MAX_ROWS: usize = 20;

/// The error if a thread ends before it has verified something.
const NOT_VERIFIED: &str = "the answer was not verified";

impl Namespace {
    /// Returns a builder that verifies an answer about the data of this namespace. Await it for the result.
    ///
    /// The query of each step is sent again, one after the other, and its rows are compared with those of the step. Nothing is
    /// asked again, so no model runs. Rows are the same if they have the same columns with equal values, in any order. Columns
    /// whose names begin with an underscore do not count. Numbers are equal by their value: `5` is `5.0`, and not `"5"`. If the
    /// query sorts, the order counts in the columns by which it sorts.
    ///
    /// The answer is compared with the rows of its steps, too: see [`UnsupportedSentence`](super::UnsupportedSentence).
    ///
    /// The service does not document whether a step has all rows of its query. If it has not, the step counts as changed.
    ///
    /// # Errors
    ///
    /// A query that fails is the [outcome](StepOutcome::Failed) of its step, and the other steps are still verified.
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the limit of the lists is 0.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. The queries only read.
    ///
    /// # Examples
    ///
    /// ```
    /// # use datalinks_emulator::Emulator;
    /// # use serde_json::json;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start().await?;
    /// # let dl = datalinks::DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    /// use datalinks::ask::StepOutcome;
    ///
    /// let films = dl.dataset("cinema", "films")?;
    /// # films.create().await?;
    /// films.ingest([json!({ "title": "Alien", "year": 1979 })]).await?.check()?;
    /// let answer = films.namespace().ask("Which film is the oldest?").stream().await?.collect().await?;
    /// assert!(films.namespace().verify(answer.clone()).await?.holds());
    ///
    /// films.ingest([json!({ "title": "Nosferatu", "year": 1922 })]).await?.check()?;
    /// let verification = films.namespace().verify(answer).await?;
    /// if let StepOutcome::Changed(changes) = &verification.steps[0].outcome {
    ///     assert_eq!(changes.added[0]["title"], "Nosferatu");
    /// }
    /// # assert!(matches!(verification.steps[0].outcome, StepOutcome::Changed(_)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn verify(&self, answer: AutoRagAnswer) -> Verify {
        Verify { namespace: self.clone(), answer, question: String::new(), max_rows: MAX_ROWS }
    }
}

/// A builder that verifies an answer. Await it to send the queries of the answer.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Verify {
    namespace: Namespace,
    answer: AutoRagAnswer,
    question: String,
    max_rows: usize,
}

impl Verify {
    /// Sets the question. Values that it has are not reported as unsupported.
    pub fn question(mut self, question: impl Into<String>) -> Self {
        self.question = question.into();
        self
    }

    /// Sets the maximum number of rows in each list of changes. Defaults to 20.
    pub fn max_rows(mut self, rows: usize) -> Self {
        self.max_rows = rows;
        self
    }

    async fn send(self) -> Result<Verification, Error> {
        let Self { namespace, answer, question, max_rows } = self;
        if max_rows == 0 {
            return Err(Error::invalid("the limit of rows is 0: expected at least 1; set Verify::max_rows"));
        }
        let AutoRagAnswer { response, steps, .. } = answer;
        let (steps, unsupported) = blocking(NOT_VERIFIED, move || {
            let unsupported = find_unsupported(&question, &response, &steps);
            (steps, unsupported)
        })
        .await?;
        let mut verified = Vec::with_capacity(steps.len());
        for step in steps {
            verified.push(repeat(&namespace, step, max_rows).await?);
        }
        Ok(Verification::new(verified, unsupported))
    }
}

impl_into_future!(Verify => Verification);

crate::client::builder_options!(Verify, namespace);

/// Repeats the query of a step.
async fn repeat(namespace: &Namespace, step: AutoRagStep, max_rows: usize) -> Result<VerifiedStep, Error> {
    let repetition = Repetition::of(&step.query);
    let limits_unsorted_rows = repetition.limits_unsorted_rows;
    let row_count = step.data.len();
    let AutoRagStep { query, data, .. } = step;
    let (comparison, rows_digest) = blocking(NOT_VERIFIED, move || {
        let digest = super::changes::digest(&data);
        (Comparison::new(data, &repetition, max_rows), digest)
    })
    .await?;
    let mut verified = VerifiedStep::new(query.as_str(), row_count, rows_digest);
    verified.limits_unsorted_rows = limits_unsorted_rows;
    verified.found_count = None;
    if query.trim().is_empty() {
        let reason = "the step has no query".to_owned();
        verified.outcome = StepOutcome::NotRepeatable { reason };
        return Ok(verified);
    }
    let sent = namespace.query().query_text(QueryText::raw(query)).scan(comparison, |comparison, row| {
        let row: Row = serde_json::from_str(row.get()).map_err(|error| error.to_string())?;
        comparison.row(row);
        Ok(())
    });
    match sent.await {
        Ok(comparison) => {
            let (found, changes) = comparison.finish();
            verified.found_count = Some(found);
            if !changes.is_empty() {
                verified.outcome = StepOutcome::Changed(changes);
            }
        }
        Err(error) => verified.outcome = StepOutcome::Failed(error),
    }
    Ok(verified)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        error::ErrorKind,
        testing::{Reply, Script},
    };

    fn answer(queries: &[&str]) -> AutoRagAnswer {
        let rows =
            || vec![serde_json::from_value(json!({ "n": 1, "__metadata": { "score": 0.5 } })).unwrap()];
        let steps = queries.iter().map(|query| AutoRagStep::new("find", *query, "", rows()));
        AutoRagAnswer::new("It is 1, and not 7.", steps.collect())
    }

    fn rows(rows: &Value) -> Reply {
        Reply::json(json!({ "data": rows, "metadata": {} }))
    }

    #[tokio::test]
    async fn each_step_has_its_outcome() {
        let script = Script::new()
            .reply(rows(&json!([{ "n": 1.0, "__metadata": { "score": 0.25 } }])))
            .reply(rows(&json!([])))
            .reply(Reply::status(400))
            .reply(rows(&json!([7])));
        let namespace = script.client().namespace("a").unwrap();
        let verification = namespace
            .verify(answer(&["Ontology(a)", "Ontology(b)", "Ontology(c)", "Ontology(d)", " "]))
            .await
            .unwrap();
        let outcomes: Vec<&StepOutcome> = verification.steps.iter().map(|step| &step.outcome).collect();
        assert!(matches!(outcomes[0], StepOutcome::Holds), "{outcomes:?}");
        let StepOutcome::Changed(changes) = outcomes[1] else { panic!("{outcomes:?}") };
        assert_eq!((changes.missing_count, changes.missing[0]["n"].as_u64()), (1, Some(1)));
        let kind = |outcome: &StepOutcome| match outcome {
            StepOutcome::Failed(error) => error.kind(),
            _ => panic!("{outcomes:?}"),
        };
        assert_eq!(
            (kind(outcomes[2]), kind(outcomes[3])),
            (ErrorKind::Rejected, ErrorKind::UnexpectedResponse)
        );
        assert!(matches!(outcomes[4], StepOutcome::NotRepeatable { .. }), "{outcomes:?}");
        let found: Vec<Option<usize>> = verification.steps.iter().map(|step| step.found_count).collect();
        assert_eq!(found, [Some(1), Some(0), None, None, None]);
        assert_eq!(verification.unsupported[0].values, ["7"]);
        assert!(!verification.holds());
        let requests = script.finish();
        let body: Value = serde_json::from_slice(requests[0].body()).unwrap();
        assert_eq!(body, json!({ "username": "self", "namespace": "a", "query": "Ontology(a)" }));
    }

    #[tokio::test]
    async fn limit_of_rows_is_checked_and_documented() {
        let script = Script::new();
        let namespace = script.client().namespace("a").unwrap();
        let error = namespace.verify(answer(&["Ontology(a)"])).max_rows(0).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(script.finish().is_empty());
        assert_eq!(MAX_ROWS, 20);
    }
}
