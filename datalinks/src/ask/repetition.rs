//! What the text of a query says about repeating it: whether it sorts its rows, and whether it limits unsorted ones.

/// Properties of a query that matter when it is repeated.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Repetition {
    /// Columns by which the result is sorted, the main one first. Empty if it is not sorted, or if the columns cannot be read.
    pub(super) sorted_by: Vec<String>,
    /// A limit applies to rows that are not sorted, so which rows it keeps is up to the service.
    pub(super) limits_unsorted_rows: bool,
}

impl Repetition {
    /// Reads the calls of a query. The text is not checked: the service decides whether it is a query.
    pub(super) fn of(query: &str) -> Self {
        let mut found = Self::default();
        let mut sorted = false;
        let mut after_sort = false;
        for (name, arguments) in calls(query) {
            let sorts = ["sortascending", "sortdescending", "sort"].contains(&name.as_str());
            match name.as_str() {
                _ if sorts => {
                    if !after_sort {
                        found.sorted_by.clear();
                    }
                    sorted = true;
                    found.sorted_by.extend(first_argument(&arguments));
                }
                "limit" => found.limits_unsorted_rows |= !sorted,
                // A condition keeps the order of the rows.
                "filter" | "column" | "get" => {}
                // Rows that are reached over links have no order.
                _ => {
                    sorted = false;
                    found.sorted_by.clear();
                }
            }
            after_sort = sorts;
        }
        found
    }
}

/// Returns the calls of a query in order: their names in lower case, and the text of their arguments.
fn calls(query: &str) -> Vec<(String, String)> {
    let mut calls: Vec<(String, String)> = Vec::new();
    let (mut name, mut arguments) = (String::new(), String::new());
    let mut depth = 0_usize;
    let mut quote = None;
    for letter in query.chars() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '(') => {
                depth += 1;
                if depth == 1 {
                    arguments.clear();
                    continue;
                }
            }
            (None, ')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    let name = std::mem::take(&mut name).trim().to_lowercase();
                    calls.push((name, std::mem::take(&mut arguments)));
                    continue;
                }
            }
            (None, '.') if depth == 0 => {
                name.clear();
                continue;
            }
            _ => {}
        }
        if depth == 0 { &mut name } else { &mut arguments }.push(letter);
    }
    calls
}

/// Returns the first of several arguments without its quotes.
fn first_argument(arguments: &str) -> Option<String> {
    let arguments = arguments.trim();
    let column = match arguments.chars().next()? {
        quote @ ('"' | '\'') => arguments.get(1..)?.split(quote).next()?,
        _ => arguments.split(',').next()?.trim(),
    };
    (!column.is_empty()).then(|| column.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> (Vec<String>, bool) {
        let Repetition { sorted_by, limits_unsorted_rows } = Repetition::of(query);
        (sorted_by, limits_unsorted_rows)
    }

    #[test]
    fn sorts_are_found_outside_of_quotes() {
        for (query, columns) in [
            (r#"Ontology("n/films")"#, &[][..]),
            (r#"Ontology("n/films").sortAscending(year).limit(3)"#, &["year"]),
            (r#"Ontology("n/films").sortDescending("the year").sort('title', ASC)"#, &["the year", "title"]),
            (r#"Ontology("n/films") . SORT ( year , DESC )"#, &["year"]),
            (r#"Ontology("n/films").filter(title == ".sortAscending(year)")"#, &[]),
            (r#"Ontology("n/films").sortAscending(a).filter(x > 1).sortAscending(b)"#, &["b"]),
            (r#"Ontology("n/films").sortAscending(a).searchAround().find("people")"#, &[]),
            (r#"Ontology("n/films").sortAscending("#, &[]),
            ("", &[]),
            (")))((", &[]),
        ] {
            assert_eq!(of(query).0, columns, "{query}");
        }
    }

    #[test]
    fn limits_of_unsorted_rows_are_found() {
        assert!(!of(r#"Ontology(a).sortAscending(x).limit(1)"#).1);
        assert!(of(r#"Ontology(a).limit(1)"#).1);
        assert!(of(r#"Ontology(a).limit(9).sortAscending(x)"#).1);
        assert!(of(r#"Ontology(a).sortAscending(x).searchAround().find(b).limit(1)"#).1);
        assert!(!of(r#"Ontology(a).filter("limit(1)" == x)"#).1);
    }
}
