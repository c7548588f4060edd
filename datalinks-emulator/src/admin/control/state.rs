//! The endpoints that export, import, reset, save and restore the state.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

use crate::concurrency::work::background;
use crate::persistence::StateError;
use crate::response::{ApiResponse, Problem};
use crate::state::State;

/// The list of snapshots.
#[derive(Serialize)]
struct Snapshots {
    snapshots: Vec<String>,
}

/// Runs an operation on the whole state in the background. It completes even if the client disconnects.
///
/// An export, an import, a reset, a snapshot or a restore takes long for a large state, and excludes other work at times.
async fn run_in_background<T: Send + 'static>(
    state: &Arc<State>,
    act: impl FnOnce(&State) -> Result<T, StateError> + Send + 'static,
) -> Result<T, Problem> {
    let state = Arc::clone(state);
    Ok(background(move || act(&state)).await?)
}

pub(super) async fn export(state: &Arc<State>) -> Result<ApiResponse, Problem> {
    Ok(ApiResponse::ndjson(run_in_background(state, State::export).await?))
}

pub(super) async fn import(state: &Arc<State>, document: Bytes) -> Result<ApiResponse, Problem> {
    run_in_background(state, move |state| state.import(&document)).await?;
    Ok(ApiResponse::empty())
}

pub(super) async fn reset(state: &Arc<State>) -> Result<ApiResponse, Problem> {
    run_in_background(state, State::reset).await?;
    Ok(ApiResponse::empty())
}

pub(super) fn snapshots(state: &State) -> Result<ApiResponse, Problem> {
    Ok(ApiResponse::json(&Snapshots { snapshots: state.state_store.snapshots()? }))
}

pub(super) async fn snapshot(state: &Arc<State>, name: &str) -> Result<ApiResponse, Problem> {
    let name = name.to_owned();
    run_in_background(state, move |state| state.snapshot_as(&name)).await?;
    Ok(ApiResponse::empty().status(http::StatusCode::CREATED))
}

pub(super) async fn restore(state: &Arc<State>, name: &str) -> Result<ApiResponse, Problem> {
    let name = name.to_owned();
    run_in_background(state, move |state| state.restore(&name)).await?;
    Ok(ApiResponse::empty())
}

