//! Lists in which an undecodable item does not discard the other items.

use std::ops::Deref;

use datalinks_gen::Row;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use crate::{
    error::{Error, ErrorKind},
    secrets::Redactor,
};

/// The items of a list, and the items that could not be decoded. Dereferences to a slice of the items.
///
/// A test of an application creates one with `items.into_iter().collect::<Listing<_>>()`.
///
/// # Examples
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
    /// The decoded items, in the order of the response.
    pub items: Vec<T>,
    /// Items that could not be decoded. Usually empty.
    pub rejected: Vec<Rejected>,
}

/// An item or a row that does not have the expected form.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Rejected {
    /// Index of the item in the response, from 0.
    pub index: usize,
    /// The item as JSON. Empty if items of this list may contain secrets, such as those of
    /// [`tokens`](crate::DataLinks::tokens).
    pub text: String,
    /// Reason why the item could not be decoded.
    pub reason: String,
}

impl Rejected {
    /// Creates a rejected item from its index in the response, its JSON and the reason.
    pub fn new(index: usize, text: impl Into<String>, reason: impl ToString) -> Self {
        Self { index, text: text.into(), reason: reason.to_string() }
    }

    /// Removes the secrets of a client or of a call.
    pub(crate) fn clean(&mut self, redactor: &Redactor) {
        self.text = redactor.exact(&self.text, false).into_owned();
        self.reason = redactor.text(&self.reason, false).into_owned();
    }

    /// Returns the index alone, for an item that may contain a secret.
    pub(crate) fn without_content(self) -> Self {
        Self::new(
            self.index,
            "",
            "the item does not have the expected form, and is not shown because it may contain a secret",
        )
    }
}

impl Listing<Row> {
    /// Decodes each row as a `U`. Rows that do not fit are added to `rejected`.
    pub(crate) fn read<U: DeserializeOwned>(self) -> Listing<U> {
        let mut rejected = self.rejected;
        let mut items = Vec::with_capacity(self.items.len());
        // The rows have the indexes that are not used by rejected items.
        let taken: Vec<usize> = rejected.iter().map(|item| item.index).collect();
        let indexes = (0..).filter(|index| !taken.contains(index));
        for (index, row) in indexes.zip(self.items) {
            let row = Value::from(row);
            match U::deserialize(&row) {
                Ok(row) => items.push(row),
                Err(reason) => rejected.push(Rejected::new(index, row.to_string(), reason)),
            }
        }
        rejected.sort_by_key(|item| item.index);
        Listing { items, rejected }
    }
}

/// Collects items into a listing without rejected items.
impl<T> FromIterator<T> for Listing<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::new(items.into_iter().collect())
    }
}

/// Returns an empty listing.
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

/// Iterates over the items. A consuming iterator is not provided because it would discard
/// [`rejected`](Listing::rejected). Use [`complete`](Listing::complete) or the fields instead.
impl<'a, T> IntoIterator for &'a Listing<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<T> Listing<T> {
    /// Creates a listing of these items without rejected items.
    pub fn new(items: Vec<T>) -> Self {
        Self { items, rejected: Vec::new() }
    }

    /// Returns the items if every item could be decoded.
    ///
    /// # Errors
    ///
    /// Returns [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if there are [`rejected`](Self::rejected)
    /// items. The error names the first of them.
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
        let (invalid, all) = (self.rejected.len(), self.items.len() + self.rejected.len());
        let what = format!(
            "{invalid} of the {all} items of the list cannot be decoded; the first, at index {}: {}",
            first.index, first.reason
        );
        Err(Error::new(ErrorKind::UnexpectedResponse, what)
            .advice("read why in Listing::rejected, or go on with the valid items in Listing::items"))
    }
}

/// Decodes `body` as a `W` without the items of its list that are not a `T`. The list is the body itself, or its
/// member `key`. Returns `None` if the rest of the body cannot be decoded either.
pub(crate) fn without_invalid_items<W: DeserializeOwned, T: DeserializeOwned>(
    body: &[u8],
    key: Option<&str>,
) -> Option<(W, Vec<Rejected>)> {
    let mut rejected = Vec::new();
    let mut keep_valid = |raw: &RawValue, items: &mut Vec<Value>, index: usize| {
        match serde_json::from_str::<T>(raw.get()) {
            Ok(_) => items.extend(serde_json::from_str::<Value>(raw.get()).ok()),
            Err(reason) => rejected.push(Rejected::new(index, raw.get(), reason)),
        };
    };
    let mut items = Vec::new();
    let whole = match key {
        None => {
            let list: Vec<&RawValue> = serde_json::from_slice(body).ok()?;
            list.into_iter().enumerate().for_each(|(index, raw)| keep_valid(raw, &mut items, index));
            Value::Array(items)
        }
        Some(key) => {
            let mut whole: Value = serde_json::from_slice(body).ok()?;
            let field = whole.get_mut(key)?;
            let list: Vec<Box<RawValue>> = serde_json::from_str(&field.to_string()).ok()?;
            list.iter().enumerate().for_each(|(index, raw)| keep_valid(raw, &mut items, index));
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
    fn invalid_items_are_separated_and_reported() {
        let (items, rejected) = without_invalid_items::<Vec<u8>, u8>(br#"[1,"x",3]"#, None).unwrap();
        assert_eq!(items, [1, 3]);
        assert_eq!((rejected[0].index, rejected[0].text.as_str()), (1, "\"x\""));

        let (page, rejected) =
            without_invalid_items::<Page, u8>(br#"{"data":[null,2],"next":"n"}"#, Some("data")).unwrap();
        assert_eq!(page, Page { data: vec![2], next: "n".into() });
        assert_eq!((rejected.len(), rejected[0].index), (1, 0));
    }

    #[test]
    fn rejected_rows_keep_their_indexes() {
        let (items, rejected) =
            without_invalid_items::<Vec<Row>, Row>(br#"[{"n":1},7,{"n":"x"},{"n":4}]"#, None).unwrap();
        let read: Listing<std::collections::BTreeMap<String, u8>> = Listing { items, rejected }.read();
        assert_eq!(read.items.len(), 2);
        assert_eq!(read.rejected.iter().map(|item| item.index).collect::<Vec<_>>(), [1, 2]);
    }

    /// Regression 38.
    #[test]
    fn complete_fails_if_items_are_rejected() {
        let whole = Listing { items: vec![1, 2], rejected: Vec::new() };
        assert_eq!((&whole).into_iter().sum::<i32>(), 3);
        assert_eq!(whole.complete().unwrap(), [1, 2]);
        let partial = Listing { items: vec![1], rejected: vec![Rejected::new(1, "null", "not a number")] };
        let error = partial.complete().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert!(error.message().contains("1 of the 2") && error.message().contains("index 1: not a number"));
    }

    #[test]
    fn body_of_another_shape_is_not_decoded() {
        for body in ["", "{}", "7", r#"{"data":7}"#, r#"{"data":[]}"#] {
            assert!(without_invalid_items::<Page, u8>(body.as_bytes(), Some("data")).is_none(), "{body}");
        }
        assert!(without_invalid_items::<Vec<u8>, u8>(b"{}", None).is_none());
    }
}
