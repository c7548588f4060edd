//! What the service does with rows before it stores them: inference steps and links, from flags or a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use datalinks::datasets::MatchTypes;
use datalinks::ingest::Ingest;
use datalinks::read::RawRow;
use datalinks::{InferenceStep, SchemaDefinition};
use serde::Deserialize;

use super::links::Links;
use crate::failure::{Failure, Result};
use crate::set::set;
use crate::settings::toml_place;

/// What the service does with rows before it stores them.
#[derive(Args, Clone, Debug)]
pub(in crate::commands) struct Processing {
    /// Inference step (repeatable): table=COLUMN, rows=COLUMN, reverseGeo=COLUMN, namedEntities, or a JSON object
    ///
    /// The service runs the steps in order on each row. Most steps call a model, which costs tokens for every row.
    #[arg(long, value_name = "STEP", value_parser = step, help_heading = "Processing")]
    step: Vec<InferenceStep>,

    /// All inference steps as a JSON array
    #[arg(long, value_name = "JSON", conflicts_with = "step", value_parser = steps, help_heading = "Processing")]
    steps: Option<Steps>,

    /// Links to look for in the rows: exact, geo, or a JSON object with options
    #[arg(long, value_name = "LINKS", value_parser = Links::parse, help_heading = "Processing")]
    links: Option<Links>,

    /// Description of the rows, which inference steps read
    #[arg(long, value_name = "TEXT", help_heading = "Processing")]
    data_description: Option<String>,

    /// TOML file with `steps`, `links`, `description`, `fields`, `instructions` and `curate`
    ///
    /// Flags replace the values of the file. Steps and links have the names of the API:
    ///
    ///     description = "Feature films"
    ///     instructions = "Keep titles as they are"
    ///     curate = true
    ///     steps = [{ type = "rows", deriveFrom = "cast" }]
    ///     [links.exact]
    ///     minDistinct = 0.2
    ///     [fields]
    ///     title = "Title as released"
    #[arg(long, value_name = "FILE", help_heading = "Processing", verbatim_doc_comment)]
    config_file: Option<PathBuf>,
}

/// Inference steps of one argument.
#[derive(Clone, Debug)]
struct Steps(Vec<InferenceStep>);

/// The values of flags and of the file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    steps: Option<Vec<InferenceStep>>,
    links: Option<Links>,
    description: Option<String>,
    fields: Option<BTreeMap<String, String>>,
    instructions: Option<String>,
    curate: Option<bool>,
}

/// What the service does with rows, as the client takes it.
#[derive(Clone, Debug, Default)]
pub(in crate::commands) struct ProcessingOptions {
    pub(in crate::commands) steps: Option<Vec<InferenceStep>>,
    pub(in crate::commands) links: Option<MatchTypes>,
    pub(in crate::commands) description: Option<String>,
    pub(in crate::commands) schema: Option<SchemaDefinition>,
    pub(in crate::commands) instructions: Option<String>,
    pub(in crate::commands) curate: Option<bool>,
}

fn step(text: &str) -> std::result::Result<InferenceStep, String> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    match text.split_once('=') {
        Some(("table", column)) => Ok(InferenceStep::table(column)),
        Some(("rows", column)) => Ok(InferenceStep::rows(column)),
        Some(("reverseGeo", column)) => Ok(InferenceStep::reverse_geo().derive_from(column)),
        None if text == "reverseGeo" => Ok(InferenceStep::reverse_geo()),
        None if text == "namedEntities" => Ok(InferenceStep::named_entities()),
        _ => Err(
            "expected table=COLUMN, rows=COLUMN, reverseGeo=COLUMN, namedEntities, or a JSON object such as \
                  {\"type\":\"normalise\",\"mode\":\"all-in-one\"}"
                .to_owned(),
        ),
    }
}

fn steps(text: &str) -> std::result::Result<Steps, String> {
    serde_json::from_str(text).map(Steps).map_err(|error| format!("expected a JSON array of steps: {error}"))
}

