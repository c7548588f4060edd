//! The user of the API key, and the user's tokens. A restricted token may not manage tokens (HTTP 403).

use chrono::{DateTime, SecondsFormat, Utc};
use datalinks_gen::{Row, Secret, api::types, progenitor_client::Error as GenError};
use serde_json::Value;

use super::{
    token::{Token, TokenPermissions},
    user::User,
};
use crate::{
    client::{DataLinks, segment},
    datasets::{Dataset, Namespace},
    error::{Error, ErrorKind},
    types::{FromWire as _, Listing, impl_into_future},
};

/// The advice after a token whose secret did not arrive.
const LOST_SECRET: &str = "the token may exist, and its secret cannot be read again; find it with DataLinks::tokens \
                           and delete it";

/// A new token with its secret.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CreatedToken {
    /// The secret of the token. The service never returns it again.
    pub secret: Secret,
    /// The token's metadata, or `None` if it could not be decoded. The secret is available in both cases.
    ///
    /// The metadata does not contain the secret, so it can be saved.
    pub token: Option<Token>,
}

impl CreatedToken {
    /// Creates a new token with this secret and without metadata.
    ///
    /// The type does not implement `Serialize`, so that the secret is not written by accident.
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self { secret: secret.into(), token: None }
    }
}

impl DataLinks {
    /// Returns the user of the API key.
    ///
    /// # Errors
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. This operation only reads.
    pub async fn current_user(&self) -> Result<User, Error> {
        let call = self.call();
        let result = call.client().get_current_user().await;
        call.finish(result).map(User::from_wire)
    }

    /// Returns the user's tokens, without their secrets.
    ///
    /// # Errors
    ///
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the API key is a restricted token.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. This operation only reads.
    pub async fn tokens(&self) -> Result<Listing<Token>, Error> {
        let call = self.call();
        let result = call.client().list_tokens().await;
        call.finish_list(result).map(Listing::from_wire)
    }

    /// Returns a builder for a token. Await it to create the token.
    ///
    /// # Examples
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

    /// Deletes a token, which stops working immediately.
    ///
    /// # Errors
    ///
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the API key is a restricted token.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped after the request was sent, the outcome is ambiguous.
    pub async fn delete_token(&self, id: impl AsRef<str>) -> Result<(), Error> {
        let call = self.call();
        let result = call.client().delete_token(&segment("token id", id.as_ref())?).await;
        call.finish(result)
    }

    /// Returns the permissions of a token.
    ///
    /// # Errors
    ///
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the API key is a restricted token.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. This operation only reads.
    pub async fn token_permissions(&self, id: impl AsRef<str>) -> Result<TokenPermissions, Error> {
        let call = self.call();
        let result = call.client().list_token_permissions(&segment("token id", id.as_ref())?).await;
        call.finish(result).map(TokenPermissions::from_wire)
    }
}

/// A builder for a token, created by [`DataLinks::create_token`]. Await it to create the token.
///
/// The request is not retried after an ambiguous outcome, because a second request would create a second token.
///
/// # Errors
///
/// - [`Forbidden`](crate::ErrorKind::Forbidden) if the API key is a restricted token.
/// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the response has no secret. The token may exist
///   then.
///
/// See also [errors of every call](crate::error#errors-of-every-call).
///
/// # Cancel safety
///
/// Not cancel safe. If the future is dropped after the request was sent, the outcome is ambiguous.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateToken {
    client: DataLinks,
    body: types::CreateTokenRequest,
}

impl CreateToken {
    /// Sets the time at which the token expires. By default, the service chooses.
    pub fn expires_at(mut self, moment: DateTime<Utc>) -> Self {
        self.body.expires_at = Some(moment.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        self
    }

    /// Restricts the token to this namespace, in addition to earlier restrictions. By default, the token is not
    /// restricted.
    pub fn restrict_to_namespace(self, namespace: &Namespace) -> Self {
        self.restrict(namespace, None)
    }

    /// Restricts the token to this dataset, in addition to earlier restrictions.
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
        let mut token = Token::from_wire(token);
        match token.secret.take() {
            Some(secret) => Ok(CreatedToken { secret, token: Some(token) }),
            None => Err(facts.unexpected("the response has no secret", b"").advice(LOST_SECRET)),
        }
    }
}

impl_into_future!(CreateToken => CreatedToken);

/// Returns the secret of a response that does not match the schema otherwise.
fn secret(body: &[u8]) -> Option<Secret> {
    let response: Value = serde_json::from_slice(body).ok()?;
    response.get("token")?.as_str().map(|secret| Secret::from(secret.to_owned()))
}

crate::client::builder_options!(CreateToken, client);
