//! Which operation is answered how.

use crate::models::Models;
use crate::response::Answer;
use crate::response::coverage::all;

pub(super) fn read(models: Option<&Models>) -> Answer {
    Answer::json(&all(models))
}
