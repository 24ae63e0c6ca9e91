//! The terminal's modes: raw, the other screen, no cursor; and back again, however it ends.

use std::io::{self, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

/// The other screen, without a cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[2J";
/// Colours off, the cursor, the own screen.
const LEAVE: &str = "\x1b[0m\x1b[?25h\x1b[?1049l";
/// Clicks and the wheel, told in the form that has no limit of columns; and off.
const MOUSE: &str = "\x1b[?1000h\x1b[?1006h";
const NO_MOUSE: &str = "\x1b[?1006l\x1b[?1000l";

/// What a panic of another thread said; it can't be written over the picture.
pub(super) type Murmur = Arc<Mutex<Option<String>>>;

type Hook = Box<dyn Fn(&panic::PanicHookInfo<'_>) + Sync + Send>;

/// A terminal in the modes of a dashboard, as long as this lives.
pub(super) struct Modes {
    with_mouse: bool,
    is_entered: Arc<AtomicBool>,
    before: Option<Arc<Hook>>,
}

impl Modes {
    pub(super) fn enter(with_mouse: bool, murmur: &Murmur) -> io::Result<Modes> {
        let mut modes = Modes {
            with_mouse,
            is_entered: Arc::default(),
            before: None,
        };
        modes.watch_panics(murmur.clone());
        modes.begin()?;
        Ok(modes)
    }

    /// Into the modes, again after a pause.
    pub(super) fn begin(&self) -> io::Result<()> {
        // Set before: half a way in is taken back too.
        self.is_entered.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        let mouse = if self.with_mouse { MOUSE } else { "" };
        say(&format!("{ENTER}{mouse}"))
    }

    /// Out of them, for a pause.
    pub(super) fn end(&self) -> io::Result<()> {
        leave(&self.is_entered, self.with_mouse)
    }

    /// The message of a panic would be lost with the other screen: the terminal is restored
    /// before it is written. A panic of a thread of the engine's is caught there, and must not
    /// disturb the picture.
    fn watch_panics(&mut self, murmur: Murmur) {
        let before: Arc<Hook> = Arc::new(panic::take_hook());
        let (then, is_entered) = (before.clone(), self.is_entered.clone());
        let (with_mouse, own): (bool, ThreadId) = (self.with_mouse, thread::current().id());
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == own {
                // There is no better place left to tell of a failure here.
                let _ = leave(&is_entered, with_mouse);
                then(info);
            } else if is_entered.load(Ordering::SeqCst) {
                let mut heard = murmur.lock().unwrap_or_else(PoisonError::into_inner);
                *heard = Some(info.to_string());
            } else {
                then(info);
            }
        }));
        self.before = Some(before);
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        // The terminal may be gone, which is why we end then.
        let _ = self.end();
        if let Some(before) = self.before.take().filter(|_| !thread::panicking()) {
            panic::set_hook(Box::new(move |info| before(info)));
        }
    }
}

fn leave(is_entered: &AtomicBool, with_mouse: bool) -> io::Result<()> {
    if !is_entered.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let mouse = if with_mouse { NO_MOUSE } else { "" };
    let said = say(&format!("{mouse}{LEAVE}"));
    // The modes of the line in any case.
    disable_raw_mode().and(said)
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
