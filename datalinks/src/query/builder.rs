//! The builder for queries of a dataset or a namespace.

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{
    answer::QueryAnswer,
    decode::{Decoding, UnreadableKind, decode},
    filter::Filter,
    scan,
    text::QueryText,
};
use crate::{
    datasets::{Dataset, Namespace},
    error::Error,
    transport::{Body, Facts, operation},
    types::Model,
};

/// A builder for a query, created by [`Dataset::query`] or [`Namespace::query`].
///
/// Send the query with [`fetch`](Self::fetch) for the rows, or with [`answer`](Self::answer) for the rows and the data
/// that the service returns with them.
///
/// The calls of the query language are those of [`QueryText`] and are written in the order in which they are made. A
/// question in natural language ([`natural_language`](Self::natural_language)) replaces the query text.
///
/// # Examples
///
/// ```no_run
/// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
/// use datalinks::field;
///
/// #[derive(serde::Deserialize)]
/// struct Person { name: String, born: u16 }
///
/// // The directors of the three longest Japanese films, the youngest first.
/// let people: Vec<Person> = dl
///     .dataset("cinema", "films")?
///     .query()
///     .filter(field("country").eq("Japan"))
///     .sort_descending("runtime")
///     .limit(3)
///     .search_around("people")
///     .follow(["director"])
///     .sort_descending("born")
///     .fetch()
///     .await?;
/// # let _ = people; Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until the query is fetched"]
pub struct QueryBuilder {
    namespace: Namespace,
    /// The dataset that the query starts at, or `None` for a query from a namespace.
    dataset: Option<Dataset>,
    question: Question,
    explain: bool,
    decoding: Decoding,
    model: Model,
}

impl Dataset {
    /// Returns a builder for a query that starts at this dataset. Without further calls, the query returns all rows.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::field;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Film { title: String, year: u16 }
    ///
    /// let films = dl.dataset("cinema", "films")?;
    /// let recent: Vec<Film> = films.query().filter(field("year").ge(2012)).fetch().await?;
    /// let oldest: Vec<Film> = films.query().sort_ascending("year").limit(3).fetch().await?;
    /// # let _ = (recent, oldest); Ok(())
    /// # }
    /// ```
    pub fn query(&self) -> QueryBuilder {
        QueryBuilder::of_dataset(self.clone())
    }
}

impl Namespace {
    /// Returns a builder for a query about this namespace.
    ///
    /// A namespace does not have rows to start from, so the query requires a text
    /// ([`query_text`](QueryBuilder::query_text)) or a question ([`natural_language`](QueryBuilder::natural_language)).
    /// Without either, it is rejected before it is sent. The request does not name a dataset. The service does not
    /// document which datasets a question then refers to.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::query::QueryText;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Film { title: String, year: u16 }
    ///
    /// let cinema = dl.namespace("cinema")?;
    /// let text = QueryText::dataset("cinema", "films").sort_ascending("year").limit(3);
    /// let oldest: Vec<Film> = cinema.query().query_text(text).fetch().await?;
    ///
    /// let answer = cinema.query().natural_language("the three oldest films").answer::<Film>().await?;
    /// println!("{} films, found by {:?}", answer.rows.len(), answer.executed_query);
    /// # let _ = oldest; Ok(())
    /// # }
    /// ```
    pub fn query(&self) -> QueryBuilder {
        QueryBuilder::of_namespace(self.clone())
    }
}

#[derive(Clone, Debug)]
enum Question {
    Text(QueryText),
    NaturalLanguage(String),
}

