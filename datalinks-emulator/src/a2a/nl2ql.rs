//! The agent `nl2ql`: writes one query for a question and returns the rows that it finds.
//!
//! The agent does the same work as a `naturalLanguageQuery`. It stores nothing, and dropping the stream stops the work.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use serde_json::value::RawValue;

use super::part::{Data, Part};
use super::update::{TaskIds, Update};
use crate::accounts::{Caller, CallerView};
use crate::ask::{OneQuery, ScoredRows};
use crate::concurrency::work::background;
use crate::query::{self, FoundRows};
use crate::response::Problem;
use crate::response::panics::catch_as_problem;
use crate::state::State;
use crate::store::Namespace;
use crate::usage::tokens;

/// The work on one message.
pub(crate) struct Nl2ql {
    pub(crate) state: Arc<State>,
    pub(crate) caller: Caller,
    pub(crate) space: Namespace,
    pub(crate) question: String,
    pub(crate) model: Option<String>,
    pub(crate) ids: TaskIds,
}

impl Nl2ql {
    /// Returns the updates of the task. Polling the stream drives the work.
    pub(crate) fn updates(self) -> BoxStream<'static, Update> {
        let working = self.ids.working(self.state.clock.now());
        let rest = stream::once(self.rest()).flat_map(stream::iter);
        stream::iter([working]).chain(rest).boxed()
    }

    /// Returns all updates after the first.
    async fn rest(self) -> Vec<Update> {
        let since = self.state.state_store.rollbacks();
        let found = catch_as_problem(self.find()).await.and_then(|found| found);
        // Token usage was recorded during the work.
        let flushed = self.state.flush(since).map_err(Problem::from);
        let (ids, now) = (&self.ids, self.state.clock.now());
        match flushed.and(found) {
            Ok((query, rows)) => vec![
                ids.artifact("generated-query".to_owned(), vec![Part::Text(query)], None),
                ids.artifact("result-data".to_owned(), vec![Part::Data(Data::Rows { rows })], None),
                ids.completed(now),
            ],
            Err(problem) => vec![ids.failed(now, problem.message)],
        }
    }

    /// Writes the query and runs it with the rights of the caller. Returns the text of the query and its rows.
    async fn find(&self) -> Result<(String, Box<RawValue>), Problem> {
        let Self { state, caller, space, question, .. } = self;
        let model = self.model.as_deref();
        let asked =
            OneQuery { resources: state, caller, space, dataset: None, question, instructions: None, model };
        let by_rule = asked.by_rule().await?;
        let query = match state.session(&caller.user) {
            Some(session) => asked.ask(&session).await?,
            None => {
                let spent = tokens(question) + tokens(&by_rule.to_string());
                state.usage.add(&caller.user, state.clock.now(), spent);
                by_rule
            }
        };
        let (store, caller, clock) = (state.snapshot(), caller.clone(), state.clock.clone());
        let (space, question) = (space.clone(), question.clone());
        background(move || {
            let outcome = query::run_by(&clock, CallerView::new(&store, &caller), &query, &space)?;
            let found = ScoredRows::new(FoundRows::new(&store, &outcome, usize::MAX), &question);
            let rows = serde_json::value::to_raw_value(&found)
                .map_err(|error| Problem::internal(format!("the rows cannot be written: {error}")))?;
            Ok((outcome.executed.to_string(), rows))
        })
        .await
    }
}
