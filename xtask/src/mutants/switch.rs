//! Mutants that are compiled together and switched on one at a time.
//!
//! A build costs more than a run of the tests, so the sample is built once. `a == b` becomes
//! `(if on(7) {a != b} else {a == b})`, a function begins with `if on(8) { return ...; }`, and an arm of a `match`
//! gets a guard. What is only inserted can be nested. Changes of other kinds are built alone.

use std::ops::Range;

use syn::{
    Arm, Block, Expr, ExprBinary, ExprUnary, Pat, UnOp,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::list::{Genre, Mutant, Position};

/// The module that is appended to the root of a crate. `FILE` holds the number of the mutant that is on.
pub(super) fn module(file: &str) -> String {
    format!(
        r#"
#[doc(hidden)]
pub(crate) mod mutant_switch {{
    static ON: std::sync::LazyLock<Option<usize>> =
        std::sync::LazyLock::new(|| std::fs::read_to_string({file:?}).ok()?.trim().parse().ok());

    pub(crate) fn on(number: usize) -> bool {{
        *ON == Some(number)
    }}
}}
"#
    )
}

/// The text of a mutant with its switch, to be inserted around a part of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Wrap {
    pub(super) number: usize,
    /// The part of the file. Empty if nothing follows it.
    part: Range<usize>,
    /// The part in which a compiler error belongs to this mutant.
    around: Range<usize>,
    before: String,
    after: &'static str,
}

/// Finds the text that switches a mutant, or `None` if the mutant has to be built alone.
pub(super) fn wrap(source: &str, number: usize, mutant: &Mutant) -> Option<Wrap> {
    let file = syn::parse_file(source).ok()?;
    let mut finder = Finder { source, number, mutant, found: None };
    finder.visit_file(&file);
    finder.found
}

struct Finder<'a> {
    source: &'a str,
    number: usize,
    mutant: &'a Mutant,
    found: Option<Wrap>,
}

