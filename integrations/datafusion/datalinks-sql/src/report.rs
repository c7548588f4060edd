//! The account of an INSERT.

use datalinks::ErrorKind;
use datalinks_datafusion::{InsertAccount, InsertPart};
use serde_json::Value;

use crate::{
    arguments::Format,
    failure::{self, Failure, Result, exit},
    output, terminal,
};

/// Fields that a table has even if they are 0.
const ALWAYS: [&str; 4] = ["dataset", "complete", "stored", "failed"];

/// Writes the account of an INSERT. `dead_letter` is the file of failed rows of a statement without journals.
pub(crate) fn write(
    account: &InsertAccount,
    dead_letter: Option<&str>,
    format: Format,
    is_quiet: bool,
) -> Result {
    let counts = &account.counts;
    let seconds =
        account.parts.iter().filter_map(|part| part.result.as_ref().ok()).map(|summary| summary.elapsed);
    let seconds = seconds.max().unwrap_or_default().as_secs_f64();
    let journal = account.parts.iter().find_map(|part| part.journal.as_ref()?.parent());
    let letters =
        account.parts.iter().filter_map(|part| part.dead_letters.as_ref()).filter(|path| path.exists());
    let letters = letters.map(|path| path.display().to_string());
    let dead_letters: Vec<String> = letters.chain(dead_letter.map(str::to_owned)).collect();
    // The names are those of `datalinks ingest`.
    let mut fields = vec![
        ("dataset", Value::from(account.dataset.as_str())),
        ("complete", (account.check().is_ok() && counts.not_indexed == 0).into()),
        ("stored", counts.stored.into()),
        ("failed", counts.failed.into()),
        // Failed rows that may be stored.
        ("ambiguous", counts.ambiguous.into()),
        // Rows that may be stored twice.
        ("possiblyDuplicated", counts.possibly_duplicated.into()),
        ("notIndexed", counts.not_indexed.into()),
        // Stored rows that an earlier run of the journals has sent.
        ("alreadyStored", counts.skipped.into()),
        ("batches", counts.batches.into()),
        ("requests", counts.requests.into()),
        ("retries", counts.retries.into()),
        ("bytes", counts.bytes.into()),
        ("seconds", ((seconds * 1000.0).round() / 1000.0).into()),
        ("partitions", account.parts.len().into()),
        ("deadLetters", dead_letters.into()),
        ("journal", journal.map(|path| path.display().to_string()).into()),
    ];
    if format == Format::Table {
        // People see what happened, and not what did not happen.
        fields.retain(|(name, value)| {
            let is_nothing = value.is_null()
                || value.as_f64() == Some(0.0)
                || value.as_array().is_some_and(|values| values.is_empty());
            ALWAYS.contains(name) || !is_nothing
        });
    }
    output::object(&fields, format)?;
    if counts.possibly_duplicated > 0 && !is_quiet {
        terminal::diagnostic(&format!(
            "warning: {} rows may be stored twice, because they were sent again after a lost response",
            counts.possibly_duplicated
        ));
    }
    Ok(())
}

/// Returns the exit code of an INSERT, without that of a signal.
fn code(account: &InsertAccount) -> u8 {
    let mut codes = Vec::new();
    if account.counts.ambiguous > 0 {
        codes.push(exit::AMBIGUOUS);
    }
    for part in &account.parts {
        match &part.result {
            Err(error) => codes.push(failure::code(error)),
            Ok(summary) => {
                codes.extend(summary.stopped.iter().map(failure::code));
                codes.extend(summary.first_failure.iter().map(|(_, error)| failure::code(error)));
                if summary.source_error.is_some()
                    || summary.dead_letter_error.is_some()
                    || summary.counts.bad_records > 0
                {
                    codes.push(exit::FAILURE);
                }
            }
        }
    }
    if (!codes.is_empty() || account.counts.not_indexed > 0) && account.counts.stored > 0 {
        codes.push(exit::PARTIAL_INGEST);
    }
    exit::first(&codes)
}

/// Returns the failure of an INSERT that did not store every row.
pub(crate) fn failure(account: &InsertAccount) -> Failure {
    let failure = Failure::new(code(account), account.to_string());
    // Journals of another statement cannot be continued by this one.
    let goes_on = |part: &InsertPart| {
        part.journal.is_some()
            && part.problem().is_some()
            && !matches!(&part.result, Err(error) if error.kind() == ErrorKind::InvalidInput)
    };
    let has_journals = account.parts.iter().any(|part| part.journal.is_some());
    let failure = match account.parts.iter().any(goes_on) {
        true => failure.next("run the same statement with --resume and the same options to continue"),
        false if !has_journals && account.counts.stored + account.counts.ambiguous > 0 => failure.next(
            "without journals, another run sends the stored rows again; add --journal DIR to statements that may fail",
        ),
        false => failure,
    };
    match account.counts.ambiguous {
        0 => failure,
        _ => failure.next(format!(
            "before you send the ambiguous rows again, look for them in the dataset {}",
            account.dataset
        )),
    }
}

/// Checks an account whose statement succeeded: the service may have stored rows without indexing them.
pub(crate) fn check(account: &InsertAccount) -> Result {
    match account.counts.not_indexed {
        0 => Ok(()),
        rows => Err(Failure::new(
            exit::PARTIAL_INGEST,
            format!("INSERT INTO {}: {}, {rows} sent and not indexed", account.dataset, account.counts),
        )),
    }
}
