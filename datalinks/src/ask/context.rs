//! The caller's context for a question.

use datalinks_gen::{api::types, enums::CallerTurnRole};

/// Earlier turns of a dialog, and facts, which the agent considers.
///
/// The service does not document limits of the context.
///
/// # Examples
///
/// ```
/// use datalinks::ask::CallerContext;
///
/// let context = CallerContext::new()
///     .user_said("Which films are long?")
///     .agent_said("Seven Samurai, 207 minutes.", "cinema guide")
///     .fact("long", "over 180 minutes");
/// # let _ = context;
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct CallerContext {
    turns: Vec<types::CallerContextTurn>,
    facts: Vec<types::CallerContextFact>,
}

impl CallerContext {
    /// Creates an empty context.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a turn of the user.
    pub fn user_said(self, text: impl Into<String>) -> Self {
        self.turn(CallerTurnRole::User, text.into(), None)
    }

    /// Adds a turn of the agent with the given name.
    pub fn agent_said(self, text: impl Into<String>, agent: impl Into<String>) -> Self {
        self.turn(CallerTurnRole::Agent, text.into(), Some(agent.into()))
    }

    /// Adds a fact: its subject and its value.
    pub fn fact(self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.add(label.into(), value.into(), None)
    }

    /// Adds a fact with its source.
    pub fn fact_from(
        self,
        label: impl Into<String>,
        value: impl Into<String>,
        source: impl Into<String>,
    ) -> Self {
        self.add(label.into(), value.into(), Some(source.into()))
    }

    fn turn(mut self, role: CallerTurnRole, text: String, agent_name: Option<String>) -> Self {
        self.turns.push(types::CallerContextTurn { role, text, agent_name });
        self
    }

    fn add(mut self, label: String, value: String, source: Option<String>) -> Self {
        self.facts.push(types::CallerContextFact { label, value, source });
        self
    }
}

impl CallerContext {
    /// Returns the context in the form in which it is sent.
    pub(super) fn into_wire(self) -> types::CallerContext {
        let Self { turns, facts } = self;
        // The lists can only be extended, so an empty one was never set.
        types::CallerContext {
            turns: Some(turns).filter(|turns| !turns.is_empty()),
            facts: Some(facts).filter(|facts| !facts.is_empty()),
        }
    }
}