impl Finder<'_> {
    fn is_at(&self, genre: Genre, spanned: &impl Spanned) -> bool {
        let start = spanned.span().start();
        let position = Position { line: start.line, column: start.column + 1 };
        self.mutant.genre == genre && self.mutant.span.start == position
    }

    fn text(&self, spanned: &impl Spanned) -> &str {
        self.source.get(spanned.span().byte_range()).unwrap_or_default()
    }

    /// Inserts a choice between `instead` and an expression.
    fn choose(&mut self, whole: &impl Spanned, instead: &str) {
        // A `let` in a condition cannot stand in a block.
        if self.text(whole).contains("let ") {
            return;
        }
        let part = whole.span().byte_range();
        let before = format!("(if {} {{{instead}}} else {{", self.on());
        self.found = Some(Wrap { number: self.number, around: part.clone(), part, before, after: "})" });
    }

    fn on(&self) -> String {
        format!("crate::mutant_switch::on({})", self.number)
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_block(&mut self, block: &'ast Block) {
        if let (Some(first), Some(last)) = (block.stmts.first(), block.stmts.last())
            && self.is_at(Genre::FnValue, first)
        {
            let around = first.span().byte_range().start..last.span().byte_range().end;
            let end = last.span().end();
            // Of the blocks that begin here, the one of the function ends here, too.
            if self.mutant.span.end == (Position { line: end.line, column: end.column + 1 }) {
                let before = format!("if {} {{ return {}; }} ", self.on(), self.mutant.replacement);
                let part = around.start..around.start;
                self.found.get_or_insert(Wrap { number: self.number, part, around, before, after: "" });
            }
        }
        visit::visit_block(self, block);
    }

    fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
        if self.is_at(Genre::BinaryOperator, &binary.op) {
            let (left, right) = (self.text(&*binary.left), self.text(&*binary.right));
            let instead = format!("{left} {} {right}", self.mutant.replacement);
            self.choose(binary, &instead);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast ExprUnary) {
        if self.is_at(Genre::UnaryOperator, &unary.op) && matches!(unary.op, UnOp::Not(_)) {
            let instead = self.text(&*unary.expr).to_owned();
            self.choose(unary, &instead);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        if self.is_at(Genre::MatchArm, arm) && !matches!(arm.pat, Pat::Guard(_)) {
            let end = arm.pat.span().byte_range().end;
            let before = format!(" if !{}", self.on());
            let around = arm.span().byte_range();
            self.found = Some(Wrap { number: self.number, part: end..end, around, before, after: "" });
        }
        if let Pat::Guard(guarded) = &arm.pat
            && self.is_at(Genre::MatchArmGuard, &*guarded.guard)
        {
            let guard: &Expr = &guarded.guard;
            self.choose(guard, &self.mutant.replacement.clone());
        }
        visit::visit_arm(self, arm);
    }
}

/// A file with the switches inserted.
#[derive(Debug)]
pub(super) struct Switched {
    pub(super) text: String,
    /// For each mutant, the inserted text and the whole part, in bytes of `text`.
    regions: Vec<(usize, Range<usize>, Range<usize>)>,
}

impl Switched {
    /// Returns the mutant that most likely causes a compiler error at an offset of the text, and `true` if the error is in the
    /// text of the mutant itself.
    pub(super) fn culprit(&self, offset: usize) -> Option<(usize, bool)> {
        let innermost = |inserted: bool| {
            let regions = self.regions.iter().map(|(number, before, whole)| {
                (*number, if inserted { before.clone() } else { whole.clone() })
            });
            let containing = regions.filter(|(_, range)| range.contains(&offset));
            containing.min_by_key(|(_, range)| range.len()).map(|(number, _)| (number, inserted))
        };
        innermost(true).or_else(|| innermost(false))
    }

    /// Returns the mutants of the function that comes next after an offset. An error about the returned type of a function is at its signature.
    pub(super) fn next(&self, offset: usize) -> Vec<usize> {
        // Of all switches, only those of functions are statements.
        let is_statement = |before: &Range<usize>| self.text[before.clone()].starts_with("if ");
        let after =
            self.regions.iter().filter(|(_, before, _)| before.start >= offset && is_statement(before));
        let next = after.clone().map(|(_, before, _)| before.start).min();
        // Switches of one function stand one after the other.
        let mut end = next.unwrap_or_default();
        let mut found = Vec::new();
        for (number, before, _) in after {
            if before.start == end {
                found.push(*number);
                end = before.end;
            }
        }
        found
    }
}

/// Inserts the switches of one file.
pub(super) fn insert(source: &str, wraps: &[Wrap]) -> Switched {
    /// Order of the texts at one offset: what ends stands before what begins, and the text of an inner part inside that of an
    /// outer one.
    type Order = (u8, isize, isize);

    let mut inserts: Vec<(usize, Order, &str, &Wrap)> = Vec::new();
    for (index, wrap) in (0_isize..).zip(wraps) {
        let is_function = wrap.after.is_empty();
        let outer = isize::try_from(wrap.around.len()).ok().filter(|_| !is_function).unwrap_or(isize::MAX);
        inserts.push((wrap.part.start, (1, -outer, index), &wrap.before, wrap));
        if !is_function {
            inserts.push((wrap.part.end, (0, outer, -index), wrap.after, wrap));
        }
    }
    inserts.sort_by_key(|(at, order, ..)| (*at, *order));
    let mut text = String::new();
    let mut written = 0;
    let mut regions: Vec<(usize, Range<usize>, Range<usize>)> = Vec::new();
    for (at, _, inserted, wrap) in inserts {
        text.push_str(&source[written..at]);
        written = at;
        let start = text.len();
        text.push_str(inserted);
        match regions.iter_mut().find(|(number, ..)| *number == wrap.number) {
            Some((_, _, whole)) => whole.end = text.len(),
            // What follows in the part is as long as in the source, apart from other switches.
            None => regions.push((wrap.number, start..text.len(), start..text.len() + wrap.around.len())),
        }
    }
    text.push_str(&source[written..]);
    Switched { text, regions }
}

#[cfg(test)]
mod tests {
    use super::{super::list::tests::mutant, *};

    fn switched(source: &str, mutants: &[Mutant]) -> Switched {
        let wraps: Vec<Wrap> =
            (1..).zip(mutants).filter_map(|(number, mutant)| wrap(source, number, mutant)).collect();
        insert(source, &wraps)
    }

    fn without_path(text: &str) -> String {
        text.replace("crate::mutant_switch::", "")
    }

    #[test]
    fn operators_are_chosen_and_nest() {
        let source = "fn f(a: u8, b: u8) -> bool {\n    a < b && !g(a)\n}\n";
        let mutants = [
            mutant(source, "<", Genre::BinaryOperator, "<="),
            mutant(source, "<", Genre::BinaryOperator, ">"),
            mutant(source, "&&", Genre::BinaryOperator, "||"),
            mutant(source, "!", Genre::UnaryOperator, ""),
            mutant(source, "a < b && !g(a)", Genre::FnValue, "true"),
        ];
        let Switched { text, .. } = switched(source, &mutants);
        syn::parse_file(&text).unwrap();
        let inner = "(if on(1) {a <= b} else {(if on(2) {a > b} else {a < b})})";
        let chosen =
            format!("(if on(3) {{a < b || !g(a)}} else {{{inner} && (if on(4) {{g(a)}} else {{!g(a)}})}})");
        let function =
            format!("fn f(a: u8, b: u8) -> bool {{\n    if on(5) {{ return true; }} {chosen}\n}}\n");
        assert_eq!(without_path(&text), function);
    }

    #[test]
    fn arms_and_guards_are_switched() {
        let source = "fn f(a: u8) -> u8 {\n    match a {\n        1 | 2 => 3,\n        n if n > 4 => 5,\n        _ => 6,\n    }\n}\n";
        let mutants = [
            mutant(source, "1 | 2 => 3,", Genre::MatchArm, ""),
            mutant(source, "n > 4", Genre::MatchArmGuard, "true"),
        ];
        let Switched { text, .. } = switched(source, &mutants);
        syn::parse_file(&text).unwrap();
        let text = without_path(&text);
        assert!(text.contains("1 | 2 if !on(1) => 3,"), "{text}");
        assert!(text.contains("n if (if on(2) {true} else {n > 4}) => 5,"), "{text}");
    }

    #[test]
    fn what_cannot_be_switched_is_left_alone() {
        let source = "fn f(a: Option<u8>) -> i8 {\n    if let Some(b) = a && b == 1 { -1 } else { 2 }\n}\n";
        assert_eq!(wrap(source, 1, &mutant(source, "&&", Genre::BinaryOperator, "||")), None);
        assert_eq!(wrap(source, 1, &mutant(source, "-1", Genre::UnaryOperator, "")), None);
        assert_eq!(wrap(source, 1, &mutant(source, "a &&", Genre::Other, "")), None);
        assert!(wrap(source, 1, &mutant(source, "==", Genre::BinaryOperator, "!=")).is_some());
    }

    #[test]
    fn error_belongs_to_the_innermost_mutant() {
        let source = "fn f(a: u8, b: u8) -> bool {\n    a < b && g(a)\n}\n";
        let mutants = [
            mutant(source, "<", Genre::BinaryOperator, "<="),
            mutant(source, "&&", Genre::BinaryOperator, "||"),
            mutant(source, "a < b && g(a)", Genre::FnValue, "Default::default()"),
        ];
        let switched = switched(source, &mutants);
        let culprit = |text: &str| switched.culprit(switched.text.find(text).unwrap());
        assert_eq!(culprit("<= b"), Some((1, true)));
        assert_eq!(culprit("|| g(a)"), Some((2, true)));
        assert_eq!(culprit("< b})"), Some((1, false)));
        assert_eq!(culprit("Default"), Some((3, true)));
        assert_eq!(culprit("fn f"), None);
        assert_eq!(switched.next(switched.text.find("-> bool").unwrap()), [3]);
        assert_eq!(switched.next(switched.text.len()), [0; 0]);
    }

    #[test]
    fn module_is_rust() {
        let file = syn::parse_file(&module("/tmp/a \"b\"/mutant")).unwrap();
        assert_eq!(file.items.len(), 1);
    }
}
