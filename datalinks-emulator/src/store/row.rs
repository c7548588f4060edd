//! Rows as they are ingested and as they are stored.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::cell::Cell;
use super::columns::Columns;

/// A row of a request, with names and values in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct InputRow<'a> {
    pub(crate) cells: Vec<(Cow<'a, str>, Cell)>,
}

impl InputRow<'_> {
    pub(crate) fn get(&self, name: &str) -> Option<&Cell> {
        self.cells.iter().find(|(own, _)| own == name).map(|(_, cell)| cell)
    }

    pub(crate) fn into_owned(self) -> InputRow<'static> {
        let cells = self.cells.into_iter().map(|(name, cell)| (Cow::Owned(name.into_owned()), cell));
        InputRow { cells: cells.collect() }
    }
}

impl Serialize for InputRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.cells.iter().map(|(name, cell)| (name, cell)))
    }
}

impl<'de> Deserialize<'de> for InputRow<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = InputRow<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a row, which is a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut cells: Vec<(Cow<'de, str>, Cell)> = Vec::with_capacity(map.size_hint().unwrap_or(8));
        // If a key occurs several times, the last value counts, at the position of the first one. Wide rows get an
        // index, so that ten thousand keys do not take fifty million comparisons.
        let mut index: Option<HashMap<Cow<'de, str>, usize>> = None;
        while let Some(Key(name)) = map.next_key()? {
            let raw: &RawValue = map.next_value()?;
            let cell = Cell::from_raw(raw).map_err(serde::de::Error::custom)?;
            if index.is_none() && cells.len() == WIDE {
                index = Some(cells.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect());
            }
            let at = match &mut index {
                None => cells.iter().position(|(own, _)| *own == name),
                Some(index) => {
                    let next = cells.len();
                    let at = *index.entry(name.clone()).or_insert(next);
                    (at < next).then_some(at)
                }
            };
            match at.and_then(|at| cells.get_mut(at)) {
                Some(slot) => slot.1 = cell,
                None => cells.push((name, cell)),
            }
        }
        Ok(InputRow { cells })
    }
}

const WIDE: usize = 32;

/// A key, borrowed unless it contains escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// A stored row: values by column number, in the order of the row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    cells: Box<[(u32, Cell)]>,
}

impl Row {
    pub(crate) fn new(row: InputRow<'_>, columns: &mut Columns) -> Self {
        let cells = row.cells.into_iter().map(|(name, cell)| (columns.intern(&name), cell));
        Self { cells: cells.collect() }
    }

    /// Returns the value of a column.
    pub(crate) fn get(&self, column: u32) -> Option<&Cell> {
        // Most datasets have rows of one shape, in which the index is the number.
        match self.cells.get(column as usize) {
            Some((own, cell)) if *own == column => Some(cell),
            _ => self.cells.iter().find(|(own, _)| *own == column).map(|(_, cell)| cell),
        }
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = (u32, &Cell)> {
        self.cells.iter().map(|(column, cell)| (*column, cell))
    }
}

/// A stored row with the names of its columns, for serialization.
pub(crate) struct RowView<'a> {
    pub(crate) row: &'a Row,
    pub(crate) columns: &'a Columns,
}

impl Serialize for RowView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.row.cells().map(|(column, cell)| (self.columns.name(column), cell)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_digits_are_preserved() {
        let text = r#"{"z":1.10,"a":{"y":1,"b":2},"m":123456789012345678901234567890}"#;
        let row: InputRow<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&row).unwrap(), text);
        let mut columns = Columns::default();
        let row = Row::new(row, &mut columns);
        let view = RowView { row: &row, columns: &columns };
        assert_eq!(serde_json::to_string(&view).unwrap(), text);
    }

    #[test]
    fn repeated_key_keeps_its_position_and_the_last_value() {
        let row: InputRow<'_> = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"a":3,"b":2}"#);
        let wide: String = (0..100).map(|n| format!("\"k{n}\":0,")).collect();
        let text = format!("{{{wide}\"k0\":1,\"k99\":2}}");
        let row: InputRow<'_> = serde_json::from_str(&text).unwrap();
        assert_eq!(row.cells.len(), 100);
        assert_eq!(row.get("k0").and_then(Cell::as_text), Some("1"));
        assert_eq!(row.get("k99").and_then(Cell::as_text), Some("2"));
    }
}