pub(super) fn delete(state: &State, name: &str) -> Result<ApiResponse, Problem> {
    state.state_store.delete_snapshot(name)?;
    Ok(ApiResponse::empty().status(http::StatusCode::NO_CONTENT))
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::path::Path;
    use std::sync::mpsc;

    use tokio::sync::oneshot;

    use crate::Emulator;
    use crate::concurrency::pause::Point;

    struct Server {
        emulator: Emulator,
        http: reqwest::Client,
    }

    impl Server {
        async fn start(dir: Option<&Path>) -> Self {
            let builder = Emulator::builder();
            let builder = dir.into_iter().fold(builder, |builder, dir| builder.data_dir(dir));
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            Self { emulator: builder.start().await.unwrap(), http }
        }

        /// Sends a request, and returns the status and the body of the response.
        fn send(
            &self,
            method: &str,
            path: &str,
            body: &str,
        ) -> impl Future<Output = (u16, String)> + 'static {
            let url = format!("{}{path}", self.emulator.proxy_url());
            let request = self.http.request(method.parse().unwrap(), url);
            let request = request.bearer_auth(self.emulator.api_key()).body(body.to_owned()).send();
            async {
                let response = request.await.unwrap();
                (response.status().as_u16(), response.text().await.unwrap())
            }
        }

        async fn create(&self, dataset: &str) -> u16 {
            self.send("POST", &format!("/api/v1/ingest/new/n/{dataset}"), "{}").await.0
        }

        async fn has(&self, dataset: &str) -> bool {
            self.send("GET", &format!("/api/v1/data/self/n/{dataset}"), "").await.0 == 200
        }

        fn stop_at(&self, point: Point) -> (oneshot::Receiver<()>, mpsc::Sender<()>) {
            self.emulator.state().generations.pauses.stop_at(point)
        }
    }

    /// All long requests, with the status of their responses and a point in the middle of their work.
    fn long(document: &str) -> [(&'static str, &'static str, String, u16, Point); 4] {
        [
            ("GET", "export", String::new(), 200, Point::Frozen),
            ("POST", "snapshots/t", String::new(), 201, Point::Frozen),
            ("PUT", "import", document.to_owned(), 200, Point::Read),
            ("POST", "snapshots/s/restore", String::new(), 200, Point::Read),
        ]
    }

    #[tokio::test]
    async fn other_requests_run_while_a_state_is_written_or_read() {
        for on_disk in [false, true] {
            let root = tempfile::tempdir().unwrap();
            let dir = on_disk.then(|| root.path());
            let mut server = Server::start(dir).await;
            assert_eq!(server.create("before").await, 201);
            let document = String::from_utf8(server.emulator.export().unwrap()).unwrap();
            server.emulator.snapshot("s").unwrap();
            for (at, (method, endpoint, body, expected, point)) in (0..).zip(long(&document)) {
                let (reached, release) = server.stop_at(point);
                let long = tokio::spawn(server.send(method, &format!("/_emulator/{endpoint}"), &body));
                reached.await.unwrap();
                assert_eq!(server.send("GET", "/api/v1/user/me", "").await.0, 200, "{endpoint}");
                let meanwhile = format!("meanwhile{at}");
                assert_eq!(server.create(&meanwhile).await, 201, "{endpoint}");
                drop(release);
                let (status, exported) = long.await.unwrap();
                assert_eq!(status, expected, "{endpoint}: {exported}");
                assert!(!exported.contains(&meanwhile), "{endpoint} contains a later change");
                assert!(server.has("before").await, "{endpoint}");
                assert_eq!(server.has(&meanwhile).await, point == Point::Frozen, "{endpoint}");
            }
            server.emulator.restore("t").unwrap();
            assert!(server.has("meanwhile0").await && !server.has("meanwhile1").await);
            if on_disk {
                let exported = server.emulator.export().unwrap();
                server.emulator.shutdown().await;
                server = Server::start(dir).await;
                assert_eq!(server.emulator.export().unwrap(), exported, "the directory differs from memory");
            }
            server.emulator.shutdown().await;
        }
    }

    #[tokio::test]
    async fn replacement_delays_only_requests_that_use_the_state() {
        let server = Server::start(None).await;
        let document = String::from_utf8(server.emulator.export().unwrap()).unwrap();
        assert_eq!(server.create("before").await, 201);
        let (reached, release) = server.stop_at(Point::Replacing);
        let import = tokio::spawn(server.send("PUT", "/_emulator/import", &document));
        reached.await.unwrap();
        let waiting = tokio::spawn(server.send("POST", "/api/v1/ingest/new/n/after", "{}"));
        let overview = tokio::spawn(server.send("GET", "/_emulator/overview", ""));
        let rows = "/_emulator/rows?owner=self&namespace=n&dataset=before";
        let rows = tokio::spawn(server.send("GET", rows, ""));
        for path in ["", "_emulator/coverage", "_emulator/faults", "_emulator/work"] {
            assert_eq!(server.send("GET", &format!("/{path}"), "").await.0, 200, "{path}");
        }
        assert!(!waiting.is_finished());
        drop(release);
        assert_eq!(import.await.unwrap().0, 200);
        assert_eq!(waiting.await.unwrap().0, 201, "the request runs on the new state");
        let (status, overview) = overview.await.unwrap();
        assert!(status == 200 && !overview.contains("before"), "{overview}");
        assert_eq!(rows.await.unwrap().0, 404);
        assert!(server.has("after").await && !server.has("before").await);
        server.emulator.shutdown().await;
    }
}
