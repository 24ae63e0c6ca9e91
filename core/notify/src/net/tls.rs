//! Encrypted connections: the other side's certificate must be trusted, always.

use std::fs;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{Stream, TimedStream};
use crate::failure::Failure;

/// Encrypts a connection to `host`. Trusted are the certificates in `ca_file`, else the
/// system's, else, where a system has none (a bare container), Mozilla's as of this build.
pub(crate) fn secure(
    mut stream: TimedStream,
    host: &str,
    ca_file: Option<&Path>,
) -> Result<Box<dyn Stream>, Failure> {
    let doing = format!("encrypting the connection to {host}");
    let refused = |error: rustls::Error| Failure::final_(format!("{doing}: {error}"));
    let name = ServerName::try_from(host.to_string())
        .map_err(|error| Failure::final_(format!("{doing}: {error}")))?;
    let roots = match ca_file {
        Some(path) => roots_of(path)?,
        None => roots_of_the_system(),
    };
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(refused)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(refused)?;
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(&mut stream) {
            // What the protocol refuses comes wrapped, and would be refused again.
            return Err(
                match error.get_ref().and_then(|inner| inner.downcast_ref()) {
                    Some(error) => refused(rustls::Error::clone(error)),
                    None => Failure::broken(doing, &error),
                },
            );
        }
    }
    Ok(Box::new(Encrypted(StreamOwned::new(connection, stream))))
}

fn roots_of(path: &Path) -> Result<RootCertStore, Failure> {
    let refused = |why: String| Failure::final_(format!("ca_file: {}: {why}", path.display()));
    let text = fs::read(path).map_err(|error| refused(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| refused(error.to_string()))?;
    }
    match roots.is_empty() {
        true => Err(refused("no certificate in it".into())),
        false => Ok(roots),
    }
}

/// Read anew for each connection: they are few, and the system's may change.
fn roots_of_the_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // Old ones that can't be read do not keep the others from being used.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// HMAC-SHA256 in hexadecimal.
pub(crate) fn signature(key: &[u8], body: &[u8]) -> Result<String, Failure> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
    let tag = ring::hmac::sign(&key, body);
    Ok(tag
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

struct Encrypted(StreamOwned<ClientConnection, TimedStream>);

impl Stream for Encrypted {
    fn local_ip(&self) -> IpAddr {
        self.0.sock.local_ip()
    }
}

impl Read for Encrypted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Encrypted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        self.0.conn.send_close_notify();
        // A farewell; whether it arrives changes nothing.
        let _ = self.0.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standards_example() {
        // RFC 4231, test case 2.
        assert_eq!(
            signature(b"Jefe", b"what do ya want for nothing?").unwrap(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn there_are_always_certificates_to_trust() {
        assert!(roots_of_the_system().len() > 20);
    }

    #[test]
    fn a_file_without_a_certificate_is_refused_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        fs::write(&path, "no certificate").unwrap();
        let error = roots_of(&path).unwrap_err().message;
        assert!(
            error.starts_with("ca_file: ") && error.contains("ca.pem"),
            "{error}"
        );
    }
}
