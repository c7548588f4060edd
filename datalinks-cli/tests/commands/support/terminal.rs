//! The program in a terminal of its own.

use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Pty, open};

/// Longest wait for something to appear. Tests that pass do not wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that runs in a terminal.
pub(crate) struct Terminal {
    pty: Arc<Pty>,
    screen: Arc<Screen>,
    child: Child,
    /// Number of bytes that were waited for.
    read: usize,
}

/// What the program wrote.
#[derive(Default)]
struct Screen {
    written: Mutex<Written>,
    more: Condvar,
}

#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    ended: bool,
}

impl Terminal {
    /// Starts a program in a terminal of 24 lines and 100 columns.
    pub(crate) fn start(mut command: Command) -> Self {
        command.env("TERM", "xterm");
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(24, 100)).unwrap();
        let child = pty_process::blocking::Command::from(command).spawn(pts).unwrap();
        let (pty, screen) = (Arc::new(pty), Arc::new(Screen::default()));
        let (reader, seen) = (Arc::clone(&pty), Arc::clone(&screen));
        // Ends with the program, whose end of the terminal is the last one.
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            loop {
                // The end of a terminal is an error on Linux.
                let length = (&*reader).read(&mut piece).unwrap_or(0);
                let mut written = seen.written.lock().unwrap();
                written.bytes.extend_from_slice(&piece[..length]);
                written.ended = length == 0;
                seen.more.notify_all();
                if length == 0 {
                    break;
                }
            }
        });
        Self { pty, screen, child, read: 0 }
    }

    /// Types keys.
    pub(crate) fn send(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until a text appears after what was waited for before, and returns what came before it.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        let mut written = self.screen.written.lock().unwrap();
        loop {
            let new = &written.bytes[self.read..];
            if let Some(at) = new.windows(text.len()).position(|window| window == text.as_bytes()) {
                let before = String::from_utf8_lossy(&new[..at]).into_owned();
                self.read += at + text.len();
                return before;
            }
            let left = end.saturating_duration_since(Instant::now());
            let shown = String::from_utf8_lossy(new).into_owned();
            assert!(!written.ended && !left.is_zero(), "{text:?} did not appear: {shown}");
            written = self.screen.more.wait_timeout(written, left).unwrap().0;
        }
    }

    /// Returns the running program.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits for the end of the program, and returns its exit code and all that it wrote.
    pub(crate) fn end(mut self) -> (i32, String) {
        let code = self.child.wait().unwrap().code().unwrap();
        let mut written = self.screen.written.lock().unwrap();
        while !written.ended {
            written = self.screen.more.wait(written).unwrap();
        }
        (code, String::from_utf8_lossy(&written.bytes).into_owned())
    }
}
