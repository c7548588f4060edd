//! The server thread.
//!
//! The emulator has a separate thread and a separate runtime. Therefore it works with any executor and with code that
//! blocks. When its handle is dropped, the port and all streams are closed.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{Builder as ThreadBuilder, JoinHandle};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{oneshot, watch};

use super::activity::Activity;
use super::connection::ControlledListener;
use super::dispatch::{App, dispatch};
use crate::concurrency::panics::catch_panic;
use crate::drivers::{agent_runs, ingestions, pipeline_runs};
use crate::error::Stopped;
use crate::faults::ConnectionControl;

/// A server that runs until it is stopped or dropped, or fails.
#[derive(Debug)]
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    /// The reason of a failure. Closed after the thread has ended.
    stopped: watch::Receiver<Option<Stopped>>,
    thread: Option<JoinHandle<()>>,
    activity: Activity,
}

impl Server {
    /// Starts to serve on a bound, non-blocking listener.
    pub(crate) fn start(listener: TcpListener, app: Arc<App>) -> io::Result<Self> {
        let activity = Activity::new();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            ControlledListener {
                listener: tokio::net::TcpListener::from_std(listener)?,
                activity: activity.clone(),
            }
        };
        let state = Arc::clone(&app.state);
        Self::run(activity, move |stop_requested| {
            let served = catch_panic(|| serve(runtime, listener, app, stop_requested));
            match served {
                Ok(end) => {
                    if let Err(error) = state.close() {
                        tracing::warn!(%error, "the time of the last use of tokens was not persisted");
                    }
                    end
                }
                Err(panicked) => {
                    // Memory may contain a partial change, but the data directory has all acknowledged changes.
                    state.state_store.abandon();
                    Some(Stopped::new(format_args!("its server panicked: {panicked}")))
                }
            }
        })
    }

    /// Runs `serve` on a separate thread. The function returns the reason if it ends without having been stopped.
    fn run(
        activity: Activity,
        serve: impl FnOnce(oneshot::Receiver<()>) -> Option<Stopped> + Send + 'static,
    ) -> io::Result<Self> {
        let (stop, stop_requested) = oneshot::channel();
        let (end_sender, stopped) = watch::channel(None);
        let thread = ThreadBuilder::new().name("datalinks-emulator".to_owned()).spawn(move || {
            let end = serve(stop_requested);
            if let Some(reason) = &end {
                tracing::error!(%reason, "the emulator stopped serving");
            }
            end_sender.send_replace(end);
        })?;
        Ok(Self { stop: Some(stop), stopped, thread: Some(thread), activity })
    }

    /// Waits until the server fails, and returns the reason.
    pub(crate) async fn stopped(&self) -> Stopped {
        let mut stopped = self.stopped.clone();
        // The channel is closed without a reason if the thread panicked.
        let reason = stopped.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
        reason.unwrap_or_else(|| Stopped::new(format_args!("its thread ended")))
    }

    /// Waits until no connection has been open for `limit`.
    pub(crate) async fn idle(&self, limit: Duration) {
        self.activity.idle(limit).await;
    }

    /// Stops the server and waits until the port is closed.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        // The channel is closed when the thread has ended.
        while self.stopped.changed().await.is_ok() {}
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread only completes computations in progress, including those in the background, and waits for no client.
            let _ = thread.join();
        }
    }
}

/// Serves until [`Server::stop`]. Returns the reason if serving ends earlier.
fn serve(
    runtime: Runtime,
    listener: ControlledListener,
    app: Arc<App>,
    stop_requested: oneshot::Receiver<()>,
) -> Option<Stopped> {
    let state = Arc::clone(&app.state);
    let router =
        Router::new().fallback(move |control: ConnectInfo<ConnectionControl>, request: Request<Body>| {
            let app = Arc::clone(&app);
            async move { dispatch(app, control, request).await }
        });
    let service = router.into_make_service_with_connect_info::<ConnectionControl>();
    let end = runtime.block_on(async {
        tokio::select! {
            // Dropping the sender requests the stop.
            _ = stop_requested => None,
            never = ingestions::work(&state) => match never {},
            never = pipeline_runs::work(&state) => match never {},
            never = agent_runs::work(&state) => match never {},
            served = axum::serve(listener, service) => Some(match served {
                Ok(()) => Stopped::new(format_args!("it accepts no more connections")),
                Err(error) => Stopped::new(error),
            }),
        }
    });
    // Closes all connections and streams, because their tasks belong to this runtime.
    drop(runtime);
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn failed_server_reports_its_reason_repeatedly() {
        let server = Server::run(Activity::new(), |_| Some(Stopped::new("out of order"))).unwrap();
        let reason = server.stopped().await.to_string();
        assert!(reason.contains("out of order"), "{reason}");
        assert_eq!(server.stopped().await.to_string(), reason, "a later call returns the same reason");
        server.stop().await;
    }

    #[tokio::test]
    async fn panic_of_the_thread_is_reported() {
        let server = Server::run(Activity::new(), |_| panic!("on purpose")).unwrap();
        assert!(server.stopped().await.to_string().contains("its thread ended"));
    }

    #[tokio::test]
    async fn running_server_has_not_stopped() {
        let server = Server::run(Activity::new(), |stop_requested| {
            let _ = stop_requested.blocking_recv();
            None
        })
        .unwrap();
        let waiting = server.stopped();
        tokio::select! {
            biased;
            stopped = waiting => panic!("{stopped}"),
            () = std::future::ready(()) => {}
        }
        server.stop().await;
    }
}
