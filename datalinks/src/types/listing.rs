//! Lists in which one odd item does not discard the others.

use std::ops::Deref;

use datalinks_gen::Row;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use crate::{
    error::{Error, ErrorKind},
    secrets::Redactor,
};

/// The items of a list, and those that could not be understood. Dereferences to a slice of the items.
///
/// A test of an application collects one: `items.into_iter().collect::<Listing<_>>()`.
///
/// ```no_run
/// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
/// let datasets = dl.schema_datasets().await?;
/// println!("{} datasets", datasets.len());
/// for dataset in &datasets {
///     println!("{}", dataset.name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Listing<T> {
    /// The items, in the order of the answer.
    pub items: Vec<T>,
    /// Items that could not be understood: usually none.
    pub rejected: Vec<Rejected>,
}

/// An item, or a row, that is not of the form it should have.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Rejected {
    /// Its place in the answer, from 0.
    pub index: usize,
    /// The item, as it came. Empty if items of this list may hold secrets, as those of
    /// [`tokens`](crate::DataLinks::tokens) may.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Rejected {
    /// Creates a rejected item: its index in the response, its text, and what is wrong with it.
    pub fn new(index: usize, text: impl Into<String>, reason: impl ToString) -> Self {
        Self { index, text: text.into(), reason: reason.to_string() }
    }

    /// Strikes the secrets of a client or of a call.
    pub(crate) fn clean(&mut self, redactor: &Redactor) {
        self.text = redactor.exact(&self.text, false).into_owned();
        self.reason = redactor.text(&self.reason, false).into_owned();
    }

    /// The place alone, of an item that may hold a secret.
    pub(crate) fn without_content(self) -> Self {
        Self::new(
            self.index,
            "",
            "it is not of the expected form, and not shown because it may hold a secret",
        )
    }
}

impl Listing<Row> {
    /// Each row as a `U`; those that do not fit are set aside.
    pub(crate) fn read<U: DeserializeOwned>(self) -> Listing<U> {
        let mut rejected = self.rejected;
        let mut items = Vec::with_capacity(self.items.len());
        // The places in the answer that these rows have: those of odd items are taken.
        let taken: Vec<usize> = rejected.iter().map(|item| item.index).collect();
        let places = (0..).filter(|place| !taken.contains(place));
        for (place, row) in places.zip(self.items) {
            let row = Value::from(row);
            match U::deserialize(&row) {
                Ok(row) => items.push(row),
                Err(reason) => rejected.push(Rejected::new(place, row.to_string(), reason)),
            }
        }
        rejected.sort_by_key(|item| item.index);
        Listing { items, rejected }
    }
}

/// A listing without rejected items.
impl<T> FromIterator<T> for Listing<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::new(items.into_iter().collect())
    }
}

/// A listing without items.
impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl<T> Extend<T> for Listing<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        self.items.extend(items);
    }
}

impl<T> Deref for Listing<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

/// Iterates over the items. There is no iterator that consumes the listing: it would drop
/// [`rejected`](Listing::rejected) unseen. Use [`complete`](Listing::complete), or the fields.
impl<'a, T> IntoIterator for &'a Listing<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<T> Listing<T> {
    /// Creates a listing of these items, of which none is rejected.
    pub fn new(items: Vec<T>) -> Self {
        Self { items, rejected: Vec::new() }
    }

    /// Returns the items if every one could be understood.
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if there are [`rejected`](Self::rejected) items. It names the
    /// first of them.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// for link in dl.dataset("cinema", "films")?.links().await?.complete()? {
    ///     println!("{} -> {}", link.origin, link.destination);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn complete(self) -> Result<Vec<T>, Error> {
        let Some(first) = self.rejected.first() else { return Ok(self.items) };
        let (odd, all) = (self.rejected.len(), self.items.len() + self.rejected.len());
        let what = format!(
            "{odd} of the {all} items of the list cannot be read; the first, at index {}: {}",
            first.index, first.reason
        );
        Err(Error::new(ErrorKind::UnexpectedResponse, what)
            .advice("look at Listing::rejected, or do without these items"))
    }
}

