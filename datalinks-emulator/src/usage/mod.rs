//! What the use of models cost, or would have cost: one account for all of it.
//!
//! Where a rule stands for a model, its use is counted all the same, so that a program can be tested against
//! numbers that add up.

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

/// Where no model counts tokens, one is counted for as many bytes of text as this, begun ones included.
const BYTES_A_TOKEN: usize = 4;
/// The price of a token in US dollars, whatever the model: 2⁻²⁰, about a dollar for a million. A power of two,
/// so that sums are exact.
const PRICE: f64 = 1.0 / 1_048_576.0;

/// Number of uses that are kept, the latest ones. There may be a tenth more of them.
pub(crate) const KEPT: usize = 100_000;

/// One use.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Use {
    pub(crate) user: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) tokens: u64,
    /// How many uses there were before the first one that is kept. It is 0 in all others.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) before: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// All uses, in the order in which they were.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<Versioned<Uses>>);

#[derive(Debug)]
struct Uses {
    /// Another one as soon as anything but uses at the end has changed, see [`AppendOnly`].
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
    /// The number of the first use that is kept.
    fn before(&self) -> u64 {
        self.uses.first().map_or(0, |first| first.before)
    }

    /// Forgets all but so many uses. Those that stay keep their numbers.
    fn evict_oldest(&mut self, kept: usize) {
        let (before, gone) = (self.before(), self.uses.len().saturating_sub(kept));
        self.uses.drain(..gone);
        if let Some(first) = self.uses.first_mut() {
            first.before = before + gone as u64;
        }
        self.identity = next_version();
    }
}

impl Usage {
    /// Notes that a user has used so many tokens now. No tokens are no use.
    pub(crate) fn add(&self, user: &str, now: DateTime<Utc>, tokens: u64) {
        if tokens > 0 {
            let used = Use { user: user.to_owned(), at: now, tokens, before: 0 };
            let mut kept = lock(&self.0);
            kept.uses.push(used);
            if kept.uses.len() > KEPT + KEPT / 10 {
                kept.evict_oldest(KEPT);
            }
        }
    }

    /// The uses of a user in a span of time, oldest first, each with its number.
    pub(crate) fn of(&self, user: &str, span: &impl RangeBounds<DateTime<Utc>>) -> Vec<(u64, Use)> {
        let kept = lock(&self.0);
        let numbered = (kept.before()..).zip(&kept.uses);
        let own = numbered.filter(|(_, used)| used.user == user && span.contains(&used.at));
        let mut own: Vec<(u64, Use)> = own.map(|(number, used)| (number, used.clone())).collect();
        // The clock may have been set back. Those of one moment stay in their order.
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

/// What a text, asked or answered, counts where no model counts.
pub(crate) fn tokens(text: &str) -> u64 {
    text.len().div_ceil(BYTES_A_TOKEN) as u64
}

/// What tokens cost, in US dollars.
pub(crate) fn cost(tokens: u64) -> f64 {
    tokens as f64 * PRICE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_counted_for_four_bytes_begun() {
        assert_eq!(["", "a", "four", "five!"].map(tokens), [0, 1, 1, 2]);
    }

    #[test]
    fn the_latest_uses_are_kept_with_their_numbers() {
        let (usage, now) = (Usage::default(), DateTime::UNIX_EPOCH);
        let numbers =
            |usage: &Usage| usage.of("ana", &..).into_iter().map(|(number, used)| (number, used.tokens));
        let add = |usage: &Usage, tokens| usage.add("ana", now, tokens);
        (1..=(KEPT + KEPT / 10) as u64).for_each(|tokens| add(&usage, tokens));
        assert_eq!(numbers(&usage).next(), Some((0, 1)));
        let identity = lock(&usage.0).identity;
        add(&usage, 7);
        let expected = (KEPT / 10 + 1) as u64;
        assert_eq!(numbers(&usage).next(), Some((expected, expected + 1)));
        assert_eq!(numbers(&usage).count(), KEPT);
        assert_ne!(lock(&usage.0).identity, identity, "the file is written anew");
        let mut lines = Vec::new();
        lock(&usage.0).write(0, &mut lines);
        let read: Vec<Use> = parse_lines(PATH, &lines).collect::<Result<_, _>>().unwrap();
        let again = Usage(Mutex::new(Uses::from(read).into()));
        assert!(numbers(&again).eq(numbers(&usage)), "also after a restart");
        (0..=(KEPT / 10) as u64).for_each(|_| add(&again, 1));
        assert_eq!(numbers(&again).next().map(|(number, _)| number), Some(2 * expected));
    }

    #[test]
    fn costs_add_up_exactly() {
        let uses = [1, 3, 333, 1_000_003];
        let apart: f64 = uses.iter().map(|tokens| cost(*tokens)).sum();
        assert_eq!(apart.to_bits(), cost(uses.iter().sum()).to_bits());
    }
}
