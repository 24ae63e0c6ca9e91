//! One mail to one server (RFC 5321), with STARTTLS (RFC 3207) and a login (RFC 4954).

use std::net::IpAddr;
use std::path::Path;

use super::lines::Lines;
use super::{Peer, Stream, TimedStream, base64, tls};
use crate::config::Security;
use crate::failure::Failure;
use crate::secret::Secret;

/// Longest answer, all its lines together, in bytes.
const LONGEST_ANSWER: usize = 16 << 10;

/// How to reach a server and enter.
pub(crate) struct Server<'a> {
    pub(crate) peer: Peer<'a>,
    pub(crate) security: Security,
    pub(crate) ca_file: Option<&'a Path>,
    pub(crate) login: Option<(&'a str, &'a Secret)>,
}

/// Who sends, who gets, and the mail itself, its lines ended by CR LF.
pub(crate) struct Letter<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a [String],
    pub(crate) text: &'a str,
}

/// Sends it, and answers what the server said of the recipients that it refused: the others
/// have got it.
pub(crate) fn send(server: &Server<'_>, letter: &Letter<'_>) -> Result<Option<String>, Failure> {
    let mut session = Session::open(server)?;
    if let Some((user, password)) = server.login {
        session.log_in(user, password)?;
    }
    let from = format!("MAIL FROM:<{}>", letter.from);
    session.ask(&from, "the sender", 250)?;
    let mut refused = Vec::new();
    for recipient in letter.to {
        match session.ask(&format!("RCPT TO:<{recipient}>"), recipient, 250) {
            Ok(_) => {}
            // 251 and 252 take it as well.
            Err(Refusal::Answer(answer)) if matches!(answer.code, 251 | 252) => {}
            Err(Refusal::Answer(answer)) => refused.push((recipient, answer)),
            Err(error) => return Err(error.into()),
        }
    }
    if refused.len() == letter.to.len() {
        return Err(all_refused(&refused));
    }
    session.ask("DATA", "the mail", 354)?;
    session.write(&dotted(letter.text))?;
    session.answer("the mail", 250)?;
    // The mail is taken; how the farewell goes changes nothing.
    let _ = session.ask("QUIT", "the farewell", 221);
    Ok((!refused.is_empty()).then(|| format!("refused: {}", listed(&refused))))
}

/// Passing when any of the refusals is.
fn all_refused(refused: &[(&String, Answer)]) -> Failure {
    let message = format!("every recipient was refused: {}", listed(refused));
    match refused.iter().any(|(_, answer)| answer.is_passing()) {
        true => Failure::passing(message),
        false => Failure::final_(message),
    }
}

fn listed(refused: &[(&String, Answer)]) -> String {
    let each = refused.iter().map(|(to, answer)| format!("{to}: {answer}"));
    each.collect::<Vec<_>>().join("; ")
}

/// The mail as it goes over the line: a dot at the beginning of a line is doubled, one alone
/// is the end.
fn dotted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for line in text.split("\r\n") {
        if line.starts_with('.') {
            out.push('.');
        }
        out.push_str(line);
        out.push_str("\r\n");
    }
    out.push_str(".\r\n");
    out
}

/// What a server said.
#[derive(Debug, Default)]
struct Answer {
    code: u16,
    lines: Vec<String>,
}

impl Answer {
    fn is_passing(&self) -> bool {
        (400..500).contains(&self.code)
    }

    /// The parameters of a capability; `None` when the server has it not.
    fn capability(&self, wanted: &str) -> Option<&str> {
        self.lines.iter().skip(1).find_map(|line| {
            let (name, parameters) = line.split_once([' ', '=']).unwrap_or((line, ""));
            name.eq_ignore_ascii_case(wanted).then_some(parameters)
        })
    }
}

impl std::fmt::Display for Answer {
    /// As it came: it is cut and cleaned when its secrets are masked, not before.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.lines.join(" "))
    }
}

/// Why a command did not go through.
enum Refusal {
    Answer(Answer),
    Failure(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Refusal {
        Refusal::Failure(failure)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        match refusal {
            Refusal::Answer(answer) if answer.is_passing() => Failure::passing(answer.to_string()),
            Refusal::Answer(answer) => Failure::final_(answer.to_string()),
            Refusal::Failure(failure) => failure,
        }
    }
}

struct Session<S> {
    stream: S,
    lines: Lines,
    capabilities: Answer,
}

impl Session<Box<dyn Stream>> {
    fn open(server: &Server<'_>) -> Result<Self, Failure> {
        let stream = TimedStream::connect(server.peer)?;
        let secure = |stream| tls::secure(stream, server.peer.host, server.ca_file);
        let mut session = match server.security {
            Security::None => Session::begin(Box::new(stream) as Box<dyn Stream>)?,
            Security::Tls => Session::begin(secure(stream)?)?,
            Security::Starttls => {
                let mut plain = Session::begin(stream)?;
                plain.hello()?;
                // Without this the login and the mail would go in the clear, and whoever
                // sits between could bring it about by taking the word out of the answer.
                if plain.capabilities.capability("STARTTLS").is_none() {
                    return Err(Failure::final_("the server offers no STARTTLS"));
                }
                plain.ask("STARTTLS", "the encryption", 220)?;
                if !plain.lines.is_empty() {
                    return Err(Failure::final_("words before the encryption began"));
                }
                Session::of(secure(plain.stream)?)
            }
        };
        session.hello()?;
        Ok(session)
    }
}

impl<S: Stream> Session<S> {
    fn of(stream: S) -> Session<S> {
        Session {
            stream,
            lines: Lines::default(),
            capabilities: Answer::default(),
        }
    }

