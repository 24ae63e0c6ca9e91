//! One HTTP/1.1 POST, and what of its answer matters.

use std::time::Duration;

use super::Stream;
use super::lines::Lines;
use crate::failure::Failure;
use crate::text;

/// Longest head of an answer, in bytes.
const LONGEST_HEAD: usize = 16 << 10;

/// What is read of the body of an answer, in bytes: enough for its reason.
const EXCERPT: usize = 512;

/// Interim answers before the real one.
const MOST_INTERIM: usize = 10;

/// What of an answer matters.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) location: Option<String>,
    /// The beginning of the body as it came, where it is not a success.
    pub(crate) excerpt: String,
}

/// Refuses a header that would become two, or that no server would take.
pub(crate) fn check_header(name: &str, value: &str) -> Result<(), &'static str> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err("not the name of a header");
    }
    if !value
        .bytes()
        .all(|byte| byte == b' ' || byte.is_ascii_graphic())
    {
        return Err("a value is of printable ASCII on one line");
    }
    Ok(())
}

/// Sends one request and reads the answer. The connection is not used again.
pub(crate) fn post(
    stream: &mut dyn Stream,
    target: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Answer, Failure> {
    let mut request = format!("POST {target} HTTP/1.1\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!(
        "Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    ));
    let sent = stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.write_all(body))
        .and_then(|()| stream.flush());
    // A server that refuses a request may answer before it has read it, and hang up.
    match (read_answer(stream), sent) {
        (Err(_), Err(error)) => Err(Failure::broken("sending the request", &error)),
        (answer, _) => answer,
    }
}

/// Asks a proxy for a connection to this host and port: from there on it passes on all bytes.
pub(crate) fn tunnel(stream: &mut dyn Stream, to: &str) -> Result<(), Failure> {
    let request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.flush())
        .map_err(|error| Failure::broken("asking the proxy", &error))?;
    let mut lines = Lines::default();
    let head = read_head(stream, &mut lines).map_err(|failure| failure.about("the proxy"))?;
    let (answer, _) = parse_head(&head).map_err(|failure| failure.about("the proxy"))?;
    match answer.status {
        200..=299 if lines.is_empty() => Ok(()),
        200..=299 => Err(Failure::final_(
            "the proxy: words before the encryption began",
        )),
        status @ (408 | 429 | 500..=599) => {
            Err(Failure::passing(format!("the proxy: HTTP {status}")))
        }
        status => Err(Failure::final_(format!("the proxy: HTTP {status}"))),
    }
}

fn read_answer(stream: &mut dyn Stream) -> Result<Answer, Failure> {
    let mut lines = Lines::default();
    for _ in 0..MOST_INTERIM {
        let head = read_head(stream, &mut lines)?;
        let (mut answer, is_chunked) = parse_head(&head)?;
        if answer.status < 200 {
            continue;
        }
        if answer.status >= 300 {
            // The reason is worth having, but its absence is no other failure.
            let body = lines.beginning(stream, EXCERPT);
            let body = if is_chunked { joined(&body) } else { body };
            answer.excerpt = String::from_utf8_lossy(&body).trim().to_string();
        }
        return Ok(answer);
    }
    Err(Failure::final_("no end of interim answers"))
}

/// The lines before the empty one.
fn read_head(stream: &mut dyn Stream, lines: &mut Lines) -> Result<Vec<String>, Failure> {
    let mut head = Vec::new();
    let mut left = LONGEST_HEAD;
    loop {
        let line = lines
            .next(stream, LONGEST_HEAD)
            .map_err(|error| Failure::broken("waiting for the answer", &error))?;
        let Some(line) = line else {
            return Err(Failure::passing(
                "waiting for the answer: the other side hung up",
            ));
        };
        // Another protocol's server may wait for more, with no empty line to come.
        if head.is_empty() && !line.starts_with("HTTP/1.") {
            return Err(not_http(&line));
        }
        if line.is_empty() {
            return Ok(head);
        }
        left = left
            .checked_sub(line.len() + 1)
            .ok_or_else(|| Failure::passing("the answer's head has no end"))?;
        head.push(line);
    }
}

fn not_http(line: &str) -> Failure {
    Failure::final_(format!("not an HTTP answer: {line}"))
}

/// The answer so far, and whether its body comes in chunks.
fn parse_head(head: &[String]) -> Result<(Answer, bool), Failure> {
    let mut lines = head.iter();
    let first = lines.next().map_or("", String::as_str);
    let status = first
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split_whitespace().nth(1))
        .filter(|digits| digits.len() == 3)
        .and_then(|digits| digits.parse().ok())
        .filter(|status| (100..=599).contains(status));
    let Some(status) = status else {
        return Err(not_http(first));
    };
    let mut answer = Answer {
        status,
        ..Answer::default()
    };
    let mut is_chunked = false;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "retry-after" => answer.retry_after = retry_after(value),
            "location" => answer.location = Some(value.to_string()),
            "transfer-encoding" => is_chunked = value.to_ascii_lowercase().ends_with("chunked"),
            _ => {}
        }
    }
    Ok((answer, is_chunked))
}

/// Seconds, or a date.
fn retry_after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let left = text::http_date(value)? as f64 - text::unix_seconds();
    Some(Duration::try_from_secs_f64(left).unwrap_or_default())
}

/// The data of a body in chunks, as far as it is there.
fn joined(mut body: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    while let Some(end) = body.iter().position(|byte| *byte == b'\n') {
        let size = String::from_utf8_lossy(&body[..end]);
        let size = size.split(';').next().unwrap_or_default().trim();
        let Ok(size @ 1..) = usize::from_str_radix(size, 16) else {
            break;
        };
        let rest = &body[end + 1..];
        data.extend_from_slice(&rest[..size.min(rest.len())]);
        body = rest.get(size..).unwrap_or_default();
        body = body.strip_prefix(b"\r\n").unwrap_or(body);
    }
    data
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
