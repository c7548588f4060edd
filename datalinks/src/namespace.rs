//! A namespace and what one can do in it.

use datalinks_gen::PathSegment;

use crate::{Ask, DataLinks, Dataset, Error, QueryBuilder, client::segment};

/// A namespace: a group of datasets. It exists as long as it holds one; creating the first dataset
/// creates it. Cheap to clone; making one sends nothing.
#[derive(Clone, Debug)]
pub struct Namespace {
    client: DataLinks,
    owner: PathSegment,
    name: PathSegment,
}

impl Namespace {
    pub(crate) fn new(client: DataLinks, name: PathSegment) -> Self {
        Self { client, owner: PathSegment::own(), name }
    }

    /// Returns a handle to the namespace of this name that belongs to another user, who has shared it.
    ///
    /// Creating datasets and plain ingest work in your own namespaces only, because their paths carry no owner; here they
    /// are rejected before anything is sent. Uploads name the owner, see [`Dataset::upload`].
    ///
    /// # Errors
    ///
    /// When the name cannot stand in a path.
    pub fn owned_by(mut self, username: impl AsRef<str>) -> Result<Self, Error> {
        self.owner = segment("username", username.as_ref())?;
        Ok(self)
    }

    /// The same namespace under another name.
    pub(crate) fn named(&self, name: PathSegment) -> Self {
        Self { name, ..self.clone() }
    }

    /// Refuses what the service offers for one's own namespaces only: those paths and bodies carry no owner.
    pub(crate) fn own_only(&self, what: &str) -> Result<(), Error> {
        if self.owner.as_str() == "self" {
            return Ok(());
        }
        Err(Error::invalid(format!("{what} is for one's own namespaces; this one belongs to {}", self.owner)))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Its owner; `self` is whom the key belongs to.
    pub fn owner(&self) -> &str {
        self.owner.as_str()
    }

    /// One of its datasets. Sends nothing.
    ///
    /// # Errors
    ///
    /// When the name is empty, `.` or `..`, or has a backslash or a control character.
    pub fn dataset(&self, name: impl AsRef<str>) -> Result<Dataset, Error> {
        Ok(Dataset::new(self.clone(), segment("dataset", name.as_ref())?))
    }

    /// Returns a builder for a query about this namespace.
    ///
    /// A namespace has no rows to start from, so the query needs a text
    /// ([`query_text`](QueryBuilder::query_text)) or a question
    /// ([`natural_language`](QueryBuilder::natural_language)). Without either, it is rejected before anything is sent.
    /// The request names no dataset. The service does not document which datasets a question is about then.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::QueryText;
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

    /// A question in plain words about the data of this namespace, answered by the service's agent
    /// (AutoRAG), which plans, queries and answers. It costs model tokens.
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::AskEvent;
    ///
    /// let mut events = dl.namespace("cinema")?.ask("Who directed Alien?").stream().await?;
    /// while let Some(event) = events.next().await {
    ///     match event? {
    ///         AskEvent::Step(step) => println!("{}: {}", step.index, step.instruction),
    ///         AskEvent::Answer(answer) => println!("{}", answer.response),
    ///         _ => {} // the list of events is open
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn ask(&self, question: impl Into<String>) -> Ask {
        Ask::new(self.clone(), question.into())
    }

    pub(crate) fn owner_segment(&self) -> &PathSegment {
        &self.owner
    }

    pub(crate) fn segment(&self) -> &PathSegment {
        &self.name
    }
}

crate::client::handle_options!(Namespace, crate::DataLinks, client);
