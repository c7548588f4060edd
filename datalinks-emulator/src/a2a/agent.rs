//! The agents that can be called over the protocol.

/// An agent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Agent {
    /// Writes one query for a question, runs it, and returns the query and its rows.
    Nl2ql,
    /// Plans, queries and answers, and can continue a conversation. The agent that also serves `ask`.
    Assistant,
}

impl Agent {
    /// All agents, in the order of the list.
    pub(crate) const ALL: [Self; 2] = [Self::Nl2ql, Self::Assistant];

    /// Returns the agent with this name. The comparison is case-sensitive.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|agent| agent.name() == name)
    }

    /// Returns the name of the agent in the list and in the path.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nl2ql => "nl2ql",
            Self::Assistant => "assistant",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_found_by_their_exact_names() {
        for agent in Agent::ALL {
            assert_eq!(Agent::named(agent.name()), Some(agent));
            assert_eq!(Agent::named(&agent.name().to_uppercase()), None);
        }
        assert_eq!(Agent::named("auto_rag"), None);
    }
}
