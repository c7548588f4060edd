//! What a statement names, before it is planned.

use std::{collections::BTreeSet, ops::ControlFlow};

use datafusion::sql::{
    parser::{DFParserBuilder, Statement},
    sqlparser::{
        ast::{
            self, Expr, FunctionArg, FunctionArgExpr, Ident, ObjectName, Query, Statement as SqlStatement,
            TableFactor, TableObject, Value, Visit, Visitor,
        },
        dialect::GenericDialect,
    },
};

use crate::failure::{Failure, Result};

/// The table functions, which need the columns of datasets before a statement is planned.
const FUNCTIONS: [&str; 2] = ["search_around", "natural_language"];

/// Parses statements that are separated by semicolons.
pub(crate) fn parse(text: &str) -> Result<Vec<Statement>> {
    let dialect = GenericDialect {};
    let statements = DFParserBuilder::new(text).with_dialect(&dialect).build()?.parse_statements();
    let statements = statements.map_err(|error| Failure::from(error).next("correct the statement"))?;
    Ok(statements.into())
}

/// Returns `true` if a text ends with a complete statement: after a semicolon outside of quotes and comments.
pub(crate) fn is_complete(text: &str) -> bool {
    let (mut quote, mut last) = (None, None);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => (quote, last) = (Some(letter), Some(letter)),
            (None, '-') if letters.peek() == Some(&'-') => {
                for letter in letters.by_ref() {
                    if letter == '\n' {
                        break;
                    }
                }
            }
            (None, '/') if letters.next_if_eq(&'*').is_some() => {
                let mut depth = 1_usize;
                while depth > 0 {
                    match letters.next() {
                        None => return false,
                        Some('*') if letters.next_if_eq(&'/').is_some() => depth -= 1,
                        Some('/') if letters.next_if_eq(&'*').is_some() => depth += 1,
                        Some(_) => {}
                    }
                }
            }
            (None, letter) if letter.is_whitespace() => {}
            (None, letter) => last = Some(letter),
        }
    }
    quote.is_none() && last.is_none_or(|last| last == ';')
}

/// Returns the statement that an EXPLAIN explains, or the statement itself.
fn inner(statement: &Statement) -> &Statement {
    match statement {
        Statement::Explain(explain) => &explain.statement,
        other => other,
    }
}

/// Returns `true` if a statement shows names of tables or their columns.
pub(crate) fn lists_tables(statement: &Statement) -> bool {
    let Statement::Statement(statement) = inner(statement) else { return false };
    matches!(
        **statement,
        SqlStatement::ShowTables { .. } | SqlStatement::ShowColumns { .. } | SqlStatement::ShowSchemas { .. }
    ) || statement.to_string().to_ascii_lowercase().contains("information_schema")
}

/// An INSERT.
pub(crate) struct Insert {
    pub(crate) table: ObjectName,
    /// The columns that the statement lists.
    pub(crate) columns: Vec<String>,
    /// The rows as a statement of their own, or `None` if the statement does more than to add rows.
    pub(crate) source: Option<Statement>,
}

/// Returns the parts of an INSERT, or `None` for another statement, also for one that contains an INSERT.
pub(crate) fn insert(statement: &Statement) -> Option<Insert> {
    let Statement::Statement(statement) = statement else { return None };
    let SqlStatement::Insert(insert) = &**statement else { return None };
    let TableObject::TableName(table) = &insert.table else { return None };
    let column = |name: &ObjectName| match name.0.as_slice() {
        [name] => name.as_ident().map(normalized),
        _ => None,
    };
    let columns: Option<Vec<String>> = insert.columns.iter().map(column).collect();
    let source = insert.source.clone().filter(|query| columns.is_some() && is_plain(insert, query));
    let source = source.map(|query| Statement::Statement(Box::new(SqlStatement::Query(query))));
    Some(Insert { table: table.clone(), columns: columns.unwrap_or_default(), source })
}

/// Returns `true` if an INSERT has nothing but a table, columns and rows. The text shows clauses that the parser knows and this
/// program does not.
fn is_plain(insert: &ast::Insert, rows: &Query) -> bool {
    let columns = match insert.columns.as_slice() {
        [] => String::new(),
        names => format!("({}) ", names.iter().map(ObjectName::to_string).collect::<Vec<_>>().join(", ")),
    };
    insert.to_string() == format!("INSERT INTO {} {columns}{rows}", insert.table)
}

/// Returns a name as the engine has it: in lower case, unless it is quoted.
pub(crate) fn normalized(name: &Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_lowercase(),
    }
}

