//! The program in a pseudo-terminal, and the screen that a person sees there.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, Winsize, tcgetattr, tcsetattr, tcsetwinsize};

/// A program in a pseudo-terminal.
pub(crate) struct Pty {
    pub(crate) child: Child,
    terminal: File,
    /// All bytes that were written so far.
    pub(crate) written: Vec<u8>,
    /// Number of bytes up to the end of what [`wait_for_next`](Self::wait_for_next) found last.
    seen: usize,
    columns: u16,
}

/// Creates a pseudo-terminal with this number of columns. Returns the ends of the terminal and of the program.
pub(crate) fn open(columns: u16) -> (File, OwnedFd) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let program =
        rustix::fs::open(&*name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
    let size = Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&program, size).unwrap();
    // Without this mode, Ctrl-C discards output that the test has not read yet.
    let mut modes = tcgetattr(&program).unwrap();
    modes.local_modes |= LocalModes::NOFLSH;
    tcsetattr(&program, OptionalActions::Now, &modes).unwrap();
    (terminal.into(), program)
}

impl Pty {
    /// Starts a program whose three streams are a terminal.
    pub(crate) fn spawn(mut command: Command, columns: u16) -> Self {
        let (terminal, program) = open(columns);
        command.stdin(program.try_clone().unwrap()).stdout(program.try_clone().unwrap()).stderr(program);
        Self::with(command, terminal, columns)
    }

    /// Starts a program that gets the signals of the terminal's keys, such as that of Ctrl-C. `setsid` makes the terminal
    /// that of a new session.
    #[cfg(target_os = "linux")]
    pub(crate) fn spawn_in_session(program: &Command, columns: u16) -> Self {
        let mut command = Command::new("/usr/bin/setsid");
        command.arg("--ctty").arg(program.get_program()).args(program.get_args()).env_clear();
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(program.get_current_dir().unwrap());
        Self::spawn(command, columns)
    }

    /// Starts a program whose streams are set already.
    pub(crate) fn with(mut command: Command, terminal: File, columns: u16) -> Self {
        let child = command.spawn().unwrap();
        // The command holds the program's end, and the terminal would not end.
        drop(command);
        Self { child, terminal, written: Vec::new(), seen: 0, columns }
    }

    /// Reads more of the output. Returns `false` at its end.
    fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        match self.terminal.read(&mut buffer) {
            Ok(0) => false,
            Ok(length) => {
                self.written.extend_from_slice(&buffer[..length]);
                true
            }
            // Linux reports the end of the program in this way.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// Reads until the output contains a text.
    pub(crate) fn wait_for(&mut self, text: &str) {
        while !self.text().contains(text) {
            assert!(self.read(), "the program ended before {text:?}: {:?}", self.text());
        }
    }

    /// Reads until a text appears after what this method found before, and returns what is between them.
    pub(crate) fn wait_for_next(&mut self, text: &str) -> String {
        loop {
            let new = &self.written[self.seen..];
            if let Some(at) = new.windows(text.len()).position(|window| window == text.as_bytes()) {
                let before = String::from_utf8_lossy(&new[..at]).into_owned();
                self.seen += at + text.len();
                return before;
            }
            assert!(self.read(), "the program ended before {text:?}: {:?}", self.text());
        }
    }

    /// Types letters, which the terminal handles as usual.
    pub(crate) fn type_in(&mut self, letters: &str) {
        self.terminal.write_all(letters.as_bytes()).unwrap();
    }

    /// Returns `true` if typed letters are shown.
    pub(crate) fn has_echo(&self) -> bool {
        tcgetattr(&self.terminal).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Returns what was written so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.written).into_owned()
    }

    /// Reads to the end, and returns the exit code and the screen.
    pub(crate) fn finish(self) -> (i32, Screen) {
        let columns = self.columns.into();
        let (code, text) = self.end();
        (code, Screen::of(&text, columns))
    }

    /// Reads to the end, and returns the exit code and all that was written, with the sequences of a line editor.
    pub(crate) fn end(mut self) -> (i32, String) {
        while self.read() {}
        let code = self.child.wait().unwrap().code().unwrap();
        (code, String::from_utf8(self.written).unwrap())
    }
}

/// What a person sees after the last byte.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    pub(crate) lines: Vec<String>,
    /// Texts that the terminal broke, because they were wider than it.
    pub(crate) broken: Vec<String>,
    /// Numbers of the colors and styles that were used.
    pub(crate) styles: Vec<String>,
}

impl Screen {
    /// Draws text. Fails at a control sequence that the program has no reason to write.
    pub(crate) fn of(text: &str, columns: usize) -> Self {
        let mut screen = Self::default();
        let mut lines: Vec<Vec<char>> = vec![Vec::new()];
        let (mut row, mut column) = (0, 0);
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\r' => column = 0,
                '\u{8}' => column -= 1,
                '\n' => {
                    row += 1;
                    if row == lines.len() {
                        lines.push(Vec::new());
                    }
                }
                '\u{1b}' => {
                    let sequence = sequence(&mut letters);
                    match sequence.strip_prefix('[').and_then(|rest| rest.split_at_checked(rest.len() - 1)) {
                        Some(("2", "K")) => lines[row].clear(),
                        Some((count, "A")) => row -= count.parse::<usize>().unwrap(),
                        Some((codes, "m")) => screen.styles.extend(codes.split(';').map(str::to_owned)),
                        _ => panic!("unexpected control sequence {sequence:?} in {text:?}"),
                    }
                }
                letter => {
                    assert!(!letter.is_control(), "unexpected {letter:?} in {text:?}");
                    let width = console::measure_text_width(&letter.to_string());
                    if column + width > columns {
                        screen.broken.push(lines[row].iter().collect());
                        row += 1;
                        column = 0;
                        if row == lines.len() {
                            lines.push(Vec::new());
                        }
                    }
                    let line = &mut lines[row];
                    if line.len() < column + width {
                        line.resize(column + width, ' ');
                    }
                    if width > 0 {
                        line[column] = letter;
                        // The second half of a wide letter.
                        line[column + 1..column + width].fill('\0');
                    }
                    column += width;
                }
            }
        }
        screen.lines = lines
            .into_iter()
            .map(|line| {
                line.into_iter().filter(|letter| *letter != '\0').collect::<String>().trim_end().to_owned()
            })
            .collect();
        while screen.lines.last().is_some_and(String::is_empty) {
            screen.lines.pop();
        }
        screen
    }

    /// Returns all lines.
    pub(crate) fn text(&self) -> String {
        self.lines.join("\n")
    }
}

/// Returns the letters of a control sequence.
fn sequence(letters: &mut impl Iterator<Item = char>) -> String {
    let mut sequence = String::new();
    for letter in letters {
        sequence.push(letter);
        if letter.is_ascii_alphabetic() {
            break;
        }
    }
    sequence
}

#[test]
fn screen_shows_what_a_terminal_shows() {
    let screen = Screen::of("bar 9%\r\u{1b}[2Kdone\r\nab\u{1b}[1;31mcd\u{1b}[0mefg\r\n東京", 6);
    assert_eq!(screen.lines, ["done", "abcdef", "g", "東京"]);
    assert_eq!(
        (screen.broken, screen.styles),
        (vec!["abcdef".to_owned()], ["1", "31", "0"].map(str::to_owned).to_vec())
    );
}
