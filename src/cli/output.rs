//! The only place that prints. Colour and width follow the terminal; a pipe gets plain text.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use serde::Serialize;

/// Widest line that is laid out, in columns.
pub(super) const WIDTH: usize = 100;

/// Bold, for headings.
pub(super) const HEADING: Style = Style::new().bold();
/// For what was done right.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// For what went away.
pub(super) const BAD: Style = AnsiColor::Red.on_default();
/// For positions, such as hunk headers.
pub(super) const PLACE: Style = AnsiColor::Cyan.on_default();
/// For what may be skipped.
pub(super) const FAINT: Style = Style::new().dimmed();

/// Standard output.
pub(super) struct Output {
    stream: AutoStream<io::Stdout>,
    terminal: bool,
}

impl Output {
    /// The process's standard output. Colours are left out where it is no terminal, or as `NO_COLOR`
    /// and its kin say.
    pub(super) fn stdout() -> Self {
        Self { stream: AutoStream::auto(io::stdout()), terminal: io::stdout().is_terminal() }
    }

    /// Whether a person is watching.
    pub(super) const fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Prints one line and hands it on at once.
    pub(super) fn line(&mut self, text: impl fmt::Display) -> io::Result<()> {
        writeln!(self.stream, "{text}")?;
        self.stream.flush()
    }

    /// Prints one line in a style.
    pub(super) fn styled(&mut self, style: Style, text: impl fmt::Display) -> io::Result<()> {
        self.line(format_args!("{style}{text}{style:#}"))
    }

    /// Prints bytes as they are, whatever they mean to a terminal.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.flush()?;
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    /// Prints a value as one line of JSON.
    pub(super) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.bytes(&line)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Prints a remark to standard error, where it does not mix with results. Nothing can be done when that
/// fails.
pub(super) fn remark(text: impl fmt::Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Prints an error to standard error. Nothing can be done when that fails too.
pub(super) fn complain(message: &str) {
    let style = BAD.bold();
    let _ = writeln!(anstream::stderr(), "{style}error:{style:#} {message}");
}