/// Returns the namespaces that the table functions of a statement name, or `None` if it calls none of them.
pub(crate) fn namespaces_of_functions(statement: &Statement) -> Option<BTreeSet<String>> {
    let Statement::Statement(statement) = inner(statement) else { return None };
    let mut calls = Calls::default();
    let _ = statement.visit(&mut calls);
    calls.is_called.then_some(calls.namespaces)
}

#[derive(Default)]
struct Calls {
    is_called: bool,
    namespaces: BTreeSet<String>,
}

impl Visitor for Calls {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let (name, arguments) = match factor {
            TableFactor::Table { name, args: Some(arguments), .. } => (name, &arguments.args),
            TableFactor::Function { name, args, .. } => (name, args),
            _ => return ControlFlow::Continue(()),
        };
        if !FUNCTIONS.contains(&name.to_string().to_ascii_lowercase().as_str()) {
            return ControlFlow::Continue(());
        }
        self.is_called = true;
        for (at, argument) in arguments.iter().take(2).enumerate() {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value))) = argument else { continue };
            let Value::SingleQuotedString(text) = &value.value else { continue };
            match text.split_once('/') {
                Some((namespace, _)) if at == 0 || name.to_string().eq_ignore_ascii_case("search_around") => {
                    self.namespaces.insert(namespace.to_owned());
                }
                None if at == 0 => {
                    self.namespaces.insert(text.clone());
                }
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_ends_with_a_semicolon() {
        for complete in ["", "  \n", "SELECT 1;", "SELECT ';';\n", "SELECT 1; -- end", "-- only a comment"] {
            assert!(is_complete(complete), "{complete}");
        }
        // Regression: a quote in a comment kept the prompt waiting for ever, and a semicolon in one ended the statement.
        for complete in ["SELECT 1 /* it's */;", "/* a /* ' */ ; */ SELECT 1;", "SELECT 4/2;"] {
            assert!(is_complete(complete), "{complete}");
        }
        for open in ["SELECT 1 /* ;", "SELECT 1 /* a /* b */ ;", "SELECT 1 /* a; */"] {
            assert!(!is_complete(open), "{open}");
        }
        for open in ["SELECT 1", "SELECT ';", "SELECT 1; SELECT", "SELECT \"a;", "SELECT 1 -- ;"] {
            assert!(!is_complete(open), "{open}");
        }
    }

    #[test]
    fn functions_name_namespaces() {
        let of = |sql: &str| namespaces_of_functions(&parse(sql).unwrap()[0]);
        assert_eq!(of("SELECT * FROM a.b JOIN c.d ON true"), None);
        let found =
            of("SELECT * FROM search_around('a/b', 'c/d', 1) x JOIN natural_language('e', 'f/g') y ON true");
        assert_eq!(found, Some(["a", "c", "e"].map(str::to_owned).into()));
        let found = of("EXPLAIN SELECT * FROM (SELECT 1 FROM Search_Around('a/b', 'c'))");
        assert_eq!(found, Some(["a".to_owned()].into()));
    }

    #[test]
    fn inserts_have_a_target() {
        let of = |sql: &str| insert(&parse(sql).unwrap()[0]);
        let found = of("INSERT INTO cinema.films (Title, \"Year\") SELECT 1, 2").unwrap();
        assert_eq!(
            (found.table.to_string(), found.columns),
            ("cinema.films".to_owned(), vec!["title".to_owned(), "Year".to_owned()])
        );
        assert!(found.source.is_some());
        assert!(of("insert into a values (1, 'x''y'), (2, NULL)").unwrap().source.is_some());
        assert!(
            of("INSERT INTO \"My Films\" (\"a b\") WITH t AS (SELECT 1) SELECT * FROM t")
                .unwrap()
                .source
                .is_some()
        );
        // Regression: clauses of other databases, which change what happens to rows that exist, were ignored.
        for other in [
            "INSERT OVERWRITE a SELECT 1",
            "INSERT OR IGNORE INTO a SELECT 1",
            "INSERT OR REPLACE INTO a SELECT 1",
            "INSERT IGNORE INTO a SELECT 1",
            "REPLACE INTO a SELECT 1",
            "INSERT INTO a (b.c) SELECT 1",
            "INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING",
            "INSERT INTO a VALUES (1) RETURNING b",
            "INSERT INTO a DEFAULT VALUES",
        ] {
            assert!(of(other).unwrap().source.is_none(), "{other}");
        }
        assert!(of("SELECT 1").is_none() && of("EXPLAIN INSERT INTO a SELECT 1").is_none());
        assert!(lists_tables(&parse("SHOW TABLES").unwrap()[0]));
        assert!(lists_tables(&parse("SELECT * FROM information_schema.tables").unwrap()[0]));
        assert!(!lists_tables(&parse("SELECT * FROM tables").unwrap()[0]));
    }
}
