//! The step `reverseGeo`: adds the position of a place as a new column.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::cells::{add, text};
use super::limits::BATCH;
use crate::concurrency::work::Pace;
use crate::models::{ModelSession, Prompt, parse_items};
use crate::response::Problem;
use crate::store::{Cell, InputRow};

/// Suffix of the name of the new column. The name of the column with the places precedes it.
const SUFFIX: &str = "_latlong";

const TASK: &str = "You know where places are. For each place say its latitude and longitude in decimal degrees, \
                    or null when you do not know it. Answer as a JSON array of exactly one item for each place, in \
                    the order of the places: {\"latitude\": 48.86, \"longitude\": 2.35} or null.";

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct ReverseGeo {
    pub(super) derive_from: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
struct Position {
    latitude: f64,
    longitude: f64,
}

#[derive(Serialize)]
struct Material<'a> {
    places: &'a [&'a str],
}

/// The form `latitude,longitude` in decimal degrees, with four decimals each.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Adding zero turns a rounded -0.0 into 0.0.
        let rounded = |degrees: f64| (degrees * 10_000.0).round() / 10_000.0 + 0.0;
        write!(f, "{:.4},{:.4}", rounded(self.latitude), rounded(self.longitude))
    }
}

impl Position {
    fn is_on_earth(&self) -> bool {
        self.latitude.abs() <= 90.0 && self.longitude.abs() <= 180.0
    }
}

impl ReverseGeo {
    pub(super) async fn apply_rule(&self, rows: &mut [InputRow<'_>], pace: &mut Pace) {
        let Some(column) = self.column(rows) else { return };
        for row in rows {
            if let Some(position) = text(row, &column).and_then(position) {
                put(row, &column, position);
            }
            pace.step(row.cells.len()).await;
        }
    }

    pub(super) async fn ask(
        &self,
        rows: &mut [InputRow<'_>],
        session: &ModelSession<'_>,
    ) -> Result<(), Problem> {
        let Some(column) = self.column(rows) else { return Ok(()) };
        let mut places: Vec<&str> = rows.iter().filter_map(|row| text(row, &column)).collect();
        places.sort_unstable();
        places.dedup();
        let mut known: HashMap<String, Position> = HashMap::new();
        // Values that already are positions need no model.
        places.retain(|place| match position(place) {
            Some(position) => known.insert((*place).to_owned(), position).is_some(),
            None => true,
        });
        for places in places.chunks(BATCH) {
            let prompt = Prompt::of("reverseGeo", TASK, &Material { places })?;
            let reply = session.ask(prompt, |json| positions(json, places.len())).await?;
            let found =
                places.iter().zip(reply).filter_map(|(place, reply)| Some(((*place).to_owned(), reply?)));
            known.extend(found);
        }
        for row in rows {
            if let Some(position) = text(row, &column).and_then(|place| known.get(place)) {
                put(row, &column, *position);
            }
        }
        Ok(())
    }

    /// Returns the column with the places: the column in the request, otherwise the first data column with a position.
    fn column(&self, rows: &[InputRow<'_>]) -> Option<String> {
        let mut cells = rows.iter().flat_map(|row| &row.cells).filter(|(name, _)| !name.starts_with('_'));
        let mut first = || cells.find(|(_, cell)| cell.as_text().and_then(position).is_some());
        self.derive_from.clone().or_else(|| first().map(|(name, _)| name.clone().into_owned()))
    }
}

/// Adds the new column. If the row already has it, the value is kept.
fn put(row: &mut InputRow<'_>, column: &str, position: Position) {
    add(row, &format!("{column}{SUFFIX}"), Cell::Text(position.to_string().into()));
}

/// Parses a position from a text with two numbers.
fn position(text: &str) -> Option<Position> {
    let text = text.trim().trim_start_matches('(').trim_end_matches(')');
    let (latitude, longitude) = text.split_once(',')?;
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    Some(Position { latitude: number(latitude)?, longitude: number(longitude)? })
        .filter(Position::is_on_earth)
}

fn positions(json: &str, expected: usize) -> Result<Vec<Option<Position>>, String> {
    let reply: Vec<Option<Position>> = parse_items(json, expected)?;
    match reply.iter().flatten().find(|position| !position.is_on_earth()) {
        Some(position) => {
            Err(format!("{}, {} is not a valid position", position.latitude, position.longitude))
        }
        None => Ok(reply),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_is_formatted_with_four_decimals() {
        let formatted = |latitude, longitude| Position { latitude, longitude }.to_string();
        assert_eq!(formatted(48.1, -11.0), "48.1000,-11.0000");
        assert_eq!(formatted(-0.000_04, 0.000_05), "0.0000,0.0001");
        assert_eq!(formatted(89.999_99, -179.999_949), "90.0000,-179.9999");
    }

    #[test]
    fn two_numbers_in_range_are_a_position() {
        let at = |latitude, longitude| Some(Position { latitude, longitude });
        assert_eq!(position(" (48.86, -2.35) "), at(48.86, -2.35));
        assert_eq!(position("90,180"), at(90.0, 180.0));
        for text in ["Paris", "48.86", "91, 0", "0, 181", "1, 2, 3", "inf, 0", "a, b", ""] {
            assert_eq!(position(text), None, "{text}");
        }
    }
}
