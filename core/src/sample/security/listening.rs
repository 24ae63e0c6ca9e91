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
    /// Name of a program that holds it; `None` where none that may be read does.
    pub program: Option<Arc<str>>,
}

/// A socket that listens, as the kernel tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listening {
    pub(crate) port: u16,
    pub(crate) address: IpAddr,
    pub(crate) uid: Option<u32>,
    /// The socket's number.
    pub(crate) inode: Option<u64>,
}

/// Keeps those that others can reach, by port, of those that share a port the first.
pub(crate) fn keep_reachable(found: &mut Vec<Listening>) {
    found.retain(|socket| !socket.address.to_canonical().is_loopback());
    found.sort_unstable();
    found.dedup_by_key(|socket| (socket.port, socket.address, socket.uid));
    found.truncate(MOST_LISTENERS);
}

/// The listeners of these sockets, without those of which `owner` does not know yet who holds
/// them. The list of before is given back when it is still right.
pub(super) fn listeners_of(
    sockets: &[Listening],
    owner: impl Fn(&Listening) -> Option<Option<Arc<str>>>,
    before: Option<&Arc<[Listener]>>,
) -> Arc<[Listener]> {
    let listener = |socket: &Listening| {
        Some(Listener {
            address: socket.address.to_canonical().to_string().into(),
            port: socket.port,
            uid: socket.uid,
            program: owner(socket)?,
        })
    };
    let listeners: Vec<Listener> = sockets.iter().filter_map(listener).collect();
    match before.filter(|before| ***before == *listeners) {
        Some(before) => before.clone(),
        None => listeners.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(address: &str, port: u16, uid: u32) -> Listening {
        Listening {
            port,
            address: address.parse().unwrap(),
            uid: Some(uid),
            inode: None,
        }
    }

    fn listed(mut found: Vec<Listening>, before: Option<&Arc<[Listener]>>) -> Arc<[Listener]> {
        keep_reachable(&mut found);
        listeners_of(&found, |_| Some(None), before)
    }

    #[test]
    fn what_only_this_machine_reaches_is_left_out_and_the_rest_is_listed_once() {
        let found = vec![
            socket("::", 8080, 0),
            socket("127.0.0.53", 53, 101),
            socket("::1", 631, 0),
            socket("::ffff:127.0.0.1", 9000, 0),
            socket("0.0.0.0", 22, 0),
            // Two that share a port (SO_REUSEPORT).
            socket("0.0.0.0", 22, 0),
            socket("::ffff:192.0.2.7", 443, 33),
        ];
        let listed = listed(found, None);
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
        let first = listed(sockets.to_vec(), None);
        let again = listed(sockets.iter().rev().copied().collect(), Some(&first));
        assert!(Arc::ptr_eq(&first, &again));
        let other_user = [socket("::", 8080, 1000), socket("0.0.0.0", 22, 0)];
        let changed = listed(other_user.to_vec(), Some(&first));
        assert_eq!(changed[1].uid, Some(1000));
    }
}
