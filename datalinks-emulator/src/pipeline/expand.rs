//! Expansion: turns multi-valued fields into records, and plans new columns.

use std::collections::HashSet;

use serde::Deserialize;

use super::job::Derived;
use super::job::PipelineJob;
use super::levels::Levels;
use crate::models::{ModelError, ModelSession, parse_response};

const TASK: &str = "You expand a table. First, look for columns that hold arrays whose items should be rows of their \
                    own. Second, think of up to 15 new columns whose values can be derived from other columns of the \
                    same row or item. Answer as {\"explode\": [\"films\"], \"derive\": [{\"name\": \"decade\", \
                    \"from\": [\"year\"], \"description\": \"the decade of the film\"}]}: `explode` names columns with \
                    arrays in the order in which they are to be opened. A column of an item is called after its \
                    array, such as films.name, if the row has one of that name, too. Both lists may be empty.";

/// Maximum number of columns that a model may add.
pub(crate) const MOST: usize = 15;

/// The columns to expand and the columns to add.
#[derive(Debug, Deserialize)]
pub(super) struct Expansion {
    #[serde(default)]
    pub(super) explode: Vec<String>,
    #[serde(default)]
    pub(super) derive: Vec<Derived>,
}

/// Asks the model which fields become records and which columns are new. An expansion that cannot be applied is sent
/// back to the model.
pub(super) async fn expand(
    job: &PipelineJob,
    session: &ModelSession<'_>,
) -> Result<(Expansion, Levels), ModelError> {
    let rows = Levels::root(&job.rows);
    let material = job.material(&rows, job.explosion_prompt.as_ref());
    let prompt = job.prompt("explosion", TASK, &material)?.temperature(job.llm.explosion_temperature);
    session
        .ask_again(prompt, job.eval_retries, |json| {
            let expansion: Expansion = parse_response(json)?;
            let levels = Levels::of(&job.rows, &expansion.explode)?;
            check(&levels, &expansion.derive)?;
            Ok((expansion, levels))
        })
        .await
}

fn check(levels: &Levels, derived: &[Derived]) -> Result<(), String> {
    if derived.len() > MOST {
        return Err(format!("{} new columns are too many; name up to {MOST}", derived.len()));
    }
    let level_of = levels.by_column();
    let mut names: HashSet<&str> = HashSet::new();
    for own in derived {
        let taken = level_of.contains_key(&own.name) || !names.insert(&own.name);
        if own.name.trim().is_empty() || taken {
            return Err(format!("{:?} cannot be the name of a new column", own.name));
        }
        let mut sources: Vec<usize> = Vec::new();
        for source in &own.from {
            let level = level_of.get(source).ok_or_else(|| format!("the rows have no column {source:?}"))?;
            sources.push(*level);
        }
        if sources.is_empty() || sources.iter().any(|level| Some(level) != sources.first()) {
            return Err(format!(
                "the new column {:?} must come from columns of the same row or item",
                own.name
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::levels::tests::rows;
    use super::*;

    #[test]
    fn derived_columns_have_sources_on_one_level() {
        let levels = Levels::of(&rows(r#"[{"a":1,"x":[{"p":1}]}]"#), &["x".to_owned()]).unwrap();
        let derived = |name: &str, from: &[&str]| Derived {
            name: name.to_owned(),
            from: from.iter().map(|source| (*source).to_owned()).collect(),
            description: String::new(),
        };
        assert_eq!(check(&levels, &[derived("n", &["a"]), derived("m", &["p"])]), Ok(()));
        for (choice, expected) in [
            (vec![derived("n", &["z"])], "no column \"z\""),
            (vec![derived("n", &[])], "the same row or item"),
            (vec![derived("n", &["a", "p"])], "the same row or item"),
            (vec![derived("a", &["p"])], "\"a\" cannot be the name"),
            (vec![derived("n", &["a"]), derived("n", &["a"])], "\"n\" cannot be the name"),
            ((0..16).map(|n| derived(&format!("n{n}"), &["a"])).collect(), "16 new columns are too many"),
        ] {
            let message = check(&levels, &choice).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }
}
