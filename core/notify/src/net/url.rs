//! The address of a webhook.

use std::net::{IpAddr, Ipv6Addr};

/// An address of the form `http[s]://host[:port][/path][?query]`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) https: bool,
    /// Name or address, an IPv6 address without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Host and port as they stand in the address.
    pub(crate) authority: String,
    /// Path and query.
    pub(crate) target: String,
}

impl Url {
    /// The error does not repeat the address.
    pub(crate) fn parse(text: &str) -> Result<Url, &'static str> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("only ASCII without spaces (a host in its xn-- form, a path in its %XX)");
        }
        let (scheme, rest) = text
            .split_once("://")
            .ok_or("must begin with https:// or http://")?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err("must begin with https:// or http://"),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        if authority.contains('@') {
            return Err("no user and password in the address: use headers or token_env");
        }
        if target.contains('#') {
            return Err("no # in the address");
        }
        let (host, port) = split_port(authority)?;
        check_host(&host)?;
        Ok(Url {
            https,
            host,
            port: port.unwrap_or(if https { 443 } else { 80 }),
            authority: authority.to_string(),
            target: match target {
                "" => "/".into(),
                query if query.starts_with('?') => format!("/{query}"),
                path => path.into(),
            },
        })
    }

    /// Host and port, the port always.
    pub(crate) fn host_and_port(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }

    /// Without path and query, which are often a secret.
    pub(crate) fn masked(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}/…", self.authority)
    }
}

fn split_port(authority: &str) -> Result<(String, Option<u16>), &'static str> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (address, rest) = rest.split_once(']').ok_or("a [ without its ]")?;
        address
            .parse::<Ipv6Addr>()
            .map_err(|_| "not an IPv6 address in the brackets")?;
        match rest {
            "" => (address, None),
            rest => (
                address,
                Some(rest.strip_prefix(':').ok_or("not a port behind the ]")?),
            ),
        }
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let port = match port {
        None => None,
        Some(digits) => {
            let port = digits
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| digits.parse().ok());
            Some(
                port.flatten()
                    .filter(|port| *port > 0)
                    .ok_or("not a port: 1–65535")?,
            )
        }
    };
    Ok((host.to_string(), port))
}

/// A host's name or address.
pub(crate) fn check_host(host: &str) -> Result<(), &'static str> {
    if host.is_empty() {
        return Err("the host is missing");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if host.parse::<IpAddr>().is_err() && !(host.len() <= 253 && host.bytes().all(plain)) {
        return Err("not a host's name: letters, digits, dots and hyphens");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_address_are_found() {
        let url = Url::parse("https://hooks.example.org/services/T0/B0?x=1").unwrap();
        assert!(url.https);
        assert_eq!((url.host.as_str(), url.port), ("hooks.example.org", 443));
        assert_eq!(url.target, "/services/T0/B0?x=1");
        assert_eq!(url.masked(), "https://hooks.example.org/…");
        assert_eq!(url.host_and_port(), "hooks.example.org:443");
        let url = Url::parse("HTTP://[::1]:8080?a").unwrap();
        assert_eq!((url.host.as_str(), url.port), ("::1", 8080));
        assert_eq!(
            (url.authority.as_str(), url.target.as_str()),
            ("[::1]:8080", "/?a")
        );
        assert_eq!(url.host_and_port(), "[::1]:8080");
    }

    #[test]
    fn wrong_addresses_are_refused_without_repeating_them() {
        for wrong in [
            "",
            "hooks.example.org/secret",
            "ftp://host/secret",
            "https:///secret",
            "https://host:0/secret",
            "https://host:65536/secret",
            "https://host:+1/secret",
            "https://[::1/secret",
            "https://[::1]x/secret",
            "https://user:secret@host/",
            "https://host/secret#part",
            "https://ho st/secret",
            "https://host/secret\r\nX: y",
            "https://h\u{f6}st/secret",
            "https://a*b/secret",
        ] {
            let error = Url::parse(wrong).unwrap_err();
            assert!(!error.contains("secret"), "{wrong}: {error}");
        }
    }
}
