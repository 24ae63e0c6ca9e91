//! Webhooks against a real server.

use std::net::TcpListener;

use serde_json::{Value, json};
use usm_notify::Outcome;

use crate::http_server::{HttpServer, Reply};
use crate::support::{QUICK, about, channels, error_of, hostile, outcome_of};

fn hook(server: &HttpServer, more: &str) -> String {
    let port = server.port;
    format!(
        "[it]\ntype = \"webhook\"\nurl = \"http://127.0.0.1:{port}/hooks/s3cret-path?a=b\"\n{QUICK}{more}"
    )
}

fn post(server: &HttpServer, more: &str) -> Outcome {
    outcome_of(&hook(server, more), about())
}

#[test]
fn a_notification_is_posted_as_json() {
    let server = HttpServer::start(vec![]);
    let outcome = post(&server, "headers = { X-Team = \"ops & dev\" }");
    assert!(outcome.ok && outcome.error.is_none(), "{outcome:?}");
    assert_eq!((outcome.attempts, outcome.channel.as_str()), (1, "it"));
    assert_eq!((outcome.alert_id, outcome.rule.as_str()), (42, "cpu-high"));
    assert_eq!(
        (outcome.status.as_str(), outcome.dropped),
        ("firing", false)
    );
    assert!(outcome.queued_at <= outcome.finished_at);
    let request = server.next();
    assert_eq!(request.first_line, "POST /hooks/s3cret-path?a=b HTTP/1.1");
    assert_eq!(
        request.headers["content-type"],
        "application/json; charset=utf-8"
    );
    assert_eq!(
        request.headers["host"],
        format!("127.0.0.1:{}", server.port)
    );
    assert_eq!(request.headers["x-team"], "ops & dev");
    assert!(request.headers["user-agent"].starts_with("usm-notify/"));
    assert!(!request.headers.contains_key("authorization"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(
        body,
        json!({
            "alert_id": 42,
            "rule": "cpu-high",
            "status": "firing",
            "severity": "critical",
            "title": "CPU high",
            "message": "CPU 97.5 % for 5 min",
            "metric": "cpu_percent",
            "labels": [["disk", "sda"]],
            "value": 97.5,
            "threshold": 90.0,
            "host": "web1",
            "timestamp": 951_827_696.0,
            "since": 951_827_396.0,
            "extra": { "culprit": "make" },
        })
    );
}

#[test]
fn a_slack_hook_gets_text_and_an_attachment() {
    let server = HttpServer::start(vec![]);
    assert!(post(&server, "format = \"slack\"").ok);
    let body: Value = serde_json::from_str(&server.next().body).unwrap();
    let names: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["text", "attachments"]);
    assert_eq!(
        body["text"],
        "[critical] firing: CPU high (web1): CPU 97.5 % for 5 min"
    );
    let attachment = &body["attachments"][0];
    assert_eq!(attachment["color"], "danger");
    assert_eq!(attachment["ts"], 951_827_696);
    let fields = attachment["fields"].as_array().unwrap();
    assert!(fields.contains(&json!({ "title": "value", "value": "97.5", "short": true })));
    assert!(fields.contains(&json!({ "title": "disk", "value": "sda", "short": true })));
}

#[test]
fn hostile_names_stay_inside_the_json() {
    for format in ["json", "slack"] {
        let server = HttpServer::start(vec![]);
        let toml = hook(&server, &format!("format = \"{format}\""));
        assert!(outcome_of(&toml, hostile()).ok);
        let request = server.next();
        assert!(!request.headers.contains_key("bcc"));
        let body: Value = serde_json::from_str(&request.body).unwrap();
        match format {
            "json" => {
                assert_eq!(body["title"], hostile().title);
                assert_eq!(body["value"], Value::Null);
                assert_eq!(body["timestamp"], Value::Null);
            }
            _ => assert!(!request.body.contains("<!channel>"), "{}", request.body),
        }
    }
}

#[test]
fn a_server_error_is_tried_again_with_the_same_id() {
    let replies = ["500 Oops", "503 Busy"].map(Reply::status).into();
    let server = HttpServer::start(replies);
    let outcome = post(&server, "");
    assert!(outcome.ok && outcome.error.is_none(), "{outcome:?}");
    assert_eq!(outcome.attempts, 3);
    let ids = [(); 3].map(|()| server.next().headers["idempotency-key"].clone());
    assert!(
        ids[0].starts_with("42.") && ids.iter().all(|id| *id == ids[0]),
        "{ids:?}"
    );
    assert_eq!(server.count(), 0);
}

#[test]
fn tries_are_limited_and_the_last_error_is_told() {
    let replies = (0..9).map(|n| Reply::status(&format!("50{n} x"))).collect();
    let server = HttpServer::start(replies);
    let outcome = post(&server, "");
    assert_eq!(outcome.attempts, 4);
    assert!(error_of(&outcome).ends_with("HTTP 503: ok"), "{outcome:?}");
    assert_eq!(server.count(), 4);
}

#[test]
fn what_the_server_asks_to_wait_is_respected_within_the_total_time() {
    let slow = |wait: &str| {
        Reply::Text(format!(
            "HTTP/1.1 429 Slow\r\nRetry-After: {wait}\r\nContent-Length: 0\r\n\r\n"
        ))
    };
    let server = HttpServer::start(vec![slow("0"), slow("3600")]);
    let outcome = post(&server, "");
    assert_eq!(outcome.attempts, 2);
    let error = error_of(&outcome);
    assert!(
        error.contains("HTTP 429; the next try in 3600.0 s"),
        "{error}"
    );
}

#[test]
fn a_refusal_is_not_tried_again_and_its_reason_is_told_without_the_secret_path() {
    for status in ["400 Bad", "401 No", "403 No", "404 No", "410 Gone"] {
        let text = "no_service: /hooks/s3cret-path?a=b\u{1b}[2J";
        let length = text.len();
        let reply = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{text}");
        let server = HttpServer::start(vec![Reply::Text(reply)]);
        let outcome = post(&server, "");
        assert_eq!(outcome.attempts, 1, "{outcome:?}");
        let error = error_of(&outcome);
        assert!(
            error.contains(&format!("HTTP {}: no_service: ***", &status[..3])),
            "{error}"
        );
        assert!(
            !error.contains("s3cret") && !error.contains('\u{1b}'),
            "{error}"
        );
    }
}

#[test]
fn a_redirect_is_not_followed_and_its_goal_is_named_without_its_path() {
    let elsewhere = HttpServer::start(vec![]);
    let goal = format!("http://127.0.0.1:{}/t0ken", elsewhere.port);
    for status in [301, 302, 307, 308] {
        let reply = format!("HTTP/1.1 {status} Moved\r\nLocation: {goal}\r\n\r\n");
        let server = HttpServer::start(vec![Reply::Text(reply)]);
        let outcome = post(&server, "");
        assert_eq!(outcome.attempts, 1);
        let error = error_of(&outcome);
        let port = elsewhere.port;
        assert!(
            error.contains(&format!("redirects to http://127.0.0.1:{port}/…")),
            "{error}"
        );
        assert!(!error.contains("t0ken"), "{error}");
    }
    assert_eq!(elsewhere.count(), 0);
}

#[test]
fn a_connection_that_closes_or_hangs_is_tried_again() {
    let server = HttpServer::start(vec![Reply::Close, Reply::Close]);
    assert_eq!(post(&server, "").attempts, 3);
    // This server serves one after the other, so the second attempt hangs as well.
    let server = HttpServer::start(vec![Reply::Hang]);
    let toml = hook(&server, "timeout_seconds = 0.2").replace("tries = 4", "tries = 2");
    let outcome = outcome_of(&toml, about());
    assert_eq!(outcome.attempts, 2);
    assert!(error_of(&outcome).ends_with("timed out"), "{outcome:?}");
}

#[test]
fn a_port_where_nobody_listens_is_tried_again() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let toml = format!("[it]\ntype = \"webhook\"\nurl = \"http://127.0.0.1:{port}/\"\n{QUICK}");
    let outcome = outcome_of(&toml, about());
    assert_eq!(outcome.attempts, 4);
    assert!(
        error_of(&outcome).contains("connecting to 127.0.0.1"),
        "{outcome:?}"
    );
}

