//! Sleeping processes for a scan to find.

use std::io::{PipeReader, PipeWriter};
use std::process::{Child, Command, Stdio};

/// Processes that sleep until this is dropped. Each waits for the end of one common pipe,
/// so that they end by themselves too when this program is killed.
pub struct Crowd {
    children: Vec<Child>,
    end: Option<PipeWriter>,
}

impl Crowd {
    /// # Errors
    /// When a process can't be started; those started before are ended.
    pub fn new(count: usize) -> std::io::Result<Crowd> {
        let (reader, end) = std::io::pipe()?;
        let mut crowd = Crowd {
            children: Vec::with_capacity(count),
            end: Some(end),
        };
        for _ in 0..count {
            crowd.children.push(sleeper(&reader)?);
        }
        Ok(crowd)
    }
}

fn sleeper(reader: &PipeReader) -> std::io::Result<Child> {
    Command::new("cat")
        .stdin(Stdio::from(reader.try_clone()?))
        .stdout(Stdio::null())
        .spawn()
}

impl Drop for Crowd {
    fn drop(&mut self) {
        drop(self.end.take());
        for child in &mut self.children {
            // Those that have ended already are only collected.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
