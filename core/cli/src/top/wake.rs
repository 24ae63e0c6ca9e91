//! What wakes the dashboard: keys, signals, a new state, an answer. Between them it sleeps.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::SigId;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGWINCH};

/// Signals that end us, with what is told for them.
const ENDING: [i32; 3] = [SIGTERM, SIGHUP, SIGINT];

/// Rouses the dashboard, from any thread.
#[derive(Debug, Clone)]
pub(super) struct Bell(Arc<UnixStream>);

impl Bell {
    pub(super) fn ring(&self) {
        // Full: it rings already. Closed: nobody sleeps any more.
        let _ = (&*self.0).write(&[0]);
    }
}

/// What woke us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Woken {
    pub(super) has_keys: bool,
    /// The terminal is gone.
    pub(super) is_cut_off: bool,
    /// A signal that asks us to end.
    pub(super) ending: Option<i32>,
    /// We were stopped and go on.
    pub(super) goes_on: bool,
}

#[derive(Debug)]
pub(super) struct Wake {
    bell: Bell,
    ear: UnixStream,
    ending: Vec<(i32, Arc<AtomicBool>)>,
    going_on: Arc<AtomicBool>,
    registered: Vec<SigId>,
}

impl Wake {
    pub(super) fn listen() -> io::Result<Wake> {
        let (ear, voice) = UnixStream::pair()?;
        ear.set_nonblocking(true)?;
        voice.set_nonblocking(true)?;
        let mut wake = Wake {
            bell: Bell(Arc::new(voice)),
            ear,
            ending: Vec::new(),
            going_on: Arc::default(),
            registered: Vec::new(),
        };
        for signal in ENDING {
            let came: Arc<AtomicBool> = Arc::default();
            // A second one ends us at once: the terminal may take nothing any more. In this
            // order: it is asked whether there was one before, and then it is noted.
            let at_once = signal_hook::flag::register_conditional_shutdown(
                signal,
                128 + signal,
                came.clone(),
            )?;
            wake.registered.push(at_once);
            wake.note(signal, &came)?;
            wake.ending.push((signal, came));
        }
        let going_on = wake.going_on.clone();
        wake.note(SIGCONT, &going_on)?;
        // That it woke us is enough: the size is asked for with each picture.
        wake.note(SIGWINCH, &Arc::default())?;
        Ok(wake)
    }

    fn note(&mut self, signal: i32, came: &Arc<AtomicBool>) -> io::Result<()> {
        let flag = signal_hook::flag::register(signal, came.clone())?;
        self.registered.push(flag);
        let voice = self.bell.0.try_clone()?;
        let bell = signal_hook::low_level::pipe::register(signal, voice)?;
        self.registered.push(bell);
        Ok(())
    }

    pub(super) fn bell(&self) -> Bell {
        self.bell.clone()
    }

    /// Sleeps until something happens, or for so long.
    pub(super) fn sleep(&self, most: Option<Duration>) -> io::Result<Woken> {
        let stdin = io::stdin();
        let mut of = [
            PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.ear.as_fd(), PollFlags::IN),
        ];
        let most = most.map(|most| Timespec {
            tv_sec: i64::try_from(most.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: most.subsec_nanos().into(),
        });
        match poll(&mut of, most.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        let keys = of[0].revents();
        let mut rung = [0; 256];
        while matches!((&self.ear).read(&mut rung), Ok(count) if count == rung.len()) {}
        let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
        Ok(Woken {
            has_keys: keys.contains(PollFlags::IN),
            is_cut_off: keys.intersects(gone),
            ending: self
                .ending
                .iter()
                .find(|(_, came)| came.swap(false, Ordering::SeqCst))
                .map(|(signal, _)| *signal),
            goes_on: self.going_on.swap(false, Ordering::SeqCst),
        })
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        for id in self.registered.drain(..) {
            signal_hook::low_level::unregister(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_wakes_however_often_it_was_rung() {
        let wake = Wake::listen().unwrap();
        let bell = wake.bell();
        for _ in 0..100_000 {
            bell.ring();
        }
        let woken = wake.sleep(Some(Duration::from_secs(600))).unwrap();
        assert_eq!(woken.ending, None);
        // It is quiet again.
        let mut rest = [0; 1];
        let left = (&wake.ear).read(&mut rest).map_err(|e| e.kind());
        assert_eq!(left, Err(io::ErrorKind::WouldBlock));
    }
}
