//! Which operation is answered how.

use crate::answer::Answer;
use crate::coverage::all;
use crate::models::Models;

pub(super) fn read(models: Option<&Models>) -> Answer {
    Answer::json(&all(models))
}
