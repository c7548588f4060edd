//! Suggestions for misspelled names.

/// Minimum similarity of two names, from 0 to 1.
const ALIKE: f64 = 0.85;

/// Maximum length of a name that is compared, in bytes. The time of a comparison is quadratic in the length, and all known
/// names are shorter.
const LONGEST: usize = 64;

/// Returns a suggestion for an error message, `did you mean ...? `, or an empty string if no name is similar.
pub(crate) fn did_you_mean<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> String {
    if given.len() > LONGEST {
        return String::new();
    }
    let given = given.to_ascii_lowercase();
    let alike = |name: &&str| strsim::jaro_winkler(&given, &name.to_ascii_lowercase());
    let nearest = names
        .filter(|name| name.len() <= LONGEST)
        .map(|name| (alike(&name), name))
        .max_by(|(one, _), (two, _)| one.total_cmp(two));
    match nearest {
        Some((alike, name)) if alike >= ALIKE => format!("did you mean {name}? "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_are_suggested() {
        let names = ["ingestData", "ingestFile", "queryData"];
        let did_you_mean = |given| did_you_mean(given, names.into_iter());
        assert_eq!(did_you_mean("ingestdata"), "did you mean ingestData? ");
        assert_eq!(did_you_mean("injestData"), "did you mean ingestData? ");
        assert_eq!(did_you_mean("query-data"), "did you mean queryData? ");
        for other in ["", "x", "sleep"] {
            assert_eq!(did_you_mean(other), "", "{other}");
        }
    }

    #[test]
    fn long_name_is_not_compared() {
        let did_you_mean =
            |given: &str| did_you_mean(given, std::iter::from_fn(|| panic!("a name was read")));
        assert_eq!(did_you_mean(&"x".repeat(LONGEST + 1)), "");
    }
}
