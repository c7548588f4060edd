//! The state as a whole: exported, imported, forgotten, kept under a name and gone back to.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

use crate::concurrency::work::background;
use crate::persistence::StateError;
use crate::response::{Answer, Problem};
use crate::state::State;

/// The names of snapshots.
#[derive(Serialize)]
struct Snapshots {
    snapshots: Vec<String>,
}

/// An export, an import, a reset, a snapshot and a restore take long for large states, and have their turns among the
/// polls of work on the state. Each is therefore carried out to its end in the background, also if nobody waits for it.
async fn carried_out<T: Send + 'static>(
    state: &Arc<State>,
    act: impl FnOnce(&State) -> Result<T, StateError> + Send + 'static,
) -> Result<T, Problem> {
    let state = Arc::clone(state);
    Ok(background(move || act(&state)).await?)
}

pub(super) async fn export(state: &Arc<State>) -> Result<Answer, Problem> {
    Ok(Answer::ndjson(carried_out(state, State::export).await?))
}

pub(super) async fn import(state: &Arc<State>, document: Bytes) -> Result<Answer, Problem> {
    carried_out(state, move |state| state.import(&document)).await?;
    Ok(Answer::empty())
}

pub(super) async fn reset(state: &Arc<State>) -> Result<Answer, Problem> {
    carried_out(state, State::reset).await?;
    Ok(Answer::empty())
}

pub(super) fn snapshots(state: &State) -> Result<Answer, Problem> {
    Ok(Answer::json(&Snapshots { snapshots: state.state_store.snapshots()? }))
}

pub(super) async fn snapshot(state: &Arc<State>, name: &str) -> Result<Answer, Problem> {
    let name = name.to_owned();
    carried_out(state, move |state| state.snapshot_as(&name)).await?;
    Ok(Answer::empty().status(http::StatusCode::CREATED))
}

pub(super) async fn restore(state: &Arc<State>, name: &str) -> Result<Answer, Problem> {
    let name = name.to_owned();
    carried_out(state, move |state| state.restore(&name)).await?;
    Ok(Answer::empty())
}

pub(super) fn delete(state: &State, name: &str) -> Result<Answer, Problem> {
    state.state_store.delete_snapshot(name)?;
    Ok(Answer::empty().status(http::StatusCode::NO_CONTENT))
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
        async fn start(folder: Option<&Path>) -> Self {
            let builder = Emulator::builder();
            let builder = folder.into_iter().fold(builder, |builder, folder| builder.data_dir(folder));
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

    /// All requests that need long, with the status of their responses, and the moment in the middle of them.
    fn long(document: &str) -> [(&'static str, &'static str, String, u16, Point); 4] {
        [
            ("GET", "export", String::new(), 200, Point::Frozen),
            ("POST", "snapshots/t", String::new(), 201, Point::Frozen),
            ("PUT", "import", document.to_owned(), 200, Point::Read),
            ("POST", "snapshots/s/restore", String::new(), 200, Point::Read),
        ]
    }

    #[tokio::test]
    async fn requests_are_answered_while_a_state_is_written_or_read() {
        for in_folder in [false, true] {
            let root = tempfile::tempdir().unwrap();
            let folder = in_folder.then(|| root.path());
            let mut server = Server::start(folder).await;
            assert_eq!(server.create("before").await, 201);
            let document = String::from_utf8(server.emulator.export().unwrap()).unwrap();
            server.emulator.snapshot("s").unwrap();
            for (at, (method, place, body, status, point)) in (0..).zip(long(&document)) {
                let (reached, release) = server.stop_at(point);
                let long = tokio::spawn(server.send(method, &format!("/_emulator/{place}"), &body));
                reached.await.unwrap();
                assert_eq!(server.send("GET", "/api/v1/user/me", "").await.0, 200, "{place}");
                let meanwhile = format!("meanwhile{at}");
                assert_eq!(server.create(&meanwhile).await, 201, "{place}");
                drop(release);
                let (answered, exported) = long.await.unwrap();
                assert_eq!(answered, status, "{place}: {exported}");
                assert!(!exported.contains(&meanwhile), "{place} is of the moment when it began");
                assert!(server.has("before").await, "{place}");
                assert_eq!(server.has(&meanwhile).await, point == Point::Frozen, "{place}");
            }
            server.emulator.restore("t").unwrap();
            assert!(server.has("meanwhile0").await && !server.has("meanwhile1").await);
            if in_folder {
                let exported = server.emulator.export().unwrap();
                server.emulator.shutdown().await;
                server = Server::start(folder).await;
                assert_eq!(server.emulator.export().unwrap(), exported, "the folder says what memory said");
            }
            server.emulator.shutdown().await;
        }
    }

    #[tokio::test]
    async fn replacement_in_progress_holds_up_only_what_needs_the_state() {
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
        for place in ["", "_emulator/coverage", "_emulator/faults", "_emulator/work"] {
            assert_eq!(server.send("GET", &format!("/{place}"), "").await.0, 200, "{place}");
        }
        assert!(!waiting.is_finished());
        drop(release);
        assert_eq!(import.await.unwrap().0, 200);
        assert_eq!(waiting.await.unwrap().0, 201, "the request is carried out on the new state");
        let (status, overview) = overview.await.unwrap();
        assert!(status == 200 && !overview.contains("before"), "{overview}");
        assert_eq!(rows.await.unwrap().0, 404);
        assert!(server.has("after").await && !server.has("before").await);
        server.emulator.shutdown().await;
    }
}
