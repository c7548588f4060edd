//! Causes from which a secret was struck.

use std::{error::Error as StdError, fmt, sync::Arc};

use crate::secrets::Redactor;

/// Causes of causes that are looked at.
const DEEPEST: usize = 32;

pub(super) type Source = Arc<dyn StdError + Send + Sync>;

/// What is left of a cause: its text.
#[derive(Debug)]
struct Hidden {
    text: String,
    source: Option<Box<Hidden>>,
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Hidden {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// The cause as it is, or, if a secret can be printed by way of it, the cleaned texts of it and of its causes.
pub(super) fn cleaned(source: Source, redactor: &Redactor) -> Source {
    let mut texts = Vec::new();
    let mut clean = true;
    let mut cause: Option<&(dyn StdError + 'static)> = Some(&*source);
    while let Some(error) = cause.filter(|_| texts.len() < DEEPEST) {
        let text = error.to_string();
        let debug = format!("{error:?}");
        let shown = redactor.text(&text, false);
        clean &= *shown == *text && *redactor.text(&debug, false) == *debug;
        texts.push(shown.into_owned());
        cause = error.source();
    }
    if clean && cause.is_none() {
        return source;
    }
    let chain = texts.into_iter().rev().fold(None, |source, text| Some(Box::new(Hidden { text, source })));
    match chain {
        Some(hidden) => Arc::new(*hidden),
        None => source,
    }
}
