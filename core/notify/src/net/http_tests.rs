use std::io::{self, Cursor, Read, Write};
use std::net::{IpAddr, Ipv4Addr};

use super::*;

/// Answers with what it is given, and keeps what is sent.
struct Canned {
    answer: Cursor<Vec<u8>>,
    sent: Vec<u8>,
}

impl Read for Canned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // One byte at a time: no answer may depend on how it is cut.
        let most = buffer.len().min(1);
        self.answer.read(&mut buffer[..most])
    }
}

impl Write for Canned {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sent.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Canned {
    fn local_ip(&self) -> IpAddr {
        IpAddr::V4(Ipv4Addr::LOCALHOST)
    }
}

fn answer(bytes: impl AsRef<[u8]>) -> Result<Answer, Failure> {
    let mut canned = Canned {
        answer: Cursor::new(bytes.as_ref().to_vec()),
        sent: Vec::new(),
    };
    post(&mut canned, "/", &[], b"{}")
}

#[test]
fn interim_answers_are_passed_over() {
    let found = answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n").unwrap();
    assert_eq!(found.status, 204);
    let endless = answer("HTTP/1.1 100 Continue\r\n\r\n".repeat(50)).unwrap_err();
    assert_eq!(endless.message, "no end of interim answers");
}

#[test]
fn a_reason_is_read_from_a_body_in_chunks_or_of_one_piece() {
    let head = "HTTP/1.1 400 Bad Request\r\n";
    let found = answer(format!("{head}Content-Length: 11\r\n\r\nno_text\x1b[2J")).unwrap();
    assert_eq!(found.excerpt, "no_text\u{1b}[2J");
    let chunks = "Transfer-Encoding: chunked\r\n\r\n3\r\nno_\r\n4;x=y\r\ntext\r\n0\r\n\r\n";
    assert_eq!(
        answer(format!("{head}{chunks}")).unwrap().excerpt,
        "no_text"
    );
    let huge = "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nno_text";
    assert_eq!(answer(format!("{head}{huge}")).unwrap().excerpt, "no_text");
}

#[test]
fn the_wait_that_is_asked_for_is_read_in_both_forms() {
    let wait = |value: &str| {
        let found = answer(format!("HTTP/1.1 429 Slow\r\nretry-after: {value}\r\n\r\n"));
        found.unwrap().retry_after
    };
    assert_eq!(wait("7"), Some(Duration::from_secs(7)));
    assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
    assert!(wait("Fri, 31 Dec 9999 23:59:59 GMT") > Some(Duration::from_secs(1 << 30)));
    assert_eq!(wait("soon"), None);
    assert_eq!(wait("-1"), None);
}

#[test]
fn what_is_no_http_is_said_and_does_no_harm() {
    for wrong in [
        "220 mail.example.org ESMTP\r\n\r\n",
        "HTTP/1.1 99999 x\r\n\r\n",
        "HTTP/1.1\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "\u{0}\u{0}\n\n",
    ] {
        let error = answer(wrong).unwrap_err().message;
        assert!(
            error.starts_with("not an HTTP answer"),
            "{wrong:?}: {error}"
        );
    }
    assert!(answer("").unwrap_err().message.ends_with("hung up"));
    let endless = answer(vec![b'x'; LONGEST_HEAD * 2]).unwrap_err().message;
    assert!(endless.ends_with("a line without end"), "{endless}");
    let endless = answer(format!(
        "HTTP/1.1 200 OK\r\n{}",
        "X: y\r\n".repeat(LONGEST_HEAD)
    ))
    .unwrap_err()
    .message;
    assert_eq!(endless, "the answer's head has no end");
}

#[test]
fn a_header_can_not_become_two() {
    for (name, value) in [
        ("X", "a\r\nY: b"),
        ("X\r\nY", "a"),
        ("", "a"),
        ("X", "\u{e4}"),
    ] {
        assert!(check_header(name, value).is_err(), "{name:?} {value:?}");
    }
    assert!(check_header("X-Team", "ops & \"dev\"").is_ok());
}
