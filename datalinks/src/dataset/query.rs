//! Asking a dataset for rows.

use datalinks_gen::Operation;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Dataset, Error, Filter, Model, QueryAnswer, QueryText,
    call::Facts,
    query::{Decoding, decode},
    transport::Body,
};

/// A query about to run: build it up, then [`fetch`](Self::fetch) rows or ask for the whole
/// [`answer`](Self::answer).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is fetched"]
pub struct QueryBuilder {
    dataset: Dataset,
    question: Question,
    explain: bool,
    decoding: Decoding,
    model: Model,
}

#[derive(Clone, Debug)]
enum Question {
    Text(QueryText),
    Words(String),
}

/// The body of the request. What is not set is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    username: &'a str,
    namespace: &'a str,
    dataset: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    natural_language_query: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain_requested: Option<bool>,
}

impl QueryBuilder {
    pub(super) fn new(dataset: Dataset) -> Self {
        let text = QueryText::dataset(dataset.namespace().name(), dataset.name());
        Self {
            dataset,
            question: Question::Text(text),
            explain: false,
            decoding: Decoding::default(),
            model: Model::default(),
        }
    }

    /// Only the rows that meet the condition.
    pub fn filter(self, filter: Filter) -> Self {
        self.change(|text| text.filter(filter))
    }

    /// On to the rows of another dataset that links lead to; further conditions apply to those.
    pub fn search_around(self, other: &str) -> Self {
        self.change(|text| text.search_around(other))
    }

    /// Any further call of the query language, taken as it is.
    pub fn call(self, call: &str) -> Self {
        self.change(|text| text.call(call))
    }

    /// This query instead of what was built up.
    pub fn query_text(mut self, text: QueryText) -> Self {
        self.question = Question::Text(text);
        self
    }

    /// A question in plain words instead: a model makes a query of it, which costs tokens and is not
    /// repeated after a doubtful end.
    pub fn words(mut self, question: impl Into<String>) -> Self {
        self.question = Question::Words(question.into());
        self
    }

    /// The model that reads plain words. Unset, the service chooses.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        self.model = model.into();
        self
    }

    /// Asks how the query is carried out: see [`QueryAnswer::explain`].
    pub fn explain(mut self) -> Self {
        self.explain = true;
        self
    }

    /// Keeps columns whose name begins with an underscore. The service writes metadata into them; they
    /// are left out otherwise, as in the vendor's client.
    pub fn metadata_columns(mut self) -> Self {
        self.decoding.metadata_columns = true;
        self
    }

    /// Keeps rows that do not fit apart, in [`QueryAnswer::rejected`], instead of failing for one.
    pub fn lenient(mut self) -> Self {
        self.decoding.lenient = true;
        self
    }

    /// The text of the query; the question itself when it is in plain words.
    ///
    /// # Errors
    ///
    /// When a name or a value cannot be written with certainty (see [`Filter::to_text`]).
    pub fn text(&self) -> Result<String, Error> {
        match &self.question {
            Question::Text(text) => text.build(),
            Question::Words(words) => Ok(words.clone()),
        }
    }

    /// The rows, each as a `T`.
    ///
    /// # Errors
    ///
    /// As any call; and [`UnexpectedAnswer`](crate::ErrorKind::UnexpectedAnswer) when a row does not fit
    /// `T`, naming the row.
    pub async fn fetch<T: DeserializeOwned>(self) -> Result<Vec<T>, Error> {
        self.answer().await.map(|answer| answer.rows)
    }

    /// The rows and what the service tells beside them.
    ///
    /// # Errors
    ///
    /// As [`fetch`](Self::fetch).
    pub async fn answer<T: DeserializeOwned>(self) -> Result<QueryAnswer<T>, Error> {
        let connection = self.dataset.client().connection();
        let in_words = matches!(self.question, Question::Words(_));
        let request = Request {
            username: self.dataset.namespace().owner(),
            namespace: self.dataset.namespace().name(),
            dataset: self.dataset.name(),
            query: if in_words { None } else { Some(self.text()?) },
            natural_language_query: match &self.question {
                Question::Words(words) => Some(words),
                Question::Text(_) => None,
            },
            model: self.model.name.as_deref(),
            provider: self.model.provider.as_deref(),
            explain_requested: self.explain.then_some(true),
        };
        let body = serde_json::to_vec(&request)
            .map_err(|error| Error::invalid("the query cannot be written").caused_by(error))?;
        let url = connection.address.join(&["query"], []);
        let options = if in_words {
            self.dataset.client().options().clone().repeat_doubtful(false)
        } else {
            self.dataset.client().options().clone()
        };
        let answer = connection.send_json(operation("queryData")?, url, body.into(), &options).await?;
        let facts = Facts::of(&answer);
        let Body::Whole(body) = answer.body else {
            return Err(facts.unexpected("the answer is a stream", b""));
        };
        decode(&body, self.decoding).map_err(|what| facts.unexpected(what, &body))
    }

    fn change(mut self, change: impl FnOnce(QueryText) -> QueryText) -> Self {
        // A question in plain words gives way to what is built up.
        let text = match self.question {
            Question::Text(text) => text,
            Question::Words(_) => QueryText::dataset(self.dataset.namespace().name(), self.dataset.name()),
        };
        self.question = Question::Text(change(text));
        self
    }
}

/// The operation with this id. A missing one is a defect of this crate, caught by a test.
pub(super) fn operation(id: &'static str) -> Result<&'static Operation, Error> {
    Operation::by_id(id).ok_or_else(|| Error::invalid(format!("the document has no operation {id}")))
}
