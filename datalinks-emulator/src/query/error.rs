//! Errors of the evaluation of queries.

/// The reason why a valid query cannot be evaluated.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum EvalError {
    #[error("dataset {name:?} does not exist; {}", known_datasets(.known))]
    UnknownDataset { name: String, known: Vec<String> },
    #[error("the name {name:?} is ambiguous ({}); write the namespace before it", .candidates.join(", "))]
    Ambiguous { name: String, candidates: Vec<String> },
    #[error(
        "no active link leads from {from} to {to}{}; add one between two of their columns with addLink, or activate a \
         suggested one with saveConnections",
        bounds(*.depth, .columns)
    )]
    NoLink { from: String, to: String, depth: u32, columns: Vec<String> },
}

fn known_datasets(known: &[String]) -> String {
    match known {
        [] => "there are no datasets yet, create one first".to_owned(),
        known if known.len() > 10 => format!("list the {} existing ones with getDatasets", known.len()),
        known => format!("the existing ones are {}", known.join(", ")),
    }
}

/// Describes the depth and the columns of a step.
fn bounds(depth: u32, columns: &[String]) -> String {
    let depth = if depth > 1 { format!(" over at most {depth} links") } else { String::new() };
    match columns {
        [] => depth,
        columns => format!("{depth}, starting at {}", columns.join(" or ")),
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (1..=count).map(|number| format!("n/{number}")).collect()
    }

    #[test]
    fn few_datasets_are_named_and_many_are_counted() {
        let message =
            |count| EvalError::UnknownDataset { name: "x".to_owned(), known: names(count) }.to_string();
        assert_eq!(message(0), "dataset \"x\" does not exist; there are no datasets yet, create one first");
        assert_eq!(message(1), "dataset \"x\" does not exist; the existing ones are n/1");
        assert!(
            message(10)
                .ends_with("; the existing ones are n/1, n/2, n/3, n/4, n/5, n/6, n/7, n/8, n/9, n/10")
        );
        assert_eq!(message(11), "dataset \"x\" does not exist; list the 11 existing ones with getDatasets");
    }

    #[test]
    fn missing_link_names_the_depth_and_the_columns() {
        let message = |depth, columns| {
            let (from, to) = ("a".to_owned(), "b".to_owned());
            let text = EvalError::NoLink { from, to, depth, columns: names(columns) }.to_string();
            text.split_once("; ").unwrap().0.to_owned()
        };
        assert_eq!(message(1, 0), "no active link leads from a to b");
        assert_eq!(message(2, 0), "no active link leads from a to b over at most 2 links");
        assert_eq!(message(1, 1), "no active link leads from a to b, starting at n/1");
        assert_eq!(
            message(3, 2),
            "no active link leads from a to b over at most 3 links, starting at n/1 or n/2"
        );
    }
}
