//! `datalinks link why`.

use clap::Args;
use datalinks::datasets::MatchType;
use datalinks::query::{LinkReport, NearMiss, ValueDifference};
use serde::Serialize;
use serde_json::Value;

use super::column::{Column, ColumnName};
use super::missing::check_column;
use crate::commands::counted;
use crate::failure::Result;
use crate::output::Format;
use crate::session::{Session, or_missing_dataset};

/// Show why two columns match or do not: values that match, that one column lacks, and near misses
///
/// All rows of both datasets are queried, and nothing is changed. Values match if they are equal: texts by their characters,
/// numbers by their value. Near misses differ in letter case, spaces, accents, the form of their characters, or in being a
/// number and a text. The service does not document which of them its exact match accepts.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks link why cinema/films:director cinema/people:name\n  \
    datalinks link why cinema/films:director cinema/people:name --examples 100 --output json")]
pub(super) struct Arguments {
    /// Column at which the link starts, as NAMESPACE/DATASET:COLUMN
    from: ColumnName,

    /// Column at which the link ends
    to: ColumnName,

    /// Maximum number of examples of each kind
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    examples: usize,

    /// Maximum number of different values to compare, in each column
    #[arg(long, value_name = "NUMBER", default_value_t = 250_000, value_parser = at_least_one)]
    max_distinct: usize,
}

/// The report as an object.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Why<'a> {
    /// `active`, `suggested`, or `none` without a link between the columns that compares equal values.
    link: &'static str,
    from_column: String,
    to_column: String,
    #[serde(flatten)]
    report: &'a LinkReport,
}

/// A line of the table: a kind of values.
#[derive(Serialize)]
struct Line {
    values: &'static str,
    distinct: u64,
    #[serde(rename = "rows from")]
    from_rows: u64,
    #[serde(rename = "rows to")]
    to_rows: u64,
    examples: String,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let (from, to) = (arguments.from.resolve(session).await?, arguments.to.resolve(session).await?);
    let from_stored = check_column(&from).await?;
    let to_stored = check_column(&to).await?;
    let link = state(&from, &to).await?;
    let report = session
        .client()
        .await?
        .explain_link(from.reference(), to.reference())
        .max_examples(arguments.examples)
        .max_distinct(arguments.max_distinct)
        .await?;
    let (from_column, to_column) = (arguments.from.to_string(), arguments.to.to_string());
    let diagnostics = session.diagnostics();
    for (name, column, stored) in
        [(&from_column, &report.from, from_stored), (&to_column, &report.to, to_stored)]
    {
        if u64::try_from(stored).is_ok_and(|stored| stored > column.row_count) {
            diagnostics.warning(&format!(
                "the service returned {} of the {stored} rows with {name}: values of other rows are missing here",
                column.row_count
            ));
        }
        if column.cut_rows > 0 {
            diagnostics.warning(&format!(
                "{name} has more different values than --max-distinct: {} of its rows are not compared",
                column.cut_rows
            ));
        }
    }
    if report.from.cut_rows > 0 {
        diagnostics.warning(&format!(
            "values only in {to_column} may be in {from_column}, in rows that are not compared"
        ));
    }
    let next = next_step(&report, link, &from.full_name(), &to.full_name());
    match session.output.format() {
        Format::Table => {
            for (name, column) in [(&from_column, &report.from), (&to_column, &report.to)] {
                diagnostics.note(&format!(
                    "{name}: {}, {}, {} empty, {} with lists or objects",
                    counted(column.row_count, "row"),
                    counted(column.distinct, "different value"),
                    column.empty_rows,
                    column.nested_rows
                ));
            }
            session
                .output
                .list(&lines(&report), &["values", "distinct", "rows from", "rows to", "examples"])?;
        }
        _ => session.output.object(&Why { link, from_column, to_column, report: &report })?,
    }
    let (sentence, words) = next;
    let command = words.and_then(|words| session.command(&words)).unwrap_or_default();
    session.diagnostics().note(&format!("{sentence}{command}"));
    Ok(())
}

/// Returns whether there is a link between the columns that compares equal values.
async fn state(from: &Column, to: &Column) -> Result<&'static str> {
    let found = tokio::try_join!(from.dataset.links(), from.dataset.ontology());
    let (all, active) = or_missing_dataset(found, &from.dataset).await?;
    let is_it = |link: &datalinks::datasets::Link| {
        from.is_named_by(&link.origin)
            && to.is_named_by(&link.destination)
            && link.match_type == MatchType::ExactMatch
    };
    Ok(if active.items.iter().any(is_it) {
        "active"
    } else if all.items.iter().any(is_it) {
        "suggested"
    } else {
        "none"
    })
}

fn lines(report: &LinkReport) -> Vec<Line> {
    let group = |values, group: &datalinks::query::LinkValues| Line {
        values,
        distinct: group.distinct,
        from_rows: group.from_rows,
        to_rows: group.to_rows,
        examples: listed(group.examples.iter().map(|example| text(&example.value)), group.distinct),
    };
    let near = &report.near;
    vec![
        group("match", &report.matching),
        group("only from", &report.only_from),
        group("only to", &report.only_to),
        Line {
            values: "near miss",
            distinct: near.from_distinct + near.to_distinct,
            from_rows: near.from_rows,
            to_rows: near.to_rows,
            examples: listed(
                near.examples.iter().map(pair),
                u64::try_from(near.examples.len()).unwrap_or(u64::MAX),
            ),
        },
    ]
}

/// Returns examples, and dots if there are more of their kind.
fn listed(examples: impl Iterator<Item = String>, all: u64) -> String {
    let mut examples: Vec<String> = examples.collect();
    if u64::try_from(examples.len()).is_ok_and(|shown| shown < all) {
        examples.push("...".to_owned());
    }
    examples.join(", ")
}

fn pair(pair: &NearMiss) -> String {
    let differences: Vec<&str> = pair.differences.iter().map(named).collect();
    format!("{} ~ {} ({})", text(&pair.from), text(&pair.to), differences.join(", "))
}

fn named(difference: &ValueDifference) -> &'static str {
    match difference {
        ValueDifference::Case => "case",
        ValueDifference::Spaces => "spaces",
        ValueDifference::Accents => "accents",
        ValueDifference::Type => "type",
        _ => "forms",
    }
}

/// Returns a value as JSON, so that its spaces are visible.
fn text(value: &Value) -> String {
    value.to_string()
}

/// Returns what to do next: a sentence, and the words of a command that ends it.
fn next_step(report: &LinkReport, link: &str, from: &str, to: &str) -> (&'static str, Option<String>) {
    let is_near = report.near.from_distinct + report.near.to_distinct > 0;
    match (link, report.matching.distinct) {
        ("active", 0) => {
            ("the link is active, and no value matches; ", Some(format!("link deactivate {from} {to}")))
        }
        (_, 0) if !is_near => ("no value matches, and none is near; compare other columns", None),
        (_, 0) => ("next: ", Some(cleaning(from))),
        ("active", _) if is_near => ("the link is active; near misses: ", Some(cleaning(from))),
        ("active", _) => ("the link is active", None),
        ("suggested", _) => ("next: ", Some(format!("link activate {from} {to}"))),
        _ => ("next: ", Some(format!("link create {from} {to}"))),
    }
}

fn cleaning(column: &str) -> String {
    let (dataset, name) = column.split_once(':').unwrap_or((column, ""));
    format!("clean start 'write {name} as in the other dataset' --dataset {dataset} --into {dataset}_clean")
}

fn at_least_one(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("expected a number that is at least 1".to_owned()),
    }
}
