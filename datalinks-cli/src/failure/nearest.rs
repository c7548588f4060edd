//! The name that was probably meant.

/// Returns the candidate that is most like a name, or `None` if none is like it.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let scored = candidates.into_iter().map(|candidate| {
        let lower = candidate.to_lowercase();
        let distance = strsim::osa_distance(&name, &lower);
        (distance, strsim::jaro_winkler(&name, &lower), candidate)
    });
    let alike = scored.filter(|(distance, likeness, candidate)| {
        let longest = name.chars().count().max(candidate.chars().count());
        *distance <= longest / 3 || *likeness > 0.87
    });
    alike
        .min_by(|one, two| one.0.cmp(&two.0).then(two.1.total_cmp(&one.1)))
        .map(|(_, _, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_name_is_like_the_wrong_one() {
        let names = ["films", "people", "film_studios"];
        assert_eq!(nearest("flims", names), Some("films"));
        assert_eq!(nearest("Films", names), Some("films"));
        assert_eq!(nearest("film_studio", names), Some("film_studios"));
        assert_eq!(nearest("invoices", names), None);
        assert_eq!(nearest("x", []), None);
    }
}
