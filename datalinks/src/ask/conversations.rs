//! Questions that belong together.

use chrono::{DateTime, Utc};
use datalinks_gen::{Row, api::types};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    client::{DataLinks, uuid},
    datasets::Namespace,
    error::Error,
    types::Listing,
};

/// A conversation in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConversationSummary {
    /// Its id: what [`Ask::conversation`](crate::ask::Ask::conversation) takes to go on with it.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// When it began. (On the wire: milliseconds since 1970.)
    pub created_at: DateTime<Utc>,
    /// When it last went on.
    pub updated_at: DateTime<Utc>,
    /// What else the service tells.
    pub extra: Row,
}

impl ConversationSummary {
    /// Creates the summary of a conversation.
    pub fn new(
        id: Uuid,
        title: impl Into<String>,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
    ) -> Self {
        Self { id, title: title.into(), created_at, updated_at, extra: Row::new() }
    }
}

/// A conversation: its questions and their results, oldest first.
pub type Conversation = types::ConversationDetailResponse;

impl Namespace {
    /// The conversations in this namespace, newest first.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn conversations(&self) -> Result<Listing<ConversationSummary>, Error> {
        let call = self.client().call();
        let result = call.client().list_conversations(self.name(), self.owner()).await;
        let (list, mut rejected): (types::ConversationListResponse, _) =
            call.finish_with_items::<_, types::ConversationSummaryResponse, _>(result, "conversations")?;
        let mut items = Vec::with_capacity(list.conversations.len());
        for (index, summary) in list.conversations.into_iter().enumerate() {
            match time(summary.created_at).zip(time(summary.updated_at)) {
                Some((created_at, updated_at)) => items.push(ConversationSummary {
                    id: summary.id,
                    title: summary.title,
                    created_at,
                    updated_at,
                    extra: summary.extra,
                }),
                None => rejected.push(crate::types::Rejected::new(
                    index,
                    summary.title,
                    "its times are out of range",
                )),
            }
        }
        let redactor = &self.client().connection().transport.redactor;
        rejected.iter_mut().for_each(|item| item.clean(redactor));
        Ok(Listing { items, rejected })
    }
}

impl DataLinks {
    /// One conversation.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id is not a UUID, and [`NotFound`](crate::ErrorKind::NotFound) if
    /// there is no conversation with this id.
    pub async fn conversation(&self, id: impl ToString) -> Result<Conversation, Error> {
        let call = self.call();
        let id = uuid("conversation id", &id.to_string())?;
        let result = call.client().get_conversation(&id).await;
        call.finish(result)
    }
}

fn time(milliseconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(milliseconds)
}
