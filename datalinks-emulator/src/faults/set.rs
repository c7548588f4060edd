//! Setting a fault by name.

use super::effect::Effect;
use super::error::FaultError;
use super::fault::Fault;
use super::setting::{FORMS, Value, ValueKind};

/// The name as it stands in the table, and what its value looks like.
pub(super) fn find(name: &str) -> Result<(&'static str, ValueKind), FaultError> {
    let found = FORMS.iter().find(|(own, _)| *own == name).copied();
    found.ok_or_else(|| FaultError::UnknownSetting(name.to_owned()))
}

impl Fault {
    /// What is set, in the order of the table; what is as it is from the start is left out.
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
        if let Some(share) = self.probability {
            settings.push(("probability", Value::Probability(share)));
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

    /// Sets one thing by its name.
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
            ("probability", Value::Probability(share)) => self.probability = Some(share),
            ("after", Value::Count(calls)) => self.skip = calls,
            ("times", Value::Count(times)) => self.times = Some(times),
            ("always", Value::Flag) => self.times = None,
            // The table says otherwise for every name that is in it.
            _ => return Err(FaultError::UnknownSetting(name.to_owned())),
        }
        Ok(())
    }
}
