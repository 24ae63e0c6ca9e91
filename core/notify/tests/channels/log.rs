//! The channel into the program's own log, and that nothing else goes there.

use std::sync::Mutex;

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::http_server::{HttpServer, Reply};
use crate::support::{about, outcome_of};

static HEARD: Mutex<Vec<(Level, String, String)>> = Mutex::new(Vec::new());

struct Ear;

impl Log for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let heard = (
            record.level(),
            record.target().into(),
            record.args().to_string(),
        );
        HEARD.lock().unwrap().push(heard);
    }

    fn flush(&self) {}
}

#[test]
fn an_alert_is_logged_by_its_severity_and_a_webhooks_secrets_never() {
    log::set_logger(&Ear).unwrap();
    log::set_max_level(LevelFilter::Trace);
    let toml = "[it]\ntype = \"log\"";
    assert!(outcome_of(toml, about()).ok);
    let mut over = about();
    over.status = "resolved".into();
    over.title = "two\nlines".into();
    assert!(outcome_of(toml, over).ok);
    let server = HttpServer::start(vec![Reply::status("404 No")]);
    let url = format!("http://127.0.0.1:{}/very-s3cret", server.port);
    outcome_of(
        &format!("[it]\ntype = \"webhook\"\nurl = \"{url}\""),
        about(),
    );
    let heard = HEARD.lock().unwrap();
    let alerts: Vec<_> = heard
        .iter()
        .filter(|(_, target, _)| target == "usm::alert")
        .collect();
    let message = ": CPU 97.5 % for 5 min";
    let expected = [
        (
            Level::Error,
            format!("[critical] firing: CPU high (web1){message}"),
        ),
        (
            Level::Info,
            format!("[critical] resolved: two lines (web1){message}"),
        ),
    ];
    for (level, text) in expected {
        assert!(
            alerts.iter().any(|(l, _, t)| *l == level && *t == text),
            "{text}: {alerts:?}"
        );
    }
    assert!(
        !heard
            .iter()
            .any(|(_, _, text)| text.contains("very-s3cret")),
        "{heard:?}"
    );
}
