//! A mail address in a configuration.

/// `name@host`, or `Words <name@host>`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The words before it, empty when there are none.
    pub(crate) words: String,
    /// The address proper, which a mail server takes as it is.
    pub(crate) mailbox: String,
}

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Address, String> {
        let refused = |why: &str| Err(format!("{text:?} is not a mail address: {why}"));
        if text.chars().any(char::is_control) {
            return refused("no control characters");
        }
        let (words, mailbox) = match text.trim().strip_suffix('>') {
            None => ("", text.trim()),
            Some(rest) => match rest.rsplit_once('<') {
                None => return refused("a > without its <"),
                Some((words, mailbox)) => (words.trim().trim_matches('"'), mailbox),
            },
        };
        let Some((name, host)) = mailbox.rsplit_once('@') else {
            return refused("no @");
        };
        if mailbox.len() > 254 || name.is_empty() || name.starts_with('.') || name.ends_with('.') {
            return refused("the part before the @ can't be used");
        }
        if !name.bytes().all(is_atom) {
            return refused("only ASCII letters, digits and .!#$%&'*+-/=?^_`{|}~ before the @");
        }
        let is_literal = host.starts_with('[') && host.ends_with(']');
        let host_name = host.trim_start_matches('[').trim_end_matches(']');
        let host_name = host_name.strip_prefix("IPv6:").unwrap_or(host_name);
        match super::url::check_host(host_name) {
            Ok(()) if is_literal || host == host_name => Ok(Address {
                words: words.to_string(),
                mailbox: mailbox.to_string(),
            }),
            _ => refused("no host's name behind the @"),
        }
    }

    /// The host behind the @.
    pub(crate) fn host(&self) -> &str {
        self.mailbox.rsplit_once('@').map_or("", |(_, host)| host)
    }
}

fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_words_are_read() {
        for (text, words, mailbox) in [
            ("ops@example.org", "", "ops@example.org"),
            (
                "Ops Team <ops+usm@example.org>",
                "Ops Team",
                "ops+usm@example.org",
            ),
            (
                "\"Müller, Jo\" <jo@[127.0.0.1]>",
                "Müller, Jo",
                "jo@[127.0.0.1]",
            ),
            ("root@localhost", "", "root@localhost"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(
                (address.words.as_str(), address.mailbox.as_str()),
                (words, mailbox)
            );
        }
    }

    #[test]
    fn what_could_add_a_header_or_a_command_is_refused() {
        for wrong in [
            "",
            "ops",
            "@example.org",
            "ops@",
            "a@b>\r\nRCPT TO:<c@d",
            "a@b\r\nBcc: c@d",
            "a b@example.org",
            "a@b c",
            "a@b> SIZE=1 <c@d",
            "ops@example.org>",
            "jö@example.org",
            "a@[b",
            "<a@b>c@d",
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
