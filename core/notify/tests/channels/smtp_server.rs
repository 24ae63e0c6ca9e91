//! A mail server with prepared answers.

use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::support::{PATIENCE, Wire};

/// Encrypts an accepted connection; `None` where the client did not trust it.
pub type Encrypt = Box<dyn Fn(TcpStream) -> Option<Box<dyn Wire>> + Send>;

/// How the server behaves.
#[derive(Default)]
pub struct Manners {
    /// Lines of the answer to EHLO.
    pub offers: Vec<&'static str>,
    /// Answers to the n-th line that begins so, in place of the usual one.
    pub answers: Vec<(&'static str, &'static str)>,
    /// Encrypts after STARTTLS, or from the first byte.
    pub encrypt: Option<Encrypt>,
    pub from_the_first_byte: bool,
    /// Sent in the clear right behind the answer to STARTTLS.
    pub injected: &'static str,
}

/// A server on this host; what the clients say is heard line by line.
pub struct SmtpServer {
    pub port: u16,
    lines: Receiver<String>,
}

impl SmtpServer {
    pub fn start(manners: Manners) -> SmtpServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, lines) = channel();
        thread::spawn(move || {
            let mut manners = manners;
            for stream in listener.incoming() {
                serve(stream.unwrap(), &mut manners, &tell);
                if tell.send("<end>".into()).is_err() {
                    return;
                }
            }
        });
        SmtpServer { port, lines }
    }

    /// What one client said until it hung up; the lines of a mail begin with `> `.
    pub fn session(&self) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE).unwrap() {
                line if line == "<end>" => return said,
                line => said.push(line),
            }
        }
    }
}

/// The connection may break at any time: then the session is over.
fn serve(stream: TcpStream, manners: &mut Manners, tell: &Sender<String>) -> Option<()> {
    let encrypt = |stream| manners.encrypt.as_ref().unwrap()(stream);
    let (mut plain, mut wire): (Option<TcpStream>, Box<dyn Wire>) =
        match manners.from_the_first_byte {
            true => (None, encrypt(stream)?),
            false => (Some(stream.try_clone().unwrap()), Box::new(stream)),
        };
    say(wire.as_mut(), "220 test ESMTP")?;
    let mut login_lines = 0;
    loop {
        let line = hear(wire.as_mut())?;
        tell.send(line.clone()).ok()?;
        let prepared = manners
            .answers
            .iter()
            .position(|(begin, _)| line.starts_with(begin));
        if let Some(index) = prepared {
            let (_, answer) = manners.answers.remove(index);
            if answer.is_empty() {
                return None;
            }
            say(wire.as_mut(), answer)?;
            continue;
        }
        match line.split(' ').next().unwrap_or_default() {
            "EHLO" => {
                say(wire.as_mut(), "250-test greets you")?;
                for offer in &manners.offers {
                    say(wire.as_mut(), &format!("250-{offer}"))?;
                }
                say(wire.as_mut(), "250 HELP")?;
            }
            "STARTTLS" => {
                say(
                    wire.as_mut(),
                    &format!("220 go ahead\r\n{}", manners.injected),
                )?;
                wire = manners.encrypt.as_ref().unwrap()(plain.take()?)?;
            }
            "AUTH" if line == "AUTH LOGIN" => {
                login_lines = 2;
                say(wire.as_mut(), "334 VXNlcm5hbWU6")?;
            }
            "AUTH" => say(wire.as_mut(), "235 welcome")?,
            "DATA" => {
                say(wire.as_mut(), "354 go ahead")?;
                loop {
                    let line = hear(wire.as_mut())?;
                    if line == "." {
                        break;
                    }
                    tell.send(format!("> {line}")).ok()?;
                }
                let answer = manners.answers.iter().position(|(begin, _)| *begin == ".");
                let answer = answer.map(|index| manners.answers.remove(index).1);
                say(wire.as_mut(), answer.unwrap_or("250 taken"))?;
            }
            "QUIT" => {
                say(wire.as_mut(), "221 bye")?;
                return Some(());
            }
            "HELO" | "MAIL" | "RCPT" => say(wire.as_mut(), "250 fine")?,
            _ if login_lines > 0 => {
                login_lines -= 1;
                let answer = if login_lines > 0 {
                    "334 UGFzc3dvcmQ6"
                } else {
                    "235 welcome"
                };
                say(wire.as_mut(), answer)?;
            }
            _ => say(wire.as_mut(), "500 what?")?,
        }
    }
}

fn say(wire: &mut dyn Wire, line: &str) -> Option<()> {
    let line = line.strip_suffix("\r\n").unwrap_or(line);
    wire.write_all(format!("{line}\r\n").as_bytes()).ok()?;
    wire.flush().ok()
}

/// One byte after the other, so that nothing behind the line is swallowed.
fn hear(wire: &mut dyn Wire) -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\r\n") {
        wire.read_exact(&mut byte).ok()?;
        line.push(byte[0]);
    }
    line.truncate(line.len() - 2);
    Some(String::from_utf8(line).unwrap())
}
