//! Moments at which a test stops work that must not run on the serving thread.

use std::sync::{Mutex, mpsc};
use std::thread;

use tokio::sync::oneshot;

use super::lock::lock;

/// A moment in an export, a snapshot or a replacement of the state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Point {
    /// A frozen copy of the state is there, and is written next.
    Frozen,
    /// The new state was read, and replaces the other next.
    Read,
    /// Work on the state waits, and the state is replaced next.
    Replacing,
}

/// The next stop, if a test wants one.
#[derive(Debug, Default)]
pub(crate) struct Pauses(Mutex<Option<Pause>>);

#[derive(Debug)]
struct Pause {
    at: Point,
    reached: oneshot::Sender<()>,
    go_on: mpsc::Receiver<()>,
}

impl Pauses {
    /// Stops the next work that comes to a point. The receiver tells when it has, and it goes on when the sender is
    /// dropped.
    pub(crate) fn stop_at(&self, at: Point) -> (oneshot::Receiver<()>, mpsc::Sender<()>) {
        let (reached, is_reached) = oneshot::channel();
        let (release, go_on) = mpsc::channel();
        *lock(&self.0) = Some(Pause { at, reached, go_on });
        (is_reached, release)
    }

    /// Stops here if a test wants it.
    pub(crate) fn pass(&self, point: Point) {
        let Some(halt) = lock(&self.0).take_if(|halt| halt.at == point) else { return };
        assert_ne!(thread::current().name(), Some("datalinks-emulator"), "the serving thread must not stop");
        let _ = halt.reached.send(());
        // Fails when the sender is dropped.
        let _ = halt.go_on.recv();
    }
}