    /// Waits for the greeting.
    fn begin(stream: S) -> Result<Session<S>, Failure> {
        let mut session = Session::of(stream);
        session.answer("the greeting", 220)?;
        Ok(session)
    }

    /// Introduces this host by its address, since a name may be unknown or not to be told.
    fn hello(&mut self) -> Result<(), Failure> {
        let own = match self.stream.local_ip() {
            IpAddr::V4(address) => format!("[{address}]"),
            IpAddr::V6(address) => format!("[IPv6:{address}]"),
        };
        self.capabilities = match self.ask(&format!("EHLO {own}"), "EHLO", 250) {
            Err(Refusal::Answer(Answer {
                code: 500..=504, ..
            })) => {
                self.ask(&format!("HELO {own}"), "HELO", 250)?;
                Answer::default()
            }
            answer => answer?,
        };
        Ok(())
    }

    fn log_in(&mut self, user: &str, password: &Secret) -> Result<(), Failure> {
        let offered = self.capabilities.capability("AUTH").unwrap_or_default();
        let offers = |kind: &str| {
            offered
                .split(' ')
                .any(|word| word.eq_ignore_ascii_case(kind))
        };
        if offers("PLAIN") {
            let words = format!("\0{user}\0{}", password.reveal());
            let line = format!("AUTH PLAIN {}", base64::encode(words.as_bytes()));
            self.ask(&line, "the login", 235)?;
        } else if offers("LOGIN") {
            self.ask("AUTH LOGIN", "the login", 334)?;
            self.ask(&base64::encode(user.as_bytes()), "the user", 334)?;
            let password = base64::encode(password.reveal().as_bytes());
            self.ask(&password, "the password", 235)?;
        } else {
            return Err(Failure::final_(format!(
                "the server offers neither AUTH PLAIN nor LOGIN: {offered}"
            )));
        }
        Ok(())
    }

    /// Sends one command and waits for its answer. The command is never part of an error,
    /// since it may be a password.
    fn ask(&mut self, command: &str, about: &str, wanted: u16) -> Result<Answer, Refusal> {
        if command.contains(['\r', '\n', '\0']) {
            return Err(Failure::final_(format!("{about}: a control character")).into());
        }
        self.write(&format!("{command}\r\n"))?;
        self.expect(about, wanted)
    }

    fn answer(&mut self, about: &str, wanted: u16) -> Result<Answer, Failure> {
        self.expect(about, wanted)
            .map_err(|refusal| Failure::from(refusal).about(about))
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        let sent = self
            .stream
            .write_all(text.as_bytes())
            .and_then(|()| self.stream.flush());
        sent.map_err(|error| Failure::broken("sending to the mail server", &error))
    }

    fn expect(&mut self, about: &str, wanted: u16) -> Result<Answer, Refusal> {
        let mut answer = Answer::default();
        let mut left = LONGEST_ANSWER;
        loop {
            let line = self.line(about)?;
            let code = line.get(..3).and_then(|digits| digits.parse().ok());
            let Some(code @ 200..=599) = code else {
                return Err(Failure::final_(format!("{about}: not an SMTP answer: {line}")).into());
            };
            answer.code = code;
            answer
                .lines
                .push(line.get(4..).unwrap_or_default().trim().to_string());
            left = left
                .checked_sub(line.len() + 1)
                .ok_or_else(|| Failure::final_(format!("{about}: an answer without end")))?;
            if line.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
        match answer.code == wanted {
            true => Ok(answer),
            false => Err(Refusal::Answer(answer)),
        }
    }

    fn line(&mut self, about: &str) -> Result<String, Failure> {
        let doing = || format!("waiting for the mail server's answer to {about}");
        match self.lines.next(&mut self.stream, LONGEST_ANSWER) {
            Ok(Some(line)) => Ok(line),
            Ok(None) => Err(Failure::passing(format!(
                "{}: the other side hung up",
                doing()
            ))),
            Err(error) => Err(Failure::broken(doing(), &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_begins_with_a_dot_does_not_end_the_mail() {
        assert_eq!(dotted("a\r\n.\r\n..b"), "a\r\n..\r\n...b\r\n.\r\n");
    }

    #[test]
    fn capabilities_are_found_in_either_spelling() {
        let answer = Answer {
            code: 250,
            lines: ["STARTTLS", "size 1", "auth=LOGIN PLAIN", "StartTLS"]
                .map(String::from)
                .into(),
        };
        assert_eq!(answer.capability("AUTH"), Some("LOGIN PLAIN"));
        assert_eq!(answer.capability("STARTTLS"), Some(""));
        assert_eq!(answer.capability("DSN"), None);
    }
}
