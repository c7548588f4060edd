//! `datalinks run`: runs of the agent that answers questions.

mod change;
mod hints;
mod resume;
mod status;

use super::verbs;

verbs! {
    /// Show, wait for, resume, rate and delete runs of the agent
    ///
    /// The id of a run is shown when its question is asked. The service has no list of runs and no way to cancel one:
    /// `datalinks conversation show` lists the runs of a conversation, and deleting a run removes its result.
    pub(crate) struct Arguments;

    Show(status::Show) => status::show,
    Wait(status::Wait) => status::wait,
    Resume(resume::Arguments) => resume::run,
    Rate(change::Rate) => change::rate,
    Delete(change::Delete) => change::delete,
}
