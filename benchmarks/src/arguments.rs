//! The arguments of the programs, read without a library, because the start of a program is measured.

use std::{env, str::FromStr};

use crate::BoxError;

/// The work of one run of a program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Workload {
    /// Ingests a list of JSON maps.
    IngestMaps,
    /// Ingests a list of structs.
    IngestTyped,
    /// Ingests structs that are made while they are sent, so that memory does not depend on their number.
    IngestStream,
    /// Queries all rows into structs.
    Query,
    /// Reads the steps of an answer into structs.
    Ask,
    /// Reads the events of a pipeline run as JSON maps.
    Pipeline,
    /// Reads the events of a pipeline run into structs.
    PipelineTyped,
    /// Makes small calls, one after the other.
    Calls,
    /// Uploads a sparse file of so many MiB.
    Upload,
    /// Makes a client and one small call. The whole process is measured.
    Start,
}

impl Workload {
    /// Returns all workloads.
    pub const ALL: [Self; 10] = [
        Self::IngestMaps,
        Self::IngestTyped,
        Self::IngestStream,
        Self::Query,
        Self::Ask,
        Self::Pipeline,
        Self::PipelineTyped,
        Self::Calls,
        Self::Upload,
        Self::Start,
    ];

    /// Returns the name of the workload on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::IngestMaps => "ingest-maps",
            Self::IngestTyped => "ingest-typed",
            Self::IngestStream => "ingest-stream",
            Self::Query => "query",
            Self::Ask => "ask",
            Self::Pipeline => "pipeline",
            Self::PipelineTyped => "pipeline-typed",
            Self::Calls => "calls",
            Self::Upload => "upload",
            Self::Start => "start",
        }
    }
}

impl FromStr for Workload {
    type Err = BoxError;

    fn from_str(name: &str) -> Result<Self, BoxError> {
        let found = Self::ALL.into_iter().find(|workload| workload.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("unknown workload {name:?}: expected one of {names}").into()
        })
    }
}

/// The arguments of a program: `WORKLOAD SIZE ORIGIN [IN-FLIGHT [DELAY-MS [single]]]`.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// The work to do.
    pub workload: Workload,
    /// Number of rows, events or calls, or the MiB of an upload.
    pub size: usize,
    /// The address of the server, with the size and the delay as its path.
    pub origin: String,
    /// Maximum number of requests in flight.
    pub in_flight: usize,
    /// `true` for a runtime with one thread, whose instructions are counted below valgrind. Nothing is printed then.
    pub single_thread: bool,
}

impl Arguments {
    /// Reads the arguments of this process.
    ///
    /// # Errors
    ///
    /// Returns an error if an argument is missing or is not valid.
    pub fn from_env() -> Result<Self, BoxError> {
        Self::parse(env::args().skip(1))
    }

    fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, BoxError> {
        const USAGE: &str = "expected WORKLOAD SIZE ORIGIN [IN-FLIGHT [DELAY-MS [single]]]";
        let mut arguments = arguments.into_iter();
        let workload = arguments.next().ok_or(USAGE)?.parse()?;
        let size = arguments.next().ok_or(USAGE)?.parse()?;
        let server = arguments.next().ok_or(USAGE)?;
        let in_flight = arguments.next().map_or(Ok(1), |number| number.parse())?;
        let delay: u64 = arguments.next().map_or(Ok(0), |number| number.parse())?;
        let single_thread = match arguments.next().as_deref() {
            None => false,
            Some("single") => true,
            Some(_) => return Err(USAGE.into()),
        };
        let origin = format!("{server}/{size}/{delay}");
        Ok(Self { workload, size, origin, in_flight, single_thread })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, BoxError> {
        Arguments::parse(line.split(' ').map(str::to_owned))
    }

    #[test]
    fn arguments_have_defaults() {
        let short = parse("query 10 http://127.0.0.1:1").unwrap();
        assert_eq!((short.workload, short.size, short.in_flight), (Workload::Query, 10, 1));
        assert_eq!((short.origin.as_str(), short.single_thread), ("http://127.0.0.1:1/10/0", false));
        let long = parse("ingest-typed 10 http://127.0.0.1:1 8 50 single").unwrap();
        assert_eq!((long.in_flight, long.single_thread), (8, true));
        assert_eq!(long.origin, "http://127.0.0.1:1/10/50");
    }

    #[test]
    fn error_lists_the_workloads() {
        let error = parse("quary 10 http://127.0.0.1:1").unwrap_err().to_string();
        assert!(error.contains("\"quary\"") && error.contains("pipeline-typed"), "{error}");
        assert!(parse("query 10").is_err());
        assert!(parse("query 10 http://127.0.0.1:1 1 0 double").is_err());
    }
}
