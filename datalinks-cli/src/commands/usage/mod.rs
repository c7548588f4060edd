//! `datalinks usage`: tokens of models and their cost.

mod chart;
mod days;
mod history;
mod period;
mod total;

use super::verbs;

verbs! {
    /// Show the tokens of models that were used, and their cost
    pub(crate) struct Arguments;

    Days(days::Arguments) => days::run,
    Total(total::Arguments) => total::run,
    History(history::Arguments) => history::run,
}
