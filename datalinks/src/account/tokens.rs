//! Whose key it is, and the tokens of that user. A restricted token may not manage tokens (403).

use chrono::{DateTime, SecondsFormat, Utc};
use datalinks_gen::{Row, Secret, api::types, progenitor_client::Error as GenError};
use serde_json::Value;

use crate::{
    client::{DataLinks, segment},
    datasets::{Dataset, Namespace},
    error::{Error, ErrorKind},
    types::{Listing, impl_into_future},
};

/// The user whose key it is.
pub type User = types::CurrentUserResponse;

/// A token, without its secret. Its times are strings, because the service does not document their form.
pub type Token = types::UserToken;

/// What a token may be used for.
pub type TokenPermissions = types::TokenPermissionsResponse;

/// Advice after a token whose secret did not arrive.
const LOST_SECRET: &str = "the token may exist, and its secret cannot be read again: find it with DataLinks::tokens, \
                           and delete it";

/// A new token.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CreatedToken {
    /// The secret itself: it is shown now and never again.
    pub secret: Secret,
    /// What else the service tells of it. Nothing when that is not of the form it should have: the secret
    /// reaches you all the same.
    pub token: Option<Token>,
}

impl CreatedToken {
    /// Creates the result of creating a token with this secret. What else is known of the token is unset.
    ///
    /// It has no `Serialize`, so that the secret is not written unasked.
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self { secret: secret.into(), token: None }
    }
}

impl DataLinks {
    /// The user whose key it is.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn current_user(&self) -> Result<User, Error> {
        let call = self.call();
        let result = call.client().get_current_user().await;
        call.finish(result)
    }

    /// Your tokens, without their secrets.
    ///
    /// # Errors
    ///
    /// [`Forbidden`](crate::ErrorKind::Forbidden) for a restricted token, and as any call.
    pub async fn tokens(&self) -> Result<Listing<Token>, Error> {
        let call = self.call();
        let result = call.client().list_tokens().await;
        call.finish_list(result)
    }

    /// A token about to be created. Await what this answers.
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// let created = dl.create_token("ci").restrict_to_namespace(&dl.namespace("cinema")?).await?;
    /// println!("keep it: {}", created.secret.expose());
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_token(&self, name: impl Into<String>) -> CreateToken {
        let body =
            types::CreateTokenRequest { name: name.into(), expires_at: None, access_restricted_to: None };
        CreateToken { client: self.clone(), body }
    }

    /// Deletes a token. It stops working immediately.
    ///
    /// # Errors
    ///
    /// As [`tokens`](Self::tokens).
    pub async fn delete_token(&self, id: impl AsRef<str>) -> Result<(), Error> {
        let call = self.call();
        let result = call.client().delete_token(&segment("token id", id.as_ref())?).await;
        call.finish(result)
    }

    /// What a token may be used for.
    ///
    /// # Errors
    ///
    /// As [`tokens`](Self::tokens).
    pub async fn token_permissions(&self, id: impl AsRef<str>) -> Result<TokenPermissions, Error> {
        let call = self.call();
        let result = call.client().list_token_permissions(&segment("token id", id.as_ref())?).await;
        call.finish(result)
    }
}

/// A token about to be created; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateToken {
    client: DataLinks,
    body: types::CreateTokenRequest,
}

impl CreateToken {
    /// When it ends to work. Unset, the service chooses.
    pub fn expires_at(mut self, moment: DateTime<Utc>) -> Self {
        self.body.expires_at = Some(moment.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        self
    }

    /// Restricts it to this namespace, and to what else is named. Unset, it may be used for everything.
    pub fn restrict_to_namespace(self, namespace: &Namespace) -> Self {
        self.restrict(namespace, None)
    }

    /// Restricts it to this dataset, and to what else is named.
    pub fn restrict_to(self, dataset: &Dataset) -> Self {
        self.restrict(dataset.namespace(), Some(dataset.name().to_owned()))
    }

    fn restrict(mut self, namespace: &Namespace, dataset: Option<String>) -> Self {
        self.body.access_restricted_to.get_or_insert_default().push(types::TokenPermissionEntry {
            username: namespace.owner().to_owned(),
            namespace: namespace.name().to_owned(),
            dataset,
            extra: Row::new(),
        });
        self
    }

    async fn send(self) -> Result<CreatedToken, Error> {
        let call = self.client.call();
        let result = call.client().add_token(&self.body).await;
        if let Err(GenError::InvalidResponsePayload(body, _)) = &result
            && let Some(secret) = secret(body)
        {
            return Ok(CreatedToken { secret, token: None });
        }
        let (token, facts) = call.finish_with_facts(result).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedResponse => error.advice(LOST_SECRET),
            _ => error,
        })?;
        match token.token.clone() {
            Some(secret) => Ok(CreatedToken { secret, token: Some(token) }),
            None => Err(facts.unexpected("the response has no secret", b"").advice(LOST_SECRET)),
        }
    }
}

impl_into_future!(CreateToken => CreatedToken);

/// The secret in an answer that is off the schema otherwise.
fn secret(body: &[u8]) -> Option<Secret> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    answer.get("token")?.as_str().map(|secret| Secret::from(secret.to_owned()))
}

crate::client::builder_options!(CreateToken, client);
