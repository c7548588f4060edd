//! Which operation a request means.
//!
//! Matching is done on the raw path, segment by segment, so that an encoded slash stays inside its
//! name. Where two operations fit, the one with the earlier fixed word wins; the method counts, so
//! a dataset may be called `rename`.

use std::collections::HashMap;

use datalinks_gen::{Operation, Server};
use percent_encoding::percent_decode_str;

use crate::api::Entry;
use crate::api::path::{API_PREFIX, Params, prefix};
use crate::response::Problem;

/// One operation and who answers it.
pub(crate) struct Route {
    pub(crate) operation: &'static Operation,
    /// `None`: the table of handlers has no entry for it, and it is answered 501.
    pub(crate) entry: Option<&'static Entry>,
    segments: Vec<Segment>,
}

enum Segment {
    Word(&'static str),
    Name(&'static str),
}

/// All operations.
pub(crate) struct Routes(Vec<Route>);

impl Routes {
    /// One route for each operation. Entries for other operations are not used.
    pub(crate) fn new(operations: &'static [Operation], entries: &'static [Entry]) -> Self {
        let entries: HashMap<&str, &'static Entry> = entries.iter().map(|entry| (entry.id, entry)).collect();
        let mut routes = Vec::with_capacity(operations.len());
        for operation in operations {
            let entry = entries.get(operation.id).copied();
            let segments = prefix(operation.server)
                .split('/')
                .chain(operation.path.split('/'))
                .filter(|part| !part.is_empty());
            let segments =
                segments.map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                    Some(name) => Segment::Name(name),
                    None => Segment::Word(part),
                });
            routes.push(Route { operation, entry, segments: segments.collect() });
        }
        Self(routes)
    }

    /// The operation behind a method and a raw path.
    pub(crate) fn find(&self, method: &str, path: &str) -> Result<(&Route, Params), Problem> {
        let mut given: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let slash = given.last() == Some(&"") && !self.leaves_out_a_name(&given);
        if slash {
            given.pop();
        }
        let fits = |route: &&Route| route.fits(&given) && (!slash || route.ignores_slash());
        let mut fitting: Vec<&Route> = self.0.iter().filter(fits).collect();
        fitting.sort_by_key(|route| route.shape());
        let Some(route) = fitting.iter().find(|route| route.operation.method == method) else {
            return Err(nothing(method, path, &fitting));
        };
        Ok((route, route.params(&given)?))
    }

    /// Whether a path that ends in a slash could be one whose last name is empty.
    fn leaves_out_a_name(&self, given: &[&str]) -> bool {
        let Some((_, before)) = given.split_last() else { return false };
        self.0.iter().any(|route| match route.segments.split_last() {
            Some((Segment::Name(_), segments)) => fit(segments, before),
            _ => false,
        })
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter()
    }
}

fn nothing(method: &str, path: &str, fitting: &[&Route]) -> Problem {
    if !fitting.is_empty() {
        let mut methods: Vec<&str> = fitting.iter().map(|route| route.operation.method).collect();
        methods.sort_unstable();
        methods.dedup();
        let methods = methods.join(", ");
        return Problem::method_not_allowed(
            format!("{method} is no operation here; use {methods}"),
            &methods,
        );
    }
    let hint = if path.starts_with(API_PREFIX) || path.starts_with("/api/pipeline") {
        "look at the path for a missing or empty part"
    } else {
        "paths of the API start with /api/v1, those of the ingest proxy with /api/pipeline"
    };
    Problem::not_found(format!("{method} {path} is no operation; {hint}"))
}

impl Route {
    fn fits(&self, given: &[&str]) -> bool {
        fit(&self.segments, given)
    }

    /// Whether a slash may follow its path: real clients of the API send `/query/`. Behind a name, the slash could be
    /// that of another path whose next name is empty.
    fn ignores_slash(&self) -> bool {
        self.operation.server == Server::Api && matches!(self.segments.last(), Some(Segment::Word(_)))
    }

    /// Fixed words sort before names.
    fn shape(&self) -> Vec<bool> {
        self.segments.iter().map(|segment| matches!(segment, Segment::Name(_))).collect()
    }

    fn params(&self, given: &[&str]) -> Result<Params, Problem> {
        let mut params = Vec::new();
        for (segment, given) in self.segments.iter().zip(given) {
            if let Segment::Name(name) = segment {
                let value = percent_decode_str(given).decode_utf8().map_err(|_| {
                    Problem::malformed(format!(
                        "{name} in the path is not UTF-8; percent-encode names as UTF-8"
                    ))
                })?;
                params.push((*name, value.into_owned()));
            }
        }
        Ok(Params(params))
    }
}

fn fit(segments: &[Segment], given: &[&str]) -> bool {
    segments.len() == given.len()
        && segments.iter().zip(given).all(|(segment, given)| match segment {
            Segment::Word(word) => word == given,
            Segment::Name(_) => !given.is_empty(),
        })
}

