//! An HTTP server with prepared answers.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::{PATIENCE, Wire};

/// What is done with a request.
pub enum Reply {
    /// This is sent back as it is.
    Text(String),
    /// Nothing is sent, and the connection stays open as long as the server.
    Hang,
    /// The connection is closed before an answer.
    Close,
}

impl Reply {
    pub fn status(line: &str) -> Reply {
        Reply::Text(format!("HTTP/1.1 {line}\r\nContent-Length: 2\r\n\r\nok"))
    }
}

/// A request as it came.
pub struct Request {
    pub first_line: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// Wraps an accepted connection, in TLS for instance; `None` where that failed.
pub type Wrap = Box<dyn Fn(std::net::TcpStream) -> Option<Box<dyn Wire>> + Send>;

/// A server on this host. Each connection gets the next reply, when there are no more, 200.
pub struct HttpServer {
    pub port: u16,
    requests: Receiver<Request>,
    /// Hung connections wait for its end.
    _release: Arc<Mutex<Vec<Sender<()>>>>,
}

impl HttpServer {
    pub fn start(replies: Vec<Reply>) -> HttpServer {
        HttpServer::wrapped(replies, Box::new(|stream| Some(Box::new(stream))))
    }

    pub fn wrapped(replies: Vec<Reply>, wrap: Wrap) -> HttpServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, requests) = channel();
        let release = Arc::new(Mutex::new(Vec::new()));
        let hung = Arc::downgrade(&release);
        thread::spawn(move || {
            let mut replies = replies.into_iter();
            for stream in listener.incoming() {
                let Some(mut stream) = wrap(stream.unwrap()) else {
                    continue;
                };
                let Some(request) = read(stream.as_mut()) else {
                    continue;
                };
                if tell.send(request).is_err() {
                    return;
                }
                match replies.next().unwrap_or_else(|| Reply::status("200 OK")) {
                    Reply::Text(text) => {
                        // The client may have seen enough before.
                        let _ = stream.write_all(text.as_bytes());
                        let _ = stream.flush();
                    }
                    Reply::Close => {}
                    Reply::Hang => {
                        let Some(hung) = hung.upgrade() else { return };
                        let (until, ended) = channel();
                        hung.lock().unwrap().push(until);
                        drop(hung);
                        // A TLS stream is not Send; nothing else is to be served meanwhile.
                        let _ = ended.recv();
                    }
                }
            }
        });
        HttpServer {
            port,
            requests,
            _release: release,
        }
    }

    pub fn next(&self) -> Request {
        self.requests.recv_timeout(PATIENCE).unwrap()
    }

    /// How many requests came that were not taken yet.
    pub fn count(&self) -> usize {
        self.requests.try_iter().count()
    }
}

fn read(stream: &mut dyn Wire) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let line = |reader: &mut BufReader<_>| {
        let mut line = String::new();
        BufRead::read_line(reader, &mut line).ok()?;
        Some(line.trim_end().to_string())
    };
    let first_line = line(&mut reader)?;
    let mut headers = BTreeMap::new();
    loop {
        let line = line(&mut reader)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ")?;
        let before = headers.insert(name.to_ascii_lowercase(), value.to_string());
        assert_eq!(before, None, "{name} came twice");
    }
    let length = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        first_line,
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}
