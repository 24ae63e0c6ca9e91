//! Names of users by `/etc/passwd` of the host's root.

use usm_core::sample::Roots;

/// The users that the file lists; none when it can't be read.
#[derive(Debug, Default)]
pub(crate) struct Users {
    list: Vec<(String, u32)>,
}

impl Users {
    pub(crate) fn read(roots: &Roots) -> Users {
        let path = roots.host(std::path::Path::new("/etc/passwd"));
        Users::of(&std::fs::read(path).unwrap_or_default())
    }

    pub(crate) fn of(content: &[u8]) -> Users {
        let text = String::from_utf8_lossy(content);
        let user = |line: &str| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let uid = fields.nth(1)?.parse().ok()?;
            Some((name.to_string(), uid))
        };
        Users {
            list: text.lines().filter_map(user).collect(),
        }
    }

    /// The name, or the number where there is none.
    pub(crate) fn name(&self, uid: u32) -> String {
        match self.list.iter().find(|(_, id)| *id == uid) {
            Some((name, _)) => name.clone(),
            None => uid.to_string(),
        }
    }

    pub(crate) fn id(&self, name: &str) -> Option<u32> {
        let found = self.list.iter().find(|(known, _)| known == name);
        found.map(|(_, uid)| *uid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_found_both_ways() {
        let users = Users::of(b"root:x:0:0::/root:/bin/sh\nbroken\nann:x:1000:1000:::\n");
        assert_eq!(users.name(1000), "ann");
        assert_eq!(users.name(7), "7");
        assert_eq!(users.id("root"), Some(0));
        assert_eq!(users.id("broken"), None);
    }
}
