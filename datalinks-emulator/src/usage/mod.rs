//! Usage of models, and its cost.
//!
//! Where a rule takes the place of a model, usage is estimated from the texts, so that programs can be tested against
//! consistent numbers.

mod days;

use std::ops::RangeBounds;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub(crate) use days::{by_day, zone};

use crate::concurrency::lock::lock;
use crate::persistence::{
    AppendOnly, Change, Files, Persist, Sink, Unreadable, Versioned, next_version, parse_lines, push_line,
};

/// Number of bytes of text per token where no model counts tokens. A fraction counts as a whole token.
const BYTES_A_TOKEN: usize = 4;
/// Price of a token in US dollars for every model: 2⁻²⁰, about one dollar per million. A power of two makes sums exact.
const PRICE: f64 = 1.0 / 1_048_576.0;

/// Number of latest uses that are retained. Up to a tenth more may be stored.
pub(crate) const RETAINED: usize = 100_000;

/// One use of a model.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Use {
    pub(crate) user: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) tokens: u64,
    /// Number of uses that were dropped before the first one, or `0` in all others.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) before: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// All retained uses, in order.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<Versioned<Uses>>);

#[derive(Debug)]
struct Uses {
    /// Identity of the uses, which changes with every change other than appended uses, see [`AppendOnly`].
    identity: u64,
    uses: Vec<Use>,
}

impl From<Vec<Use>> for Uses {
    fn from(uses: Vec<Use>) -> Self {
        Self { identity: next_version(), uses }
    }
}

impl Default for Uses {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl Uses {
    /// Returns the number of the first retained use.
    fn before(&self) -> u64 {
        self.uses.first().map_or(0, |first| first.before)
    }

    /// Drops all but the latest uses. The remaining ones keep their numbers.
    fn evict_oldest(&mut self, retained: usize) {
        let (before, gone) = (self.before(), self.uses.len().saturating_sub(retained));
        self.uses.drain(..gone);
        if let Some(first) = self.uses.first_mut() {
            first.before = before + gone as u64;
        }
        self.identity = next_version();
    }
}

impl Usage {
    /// Records the tokens that a user has used. `0` tokens are not recorded.
    pub(crate) fn add(&self, user: &str, now: DateTime<Utc>, tokens: u64) {
        if tokens > 0 {
            let used = Use { user: user.to_owned(), at: now, tokens, before: 0 };
            let mut log = lock(&self.0);
            log.uses.push(used);
            if log.uses.len() > RETAINED + RETAINED / 10 {
                log.evict_oldest(RETAINED);
            }
        }
    }

    /// Returns the uses of a user in a range of time, oldest first, with their numbers.
    pub(crate) fn of(&self, user: &str, span: &impl RangeBounds<DateTime<Utc>>) -> Vec<(u64, Use)> {
        let log = lock(&self.0);
        let numbered = (log.before()..).zip(&log.uses);
        let own = numbered.filter(|(_, used)| used.user == user && span.contains(&used.at));
        let mut own: Vec<(u64, Use)> = own.map(|(number, used)| (number, used.clone())).collect();
        // The clock may have been set back. Uses at the same time keep their order.
        own.sort_by_key(|(_, used)| used.at);
        own
    }
}

const PATH: &str = "usage.ndjson";

impl AppendOnly for Uses {
    fn identity(&self) -> u64 {
        self.identity
    }

    fn lines(&self) -> usize {
        self.uses.len()
    }

    fn write(&self, from: usize, out: &mut Vec<u8>) {
        self.uses.iter().skip(from).for_each(|used| push_line(out, used));
    }
}

impl Persist for Usage {
    fn changed(&self) -> u64 {
        Versioned::changed(&lock(&self.0))
    }

    fn save(&self, sink: &mut dyn Sink) {
        let uses = lock(&self.0);
        if uses.lines() > 0 {
            sink.append_only(PATH.to_owned(), &**uses);
        }
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let content = files.take_append_only(PATH)?;
        let uses: Vec<Use> = parse_lines(PATH, &content).collect::<Result<_, _>>()?;
        Ok(Box::new(move || **lock(&self.0) = uses.into()))
    }
}

/// Estimates the tokens of a prompt or a completion where no model counts them.
pub(crate) fn tokens(text: &str) -> u64 {
    text.len().div_ceil(BYTES_A_TOKEN) as u64
}

/// Returns the cost of tokens in US dollars.
pub(crate) fn cost(tokens: u64) -> f64 {
    tokens as f64 * PRICE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_counts_four_bytes_rounded_up() {
        assert_eq!(["", "a", "four", "five!"].map(tokens), [0, 1, 1, 2]);
    }

    #[test]
    fn latest_uses_are_retained_with_their_numbers() {
        let (usage, now) = (Usage::default(), DateTime::UNIX_EPOCH);
        let numbers =
            |usage: &Usage| usage.of("ana", &..).into_iter().map(|(number, used)| (number, used.tokens));
        let add = |usage: &Usage, tokens| usage.add("ana", now, tokens);
        (1..=(RETAINED + RETAINED / 10) as u64).for_each(|tokens| add(&usage, tokens));
        assert_eq!(numbers(&usage).next(), Some((0, 1)));
        let identity = lock(&usage.0).identity;
        add(&usage, 7);
        let expected = (RETAINED / 10 + 1) as u64;
        assert_eq!(numbers(&usage).next(), Some((expected, expected + 1)));
        assert_eq!(numbers(&usage).count(), RETAINED);
        assert_ne!(lock(&usage.0).identity, identity, "the file is written again");
        let mut lines = Vec::new();
        lock(&usage.0).write(0, &mut lines);
        let read: Vec<Use> = parse_lines(PATH, &lines).collect::<Result<_, _>>().unwrap();
        let again = Usage(Mutex::new(Uses::from(read).into()));
        assert!(numbers(&again).eq(numbers(&usage)), "numbers are kept after a restart");
        (0..=(RETAINED / 10) as u64).for_each(|_| add(&again, 1));
        assert_eq!(numbers(&again).next().map(|(number, _)| number), Some(2 * expected));
    }

    #[test]
    fn costs_add_up_exactly() {
        let uses = [1, 3, 333, 1_000_003];
        let apart: f64 = uses.iter().map(|tokens| cost(*tokens)).sum();
        assert_eq!(apart.to_bits(), cost(uses.iter().sum()).to_bits());
    }
}
