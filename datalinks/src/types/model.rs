//! Which model does the work.

/// A model, and who provides it. What is not named, the service chooses.
///
/// ```
/// use datalinks::Model;
///
/// let named = Model::from(("gpt-x", "openai"));
/// assert_eq!(named, Model::named("gpt-x").provider("openai"));
/// assert_eq!(Model::from("gpt-x"), Model::named("gpt-x"));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct Model {
    pub(crate) name: Option<String>,
    pub(crate) provider: Option<String>,
}

impl Model {
    /// Names a model, without a provider. The service publishes no list of models; its documentation names examples
    /// such as `gpt-4.1-mini-2025-04-14`.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), provider: None }
    }

    /// Any model of this provider, or the provider of the model named.
    pub fn provider(mut self, provider: impl Into<String>) -> Self {
        self.provider = Some(provider.into());
        self
    }
}

impl From<&str> for Model {
    fn from(name: &str) -> Self {
        Self::named(name)
    }
}

impl From<String> for Model {
    fn from(name: String) -> Self {
        Self::named(name)
    }
}

impl<N: Into<String>, P: Into<String>> From<(N, P)> for Model {
    fn from((name, provider): (N, P)) -> Self {
        Self::named(name).provider(provider)
    }
}
