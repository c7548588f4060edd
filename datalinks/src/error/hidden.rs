//! Causes from which a secret was removed.

use std::{error::Error as StdError, fmt, sync::Arc};

use crate::secrets::Redactor;

/// Maximum length of a chain of causes that is checked for secrets. A longer chain is replaced.
const DEEPEST: usize = 32;

pub(super) type Source = Arc<dyn StdError + Send + Sync>;

/// The text of a cause, without secrets. The type of the cause is lost.
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

/// Returns the cause unchanged if its chain prints no secret, and otherwise a chain of texts without secrets.
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
