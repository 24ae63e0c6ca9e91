//! Mails against a real server, in the clear. Encrypted: see `encrypted`.

use crate::smtp_server::{Manners, SmtpServer};
use crate::support::{QUICK, about, error_of, hostile, outcome_of};
use usm_notify::{Notification, Outcome};

fn mail_of(server: &SmtpServer, more: &str, about: Notification) -> Outcome {
    let port = server.port;
    let toml = format!(
        "[it]\ntype = \"email\"\nserver = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\n\
         from = \"USM <usm@example.org>\"\n{QUICK}{more}"
    );
    outcome_of(&toml, about)
}

fn mail(server: &SmtpServer, more: &str) -> Outcome {
    mail_of(
        server,
        &format!("to = [\"ops@example.org\"]\n{more}"),
        about(),
    )
}

fn with(answers: &[(&'static str, &'static str)]) -> SmtpServer {
    SmtpServer::start(Manners {
        answers: answers.to_vec(),
        ..Manners::default()
    })
}

#[test]
fn a_mail_goes_to_every_recipient() {
    let server = with(&[]);
    let to = "to = [\"a@example.org\", \"B <b@example.org>\"]";
    let outcome = mail_of(&server, to, about());
    assert!(outcome.ok && outcome.error.is_none(), "{outcome:?}");
    let said = server.session();
    assert_eq!(
        said[..5],
        [
            "EHLO [127.0.0.1]",
            "MAIL FROM:<usm@example.org>",
            "RCPT TO:<a@example.org>",
            "RCPT TO:<b@example.org>",
            "DATA",
        ]
    );
    assert_eq!(said.last().unwrap(), "QUIT");
    for header in [
        "> From: USM <usm@example.org>",
        "> To: <a@example.org>,",
        ">  B <b@example.org>",
        "> Subject: [critical] firing: CPU high (web1)",
        "> Date: Tue, 29 Feb 2000 12:34:56 +0000",
    ] {
        assert!(said.iter().any(|line| line == header), "{header}: {said:?}");
    }
    let blank = said.iter().position(|line| line == "> ").unwrap();
    let body: String = said[blank + 1..said.len() - 1]
        .iter()
        .map(|line| &line[2..])
        .collect();
    let body = String::from_utf8(decoded(&body)).unwrap();
    assert!(
        body.starts_with("CPU high\r\n\r\nCPU 97.5 % for 5 min\r\n\r\n"),
        "{body:?}"
    );
    assert!(
        body.contains("\r\nthreshold: 90\r\n") && body.contains("\r\ndisk: sda\r\n"),
        "{body:?}"
    );
}

#[test]
fn hostile_names_become_no_header_no_command_and_no_end_of_the_mail() {
    let server = with(&[]);
    let outcome = mail_of(&server, "to = [\"ops@example.org\"]", hostile());
    assert!(outcome.ok, "{outcome:?}");
    let said = server.session();
    assert_eq!(
        said.iter().filter(|line| !line.starts_with("> ")).count(),
        5,
        "{said:?}"
    );
    assert!(
        !said
            .iter()
            .any(|line| line.to_lowercase().starts_with("> bcc")),
        "{said:?}"
    );
    assert!(
        said.iter()
            .all(|line| line.is_ascii() && !line.contains('\u{1b}')),
        "{said:?}"
    );
}

#[test]
fn a_login_is_plain_or_in_steps_as_the_server_offers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    std::fs::write(&path, "pässword\n").unwrap();
    let login = format!(
        "user = \"usm\"\npassword_file = {:?}",
        path.display().to_string()
    );
    for (offer, lines) in [
        ("AUTH PLAIN LOGIN", vec!["AUTH PLAIN AHVzbQBww6Rzc3dvcmQ="]),
        ("AUTH=LOGIN", vec!["AUTH LOGIN", "dXNt", "cMOkc3N3b3Jk"]),
    ] {
        let server = SmtpServer::start(Manners {
            offers: vec!["SIZE 1000", offer],
            ..Manners::default()
        });
        assert!(mail(&server, &login).ok);
        assert_eq!(server.session()[1..=lines.len()], lines);
    }
    let server = SmtpServer::start(Manners {
        offers: vec!["AUTH CRAM-MD5"],
        ..Manners::default()
    });
    let outcome = mail(&server, &login);
    assert!(error_of(&outcome).contains("offers neither AUTH PLAIN nor LOGIN: CRAM-MD5"));
    assert_eq!(outcome.attempts, 1);
}

