//! The thread that serves.
//!
//! The emulator has a thread and a runtime of its own. It therefore works beside any executor and
//! beside code that blocks, and when its handle is gone, so are its port and its streams.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{Builder as ThreadBuilder, JoinHandle};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{oneshot, watch};

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
    /// Why it stopped by itself. Closed once its thread has ended.
    stopped: watch::Receiver<Option<Stopped>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves on a listener that is bound and does not block.
    pub(crate) fn start(listener: TcpListener, app: Arc<App>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            ControlledListener(tokio::net::TcpListener::from_std(listener)?)
        };
        let state = Arc::clone(&app.state);
        Self::run(move |told_to_stop| {
            let served = catch_panic(|| serve(runtime, listener, app, told_to_stop));
            match served {
                Ok(end) => {
                    if let Err(error) = state.close() {
                        tracing::warn!(%error, "when tokens were used last is not kept");
                    }
                    end
                }
                Err(panicked) => {
                    // What memory holds may be half a change. The folder has what was answered.
                    state.state_store.abandon();
                    Some(Stopped::new(format_args!("its server panicked: {panicked}")))
                }
            }
        })
    }

    /// Serves on a thread of its own until what serves returns, with the reason if nobody asked it to.
    fn run(
        serve: impl FnOnce(oneshot::Receiver<()>) -> Option<Stopped> + Send + 'static,
    ) -> io::Result<Self> {
        let (stop, told_to_stop) = oneshot::channel();
        let (tell, stopped) = watch::channel(None);
        let thread = ThreadBuilder::new().name("datalinks-emulator".to_owned()).spawn(move || {
            let end = serve(told_to_stop);
            if let Some(reason) = &end {
                tracing::error!(%reason, "the emulator does not serve any more");
            }
            tell.send_replace(end);
        })?;
        Ok(Self { stop: Some(stop), stopped, thread: Some(thread) })
    }

    /// Waits until the server has stopped without being asked to.
    pub(crate) async fn stopped(&self) -> Stopped {
        let mut stopped = self.stopped.clone();
        // Closed without a reason: the thread ended in a way that it could not tell.
        let reason = stopped.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
        reason.unwrap_or_else(|| Stopped::new(format_args!("its thread ended")))
    }

    /// Stops, and waits until the port is closed.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        // Closed when the thread has ended.
        while self.stopped.changed().await.is_ok() {}
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread only finishes what is being worked out, in the background as well; it waits for nobody.
            let _ = thread.join();
        }
    }
}

/// Serves until [`Server::stop`]. Returns the reason if it ends earlier.
fn serve(
    runtime: Runtime,
    listener: ControlledListener,
    app: Arc<App>,
    told_to_stop: oneshot::Receiver<()>,
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
            // Stopping is asked for by dropping the other end.
            _ = told_to_stop => None,
            never = ingestions::work(&state) => match never {},
            never = pipeline_runs::work(&state) => match never {},
            never = agent_runs::work(&state) => match never {},
            served = axum::serve(listener, service) => Some(match served {
                Ok(()) => Stopped::new(format_args!("it accepts no more connections")),
                Err(error) => Stopped::new(error),
            }),
        }
    });
    // Ends all connections, streams included: their tasks belong to this runtime.
    drop(runtime);
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_ends_by_itself_is_seen_to() {
        let server = Server::run(|_| Some(Stopped::new("out of order"))).unwrap();
        let told = server.stopped().await.to_string();
        assert!(told.contains("out of order"), "{told}");
        assert_eq!(server.stopped().await.to_string(), told, "whoever asks later learns it, too");
        server.stop().await;
    }

    #[tokio::test]
    async fn a_thread_that_is_gone_is_seen_as_well() {
        let server = Server::run(|_| panic!("on purpose")).unwrap();
        assert!(server.stopped().await.to_string().contains("its thread ended"));
    }

    #[tokio::test]
    async fn a_server_that_serves_has_not_stopped() {
        let server = Server::run(|told_to_stop| {
            let _ = told_to_stop.blocking_recv();
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
