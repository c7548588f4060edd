//! Tests of the parser and of the canonical text.

use crate::query::{
    Clause, Comparison, Condition, Direction, Operator, Query, QueryError, SearchAround, Sort, parse,
};

fn compare(field: &str, operator: Operator, value: &str) -> Condition {
    Condition::Compare(Comparison { field: field.into(), operator, value: value.into() })
}

fn clauses(query: &str) -> Vec<Clause> {
    parse(query).unwrap_or_else(|error| panic!("{error}")).clauses
}

fn filter(query: &str) -> Condition {
    match clauses(query).as_slice() {
        [Clause::Filter(condition)] => condition.clone(),
        other => panic!("{query}: {other:?}"),
    }
}

fn rejection(query: &str) -> QueryError {
    match parse(query) {
        Err(error) => error,
        Ok(query) => panic!("{query}"),
    }
}

#[test]
fn start_accepts_every_spelling_of_a_name() {
    for (text, name) in [
        ("Ontology(films)", "films"),
        ("Ontology('my films')", "my films"),
        (r#"OntologyObject("cinema/films")"#, "cinema/films"),
        (" Ontology ( cinema/films ) . get ( ) ", "cinema/films"),
        ("Ontology(my films)", "my films"),
        ("Ontology(films & more, more/films)", "films & more, more/films"),
        (r#"Ontology("it's \"it\" \\ ")"#, r#"it's "it" \ "#),
        ("Ontology(films).get()", "films"),
    ] {
        assert_eq!(parse(text), Ok(Query::all(name)), "{text}");
    }
}

#[test]
fn filter_accepts_every_spelling_of_a_condition() {
    let expected = compare("year", Operator::Ge, "2012");
    for text in [
        "Ontology(f).filter(year >= 2012)",
        "Ontology(f).filter(year>=2012)",
        "Ontology(f).filter('year' >= \"2012\")",
        "Ontology(f).filter(\"year >= 2012\")",
        "Ontology(f).filter('\"year\" >= 2012')",
        r#"Ontology(f).filter("\"year\" >= '2012'")"#,
        r#"Ontology(f).filter("'year >= 2012'")"#,
        "Ontology(f).filter((((\"year >= 2012\"))))",
        "Ontology(f).filter().column(\"year >= 2012\")",
        "Ontology(f).filter().column('year >= 2012').get()",
    ] {
        assert_eq!(filter(text), expected, "{text}");
    }
}

#[test]
fn and_binds_tighter_than_or_and_comma_binds_least() {
    let a = || compare("a", Operator::Eq, "1");
    let b = || compare("b", Operator::Ne, "2");
    let c = || compare("c", Operator::Lt, "3");
    let or = Condition::Any(vec![a(), b()]);
    for (text, expected) in [
        ("a==1 || b!=2 && c<3", Condition::Any(vec![a(), Condition::All(vec![b(), c()])])),
        (" ( a == 1||b != 2 )&&c < 3 ", Condition::All(vec![or.clone(), c()])),
        ("a == 1 || b != 2, c < 3", Condition::All(vec![or.clone(), c()])),
        ("'a == 1 || b != 2' && c < 3", Condition::All(vec![or, c()])),
        ("a == 1 , b != 2,c < 3", Condition::All(vec![a(), b(), c()])),
        ("(a == 1 && b != 2) && c < 3", Condition::All(vec![Condition::All(vec![a(), b()]), c()])),
    ] {
        assert_eq!(filter(&format!("Ontology(f).filter({text})")), expected, "{text}");
    }
}

#[test]
fn words_may_contain_digits_and_punctuation() {
    assert_eq!(filter("Ontology(f).filter(day >= 2020-01-31)"), compare("day", Operator::Ge, "2020-01-31"));
    assert_eq!(filter("Ontology(f).filter(_a.b == -3.5e2)"), compare("_a.b", Operator::Eq, "-3.5e2"));
    assert_eq!(filter("Ontology(f).filter(ort == Köln)"), compare("ort", Operator::Eq, "Köln"));
    assert_eq!(filter("Ontology(f).filter(a == '')"), compare("a", Operator::Eq, ""));
}

#[test]
fn clauses_are_parsed_in_order() {
    let sort = |column: &str, direction| Clause::Sort(Sort { column: column.into(), direction });
    let step = |dataset: &str, depth, follow: &[&str]| {
        let follow = follow.iter().map(|column| (*column).to_owned()).collect();
        Clause::SearchAround(SearchAround { dataset: dataset.into(), depth, follow })
    };
    assert_eq!(
        clauses(
            "Ontology(films).filter().column('a == 1').column('b == 1').limit(20)\n  .searchAround( ).find('people')\
             .sortAscending(\"born\").sort( name , DESC ).searchAround(3)\n.find(cinema/films).follow(x, 'y z')\
             .sort(x, ASC).sortDescending(y).limit( 3 ).get()"
        ),
        [
            Clause::Filter(compare("a", Operator::Eq, "1")),
            Clause::Filter(compare("b", Operator::Eq, "1")),
            Clause::Limit(20),
            step("people", 1, &[]),
            sort("born", Direction::Ascending),
            sort("name", Direction::Descending),
            step("cinema/films", 3, &["x", "y z"]),
            sort("x", Direction::Ascending),
            sort("y", Direction::Descending),
            Clause::Limit(3),
        ]
    );
}

#[test]
fn canonical_text_parses_to_the_same_tree() {
    for text in [
        r#"Ontology("a/b")"#,
        r#"Ontology("a \"b\" \\ c")"#,
        r#"Ontology("f").filter(a == 1 && ("b c" != 'd"e' || x-y < 2.5))"#,
        r#"Ontology("f").filter(a == "").searchAround().find("g h").filter(b >= "ü")"#,
        r#"Ontology("f").searchAround(2).find("g").follow(a, "b c").sortAscending(a).sortDescending("b c").limit(7)"#,
    ] {
        let query = parse(text).unwrap();
        assert_eq!(query.to_string(), text);
        assert_eq!(parse(&query.to_string()).unwrap(), query);
    }
}

#[test]
fn tree_serializes_to_json() {
    let query = parse(
        "Ontology(a/b).filter(x == 1 || y < 2).searchAround(2).find(c).follow(z).sort(z, DESC).limit(3)",
    );
    assert_eq!(
        serde_json::to_value(query.unwrap()).unwrap(),
        serde_json::json!({
            "dataset": "a/b",
            "clauses": [
                { "filter": { "any": [
                    { "compare": { "field": "x", "operator": "==", "value": "1" } },
                    { "compare": { "field": "y", "operator": "<", "value": "2" } },
                ] } },
                { "searchAround": { "dataset": "c", "depth": 2, "follow": ["z"] } },
                { "sort": { "column": "z", "direction": "descending" } },
                { "limit": 3 },
            ],
        })
    );
}

#[test]
fn errors_have_position_and_advice() {
    for (text, at, message) in [
        ("films", 0, "Ontology(\"name of a dataset\"); start the query with it"),
        ("", 0, "Ontology("),
        ("ontology(films)", 0, "letter case matters here"),
        ("select title from films", 0, "the query language is not SQL"),
        ("Ontology()", 9, "the name of a dataset; write it in quotes"),
        ("Ontology('')", 9, "the name of a dataset"),
        ("Ontology(films", 14, "`)`"),
        ("Ontology(films \"people\")", 15, "`)`"),
        ("Ontology('films)", 16, "the closing quote '; close the quotes, or write ' in the text as \\'"),
        ("Ontology(films) filter", 16, "`.` and a clause"),
        ("Ontology(films).", 16, "the name of a clause: filter"),
        ("Ontology(films).filter(year >= )", 31, "a value"),
        ("Ontology(films).filter(year = 3)", 28, "a comparison: == != < <= > or >=; equality is written =="),
        ("Ontology(films).filter(year == 3,)", 33, "the name of a field"),
        ("Ontology(films).filter(== 3)", 23, "the name of a field"),
        ("Ontology(films).filter(title == The Matrix)", 36, "write a value of several words in quotes"),
        ("Ontology(films).filter(a == 1 & b == 2)", 30, "`&&`, `||`, `,` or `)`; \"and\" is written &&"),
        ("Ontology(films).filter(a == 1 | b == 2)", 30, "\"or\" is written ||"),
        ("Ontology(films).filter(a == 1 AND b == 2)", 30, "\"and\" is written &&"),
        ("Ontology(films).filter((a == 1)", 31, "`)`"),
        ("Ontology(films).filter((a == 1, b == 2))", 30, "`&&`, `||`, `)`"),
        ("Ontology(films).filter(!a == 1)", 23, "the name of a field; there is no negation"),
        (r#"Ontology(films).filter("a == 1 b")"#, 31, "the closing quote"),
        (r#"Ontology(films).filter("\"a\" = 1")"#, 30, "a comparison"),
        (r#"Ontology(films).filter("'a = 1'")"#, 27, "a comparison"),
        (r#"Ontology(films).filter(a == "C:\temp")"#, 31, "write a backslash as \\\\"),
        ("Ontology(films).filter()", 24, ".column(\"condition\") after an empty filter(); write it"),
        ("Ontology(films).filter().get()", 25, "column(\"condition\") after an empty filter()"),
        ("Ontology(films).column('a == 1')", 16, "filter() before column"),
        ("Ontology(films).filter(a == 1).column('a == 1')", 31, "filter() before column"),
        ("Ontology(films).find('x')", 16, "searchAround() before find; write searchAround().find("),
        ("Ontology(films).searchAround()", 30, ".find("),
        ("Ontology(films).searchAround().filter(a == 1)", 31, "find("),
        (
            "Ontology(films).searchAround(two).find(x)",
            29,
            "a number of links from 1 to 16; write it in digits",
        ),
        ("Ontology(films).searchAround(1.5).find(x)", 29, "a number of links"),
        ("Ontology(films).searchAround(0).find(x)", 29, "chain several searchAround clauses"),
        ("Ontology(films).searchAround(17).find(x)", 29, "a number of links from 1 to 16"),
        ("Ontology(films).searchAround(2, 3).find(x)", 30, "`)` after the number"),
        ("Ontology(films).follow(a)", 16, "before follow; write follow directly after find"),
        ("Ontology(films).searchAround().find(x).limit(1).follow(a)", 48, "before follow"),
        (
            "Ontology(films).searchAround().find(x).follow(a).follow(b)",
            49,
            "one follow; write all columns in one",
        ),
        ("Ontology(films).searchAround().find(x).follow()", 46, "the name of a column"),
        ("Ontology(films).searchAround().find(x).follow(a b)", 48, "`,` and another column, or `)`"),
        ("Ontology(films).sortAscending()", 30, "the name of a column"),
        ("Ontology(films).sortAscending(a, b)", 31, "chain one sort per column, the primary one first"),
        ("Ontology(films).sortDescending(a b)", 33, "write a name of several words in quotes"),
        ("Ontology(films).sort(year)", 25, "`, ASC` or `, DESC` after the column"),
        ("Ontology(films).sort(year, down)", 27, "ASC or DESC"),
        ("Ontology(films).sort(year, desc)", 27, "write it in upper case, without quotes"),
        ("Ontology(films).sort(year, 'DESC')", 27, "write it in upper case, without quotes"),
        ("Ontology(films).limit()", 22, "a number of rows; write it in digits, without quotes or sign"),
        ("Ontology(films).limit(-1)", 22, "a number of rows"),
        ("Ontology(films).limit('1')", 22, "a number of rows"),
        ("Ontology(films).limit(18446744073709551616)", 22, "a number of rows"),
        ("Ontology(films).get().filter(a == 1)", 21, "the end of the query; write get() last"),
        ("Ontology(films).get(1)", 20, "get has no arguments"),
        (
            "Ontology(films).sortAscend(year)",
            16,
            "`sortAscend` does not exist, did you mean sortAscending?\n",
        ),
        ("Ontology(films).Filter(a == 1)", 16, "`Filter` does not exist, did you mean filter?\n"),
        ("Ontology(films).explode()", 16, "`explode` does not exist\n"),
        ("Ontology(films).groupby(a)", 16, "neither aggregation nor projection"),
        ("Ontology(films).orderBy(a)", 16, "use sortAscending"),
    ] {
        let error = rejection(text);
        assert_eq!(error.offset(), at, "{error}");
        assert!(error.to_string().contains(message), "{message}: {error}");
    }
}

#[test]
fn message_has_caret_below_the_position() {
    let message = rejection("Ontology(f)\n  .filter(größe >= )\n.limit(1)").to_string();
    let expected = "cannot read the query at character 32: expected a value\n  \
                    \x20 .filter(größe >= )\n                     ^";
    assert_eq!(message, expected);
    let tabs = rejection("Ontology(f).filter(\ta\t=\t1)").to_string();
    assert!(tabs.ends_with("\n  Ontology(f).filter( a = 1)\n                        ^"), "{tabs}");
}

#[test]
fn message_shortens_a_long_line() {
    let long = "x".repeat(10_000);
    let message = rejection(&format!("Ontology(f).filter(a == {long} = {long})")).to_string();
    let lines: Vec<&str> = message.lines().collect();
    let shown = format!("  …{} = {}…", "x".repeat(59), "x".repeat(58));
    assert_eq!(lines[1], shown, "{message}");
    assert_eq!(lines[2].len(), 2 + 1 + 60 + 1, "{message}");
}

#[test]
fn nesting_is_limited() {
    let deep = |n: usize| format!("Ontology(f).filter({}a == 1{})", "(".repeat(n), ")".repeat(n));
    assert!(parse(&deep(64)).is_ok());
    assert!(rejection(&deep(65)).expected().contains("at most 64"));
    assert!(rejection(&deep(100_000)).expected().contains("at most 64"));
    let strings = format!("Ontology(f).filter({}\"a == 1\"{})", "(".repeat(64), ")".repeat(64));
    assert!(rejection(&strings).expected().contains("at most 64"), "a string is one level");
}

#[test]
fn clauses_are_limited() {
    let many = |n: usize| format!("Ontology(f){}", ".limit(1)".repeat(n));
    assert_eq!(clauses(&many(50)).len(), 50);
    assert_eq!(clauses(&format!("{}.searchAround().find(g).follow(a).get()", many(49))).len(), 50);
    let error = rejection(&many(51));
    assert_eq!((error.offset(), error.expected()), (11 + 50 * 9 + 1, "at most 50 clauses"));
    let columns = format!("Ontology(f).filter(){}", ".column('a == 1')".repeat(51));
    assert_eq!(rejection(&columns).expected(), "at most 50 clauses");
}

#[test]
fn length_is_limited() {
    let long = |n: usize| {
        let query = format!("Ontology(f).filter(a == '{}')", "ü".repeat(n / 2));
        format!("{query}{}", " ".repeat(n - query.len().min(n)))
    };
    let most = 256 * 1024;
    let fits = "x".repeat(most - "Ontology(f).filter(a == )".len());
    assert!(parse(&format!("Ontology(f).filter(a == {fits})")).is_ok());
    let error = rejection(&long(most + 2));
    assert!(error.expected().contains("at most 262144 bytes"), "{error}");
    assert!(error.offset() <= most);
}

#[test]
fn deeply_nested_conditions_parse_to_the_same_tree() {
    let nested = |depth: usize| {
        let inner = (0..depth).fold("x == 1".to_owned(), |inner, _| format!("a == 1 || b == 2 && ({inner})"));
        format!("Ontology(films).filter({})", inner.replace("(x == 1)", "(x == 1 || y == 2)"))
    };
    for depth in [1, 2, 33, 64] {
        let text = nested(depth);
        let query = parse(&text).unwrap();
        let written = query.to_string();
        assert_eq!(written.matches('(').count(), text.matches('(').count(), "{written}");
        assert_eq!(parse(&written), Ok(query), "{written}");
    }
    assert!(parse(&nested(65)).is_err());
}
