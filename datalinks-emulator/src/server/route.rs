//! Routing of requests to operations.
//!
//! The raw path is matched by segments, so an encoded slash stays part of its name. If several operations with the same
//! method match, the one with the earlier fixed segment wins. Operations with other methods do not count, so a dataset may
//! have the name `rename`.

use std::collections::HashMap;

use datalinks_gen::{Operation, Server};
use percent_encoding::percent_decode_str;

use crate::api::Entry;
use crate::api::path::{API_PREFIX, Params, prefix};
use crate::response::Problem;

/// One operation and its handler.
pub(crate) struct Route {
    pub(crate) operation: &'static Operation,
    /// The handler. `None` if the table of handlers has no entry, so that calls fail with status 501.
    pub(crate) entry: Option<&'static Entry>,
    segments: Vec<Segment>,
}

enum Segment {
    Word(&'static str),
    Name(&'static str),
}

/// The routes of all operations.
pub(crate) struct Routes(Vec<Route>);

impl Routes {
    /// Creates one route for each operation. Entries for other operations are not used.
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

    /// Finds the route of a method and a raw path, and the parameters in the path.
    pub(crate) fn find(&self, method: &str, path: &str) -> Result<(&Route, Params), Problem> {
        let mut given: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let slash = given.last() == Some(&"") && !self.lacks_a_name(&given);
        if slash {
            given.pop();
        }
        let fits = |route: &&Route| route.fits(&given) && (!slash || route.ignores_slash());
        let mut fitting: Vec<&Route> = self.0.iter().filter(fits).collect();
        fitting.sort_by_key(|route| route.shape());
        let Some(route) = fitting.iter().find(|route| route.operation.method == method) else {
            return Err(not_found(method, path, &fitting));
        };
        Ok((route, route.params(&given)?))
    }

    /// Returns `true` if a path that ends in a slash could be one whose last name is empty.
    fn lacks_a_name(&self, given: &[&str]) -> bool {
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

fn not_found(method: &str, path: &str, fitting: &[&Route]) -> Problem {
    if !fitting.is_empty() {
        let mut methods: Vec<&str> = fitting.iter().map(|route| route.operation.method).collect();
        methods.sort_unstable();
        methods.dedup();
        let methods = methods.join(", ");
        return Problem::method_not_allowed(
            format!("{method} is not supported for this path; use {methods}"),
            &methods,
        );
    }
    let hint = if path.starts_with(API_PREFIX) || path.starts_with("/api/pipeline") {
        "check the path for a missing or empty segment"
    } else {
        "paths of the API start with /api/v1, those of the ingest proxy with /api/pipeline"
    };
    Problem::not_found(format!("{method} {path} does not match any operation; {hint}"))
}

impl Route {
    fn fits(&self, given: &[&str]) -> bool {
        fit(&self.segments, given)
    }

    /// Returns `true` if a slash may follow the path, because real clients of the API send `/query/`. After a name, the
    /// slash could belong to another path whose next name is empty.
    fn ignores_slash(&self) -> bool {
        self.operation.server == Server::Api && matches!(self.segments.last(), Some(Segment::Word(_)))
    }

    /// Returns the sort key of a route: fixed segments sort before names.
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
    fn every_operation_is_found_by_its_path() {
        let routes = routes();
        assert_eq!(routes.iter().count(), OPERATIONS.len());
        for operation in OPERATIONS {
            let path = format!("{}{}", prefix(operation.server), operation.path.replace(['{', '}'], "~"));
            let (route, _) = routes.find(operation.method, &path).map_err(|p| p.message).unwrap();
            assert_eq!(route.operation.id, operation.id);
        }
    }

    #[test]
    fn routes_follow_operations_not_entries() {
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
    fn only_public_operations_need_no_token() {
        for route in routes().iter() {
            let Some(entry) = route.entry else { continue };
            assert_eq!(entry.needs == AccessRule::Nothing, route.operation.public, "{}", entry.id);
        }
    }

    #[test]
    fn names_may_equal_fixed_segments() {
        assert_eq!(find("GET", "/api/v1/data/self/cinema/rename").0, "getDatasetInformation");
        assert_eq!(find("POST", "/api/v1/data/self/cinema/rename").0, "renameNamespace");
        assert_eq!(find("GET", "/api/v1/schema/datasets/all").0, "listAllDatasets");
        assert_eq!(find("POST", "/api/v1/ingest/new/films").0, "ingestData");
        assert_eq!(find("POST", "/api/v1/ingest/new/cinema/films").0, "createDataset");
    }

    #[test]
    fn encoded_slash_stays_part_of_the_name() {
        let (_, params) = find("GET", "/api/v1/data/self/a%2Fb/%C3%A9%20+");
        assert_eq!(params[1], ("namespace", "a/b".to_owned()));
        assert_eq!(params[2].1, "é +");
    }

    #[test]
    fn trailing_slash_is_ignored_unless_a_name_is_missing() {
        assert_eq!(find("POST", "/api/v1/query/").0, "queryData");
        assert_eq!(find("POST", "/api/v1/query/ask/").0, "autoragStream");
        assert_eq!(find("POST", "/api/v1/data/self/cinema/films/clear/").0, "clearDataset");
        let routes = routes();
        let problem = |method, path| routes.find(method, path).err().map(|problem| problem.status.as_u16());
        for (method, path) in [
            // The name of a namespace, a dataset, a token or a run is missing.
            ("GET", "/api/v1/data/"),
            ("POST", "/api/v1/ingest/new/cinema/"),
            ("POST", "/api/v1/ingest/cinema/films/"),
            ("DELETE", "/api/v1/data/self/cinema/films/"),
            ("GET", "/api/v1/data/self/cinema/films/"),
            ("POST", "/api/v1/user/token/"),
            ("GET", "/api/v1/data/self/cinema//"),
            ("POST", "/api/v1/query//"),
            // The ingest proxy is another service, whose clients send no such slash.
            ("POST", "/api/pipeline/"),
        ] {
            assert_eq!(problem(method, path), Some(404), "{method} {path}");
        }
        assert_eq!(problem("PATCH", "/api/v1/query/"), Some(405));
        // Without the slash, this is the dataset `rename`.
        assert_eq!(problem("GET", "/api/v1/data/self/cinema/rename/"), Some(405));
    }

    #[test]
    fn unknown_path_returns_an_error_with_advice() {
        let routes = routes();
        let problem = |method, path| routes.find(method, path).err().unwrap();
        assert!(problem("GET", "/data").message.contains("start with /api/v1"));
        assert_eq!(problem("GET", "/api/v1/data/").status, 404);
        assert_eq!(problem("PATCH", "/api/v1/data").status, 405);
        assert_eq!(problem("GET", "/api/v1/data/self/%FF/x").status, 400);
    }
}
