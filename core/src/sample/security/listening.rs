//! Sockets that listen, and which of them others can reach.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Most sockets that are listed; beyond it those with the highest ports are left out.
const MOST_LISTENERS: usize = 256;

/// A TCP socket that listens on an address that other machines can reach.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Listener {
    /// The address that it is bound to; `0.0.0.0` and `::` are all there are.
    pub address: Arc<str>,
    /// The port.
    pub port: u16,
    /// User id of whoever made it.
    pub uid: Option<u32>,
}

/// A socket that listens, as the kernel tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listening {
    pub(crate) port: u16,
    pub(crate) address: IpAddr,
    pub(crate) uid: Option<u32>,
}

/// Those that others can reach, each once, by port; `found` is put in order for it. The list
/// of before is given back when it is still right.
pub(crate) fn listeners_of(
    found: &mut Vec<Listening>,
    before: Option<&Arc<[Listener]>>,
) -> Arc<[Listener]> {
    found.retain(|socket| !socket.address.to_canonical().is_loopback());
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST_LISTENERS);
    if let Some(before) = before
        && before.len() == found.len()
        && before.iter().zip(found.iter()).all(|(b, f)| is_of(b, f))
    {
        return before.clone();
    }
    let listener = |socket: &Listening| Listener {
        address: socket.address.to_canonical().to_string().into(),
        port: socket.port,
        uid: socket.uid,
    };
    found.iter().map(listener).collect()
}

/// Tells without allocation whether a listener is of this socket.
fn is_of(listener: &Listener, socket: &Listening) -> bool {
    let same_address = || listener.address.parse() == Ok(socket.address.to_canonical());
    listener.port == socket.port && listener.uid == socket.uid && same_address()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(address: &str, port: u16, uid: u32) -> Listening {
        Listening {
            port,
            address: address.parse().unwrap(),
            uid: Some(uid),
        }
    }

    #[test]
    fn what_only_this_machine_reaches_is_left_out_and_the_rest_is_listed_once() {
        let mut found = vec![
            socket("::", 8080, 0),
            socket("127.0.0.53", 53, 101),
            socket("::1", 631, 0),
            socket("::ffff:127.0.0.1", 9000, 0),
            socket("0.0.0.0", 22, 0),
            // Two that share a port (SO_REUSEPORT).
            socket("0.0.0.0", 22, 0),
            socket("::ffff:192.0.2.7", 443, 33),
        ];
        let listed = listeners_of(&mut found, None);
        let shown: Vec<(&str, u16, Option<u32>)> = listed
            .iter()
            .map(|l| (&*l.address, l.port, l.uid))
            .collect();
        assert_eq!(
            shown,
            [
                ("0.0.0.0", 22, Some(0)),
                ("192.0.2.7", 443, Some(33)),
                ("::", 8080, Some(0)),
            ]
        );
    }

    #[test]
    fn a_list_that_is_still_right_is_shared_and_a_changed_one_is_not() {
        let sockets = [socket("::", 8080, 0), socket("0.0.0.0", 22, 0)];
        let first = listeners_of(&mut sockets.to_vec(), None);
        let again = listeners_of(&mut sockets.iter().rev().copied().collect(), Some(&first));
        assert!(Arc::ptr_eq(&first, &again));
        let other_user = [socket("::", 8080, 1000), socket("0.0.0.0", 22, 0)];
        let changed = listeners_of(&mut other_user.to_vec(), Some(&first));
        assert_eq!(changed[1].uid, Some(1000));
    }
}