#[test]
fn secrets_come_from_files_and_are_shown_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        format!("{name}_file = {:?}\n", path.display().to_string())
    };
    let echo = "HTTP/1.1 400 Bad\r\n\r\n/hooks/s3cret-path Bearer s3cret-token s3cret-header";
    let server = HttpServer::start(vec![Reply::Text(echo.into())]);
    let url = format!("http://127.0.0.1:{}/hooks/s3cret-path", server.port);
    let toml = format!(
        "[it]\ntype = \"webhook\"\n{}{}headers = {{ X-Key = \"s3cret-header\" }}\n",
        file("url", &format!("{url}\n")),
        file("token", "s3cret-token\n"),
    );
    let outcome = outcome_of(&toml, about());
    assert!(
        !format!("{outcome:?} {:?}", channels(&toml)).contains("s3cret"),
        "{outcome:?}"
    );
    let request = server.next();
    assert_eq!(request.headers["authorization"], "Bearer s3cret-token");
    assert_eq!(request.headers["x-key"], "s3cret-header");
    // As written in the configuration itself, too.
    let direct = format!(
        "{:?}",
        channels(&hook(&server, "headers = { X-Key = \"s3cret\" }"))
    );
    assert!(!direct.contains("s3cret"), "{direct}");
}

#[test]
fn a_secret_that_is_missing_is_told_with_its_place_and_nothing_is_sent() {
    let server = HttpServer::start(vec![]);
    for (more, place) in [
        (
            "token_env = \"USM_NOTIFY_TEST_NOT_SET\"",
            "token_env: no environment variable USM_",
        ),
        (
            "token_file = \"/proc/self/not-there\"",
            "token_file: /proc/self/not-there: ",
        ),
    ] {
        let outcome = post(&server, more);
        assert_eq!(outcome.attempts, 1);
        assert!(error_of(&outcome).starts_with(place), "{outcome:?}");
    }
    // A token of two lines would be two headers.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "s3cret\r\nX-Evil: 1").unwrap();
    let outcome = post(
        &server,
        &format!("token_file = {:?}", path.display().to_string()),
    );
    assert!(
        error_of(&outcome).starts_with("Authorization: "),
        "{outcome:?}"
    );
    assert_eq!(server.count(), 0);
}

#[test]
fn a_host_is_found_by_name_and_an_address_that_refuses_is_passed_over() {
    // The name may stand for ::1 as well, where nobody listens.
    let server = HttpServer::start(vec![]);
    let toml = hook(&server, "").replace("127.0.0.1", "localhost");
    let outcome = outcome_of(&toml, about());
    assert!(outcome.ok && outcome.attempts == 1, "{outcome:?}");
    assert_eq!(
        server.next().headers["host"],
        format!("localhost:{}", server.port)
    );
}

#[test]
fn a_proxy_is_asked_for_the_whole_address() {
    let proxy = HttpServer::start(vec![]);
    let toml = format!(
        "[it]\ntype = \"webhook\"\nurl = \"http://hooks.invalid/x?a\"\n\
         proxy = \"http://127.0.0.1:{}\"",
        proxy.port
    );
    let outcome = outcome_of(&toml, about());
    assert!(outcome.ok, "{outcome:?}");
    let request = proxy.next();
    assert_eq!(request.first_line, "POST http://hooks.invalid/x?a HTTP/1.1");
    assert_eq!(request.headers["host"], "hooks.invalid");
}
