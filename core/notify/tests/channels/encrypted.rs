//! TLS, with certificates made for the test.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;
use usm_notify::Outcome;

use crate::http_server::{HttpServer, Reply};
use crate::smtp_server::{Manners, SmtpServer};
use crate::support::{QUICK, Wire, about, error_of, outcome_of};

/// A server's certificate for 127.0.0.1 or another name, and the file that trusts it.
struct Identity {
    config: Arc<ServerConfig>,
    folder: TempDir,
}

impl Identity {
    fn of(name: &str) -> Identity {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec![name.to_string()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), cert.pem()).unwrap();
        Identity {
            config: Arc::new(config),
            folder,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn trust(&self) -> String {
        format!("ca_file = {:?}\n", self.path().display().to_string())
    }

    /// Ends the handshake on the server's side; `None` where the client broke it off.
    fn encrypt(&self) -> impl Fn(TcpStream) -> Option<Box<dyn Wire>> + Send + use<> {
        let config = Arc::clone(&self.config);
        move |mut stream: TcpStream| {
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            while connection.is_handshaking() {
                connection.complete_io(&mut stream).ok()?;
            }
            let wire: Box<dyn Wire> = Box::new(StreamOwned::new(connection, stream));
            Some(wire)
        }
    }

    fn http_server(&self, replies: Vec<Reply>) -> HttpServer {
        HttpServer::wrapped(replies, Box::new(self.encrypt()))
    }

    fn mail_server(&self, manners: Manners) -> SmtpServer {
        SmtpServer::start(Manners {
            encrypt: Some(Box::new(self.encrypt())),
            ..manners
        })
    }
}

fn post(server: &HttpServer, more: &str) -> Outcome {
    let port = server.port;
    let toml =
        format!("[it]\ntype = \"webhook\"\nurl = \"https://127.0.0.1:{port}/x\"\n{QUICK}{more}");
    outcome_of(&toml, about())
}

fn mail(server: &SmtpServer, security: &str, more: &str) -> Outcome {
    let port = server.port;
    let toml = format!(
        "[it]\ntype = \"email\"\nserver = \"127.0.0.1\"\nport = {port}\nsecurity = \"{security}\"\n\
         from = \"usm@example.org\"\nto = [\"ops@example.org\"]\n{QUICK}{more}"
    );
    outcome_of(&toml, about())
}

#[test]
fn a_trusted_server_is_posted_to() {
    let identity = Identity::of("127.0.0.1");
    let server = identity.http_server(vec![Reply::status("503 Busy")]);
    let outcome = post(&server, &identity.trust());
    assert!(outcome.ok, "{outcome:?}");
    assert_eq!(outcome.attempts, 2);
    server.next();
    assert!(server.next().body.contains("cpu-high"));
}

#[test]
fn a_body_is_signed_with_the_key_from_a_file() {
    let identity = Identity::of("127.0.0.1");
    let server = identity.http_server(vec![]);
    let key = identity.folder.path().join("key");
    fs::write(&key, "s3cret-key\n").unwrap();
    let sign = format!(
        "sign_file = {:?}\n{}",
        key.display().to_string(),
        identity.trust()
    );
    assert!(post(&server, &sign).ok);
    let request = server.next();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"s3cret-key");
    let given = request.headers["x-usm-signature"]
        .strip_prefix("sha256=")
        .unwrap();
    let given: Vec<u8> = (0..given.len() / 2)
        .map(|at| u8::from_str_radix(&given[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    ring::hmac::verify(&key, request.body.as_bytes(), &given).unwrap();
}

#[test]
fn a_certificate_that_is_not_trusted_or_not_the_hosts_is_refused_once_and_nothing_is_sent() {
    let identity = Identity::of("127.0.0.1");
    let server = identity.http_server(vec![]);
    // By the system's certificates, and by a file with another one.
    for more in [String::new(), Identity::of("127.0.0.1").trust()] {
        let outcome = post(&server, &more);
        assert_eq!(outcome.attempts, 1, "{outcome:?}");
        assert!(
            error_of(&outcome).contains("invalid peer certificate"),
            "{outcome:?}"
        );
    }
    let other = Identity::of("other.example.org");
    let outcome = post(&other.http_server(vec![]), &other.trust());
    assert_eq!(outcome.attempts, 1, "{outcome:?}");
    assert!(
        error_of(&outcome).contains("not valid for name"),
        "{outcome:?}"
    );
    assert_eq!(server.count(), 0);
}

#[test]
fn a_server_that_speaks_no_tls_is_said_to() {
    let server = HttpServer::start(vec![]);
    let port = server.port;
    let plain = SmtpServer::start(Manners::default());
    let hook = format!(
        "[it]\ntype = \"webhook\"\nurl = \"https://127.0.0.1:{}/\"\n",
        plain.port
    );
    let outcome = outcome_of(&hook, about());
    assert!(
        error_of(&outcome).contains("encrypting the connection"),
        "{outcome:?}"
    );
    assert_eq!(outcome.attempts, 1);
    assert_ne!(port, plain.port);
}

#[test]
fn a_ca_file_that_is_missing_is_named() {
    let identity = Identity::of("127.0.0.1");
    let server = identity.http_server(vec![]);
    let outcome = post(&server, "ca_file = \"/proc/self/no-ca.pem\"");
    assert!(
        error_of(&outcome).contains("ca_file: /proc/self/no-ca.pem: "),
        "{outcome:?}"
    );
    assert_eq!(outcome.attempts, 1);
}

#[test]
fn a_login_and_a_mail_go_only_after_starttls() {
    let identity = Identity::of("127.0.0.1");
    let server = identity.mail_server(Manners {
        offers: vec!["STARTTLS", "AUTH PLAIN"],
        ..Manners::default()
    });
    let password = identity.folder.path().join("password");
    fs::write(&password, "s3cret").unwrap();
    let login = format!(
        "user = \"usm\"\npassword_file = {:?}\n",
        password.display().to_string()
    );
    let outcome = mail(&server, "starttls", &format!("{login}{}", identity.trust()));
    assert!(outcome.ok, "{outcome:?}");
    let said = server.session();
    assert_eq!(said[..2], ["EHLO [127.0.0.1]", "STARTTLS"]);
    assert_eq!(
        said[2..4],
        ["EHLO [127.0.0.1]", "AUTH PLAIN AHVzbQBzM2NyZXQ="]
    );
    // Of a server that is not trusted no further word is said.
    let outcome = mail(&server, "starttls", &login);
    assert_eq!(outcome.attempts, 1, "{outcome:?}");
    assert!(
        error_of(&outcome).contains("invalid peer certificate"),
        "{outcome:?}"
    );
    assert_eq!(server.session(), ["EHLO [127.0.0.1]", "STARTTLS"]);
}

#[test]
fn a_mail_goes_over_a_connection_that_is_encrypted_from_the_first_byte() {
    let identity = Identity::of("127.0.0.1");
    let server = identity.mail_server(Manners {
        from_the_first_byte: true,
        ..Manners::default()
    });
    assert!(mail(&server, "tls", &identity.trust()).ok);
    assert_eq!(server.session().last().unwrap(), "QUIT");
    let outcome = mail(&server, "tls", "");
    assert!(
        error_of(&outcome).contains("invalid peer certificate"),
        "{outcome:?}"
    );
    assert!(server.session().is_empty());
}

#[test]
fn words_that_were_slipped_in_before_the_encryption_are_refused() {
    let identity = Identity::of("127.0.0.1");
    let server = identity.mail_server(Manners {
        offers: vec!["STARTTLS"],
        injected: "250 AUTH PLAIN",
        ..Manners::default()
    });
    let outcome = mail(&server, "starttls", &identity.trust());
    assert_eq!(outcome.attempts, 1, "{outcome:?}");
    assert!(
        error_of(&outcome).contains("words before the encryption"),
        "{outcome:?}"
    );
}

#[test]
fn through_a_proxy_only_the_host_itself_reads_the_request() {
    let identity = Identity::of("127.0.0.1");
    let (encrypt, hook) = (identity.encrypt(), "https://127.0.0.1:1/very-s3cret");
    // The host is played by the proxy too, behind its answer.
    let proxy = HttpServer::wrapped(
        vec![],
        Box::new(move |mut stream| {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).ok()?;
                head.push(byte[0]);
            }
            let asked = String::from_utf8(head).unwrap();
            assert_eq!(
                asked,
                "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n"
            );
            stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").ok()?;
            encrypt(stream)
        }),
    );
    let through = |port: u16, more: &str| {
        let toml = format!(
            "[it]\ntype = \"webhook\"\nurl = \"{hook}\"\n{QUICK}\
             proxy = \"http://127.0.0.1:{port}\"\n{more}"
        );
        outcome_of(&toml, about())
    };
    let outcome = through(proxy.port, &identity.trust());
    assert!(outcome.ok, "{outcome:?}");
    assert_eq!(proxy.next().first_line, "POST /very-s3cret HTTP/1.1");
    let outcome = through(proxy.port, "");
    assert!(
        error_of(&outcome).contains("invalid peer certificate"),
        "{outcome:?}"
    );
    // A proxy that wants to know who asks.
    let refusing = SmtpServer::start(Manners::default());
    let outcome = through(refusing.port, "");
    assert_eq!(outcome.attempts, 1);
    assert!(
        error_of(&outcome).contains("the proxy: not an HTTP answer"),
        "{outcome:?}"
    );
}