/// Reads `body` as a `W` after setting aside the items of its list that are no `T`. The list is the body
/// itself, or its field `key`. Nothing when that does not help either.
pub(crate) fn without_odd_items<W: DeserializeOwned, T: DeserializeOwned>(
    body: &[u8],
    key: Option<&str>,
) -> Option<(W, Vec<Rejected>)> {
    let mut rejected = Vec::new();
    let mut sound = |raw: &RawValue, items: &mut Vec<Value>, index: usize| {
        match serde_json::from_str::<T>(raw.get()) {
            Ok(_) => items.extend(serde_json::from_str::<Value>(raw.get()).ok()),
            Err(reason) => rejected.push(Rejected::new(index, raw.get(), reason)),
        };
    };
    let mut items = Vec::new();
    let whole = match key {
        None => {
            let list: Vec<&RawValue> = serde_json::from_slice(body).ok()?;
            list.into_iter().enumerate().for_each(|(index, raw)| sound(raw, &mut items, index));
            Value::Array(items)
        }
        Some(key) => {
            let mut whole: Value = serde_json::from_slice(body).ok()?;
            let field = whole.get_mut(key)?;
            let list: Vec<Box<RawValue>> = serde_json::from_str(&field.to_string()).ok()?;
            list.iter().enumerate().for_each(|(index, raw)| sound(raw, &mut items, index));
            *field = Value::Array(items);
            whole
        }
    };
    serde_json::from_value(whole).ok().map(|whole| (whole, rejected))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Page {
        data: Vec<u8>,
        next: String,
    }

    #[test]
    fn odd_items_are_set_aside_and_named() {
        let (items, rejected) = without_odd_items::<Vec<u8>, u8>(br#"[1,"x",3]"#, None).unwrap();
        assert_eq!(items, [1, 3]);
        assert_eq!((rejected[0].index, rejected[0].text.as_str()), (1, "\"x\""));

        let (page, rejected) =
            without_odd_items::<Page, u8>(br#"{"data":[null,2],"next":"n"}"#, Some("data")).unwrap();
        assert_eq!(page, Page { data: vec![2], next: "n".into() });
        assert_eq!((rejected.len(), rejected[0].index), (1, 0));
    }

    #[test]
    fn rows_keep_their_places() {
        let (items, rejected) =
            without_odd_items::<Vec<Row>, Row>(br#"[{"n":1},7,{"n":"x"},{"n":4}]"#, None).unwrap();
        let read: Listing<std::collections::BTreeMap<String, u8>> = Listing { items, rejected }.read();
        assert_eq!(read.items.len(), 2);
        assert_eq!(read.rejected.iter().map(|item| item.index).collect::<Vec<_>>(), [1, 2]);
    }

    /// Regression 38.
    #[test]
    fn a_complete_list_has_no_rejected_items() {
        let whole = Listing { items: vec![1, 2], rejected: Vec::new() };
        assert_eq!((&whole).into_iter().sum::<i32>(), 3);
        assert_eq!(whole.complete().unwrap(), [1, 2]);
        let odd = Listing { items: vec![1], rejected: vec![Rejected::new(1, "null", "not a number")] };
        let error = odd.complete().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert!(error.message().contains("1 of the 2") && error.message().contains("index 1: not a number"));
    }

    #[test]
    fn another_shape_stays_an_error() {
        for body in ["", "{}", "7", r#"{"data":7}"#, r#"{"data":[]}"#] {
            assert!(without_odd_items::<Page, u8>(body.as_bytes(), Some("data")).is_none(), "{body}");
        }
        assert!(without_odd_items::<Vec<u8>, u8>(b"{}", None).is_none());
    }
}
