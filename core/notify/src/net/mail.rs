//! The text of a mail (RFC 5322, MIME): one part, UTF-8.

use super::address::Address;
use super::base64;
use crate::text;

/// Bytes of one encoded word's content: with its frame and the header's name in front of it
/// it stays below 76 characters.
const WORD_BYTES: usize = 39;

/// Bytes of one encoded line of the body.
const LINE_BYTES: usize = 57;

/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 200;

/// What a mail is made of.
pub(crate) struct Mail<'a> {
    pub(crate) from: &'a Address,
    pub(crate) to: &'a [Address],
    pub(crate) subject: &'a str,
    /// Unix seconds.
    pub(crate) stamp: f64,
    /// The same for every attempt, so that a mail that came twice is seen as one.
    pub(crate) id: &'a str,
    pub(crate) body: &'a str,
}

impl Mail<'_> {
    /// The whole mail, its lines ended by CR LF.
    pub(crate) fn text(&self) -> String {
        let to: Vec<_> = self.to.iter().map(written).collect();
        let mut headers = vec![
            format!("From: {}", written(self.from)),
            format!("To: {}", to.join(",\r\n ")),
            format!(
                "Subject: {}",
                encoded(&text::one_line(self.subject, LONGEST_SUBJECT))
            ),
            format!("Message-ID: <{}@{}>", self.id, self.from.host()),
        ];
        headers.extend(text::mail_date(self.stamp).map(|date| format!("Date: {date}")));
        headers.extend(
            [
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: base64",
                // Keeps vacation notices from answering (RFC 3834).
                "Auto-Submitted: auto-generated",
                "",
            ]
            .map(String::from),
        );
        let body = self.body.replace('\n', "\r\n");
        headers.extend(body.as_bytes().chunks(LINE_BYTES).map(base64::encode));
        headers.join("\r\n")
    }
}

fn written(address: &Address) -> String {
    match address.words.as_str() {
        "" => format!("<{}>", address.mailbox),
        words => format!("{} <{}>", phrase(words), address.mailbox),
    }
}

/// A name before an address: some characters of ASCII mean something there.
fn phrase(words: &str) -> String {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b" !#$%&'*+-/=?^_`{|}~".contains(&byte);
    match words.bytes().all(is_plain) {
        true => encoded(words),
        false => encoded_words(words),
    }
}

/// The text as it may stand in a header: plain ASCII as it is, all else in encoded words
/// (RFC 2047).
fn encoded(words: &str) -> String {
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    match words.bytes().all(is_plain) && !words.contains("=?") {
        true => words.to_string(),
        false => encoded_words(words),
    }
}

fn encoded_words(words: &str) -> String {
    let mut out = Vec::new();
    let mut rest = words;
    while !rest.is_empty() {
        // No character is spread over two words.
        let end = rest.floor_char_boundary(WORD_BYTES);
        let (word, behind) = rest.split_at(end);
        out.push(format!("=?utf-8?B?{}?=", base64::encode(word.as_bytes())));
        rest = behind;
    }
    out.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str, body: &str) -> String {
        let from = Address::parse("USM, Müller <usm@example.org>").unwrap();
        let to = ["a@example.org", "B <b@example.org>"].map(|to| Address::parse(to).unwrap());
        Mail {
            from: &from,
            to: &to,
            subject,
            stamp: 951_827_696.0,
            id: "7.abc",
            body,
        }
        .text()
    }

    #[test]
    fn a_mail_has_its_headers_and_a_body_in_base64() {
        let text = mail("disk full", "héllo\nworld");
        let lines: Vec<_> = text.split("\r\n").collect();
        assert_eq!(
            lines,
            [
                "From: =?utf-8?B?VVNNLCBNw7xsbGVy?= <usm@example.org>",
                "To: <a@example.org>,",
                " B <b@example.org>",
                "Subject: disk full",
                "Message-ID: <7.abc@example.org>",
                "Date: Tue, 29 Feb 2000 12:34:56 +0000",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: base64",
                "Auto-Submitted: auto-generated",
                "",
                "aMOpbGxvDQp3b3JsZA==",
            ]
        );
    }

    #[test]
    fn a_subject_can_not_become_a_header() {
        let text = mail("x\r\nBcc: evil@example.org\r\n\r\nbody", "b");
        assert!(
            text.contains("Subject: x  Bcc: evil@example.org    body\r\n"),
            "{text}"
        );
        let text = mail("=?utf-8?Q?=0ABcc=3A?=", "b");
        assert!(text.contains("Subject: =?utf-8?B?"), "{text}");
    }

    #[test]
    fn no_line_of_a_long_subject_or_body_is_too_long() {
        let text = mail(&"Überlauf ".repeat(50), &"ä".repeat(5000));
        assert!(text.split("\r\n").all(|line| line.len() <= 78), "{text}");
        let words = encoded_words("ääääääääääääääääääääääääääääää");
        assert_eq!(words.matches("=?utf-8?B?").count(), 2);
    }
}
