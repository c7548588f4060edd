//! What somebody may have meant who mistyped a name.

/// How alike two names must be, from 0 to 1.
const ALIKE: f64 = 0.85;

/// The longest name that is compared, in bytes. Comparing takes time with the square of the length, and no name here
/// comes near a longer one.
const LONGEST: usize = 64;

/// A question for a message, `did you mean ...? `, or nothing when no name comes near.
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
    fn names_that_come_near_are_asked_for() {
        let names = ["ingestData", "ingestFile", "queryData"];
        let did_you_mean = |given| did_you_mean(given, names.into_iter());
        assert_eq!(did_you_mean("ingestdata"), "did you mean ingestData? ");
        assert_eq!(did_you_mean("injestData"), "did you mean ingestData? ");
        assert_eq!(did_you_mean("query-data"), "did you mean queryData? ");
        for far in ["", "x", "sleep"] {
            assert_eq!(did_you_mean(far), "", "{far}");
        }
    }

    #[test]
    fn a_long_name_is_not_compared() {
        // A comparison would ask for a name.
        let did_you_mean =
            |given: &str| did_you_mean(given, std::iter::from_fn(|| panic!("a name was asked for")));
        assert_eq!(did_you_mean(&"x".repeat(LONGEST + 1)), "");
    }
}
