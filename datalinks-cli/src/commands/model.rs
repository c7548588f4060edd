//! The model that a command uses.

use datalinks::Model;

/// Returns the model of the options of a command. The service chooses what is not given.
pub(super) fn model(name: Option<String>, provider: Option<String>) -> Model {
    let model = name.map_or_else(Model::default, Model::named);
    match provider {
        Some(provider) => model.provider(provider),
        None => model,
    }
}
