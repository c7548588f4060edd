//! Points at which a test pauses work that must not run on the serving thread.

use std::sync::{Mutex, mpsc};
use std::thread;

use tokio::sync::oneshot;

use super::lock::lock;

/// A point in an export, a snapshot or a replacement of the state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Point {
    /// A frozen copy of the state exists and is about to be written.
    Frozen,
    /// The new state was read and is about to replace the current one.
    Read,
    /// Work on the state waits, and the state is about to be replaced.
    Replacing,
}

/// The next pause that a test requested, if any.
#[derive(Debug, Default)]
pub(crate) struct Pauses(Mutex<Option<Pause>>);

#[derive(Debug)]
struct Pause {
    at: Point,
    reached: oneshot::Sender<()>,
    released: mpsc::Receiver<()>,
}

impl Pauses {
    /// Pauses the next work that reaches a point. The receiver gets a message when it has, and dropping the sender resumes
    /// the work.
    pub(crate) fn stop_at(&self, at: Point) -> (oneshot::Receiver<()>, mpsc::Sender<()>) {
        let (reached, is_reached) = oneshot::channel();
        let (release, released) = mpsc::channel();
        *lock(&self.0) = Some(Pause { at, reached, released });
        (is_reached, release)
    }

    /// Pauses at a point if a test requested it.
    pub(crate) fn pass(&self, point: Point) {
        let Some(pause) = lock(&self.0).take_if(|pause| pause.at == point) else { return };
        assert_ne!(thread::current().name(), Some("datalinks-emulator"), "the serving thread must not stop");
        let _ = pause.reached.send(());
        // Returns an error when the sender is dropped.
        let _ = pause.released.recv();
    }
}
