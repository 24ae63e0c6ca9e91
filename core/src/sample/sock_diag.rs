//! The kernel's socket diagnosis (`NETLINK_SOCK_DIAG`), asked only for
//! listening TCP sockets: sock_diag(7).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

use crate::sample::security::Listening;
use crate::sample::source::{BUFFER_BYTES, availability_of};
use crate::sample::{Availability, SourceReport};

/// The state TCP_LISTEN.
const LISTEN: u8 = 10;
// Numbers of linux/netlink.h and linux/inet_diag.h.
const HEADER_BYTES: usize = 16;
const NLM_F_REQUEST_DUMP: u16 = 0x301;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
/// The older of the two requests that the kernel knows: it answers for IPv4 and IPv6 in
/// one walk over its table, the newer one (`SOCK_DIAG_BY_FAMILY`) needs two.
const TCPDIAG_GETSOCK: u16 = 18;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
/// Most sockets that are told apart; the others are only counted.
const MOST_LISTED: usize = 4096;
const REQUEST_BYTES: usize = HEADER_BYTES + 60;
/// Place of `idiag_states`, after four bytes and an `inet_diag_sockid`.
const STATES_AT: usize = HEADER_BYTES + 52;
/// Ticks between two tries where the diagnosis failed: more than for a file, since each
/// may make the kernel look for a module.
const RETRY_TICKS: u32 = 600;

/// A netlink socket to the kernel's socket diagnosis; needs no privilege.
#[derive(Debug, Default)]
pub(crate) struct Diagnosis {
    socket: Option<OwnedFd>,
    sequence: u32,
    availability: Availability,
    reason: Option<String>,
    retry_in: u32,
}

impl Diagnosis {
    /// How many TCP sockets listen, IPv4 and IPv6; `None` when it can't be asked now. Which
    /// they are is put into `found`.
    pub(crate) fn count(
        &mut self,
        buffer: &mut Vec<u8>,
        found: &mut Vec<Listening>,
    ) -> Option<u64> {
        if self.retry_in > 0 {
            self.retry_in -= 1;
            return None;
        }
        found.clear();
        match self.ask(buffer, found) {
            Ok(count) => {
                if self.availability != Availability::Available {
                    self.availability = Availability::Available;
                    self.reason = None;
                }
                Some(count)
            }
            Err(errno) => {
                // What is left of the answer goes with the socket.
                self.socket = None;
                self.retry_in = RETRY_TICKS;
                self.availability = availability_of(errno);
                let cause = std::io::Error::from(errno);
                self.reason = Some(format!("{cause}; counted in net/tcp and net/tcp6"));
                None
            }
        }
    }

    /// Whether the last try went well.
    pub(crate) fn availability(&self) -> Availability {
        self.availability
    }

    pub(crate) fn report(&self) -> SourceReport {
        SourceReport {
            source: "netlink SOCK_DIAG".to_string(),
            gives: "listening sockets".to_string(),
            availability: self.availability,
            reason: self.reason.clone(),
        }
    }

    fn ask(&mut self, buffer: &mut Vec<u8>, found: &mut Vec<Listening>) -> Result<u64, Errno> {
        if buffer.len() < BUFFER_BYTES {
            buffer.resize(BUFFER_BYTES, 0);
        }
        self.sequence = self.sequence.wrapping_add(1);
        let sequence = self.sequence;
        let socket = match &mut self.socket {
            Some(socket) => socket,
            none => none.insert(net::socket_with(
                AddressFamily::NETLINK,
                SocketType::RAW,
                SocketFlags::CLOEXEC,
                Some(net::netlink::SOCK_DIAG),
            )?),
        };
        net::send(&*socket, &request(sequence), SendFlags::DONTWAIT)?;
        let mut count = 0;
        loop {
            // The kernel answers while it takes the request and each time it is read: to
            // wait is never needed. TRUNC makes it tell the length that it wanted.
            let flags = RecvFlags::DONTWAIT | RecvFlags::TRUNC;
            let (_, length) = match net::recv(&*socket, &mut buffer[..], flags) {
                Err(Errno::INTR) => continue,
                other => other?,
            };
            let answer = buffer.get(..length).ok_or(Errno::MSGSIZE)?;
            let each = |message: &[u8]| {
                count += 1;
                if found.len() < MOST_LISTED {
                    found.extend(listening(message));
                }
            };
            if read_answer(answer, sequence, each)? {
                return Ok(count);
            }
        }
    }
}

/// A header, `nlmsghdr`, and an `inet_diag_req` that asks for listening TCP sockets.
fn request(sequence: u32) -> [u8; REQUEST_BYTES] {
    let mut bytes = [0; REQUEST_BYTES];
    bytes[..4].copy_from_slice(&(REQUEST_BYTES as u32).to_ne_bytes());
    bytes[4..6].copy_from_slice(&TCPDIAG_GETSOCK.to_ne_bytes());
    bytes[6..8].copy_from_slice(&NLM_F_REQUEST_DUMP.to_ne_bytes());
    bytes[8..12].copy_from_slice(&sequence.to_ne_bytes());
    let states = 1u32 << LISTEN;
    bytes[STATES_AT..STATES_AT + 4].copy_from_slice(&states.to_ne_bytes());
    bytes
}

