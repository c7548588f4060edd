//! Which operation is answered how.

use crate::answer::Answer;
use crate::coverage::all;

pub(super) fn read() -> Answer {
    Answer::json(&all())
}
