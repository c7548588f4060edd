//! Decoding of a response in one pass, which is possible if everything fits.
//!
//! Rows are deserialized where they are in the response, so nothing is read twice. An error in the middle of a response
//! says neither which row it is in nor what the row is, and some types cannot be read without the text of the row. In
//! these cases the response is read again, row by row.

use std::{fmt, marker::PhantomData};

use datalinks_gen::Row;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor},
};

use super::{answer::Explain, rows::Rows};
use crate::json::{
    misfit::offset,
    object::{NameSeed, ObjectDeserializer, WrapMembers},
};

/// The data that the service returns with the rows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    #[serde(default, deserialize_with = "datalinks_gen::whole::optional")]
    pub(super) count: Option<i64>,
    pub(super) executed_query: Option<String>,
    pub(super) original_query: Option<String>,
    pub(super) starting_dataset: Option<String>,
    pub(super) final_dataset: Option<String>,
    #[serde(flatten)]
    pub(super) extra: Row,
}

/// The response without its rows.
pub(super) struct Rest {
    pub(super) metadata: Metadata,
    pub(super) result_type: Option<String>,
    pub(super) explain: Option<Explain>,
}

/// Decodes a response, and adds its rows to `rows`.
///
/// If something does not fit, or if `T` is not read as a map or a struct, returns the offset at which the deserializer
/// stopped. `rows` then contains the rows that end before this offset, and possibly others: a `T` that ignores an error
/// of the deserializer was read from a part of a row.
pub(super) fn decode<T: DeserializeOwned>(
    body: &[u8],
    metadata_columns: bool,
    rows: &mut Vec<T>,
) -> Result<Rest, usize> {
    // One check of the whole text costs less than one for each string.
    let text = std::str::from_utf8(body).map_err(|_| 0_usize)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let rest = deserializer.deserialize_map(Response { rows, metadata_columns });
    match (rest, deserializer.end()) {
        (Ok(rest), Ok(())) => Ok(rest),
        // The error of a row may have no position, or one in another text. This error has the one in the response.
        (_, Err(error)) => Err(offset(text, &error)),
        (Err(_), Ok(())) => Err(text.len()),
    }
}

struct Response<'a, T> {
    rows: &'a mut Vec<T>,
    metadata_columns: bool,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Member {
    Data,
    Metadata,
    ResultType,
    ExplainResults,
    #[serde(other)]
    Other,
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Response<'_, T> {
    type Value = Rest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a query response")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Rest, A::Error> {
        let Self { rows, metadata_columns } = self;
        let (mut data, mut metadata, mut result_type, mut explain) = (None, None, None, None);
        while let Some(member) = members.next_key()? {
            match member {
                Member::Data if data.is_none() => {
                    let each = |row| {
                        rows.push(row);
                        Ok(())
                    };
                    if metadata_columns {
                        members.next_value_seed(Rows { seed: PhantomData, each })?;
                    } else {
                        members.next_value_seed(Rows { seed: Visible(PhantomData), each })?;
                    }
                    data = Some(());
                }
                Member::Metadata if metadata.is_none() => metadata = Some(members.next_value()?),
                Member::ResultType if result_type.is_none() => result_type = Some(members.next_value()?),
                Member::ExplainResults if explain.is_none() => explain = Some(members.next_value()?),
                Member::Other => {
                    members.next_value::<IgnoredAny>()?;
                }
                _ => return Err(A::Error::custom("a duplicate member")),
            }
        }
        let (Some(()), Some(metadata)) = (data, metadata) else {
            return Err(A::Error::custom("a missing member"));
        };
        Ok(Rest { metadata, result_type: result_type.flatten(), explain: explain.flatten() })
    }
}

/// A row without the columns whose name begins with an underscore.
struct Visible<T>(PhantomData<T>);

impl<T> Clone for Visible<T> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Visible<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<T, D::Error> {
        T::deserialize(ObjectDeserializer { inner, wrapper: WithoutMetadata })
    }
}

struct WithoutMetadata;

impl WrapMembers for WithoutMetadata {
    type Members<'de, A: MapAccess<'de>> = VisibleMembers<A>;

    fn wrap<'de, A: MapAccess<'de>>(self, members: A) -> VisibleMembers<A> {
        VisibleMembers(members)
    }
}

struct VisibleMembers<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for VisibleMembers<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, mut seed: K) -> Result<Option<K::Value>, A::Error> {
        loop {
            let name = NameSeed { seed, is_special: |name: &str| name.starts_with('_') };
            match self.0.next_key_seed(name)? {
                None => return Ok(None),
                Some(Ok(name)) => return Ok(Some(name)),
                Some(Err(unused)) => seed = unused,
            }
            self.0.next_value::<IgnoredAny>()?;
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}
