//! The length limit of descriptions.

use datalinks_gen::api::types;

use crate::error::Error;

/// Maximum number of characters of a description, by the OpenAPI document of the service.
pub(crate) const DESCRIPTION_LIMIT: usize = 10_000;

/// Checks the length of a description.
pub(crate) fn description(text: &str) -> Result<types::DataDescription, Error> {
    let length = text.chars().count();
    types::DataDescription::try_from(text).map_err(|error| {
        Error::invalid(format!("the description has {length} characters, {DESCRIPTION_LIMIT} are allowed"))
            .caused_by(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_length_is_counted_in_characters() {
        assert!(description(&"ü".repeat(DESCRIPTION_LIMIT)).is_ok());
        let error = description(&"ü".repeat(DESCRIPTION_LIMIT + 1)).unwrap_err();
        assert!(error.to_string().contains("10001 characters, 10000 are allowed"), "{error}");
    }
}
