//! The models that a pipeline uses.

use datalinks_gen::proxy::types;
use serde_json::Value;

use crate::{error::Error, types::Model};

/// Settings of the model that a pipeline uses itself.
///
/// Settings that are not set are omitted, and the service's defaults apply.
///
/// # Examples
///
/// ```
/// use datalinks::pipeline::LlmSettings;
///
/// let settings = LlmSettings::new().model(("gpt-x", "openai")).explosion_temperature(0.2);
/// # let _ = settings;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct LlmSettings(types::PipelineLlmSettings);

impl Default for LlmSettings {
    fn default() -> Self {
        Self(types::PipelineLlmSettings {
            provider: None,
            model: None,
            explosion_temperature: None,
            coalescence_temperature: None,
            evaluation_temperature: None,
            ontology_temperature: None,
            extra: Default::default(),
        })
    }
}

impl LlmSettings {
    /// Creates settings without any setting: the service's defaults apply.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the model and its provider.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        let Model { name, provider } = model.into();
        (self.0.model, self.0.provider) = (name, provider);
        self
    }

    /// Sets the temperature for explosion, which takes data apart.
    pub fn explosion_temperature(mut self, temperature: f64) -> Self {
        self.0.explosion_temperature = Some(temperature);
        self
    }

    /// Sets the temperature for coalescence, which joins data.
    pub fn coalescence_temperature(mut self, temperature: f64) -> Self {
        self.0.coalescence_temperature = Some(temperature);
        self
    }

    /// Sets the temperature for judging proposals.
    pub fn evaluation_temperature(mut self, temperature: f64) -> Self {
        self.0.evaluation_temperature = Some(temperature);
        self
    }

    /// Sets the temperature for linking.
    pub fn ontology_temperature(mut self, temperature: f64) -> Self {
        self.0.ontology_temperature = Some(temperature);
        self
    }

    /// Sets a member that this crate does not know.
    pub fn other(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.extra.insert(name.into(), value.into());
        self
    }

    /// Returns the settings as they are sent, or an error if a temperature is not finite, because JSON has no such number.
    pub(super) fn checked(self) -> Result<types::PipelineLlmSettings, Error> {
        let wire = self.0;
        for (name, temperature) in [
            ("explosion_temperature", wire.explosion_temperature),
            ("coalescence_temperature", wire.coalescence_temperature),
            ("evaluation_temperature", wire.evaluation_temperature),
            ("ontology_temperature", wire.ontology_temperature),
        ] {
            if let Some(value) = temperature.filter(|value| !value.is_finite()) {
                return Err(Error::invalid(format!("{name} is {value}, which is not a finite number")));
            }
        }
        Ok(wire)
    }
}

/// Settings of the models of the inference steps that a pipeline configures.
///
/// Settings that are not set are omitted, and the service's defaults apply.
///
/// # Examples
///
/// ```
/// use datalinks::pipeline::InferenceSettings;
///
/// let settings = InferenceSettings::new().model("gpt-x").ontology_curation_model(("gpt-y", "openai"));
/// # let _ = settings;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct InferenceSettings(types::PipelineInferenceSettings);

impl Default for InferenceSettings {
    fn default() -> Self {
        Self(types::PipelineInferenceSettings {
            provider: None,
            model: None,
            ontology_curation_provider: None,
            ontology_curation_model: None,
            extra: Default::default(),
        })
    }
}

impl InferenceSettings {
    /// Creates settings without any setting: the service's defaults apply.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the model of inference steps and its provider.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        let Model { name, provider } = model.into();
        (self.0.model, self.0.provider) = (name, provider);
        self
    }

    /// Sets the model that chooses links, and its provider.
    pub fn ontology_curation_model(mut self, model: impl Into<Model>) -> Self {
        let Model { name, provider } = model.into();
        (self.0.ontology_curation_model, self.0.ontology_curation_provider) = (name, provider);
        self
    }

    /// Sets a member that this crate does not know.
    pub fn other(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.extra.insert(name.into(), value.into());
        self
    }

    /// Returns the settings as they are sent.
    pub(super) fn into_wire(self) -> types::PipelineInferenceSettings {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_setting_reaches_the_wire() {
        let llm = LlmSettings::new()
            .model(("m", "p"))
            .explosion_temperature(0.1)
            .coalescence_temperature(0.2)
            .evaluation_temperature(0.3)
            .ontology_temperature(0.4)
            .other("seed", 7);
        let expected = json!({
            "model": "m", "provider": "p", "explosionTemperature": 0.1, "coalescenceTemperature": 0.2,
            "evaluationTemperature": 0.3, "ontologyTemperature": 0.4, "seed": 7,
        });
        assert_eq!(serde_json::to_value(llm.checked().unwrap()).unwrap(), expected);
        let inference =
            InferenceSettings::new().model("m").ontology_curation_model(("n", "p")).other("x", true);
        let expected =
            json!({ "model": "m", "ontologyCurationModel": "n", "ontologyCurationProvider": "p", "x": true });
        assert_eq!(serde_json::to_value(inference.into_wire()).unwrap(), expected);
    }

    /// serde_json would write `null`.
    #[test]
    fn a_temperature_that_is_not_finite_is_rejected() {
        let error = LlmSettings::new().ontology_temperature(f64::NAN).checked().unwrap_err();
        assert!(error.message().contains("ontology_temperature is NaN"), "{error}");
        assert_eq!(LlmSettings::new().checked().unwrap(), LlmSettings::default().0);
    }
}
