//! How the examples end: by Ctrl-C, by a failure, or with what `--help` shows.

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

pub type Outcome = Result<(), Box<dyn Error>>;

/// A receiver that gets the number of each signal which asks the program to end: between two
/// pieces of work it is looked at, and everything is tidied up.
pub fn ends() -> io::Result<Receiver<i32>> {
    let (sender, receiver) = channel();
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    std::thread::spawn(move || signals.forever().try_for_each(|signal| sender.send(signal)));
    Ok(receiver)
}

/// Tells how a program ended; `None`: its arguments were no options of it.
pub fn code(program: &str, usage: &str, outcome: Option<Outcome>) -> ExitCode {
    let is_asked = std::env::args().any(|argument| argument == "--help");
    let text = match outcome {
        Some(Ok(())) => return ExitCode::SUCCESS,
        // Whoever read from the pipe has enough: no failure.
        Some(Err(error)) if is_closed_pipe(&*error) => return ExitCode::SUCCESS,
        Some(Err(error)) => format!("{program}: {error}\n"),
        None => usage.to_owned(),
    };
    let written = match is_asked {
        true => io::stdout().write_all(text.as_bytes()),
        false => io::stderr().write_all(text.as_bytes()),
    };
    match is_asked && written.is_ok() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
