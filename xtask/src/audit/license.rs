//! License expressions (SPDX), decided by a list of allowed licenses.

/// Returns the first license that is needed and not allowed, or `None` if the expression is fulfilled.
///
/// `/` is read as `OR`, which old manifests mean by it.
pub(super) fn rejected(expression: &str, is_allowed: &dyn Fn(&str) -> bool) -> Option<String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words, is_allowed };
    match parser.any(0) {
        Ok(None) if parser.words.is_empty() => None,
        Ok(Some(license)) => Some(license),
        Ok(None) | Err(()) => Some(format!("{expression} (not an SPDX expression)")),
    }
}

struct Parser<'a> {
    words: &'a [&'a str],
    is_allowed: &'a dyn Fn(&str) -> bool,
}

/// The license that is not allowed, or `None`. Fails for text that is not an expression.
type Outcome = Result<Option<String>, ()>;

/// Maximum depth of parentheses.
const DEPTH: usize = 32;

impl<'a> Parser<'a> {
    fn take(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn is_next(&mut self, word: &str) -> bool {
        let is_next = self.words.first() == Some(&word);
        if is_next {
            self.take();
        }
        is_next
    }

    /// One of several is enough.
    fn any(&mut self, depth: usize) -> Outcome {
        let mut outcome = self.all(depth)?;
        while self.is_next("OR") {
            let other = self.all(depth)?;
            outcome = outcome.and(other);
        }
        Ok(outcome)
    }

    fn all(&mut self, depth: usize) -> Outcome {
        let mut outcome = self.one(depth)?;
        while self.is_next("AND") {
            let other = self.one(depth)?;
            outcome = outcome.or(other);
        }
        Ok(outcome)
    }

    fn one(&mut self, depth: usize) -> Outcome {
        match self.take() {
            Some("(") if depth < DEPTH => {
                let outcome = self.any(depth + 1)?;
                if self.is_next(")") { Ok(outcome) } else { Err(()) }
            }
            None | Some("(" | ")" | "AND" | "OR" | "WITH") => Err(()),
            Some(name) => {
                let exception = if self.is_next("WITH") { self.take().ok_or(())? } else { "" };
                let name =
                    if exception.is_empty() { name.to_owned() } else { format!("{name} WITH {exception}") };
                Ok((!(self.is_allowed)(&name)).then_some(name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_decided_by_the_list() {
        let allowed = |name: &str| ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].contains(&name);
        for fine in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "MIT AND ISC",
            "(GPL-3.0 OR MIT) AND ISC",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        ] {
            assert_eq!(rejected(fine, &allowed), None, "{fine}");
        }
        for (bad, license) in [
            ("GPL-3.0", "GPL-3.0"),
            ("MIT AND GPL-3.0", "GPL-3.0"),
            ("MIT AND (GPL-3.0 OR AGPL-3.0)", "AGPL-3.0"),
            ("Apache-2.0", "Apache-2.0"),
            ("MIT WITH more", "MIT WITH more"),
        ] {
            assert_eq!(rejected(bad, &allowed).as_deref(), Some(license), "{bad}");
        }
        let deep = "(".repeat(10_000);
        for text in ["", "MIT OR", "MIT MIT", "(MIT", "MIT)", "OR", deep.as_str()] {
            assert!(rejected(text, &allowed).unwrap().contains("not an SPDX expression"), "{text}");
        }
    }
}