impl Processing {
    /// Reads the file, and returns its values with those of the flags in their place.
    pub(in crate::commands) async fn resolve(&self) -> Result<ProcessingOptions> {
        let file = match &self.config_file {
            None => File::default(),
            Some(path) => {
                let text = tokio::fs::read_to_string(path).await.map_err(|error| {
                    Failure::usage(format!("cannot read {}", path.display())).caused_by(&error)
                })?;
                parse(path, &text)?
            }
        };
        let from_flags = match &self.steps {
            Some(Steps(steps)) => Some(steps.clone()),
            None => (!self.step.is_empty()).then(|| self.step.clone()),
        };
        Ok(ProcessingOptions {
            steps: from_flags.or(file.steps),
            links: self.links.clone().or(file.links).map(Links::into_match_types),
            description: self.data_description.clone().or(file.description),
            schema: file.fields.map(|fields| fields.into_iter().collect()),
            instructions: file.instructions,
            curate: file.curate,
        })
    }
}

impl ProcessingOptions {
    /// Sets what is given.
    pub(in crate::commands) fn apply(self, ingest: Ingest<RawRow>) -> Ingest<RawRow> {
        set!(
            ingest,
            steps: self.steps,
            link: self.links,
            data_description: self.description,
            schema: self.schema,
            additional_instructions: self.instructions,
            curate: self.curate,
        )
    }
}

fn parse(path: &Path, text: &str) -> Result<File> {
    toml::from_str(text).map_err(|error| {
        Failure::usage(format!("invalid options: {}", error.message().replace('\n', " ")))
            .at(toml_place(path, text, &error))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_a_short_form() {
        let sent = |text| serde_json::to_string(&step(text).unwrap()).unwrap();
        assert_eq!(sent("rows=cast"), r#"{"type":"rows","deriveFrom":"cast"}"#);
        assert_eq!(sent("table=plot"), r#"{"type":"table","deriveFrom":"plot"}"#);
        assert_eq!(sent("reverseGeo=place"), r#"{"type":"reverseGeo","deriveFrom":"place"}"#);
        assert_eq!(sent("namedEntities"), r#"{"type":"namedEntities"}"#);
        let validate = step(r#"{"type":"validate","mode":"regex","columns":["a"]}"#).unwrap();
        assert_eq!(validate.kind(), "validate");
        assert!(step("normalise").is_err() && step("{").is_err());
        assert_eq!(steps(r#"[{"type":"reverseGeo"}]"#).unwrap().0.len(), 1);
        assert!(steps("{}").is_err());
    }

    #[test]
    fn file_has_all_options() {
        let text = "description = \"Films\"\ninstructions = \"i\"\ncurate = true\n\
                    steps = [{ type = \"rows\", deriveFrom = \"cast\" }]\n\
                    [links.exact]\nminDistinct = 0.2\n[fields]\ntitle = \"Title\"\n";
        let file = parse(Path::new("x.toml"), text).unwrap();
        assert_eq!(file.steps.unwrap(), [InferenceStep::rows("cast")]);
        let links = serde_json::to_string(&file.links.unwrap().into_match_types()).unwrap();
        assert_eq!(links, r#"{"ExactMatch":{"minDistinct":0.2}}"#);
        assert_eq!(file.fields.unwrap()["title"], "Title");
        assert_eq!(
            (file.description.as_deref(), file.instructions.as_deref(), file.curate),
            (Some("Films"), Some("i"), Some(true))
        );
    }

    #[test]
    fn mistakes_in_the_file_have_a_line() {
        let failure = parse(Path::new("x.toml"), "curate = true\nstep = []\n").unwrap_err();
        let lines = failure.lines(crate::terminal::Style::plain());
        assert!(lines.iter().any(|line| line.trim() == "x.toml:2"), "{lines:?}");
    }
}