#[cfg(test)]
mod tests {
    use datalinks_gen::OPERATIONS;

    use super::*;
    use crate::api::{AccessRule, HANDLERS};

    fn routes() -> Routes {
        Routes::new(OPERATIONS, HANDLERS)
    }

    fn find(method: &str, path: &str) -> (&'static str, Vec<(&'static str, String)>) {
        let routes = routes();
        let (route, params) = routes.find(method, path).map_err(|p| p.message).unwrap();
        (route.operation.id, params.0)
    }

    #[test]
    fn every_operation_finds_itself() {
        let routes = routes();
        assert_eq!(routes.iter().count(), OPERATIONS.len());
        for operation in OPERATIONS {
            let path = format!("{}{}", prefix(operation.server), operation.path.replace(['{', '}'], "~"));
            let (route, _) = routes.find(operation.method, &path).map_err(|p| p.message).unwrap();
            assert_eq!(route.operation.id, operation.id);
        }
    }

    #[test]
    fn an_operation_without_an_entry_has_a_route_and_an_entry_without_an_operation_has_none() {
        let routes = Routes::new(OPERATIONS, &HANDLERS[1..]);
        assert_eq!(routes.iter().count(), OPERATIONS.len());
        for entry in HANDLERS {
            let route = routes.iter().find(|route| route.operation.id == entry.id).unwrap();
            assert_eq!(route.entry.is_none(), entry.id == HANDLERS[0].id, "{}", entry.id);
        }
        let routes = Routes::new(&OPERATIONS[1..], HANDLERS);
        assert!(routes.iter().all(|route| route.operation.id != OPERATIONS[0].id));
    }

    #[test]
    fn public_operations_and_no_others_need_no_token() {
        for route in routes().iter() {
            let Some(entry) = route.entry else { continue };
            assert_eq!(entry.needs == AccessRule::Nothing, route.operation.public, "{}", entry.id);
        }
    }

    #[test]
    fn names_may_look_like_words() {
        assert_eq!(find("GET", "/api/v1/data/self/cinema/rename").0, "getDatasetInformation");
        assert_eq!(find("POST", "/api/v1/data/self/cinema/rename").0, "renameNamespace");
        assert_eq!(find("GET", "/api/v1/schema/datasets/all").0, "listAllDatasets");
        assert_eq!(find("POST", "/api/v1/ingest/new/films").0, "ingestData");
        assert_eq!(find("POST", "/api/v1/ingest/new/cinema/films").0, "createDataset");
    }

    #[test]
    fn an_encoded_slash_stays_inside() {
        let (_, params) = find("GET", "/api/v1/data/self/a%2Fb/%C3%A9%20+");
        assert_eq!(params[1], ("namespace", "a/b".to_owned()));
        assert_eq!(params[2].1, "é +");
    }

    #[test]
    fn a_slash_is_ignored_where_it_leaves_no_name_out() {
        assert_eq!(find("POST", "/api/v1/query/").0, "queryData");
        assert_eq!(find("POST", "/api/v1/query/ask/").0, "autoragStream");
        assert_eq!(find("POST", "/api/v1/data/self/cinema/films/clear/").0, "clearDataset");
        let routes = routes();
        let problem = |method, path| routes.find(method, path).err().map(|problem| problem.status.as_u16());
        for (method, path) in [
            // A namespace, a dataset, a token, a run that has no name.
            ("GET", "/api/v1/data/"),
            ("POST", "/api/v1/ingest/new/cinema/"),
            ("POST", "/api/v1/ingest/cinema/films/"),
            ("DELETE", "/api/v1/data/self/cinema/films/"),
            ("GET", "/api/v1/data/self/cinema/films/"),
            ("POST", "/api/v1/user/token/"),
            ("GET", "/api/v1/data/self/cinema//"),
            ("POST", "/api/v1/query//"),
            // The ingest proxy is another service.
            ("POST", "/api/pipeline/"),
        ] {
            assert_eq!(problem(method, path), Some(404), "{method} {path}");
        }
        assert_eq!(problem("PATCH", "/api/v1/query/"), Some(405));
        // Without the slash, this is the dataset `rename`.
        assert_eq!(problem("GET", "/api/v1/data/self/cinema/rename/"), Some(405));
    }

    #[test]
    fn what_is_no_operation_says_what_to_do() {
        let routes = routes();
        let problem = |method, path| routes.find(method, path).err().unwrap();
        assert!(problem("GET", "/data").message.contains("start with /api/v1"));
        assert_eq!(problem("GET", "/api/v1/data/").status, 404);
        assert_eq!(problem("PATCH", "/api/v1/data").status, 405);
        assert_eq!(problem("GET", "/api/v1/data/self/%FF/x").status, 400);
    }
}
