//! The array of rows in a response, read one row after the other.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, SeqAccess, Visitor},
};

/// Reads each row by `seed` and passes it to `each`. An error of `each` is the reason why the row cannot be read.
pub(super) struct Rows<S, F> {
    pub(super) seed: S,
    pub(super) each: F,
}

impl<'de, S, F> DeserializeSeed<'de> for Rows<S, F>
where
    S: DeserializeSeed<'de> + Clone,
    F: FnMut(S::Value) -> Result<(), String>,
{
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, S, F> Visitor<'de> for Rows<S, F>
where
    S: DeserializeSeed<'de> + Clone,
    F: FnMut(S::Value) -> Result<(), String>,
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        while let Some(row) = items.next_element_seed(self.seed.clone())? {
            (self.each)(row).map_err(|reason| A::Error::custom(format_args!("row {index}: {reason}")))?;
            index += 1;
        }
        Ok(())
    }
}
