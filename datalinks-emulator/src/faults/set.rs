//! Access to the settings of a fault by name.

use super::effect::Effect;
use super::error::FaultError;
use super::fault::Fault;
use super::setting::{SETTINGS, Value, ValueKind};

/// Returns the name of a setting as listed in the table, and the kind of its value.
pub(super) fn find(name: &str) -> Result<(&'static str, ValueKind), FaultError> {
    let found = SETTINGS.iter().find(|(own, _)| *own == name).copied();
    found.ok_or_else(|| FaultError::UnknownSetting(name.to_owned()))
}

impl Fault {
    /// Returns the settings that differ from their defaults, in the order of the table.
    pub(super) fn settings(&self) -> Vec<(&'static str, Value)> {
        let mut settings = Vec::new();
        if self.effect != Effect::None {
            settings.push((self.effect.name(), self.effect.value()));
        }
        if let Some(value) = &self.retry_after {
            settings.push(("retry-after", Value::Text(value.clone())));
        }
        if !self.delay.is_zero() {
            settings.push(("delay", Value::Time(self.delay)));
        }
        if let Some(probability) = self.probability {
            settings.push(("probability", Value::Probability(probability)));
        }
        if let Some(calls) = self.above {
            settings.push(("above", Value::Count(calls)));
        }
        if self.skip > 0 {
            settings.push(("after", Value::Count(self.skip)));
        }
        match self.times {
            None => settings.push(("always", Value::Flag)),
            Some(1) => {}
            Some(times) => settings.push(("times", Value::Count(times))),
        }
        settings
    }

    /// Sets one setting by its name. A fault has at most one effect.
    pub(super) fn set(&mut self, name: &'static str, value: Value) -> Result<(), FaultError> {
        if let Some(effect) = Effect::of(name, &value) {
            if self.effect != Effect::None {
                return Err(FaultError::ConflictingEffects(self.effect.name(), name));
            }
            self.effect = effect;
            return Ok(());
        }
        match (name, value) {
            ("retry-after", Value::Text(value)) => self.retry_after = Some(value),
            ("delay", Value::Time(delay)) => self.delay = delay,
            ("probability", Value::Probability(probability)) => self.probability = Some(probability),
            ("above", Value::Count(calls)) => self.above = Some(calls),
            ("after", Value::Count(calls)) => self.skip = calls,
            ("times", Value::Count(times)) => self.times = Some(times),
            ("always", Value::Flag) => self.times = None,
            // Unreachable for a name from the table with a value of its kind.
            _ => return Err(FaultError::UnknownSetting(name.to_owned())),
        }
        Ok(())
    }
}
