//! The choice of a model.

/// The name of a model and its provider. The service chooses what is not set.
///
/// # Examples
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
    /// Selects a model by name, without a provider. The service does not publish a list of models. Its
    /// documentation gives examples such as `gpt-4.1-mini-2025-04-14`.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), provider: None }
    }

    /// Sets the provider. Without a name, the service chooses a model of this provider.
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