#[test]
fn a_refused_login_is_final_and_the_password_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    std::fs::write(&path, "s3cret").unwrap();
    let login = format!(
        "user = \"usm\"\npassword_file = {:?}",
        path.display().to_string()
    );
    let server = SmtpServer::start(Manners {
        offers: vec!["AUTH PLAIN"],
        answers: vec![("AUTH", "535 5.7.8 AHVzbQBzM2NyZXQ= is s3cret, wrong")],
        ..Manners::default()
    });
    let outcome = mail(&server, &login);
    assert_eq!(outcome.attempts, 1);
    let error = error_of(&outcome);
    assert!(error.ends_with("535 5.7.8 *** is ***, wrong"), "{error}");
}

#[test]
fn a_passing_refusal_is_tried_again_and_the_mail_keeps_its_id() {
    let server = with(&[("MAIL", "451 later"), (".", "452 disk full")]);
    let outcome = mail(&server, "");
    assert!(outcome.ok, "{outcome:?}");
    assert_eq!(outcome.attempts, 3);
    server.session();
    let id = |said: Vec<String>| {
        let id = said
            .into_iter()
            .find(|line| line.starts_with("> Message-ID: <42."));
        id.unwrap()
    };
    assert_eq!(id(server.session()), id(server.session()));
}

#[test]
fn a_final_refusal_is_not_tried_again() {
    for (command, answer) in [
        ("MAIL", "550 no such sender"),
        ("RCPT", "550-no such\r\n550 recipient"),
        ("DATA", "554 no"),
        (".", "554 spam"),
    ] {
        let server = with(&[(command, answer)]);
        let outcome = mail(&server, "");
        assert_eq!(outcome.attempts, 1, "{outcome:?}");
        assert!(error_of(&outcome).contains(&answer[..3]), "{outcome:?}");
    }
}

#[test]
fn one_refused_recipient_does_not_keep_the_others_from_the_mail() {
    let server = with(&[("RCPT TO:<a@", "550 unknown")]);
    let outcome = mail_of(
        &server,
        "to = [\"a@example.org\", \"b@example.org\"]",
        about(),
    );
    assert!(outcome.ok);
    assert_eq!(
        outcome.error.unwrap(),
        "refused: a@example.org: 550 unknown"
    );
    assert!(
        server
            .session()
            .contains(&"> MIME-Version: 1.0".to_string())
    );
}

#[test]
fn a_server_that_hangs_up_is_tried_again_and_an_old_one_is_understood() {
    let server = with(&[("DATA", ""), ("EHLO", "502 what?")]);
    let outcome = mail(&server, "");
    assert!(outcome.ok, "{outcome:?}");
    assert_eq!(outcome.attempts, 2);
    assert_eq!(
        server.session()[..2],
        ["EHLO [127.0.0.1]", "HELO [127.0.0.1]"]
    );
}

#[test]
fn what_is_no_mail_server_is_said() {
    let server = with(&[("EHLO", "HTTP/1.1 400 Bad Request")]);
    let outcome = mail(&server, "");
    assert!(
        error_of(&outcome).contains("not an SMTP answer: HTTP/1.1 400"),
        "{outcome:?}"
    );
}

#[test]
fn encryption_that_the_server_does_not_offer_is_not_done_without() {
    if cfg!(not(feature = "tls")) {
        return;
    }
    let server = with(&[]);
    let outcome = mail(&server, "#").attempts;
    assert_eq!(outcome, 1);
    server.session();
    let port = server.port;
    let toml = format!(
        "[it]\ntype = \"email\"\nserver = \"127.0.0.1\"\nport = {port}\n\
         from = \"usm@example.org\"\nto = [\"ops@example.org\"]\n{QUICK}"
    );
    let outcome = outcome_of(&toml, about());
    assert!(
        error_of(&outcome).ends_with("the server offers no STARTTLS"),
        "{outcome:?}"
    );
    assert_eq!(server.session(), ["EHLO [127.0.0.1]"]);
}

/// Base64 by the other way round than the library's: by a table of its own.
fn decoded(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut out) = (0u32, 0, Vec::new());
    for c in text.chars().filter(|c| *c != '=') {
        bits = bits << 6 | alphabet.find(c).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}
