//! The namespace that a question is about.

use datalinks::Namespace;

use crate::failure::Result;
use crate::session::Session;

/// Returns the namespace of the settings: that of the dataset, unless `--namespace` is given and `--dataset` is not.
///
/// Notes that questions have no narrower scope if a dataset was given.
pub(crate) async fn namespace(session: &Session) -> Result<Namespace> {
    let by_namespace = session.settings.namespace.as_ref().is_some_and(|setting| setting.origin.is_flag());
    match &session.settings.dataset {
        Some(dataset) if dataset.origin.is_flag() || !by_namespace => {
            let found = session.dataset(None).await?.namespace().clone();
            if dataset.origin.is_flag() {
                let what = format!("the question is about all datasets of the namespace {}", found.name());
                session.diagnostics().note(&what);
            }
            Ok(found)
        }
        _ => session.namespace(None).await,
    }
}