/// Shows each socket in one piece of the answer; true at its end.
fn read_answer(
    mut answer: &[u8],
    sequence: u32,
    mut each: impl FnMut(&[u8]),
) -> Result<bool, Errno> {
    while let Some((header, _)) = answer.split_at_checked(HEADER_BYTES) {
        let length = u32_at(header, 0).ok_or(Errno::BADMSG)? as usize;
        let message = answer.get(HEADER_BYTES..length).ok_or(Errno::BADMSG)?;
        let kind = u16::from_ne_bytes([header[4], header[5]]);
        if u32_at(header, 8) == Some(sequence) {
            match kind {
                // A dump that failed (no `tcp_diag` in this kernel) ends with the cause.
                NLMSG_DONE => return failure(message).map_or(Ok(true), Err),
                NLMSG_ERROR => return Err(failure(message).unwrap_or(Errno::BADMSG)),
                // `inet_diag_msg`: family, state, …
                TCPDIAG_GETSOCK if message.get(1) == Some(&LISTEN) => each(message),
                _ => {}
            }
        }
        let next = length.next_multiple_of(4).min(answer.len());
        answer = &answer[next..];
    }
    Ok(false)
}

/// What an `inet_diag_msg` tells of its socket: family, state, timer and retransmissions, one
/// byte each; then the ports, the addresses and so on of `inet_diag_sockid`; the user id and
/// the number of the socket after three more numbers.
fn listening(message: &[u8]) -> Option<Listening> {
    let port = u16::from_be_bytes(message.get(4..6)?.try_into().ok()?);
    let address: [u8; 16] = message.get(8..24)?.try_into().ok()?;
    let address = match *message.first()? {
        AF_INET => IpAddr::V4(Ipv4Addr::new(
            address[0], address[1], address[2], address[3],
        )),
        AF_INET6 => IpAddr::V6(Ipv6Addr::from(address)),
        _ => return None,
    };
    Some(Listening {
        port,
        address,
        uid: u32_at(message, 64),
        inode: u32_at(message, 68)
            .map(u64::from)
            .filter(|inode| *inode > 0),
    })
}

/// The error number that a message begins with, negated; no other number is one.
fn failure(message: &[u8]) -> Option<Errno> {
    let code = (u32_at(message, 0)? as i32).checked_neg()?;
    (1..4096)
        .contains(&code)
        .then(|| Errno::from_raw_os_error(code))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    four.try_into().ok().map(u32::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_dump_that_failed_is_no_count_of_none() {
        let mut answer = [0; 20];
        answer[..4].copy_from_slice(&20u32.to_ne_bytes());
        answer[4..6].copy_from_slice(&NLMSG_DONE.to_ne_bytes());
        assert_eq!(read_answer(&answer, 0, |_| {}), Ok(true));
        answer[16..20].copy_from_slice(&(-2i32).to_ne_bytes());
        assert_eq!(read_answer(&answer, 0, |_| {}), Err(Errno::NOENT));
    }

    #[test]
    fn an_error_of_the_kernel_is_kept_with_its_number() {
        let mut answer = [0; 36];
        answer[..4].copy_from_slice(&36u32.to_ne_bytes());
        answer[4..6].copy_from_slice(&NLMSG_ERROR.to_ne_bytes());
        answer[8..12].copy_from_slice(&7u32.to_ne_bytes());
        answer[16..20].copy_from_slice(&(-2i32).to_ne_bytes());
        assert_eq!(read_answer(&answer, 7, |_| {}), Err(Errno::NOENT));
        // A number that is none of the kernel's is no reason to stop.
        answer[16..20].fill(0);
        assert_eq!(read_answer(&answer, 7, |_| {}), Err(Errno::BADMSG));
        // An answer to another question says nothing.
        assert_eq!(read_answer(&answer, 8, |_| {}), Ok(false));
    }

    #[test]
    fn a_socket_is_told_with_address_port_and_user() {
        let mut message = [0; 72];
        (message[0], message[1]) = (AF_INET, LISTEN);
        message[4..6].copy_from_slice(&8080u16.to_be_bytes());
        message[8..12].copy_from_slice(&[192, 0, 2, 7]);
        message[64..68].copy_from_slice(&1000u32.to_ne_bytes());
        message[68..72].copy_from_slice(&4711u32.to_ne_bytes());
        let found = listening(&message).unwrap();
        assert_eq!((found.port, found.uid), (8080, Some(1000)));
        assert_eq!(found.inode, Some(4711));
        assert_eq!(found.address.to_string(), "192.0.2.7");
        message[0] = AF_INET6;
        message[8..24].fill(0);
        assert_eq!(listening(&message).unwrap().address.to_string(), "::");
        message[0] = 1;
        assert_eq!(listening(&message), None);
        assert_eq!(listening(&message[..20]), None);
    }

    proptest! {
        #[test]
        fn any_answer_is_read_without_panic(mut answer: Vec<u8>, length in 0u32..64, kind in 0u16..24) {
            let _ = listening(&answer);
            let _ = read_answer(&answer, 0, |_| {});
            if answer.len() >= HEADER_BYTES {
                answer[..4].copy_from_slice(&length.to_ne_bytes());
                answer[4..6].copy_from_slice(&kind.to_ne_bytes());
                answer[8..12].fill(0);
                let _ = read_answer(&answer, 0, |_| {});
            }
        }
    }
}
