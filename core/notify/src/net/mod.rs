//! Connections with a deadline, plain or encrypted.

pub(crate) mod address;
pub(crate) mod base64;
pub(crate) mod http;
pub(crate) mod lines;
pub(crate) mod mail;
pub(crate) mod smtp;
#[cfg(feature = "tls")]
pub(crate) mod tls;
#[cfg(not(feature = "tls"))]
#[path = "tls_left_out.rs"]
pub(crate) mod tls;
pub(crate) mod url;

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// Where to connect to, and until when all of it must be done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer<'a> {
    /// Name or address.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) deadline: Instant,
}

/// A stream, plain or encrypted.
pub(crate) trait Stream: Read + Write {
    /// The own address of the connection.
    fn local_ip(&self) -> IpAddr;
}

impl Stream for Box<dyn Stream> {
    fn local_ip(&self) -> IpAddr {
        self.as_ref().local_ip()
    }
}

/// A connection on which every read and write ends at one deadline, however slowly the
/// other side drips.
#[derive(Debug)]
pub(crate) struct TimedStream {
    stream: TcpStream,
    deadline: Instant,
}

impl TimedStream {
    pub(crate) fn connect(peer: Peer<'_>) -> Result<TimedStream, Failure> {
        let Peer {
            host,
            port,
            deadline,
        } = peer;
        let addresses = resolve(host, port, deadline)?;
        let mut last = Failure::passing(format!("{host}: the name has no address"));
        for (index, address) in addresses.iter().enumerate() {
            // A silent address leaves time for the others.
            let share = (addresses.len() - index) as u32;
            let connected =
                left(deadline).and_then(|left| TcpStream::connect_timeout(address, left / share));
            match connected {
                Ok(stream) => {
                    // Nothing is lost if it stays off: only some milliseconds.
                    let _ = stream.set_nodelay(true);
                    return Ok(TimedStream { stream, deadline });
                }
                Err(error) => last = Failure::broken(format!("connecting to {address}"), &error),
            }
        }
        Err(last)
    }
}

impl Stream for TimedStream {
    fn local_ip(&self) -> IpAddr {
        let own = self.stream.local_addr();
        own.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |own| own.ip())
    }
}

impl Read for TimedStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(left(self.deadline)?))?;
        self.stream.read(buffer).map_err(timed_out)
    }
}

impl Write for TimedStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(left(self.deadline)?))?;
        self.stream.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// A socket's time-out has the name of a call that would block.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

/// The time until then, never zero.
pub(crate) fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    match left.is_zero() {
        true => Err(io::ErrorKind::TimedOut.into()),
        false => Ok(left),
    }
}

/// The C library's resolver knows no deadline, so it runs on a thread of its own, which is
/// left behind when the time is over.
fn resolve(host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, Failure> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let doing = format!("looking up {host}");
    let (answer, answered) = sync_channel(1);
    let name = host.to_string();
    let spawned = crate::sys::spawn("usm-resolve", move || {
        let found = (name.as_str(), port).to_socket_addrs();
        // Nobody may be waiting for it any more.
        let _ = answer.send(found.map(Vec::from_iter));
    });
    spawned.map_err(|error| Failure::broken(&doing, &error))?;
    let left = left(deadline).map_err(|error| Failure::broken(&doing, &error))?;
    match answered.recv_timeout(left) {
        Ok(found) => found.map_err(|error| Failure::broken(&doing, &error)),
        Err(RecvTimeoutError::Timeout) => Err(Failure::passing(format!("{doing}: timed out"))),
        Err(RecvTimeoutError::Disconnected) => {
            Err(Failure::final_(format!("{doing}: the resolver broke off")))
        }
    }
}

/// Whether encrypted connections are part of this build.
pub(crate) fn tls_is_built_in() -> Result<(), &'static str> {
    match cfg!(feature = "tls") {
        true => Ok(()),
        false => Err("https, encrypted mail and signatures are not in this build (feature tls)"),
    }
}
