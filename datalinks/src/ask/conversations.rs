//! Conversations: questions that refer to each other.

use chrono::{DateTime, Utc};
use datalinks_gen::{Row, api::types};
use serde::Serialize;
use uuid::Uuid;

use super::conversation::Conversation;
use crate::{
    client::{DataLinks, uuid},
    datasets::Namespace,
    error::Error,
    types::{FromWire as _, Listing},
};

/// A conversation in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConversationSummary {
    /// Id of the conversation, for [`Ask::conversation`](crate::ask::Ask::conversation).
    pub id: Uuid,
    /// Title of the conversation.
    pub title: String,
    /// Time of the first question. On the wire, it is in milliseconds since 1970.
    pub created_at: DateTime<Utc>,
    /// Time of the latest question.
    pub updated_at: DateTime<Utc>,
    /// Fields that this crate does not know.
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

impl Namespace {
    /// Returns the conversations in this namespace, newest first.
    ///
    /// # Errors
    ///
    /// Returns the [errors of every call](crate::error#errors-of-every-call).
    pub async fn conversations(&self) -> Result<Listing<ConversationSummary>, Error> {
        let call = self.client().call();
        let result = call.client().list_conversations(self.name(), self.owner()).await;
        let (list, mut rejected): (types::ConversationListResponse, _) =
            call.finish_with_items::<_, types::ConversationSummaryResponse, _>(result, "conversations")?;
        let mut items = Vec::with_capacity(list.conversations.len());
        for (index, summary) in list.conversations.into_iter().enumerate() {
            let types::ConversationSummaryResponse { created_at, id, title, updated_at, extra } = summary;
            match time(created_at).zip(time(updated_at)) {
                Some((created_at, updated_at)) => {
                    items.push(ConversationSummary { id, title, created_at, updated_at, extra });
                }
                None => {
                    rejected.push(crate::types::Rejected::new(index, title, "its times are out of range"));
                }
            }
        }
        let redactor = &self.client().connection().transport.redactor;
        rejected.iter_mut().for_each(|item| item.clean(redactor));
        Ok(Listing { items, rejected })
    }
}

impl DataLinks {
    /// Returns a conversation with its questions and their results.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id is not a UUID. Nothing was sent.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if you have no conversation with this id.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn conversation(&self, id: impl ToString) -> Result<Conversation, Error> {
        let call = self.call();
        let id = uuid("conversation id", &id.to_string())?;
        let result = call.client().get_conversation(&id).await;
        call.finish(result).map(Conversation::from_wire)
    }
}

fn time(milliseconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(milliseconds)
}