/// The body of the request. Fields that are not set are omitted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    username: &'a str,
    namespace: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset: Option<&'a str>,
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
    pub(super) fn of_dataset(dataset: Dataset) -> Self {
        Self::new(dataset.namespace().clone(), Some(dataset))
    }

    pub(crate) fn of_namespace(namespace: Namespace) -> Self {
        Self::new(namespace, None)
    }

    fn new(namespace: Namespace, dataset: Option<Dataset>) -> Self {
        let text = start(&namespace, dataset.as_ref());
        Self {
            namespace,
            dataset,
            question: Question::Text(text),
            explain: false,
            decoding: Decoding::default(),
            model: Model::default(),
        }
    }

    /// Keeps only the rows that meet the condition. See [`QueryText::filter`].
    pub fn filter(self, filter: Filter) -> Self {
        self.change(|text| text.filter(filter))
    }

    /// Goes to the rows of another dataset that a link connects with the rows so far. See
    /// [`QueryText::search_around`].
    pub fn search_around(self, other: &str) -> Self {
        self.change(|text| text.search_around(other))
    }

    /// Goes to the rows of another dataset that are at most `depth` links away. See
    /// [`QueryText::search_around_within`].
    pub fn search_around_within(self, other: &str, depth: u32) -> Self {
        self.change(|text| text.search_around_within(other, depth))
    }

    /// Restricts the preceding step over links to links at these columns. See [`QueryText::follow`].
    pub fn follow(self, columns: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.change(|text| text.follow(columns))
    }

    /// Sorts the rows by a column, the smallest value first. Of several sorts in a row, the first is the main one. See
    /// [`QueryText::sort_ascending`].
    pub fn sort_ascending(self, column: &str) -> Self {
        self.change(|text| text.sort_ascending(column))
    }

    /// Sorts the rows by a column, the largest value first. See [`QueryText::sort_descending`].
    pub fn sort_descending(self, column: &str) -> Self {
        self.change(|text| text.sort_descending(column))
    }

    /// Keeps at most this number of rows at this position of the query. See [`QueryText::limit`].
    pub fn limit(self, rows: u64) -> Self {
        self.change(|text| text.limit(rows))
    }

    /// Appends a call as text in the query language. See [`QueryText::call`].
    pub fn call(self, call: &str) -> Self {
        self.change(|text| text.call(call))
    }

    /// Sets the query. Replaces earlier calls and an earlier question.
    pub fn query_text(mut self, text: QueryText) -> Self {
        self.question = Question::Text(text);
        self
    }

    /// Sets a question in natural language. Replaces the query text.
    ///
    /// A model of the service translates the question into a query, and the service runs it.
    /// [`QueryAnswer::executed_query`] contains the query. This costs model tokens, so the request is not retried after
    /// an ambiguous outcome. A later call of the query language replaces the question.
    pub fn natural_language(mut self, question: impl Into<String>) -> Self {
        self.question = Question::NaturalLanguage(question.into());
        self
    }

    /// Sets the model that translates a question into a query. By default, the service chooses.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        self.model = model.into();
        self
    }

    /// Requests an explanation of the execution, in [`QueryAnswer::explain`].
    pub fn explain(mut self) -> Self {
        self.explain = true;
        self
    }

    /// Keeps columns whose name begins with an underscore.
    ///
    /// The service writes metadata into such columns. They are dropped by default, as in the Python client. A column of
    /// your own with such a name, for example `_id`, is dropped as well, so an optional field for it is `None`.
    pub fn metadata_columns(mut self) -> Self {
        self.decoding.metadata_columns = true;
        self
    }

    /// Keeps rows that cannot be decoded in [`QueryAnswer::rejected`]. By default, one such row fails the query.
    pub fn lenient(mut self) -> Self {
        self.decoding.lenient = true;
        self
    }

    /// Returns the text of the query, or the question in natural language.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the text cannot be written (see
    /// [`QueryText::build`]), or if a query from a namespace has neither a query text nor a question.
    pub fn text(&self) -> Result<String, Error> {
        match &self.question {
            Question::Text(text) => text.build(),
            Question::NaturalLanguage(question) => Ok(question.clone()),
        }
    }

    /// Sends the query and returns the rows, each as a `T`.
    ///
    /// To keep the JSON text of the rows, use `Box<RawValue>` of `serde_json`, or `RawRow` of the module `read`.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput), before the query is sent, if its text cannot be written (see
    ///   [`text`](Self::text)).
    /// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if a row cannot be decoded as a `T`. The error
    ///   contains the row and the field. [`lenient`](Self::lenient) keeps such rows apart.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. A query only reads, but the service may charge for a question whose
    /// rows are not returned.
    pub async fn fetch<T: DeserializeOwned>(self) -> Result<Vec<T>, Error> {
        self.answer().await.map(|answer| answer.rows)
    }

    /// Sends the query and returns the rows with the data that the service returns with them.
    ///
    /// # Errors
    ///
    /// - The errors of [`fetch`](Self::fetch), under the same conditions.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request, as with [`fetch`](Self::fetch).
    pub async fn answer<T: DeserializeOwned>(self) -> Result<QueryAnswer<T>, Error> {
        let (body, facts) = self.send().await?;
        let mut answer = decode(&body, self.decoding).map_err(|unreadable| {
            let error = facts.unexpected(unreadable.message, &body);
            match unreadable.kind {
                UnreadableKind::Response => error,
                UnreadableKind::Row => error.advice(
                    "make the type fit the rows, or call QueryBuilder::lenient to keep undecodable rows apart",
                ),
                UnreadableKind::MetadataColumn => {
                    error.advice("call QueryBuilder::metadata_columns to keep these columns")
                }
            }
        })?;
        answer.rejected.iter_mut().for_each(|row| row.clean(&facts.context.redactor));
        Ok(answer)
    }

    /// Sends the query and calls `each` for the JSON text of each row, with a state that is returned. An error of `each` is the
    /// reason why the row cannot be read. The rows have all columns.
    ///
    /// The response is in memory as a whole, and its rows are read on a thread for blocking work.
    pub(crate) async fn scan<S: Send + 'static>(
        self,
        mut state: S,
        mut each: impl FnMut(&mut S, &RawValue) -> Result<(), String> + Send + 'static,
    ) -> Result<S, Error> {
        let (body, facts) = self.send().await?;
        let read = tokio::task::spawn_blocking(move || {
            let read = scan::rows(&body, |row| each(&mut state, row));
            (read.map(|()| state), body)
        });
        match read.await {
            Ok((Ok(state), _)) => Ok(state),
            Ok((Err(reason), body)) => Err(facts.unexpected(reason, &body)),
            Err(error) => {
                Err(facts.unexpected("the rows of the response were not read", b"").caused_by(error))
            }
        }
    }

    /// Sends the query and returns the body of the response.
    async fn send(&self) -> Result<(Bytes, Facts), Error> {
        let client = self.namespace.client();
        let connection = client.connection();
        let (query, question) = match &self.question {
            Question::Text(text) => (Some(text.build()?), None),
            Question::NaturalLanguage(question) => (None, Some(question.as_str())),
        };
        let options = match question {
            Some(_) => client.options().clone().retry_ambiguous(false),
            None => client.options().clone(),
        };
        let request = Request {
            username: self.namespace.owner(),
            namespace: self.namespace.name(),
            dataset: self.dataset.as_ref().map(Dataset::name),
            query,
            natural_language_query: question,
            model: self.model.name.as_deref(),
            provider: self.model.provider.as_deref(),
            explain_requested: self.explain.then_some(true),
        };
        let body = serde_json::to_vec(&request)
            .map_err(|error| Error::invalid("the query cannot be written").caused_by(error))?;
        let url = connection.address.join(&["query"], []);
        let answer = connection.send_json(operation("queryData")?, url, body.into(), &options).await?;
        let facts = Facts::of(&answer);
        let Body::Whole(body) = answer.body else {
            return Err(facts.unexpected("the response is a stream", b""));
        };
        Ok((body, facts))
    }

    fn change(mut self, change: impl FnOnce(QueryText) -> QueryText) -> Self {
        let text = match self.question {
            Question::Text(text) => text,
            Question::NaturalLanguage(_) => start(&self.namespace, self.dataset.as_ref()),
        };
        self.question = Question::Text(change(text));
        self
    }
}

/// Returns the query that calls are appended to.
fn start(namespace: &Namespace, dataset: Option<&Dataset>) -> QueryText {
    match dataset {
        Some(dataset) => QueryText::dataset(namespace.name(), dataset.name()),
        None => QueryText::without_dataset(namespace.name()),
    }
}

crate::client::builder_options!(QueryBuilder, namespace);
