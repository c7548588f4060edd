//! The target of the demo: the embedded emulator or the service.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use datalinks::{Config, DataLinks, IngestProxy, retry::Attempt};
use datalinks_emulator::{Emulator, Fault};

use super::print::detail;
use crate::failure::Result;
use crate::terminal::WriteError;

/// Number of events after which the emulator cuts the stream of the pipeline.
const CUT_AFTER: usize = 3;

/// The clients, and the embedded emulator if they use it.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) client: DataLinks,
    pub(super) proxy: Option<IngestProxy>,
    emulator: Option<Emulator>,
    seen: Arc<Seen>,
}

/// The record of the observers of both clients.
#[derive(Default)]
struct Seen {
    retries: Mutex<Vec<String>>,
    stream_connections: AtomicU32,
}

impl Seen {
    fn note(&self, attempt: &Attempt) {
        if attempt.operation == "streamPipeline" {
            self.stream_connections.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(pause) = attempt.pause {
            let status = attempt.status.map_or("no response".to_owned(), |status| status.to_string());
            let line = format!(
                "{}, attempt {}: {status}; retry after {} ms",
                attempt.operation,
                attempt.number,
                pause.as_millis()
            );
            self.retries.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }
}

impl Place {
    /// Starts the embedded emulator, which needs no account and no network.
    pub(super) async fn emulator() -> Result<Self> {
        let emulator = Emulator::start().await?;
        let config = Config::from_vars(|name| match name {
            "DL_HOST" => Some(emulator.api_url()),
            "DL_INGEST_PROXY" => Some(emulator.proxy_url()),
            "DL_API_KEY" => Some(emulator.api_key().to_owned()),
            "DL_USERNAME" => Some(emulator.username().to_owned()),
            _ => None,
        });
        let name = format!("the embedded emulator ({})", emulator.proxy_url());
        Self::new(name, &config, Some(emulator))
    }

    /// Connects to the service that the environment names.
    pub(super) fn live() -> Result<Self> {
        Self::new("the live service".to_owned(), &Config::from_env()?, None)
    }

    fn new(name: String, config: &Config, emulator: Option<Emulator>) -> Result<Self> {
        let seen = Arc::new(Seen::default());
        let observer = |seen: &Arc<Seen>| {
            let seen = Arc::clone(seen);
            move |attempt: &Attempt| seen.note(attempt)
        };
        let client = DataLinks::builder_from(config)?.on_attempt(observer(&seen)).build()?;
        let proxy = match config.proxy() {
            Some(_) => Some(IngestProxy::builder_from(config)?.on_attempt(observer(&seen)).build()?),
            None => None,
        };
        Ok(Self { name, client, proxy, emulator, seen })
    }

    pub(super) fn is_live(&self) -> bool {
        self.emulator.is_none()
    }

    /// Injects a fault: the emulator rejects the second ingest request.
    pub(super) fn reject_one_ingest(&self) -> Result {
        if let Some(emulator) = &self.emulator {
            emulator.faults().inject(Fault::new("ingestData").after(1).times(1).status(503))?;
            detail("(injected fault: the second request gets 503)")?;
        }
        Ok(())
    }

    /// Injects a fault: the emulator cuts the next stream of a pipeline.
    pub(super) fn cut_one_stream(&self) -> Result {
        if let Some(emulator) = &self.emulator {
            emulator.faults().inject(Fault::new("streamPipeline").times(1).cut_after(CUT_AFTER))?;
            detail(format!("(injected fault: the stream is cut after {CUT_AFTER} events)"))?;
        }
        Ok(())
    }

    /// Prints the retries since the last call.
    pub(super) fn print_retries(&self) -> std::result::Result<(), WriteError> {
        let mut retries = self.seen.retries.lock().unwrap_or_else(PoisonError::into_inner);
        retries.drain(..).try_for_each(detail)
    }

    pub(super) fn print_connections(&self) -> std::result::Result<(), WriteError> {
        detail(format!("over {} connections", self.seen.stream_connections.load(Ordering::Relaxed)))
    }

    pub(super) async fn close(self) {
        if let Some(emulator) = self.emulator {
            emulator.shutdown().await;
        }
    }
}
