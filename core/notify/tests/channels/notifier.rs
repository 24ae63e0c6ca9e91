//! Queues, order, changes and the close. Order comes from the servers' own events.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use usm_notify::{Error, Notification, Notifier, Outcome};

use crate::http_server::{HttpServer, Reply};
use crate::support::{PATIENCE, about, channels, notifier};

fn numbered(alert_id: u64) -> Arc<Notification> {
    Arc::new(Notification {
        alert_id,
        ..about()
    })
}

fn hook(name: &str, server: &HttpServer) -> String {
    let port = server.port;
    format!(
        "[{name}]\ntype = \"webhook\"\nurl = \"http://127.0.0.1:{port}/\"\ntimeout_seconds = 60\n"
    )
}

#[test]
fn a_channel_that_hangs_does_not_hold_up_another() {
    let (slow, quick) = (
        HttpServer::start(vec![Reply::Hang]),
        HttpServer::start(vec![]),
    );
    let (notifier, outcomes) =
        notifier(&format!("{}{}", hook("slow", &slow), hook("quick", &quick)));
    notifier.send(&["slow", "quick"], numbered(1));
    slow.next();
    notifier.send(&["slow", "quick"], numbered(2));
    for id in [1, 2] {
        let outcome = outcomes.next();
        assert_eq!((outcome.channel.as_str(), outcome.alert_id), ("quick", id));
        assert!(outcome.ok, "{outcome:?}");
    }
    // The one that hangs is not waited for, and both of its notifications are accounted for.
    assert!(!notifier.close(Duration::ZERO));
    let mut counts = notifier.counts();
    counts.unreported = 0;
    assert_eq!((counts.delivered, counts.failed, counts.dropped), (2, 0, 2));
}

#[test]
fn a_channel_delivers_in_order_also_what_is_tried_again() {
    let server = HttpServer::start(vec![Reply::status("503 Busy")]);
    let retry = "retry = { first_wait_seconds = 0.01 }";
    let (notifier, _outcomes) = notifier(&format!("{}{retry}", hook("it", &server)));
    for id in 1..=3 {
        notifier.send(&["it"], numbered(id));
    }
    assert!(notifier.close(PATIENCE));
    let ids = [(); 4].map(|()| {
        let id = server.next().headers["idempotency-key"].clone();
        id.split('.').next().unwrap().to_string()
    });
    assert_eq!(ids, ["1", "1", "2", "3"]);
}

#[test]
fn a_full_queue_gives_up_its_oldest_and_says_so() {
    let server = HttpServer::start(vec![Reply::Hang]);
    let (notifier, outcomes) = notifier(&hook("it", &server));
    notifier.send(&["it"], numbered(0));
    server.next();
    for id in 1..=258 {
        notifier.send(&["it"], numbered(id));
    }
    for id in [1, 2] {
        let outcome = outcomes.next();
        assert_eq!(
            (outcome.alert_id, outcome.dropped, outcome.ok),
            (id, true, false)
        );
        assert_eq!(outcome.attempts, 0);
        assert!(outcome.error.unwrap().contains("256 were waiting"));
    }
    assert_eq!(notifier.counts().dropped, 2);
    // The server goes, and with it the connection that hangs; the others find it closed.
    notifier.close(Duration::ZERO);
    assert_eq!(notifier.counts().dropped, 2 + 257);
}

#[test]
fn an_unknown_channel_is_an_outcome_and_one_named_twice_gets_it_once() {
    let server = HttpServer::start(vec![]);
    let (notifier, outcomes) = notifier(&hook("ops", &server));
    notifier.send(&["opps", "ops", "ops"], numbered(1));
    assert!(notifier.close(PATIENCE));
    let outcomes = outcomes.rest();
    assert_eq!(outcomes.len(), 2);
    let unknown = outcomes
        .iter()
        .find(|outcome| outcome.channel == "opps")
        .unwrap();
    assert_eq!(
        unknown.error.as_deref(),
        Some("no channel \"opps\": known are ops")
    );
    assert_eq!(
        (unknown.ok, unknown.attempts, unknown.dropped),
        (false, 0, false)
    );
    server.next();
    assert_eq!(server.count(), 0);
}

#[test]
fn a_test_is_one_attempt_and_its_outcome_the_answer() {
    let server = HttpServer::start(vec![Reply::status("500 Oops")]);
    let (notifier, outcomes) = notifier(&hook("it", &server));
    let outcome = notifier.test("it");
    assert!(!outcome.ok && outcome.attempts == 1, "{outcome:?}");
    let outcome = notifier.test("it");
    assert!(outcome.ok && outcome.rule == "test", "{outcome:?}");
    assert!(
        notifier
            .test("other")
            .error
            .unwrap()
            .starts_with("no channel \"other\"")
    );
    notifier.close(PATIENCE);
    assert!(outcomes.rest().is_empty());
}

#[test]
fn a_changed_channel_is_used_from_the_next_attempt_on() {
    let (wrong, right) = (
        HttpServer::start(vec![Reply::status("503 Busy")]),
        HttpServer::start(vec![]),
    );
    let patient = "retry = { first_wait_seconds = 3, total_seconds = 60 }\n";
    let (notifier, outcomes) = notifier(&format!("{}{patient}", hook("it", &wrong)));
    notifier.send(&["it"], numbered(1));
    wrong.next();
    notifier
        .set_channels(channels(&hook("it", &right)))
        .unwrap();
    let outcome = outcomes.next();
    assert!(outcome.ok && outcome.attempts == 2, "{outcome:?}");
    right.next();
    assert_eq!(wrong.count(), 0);
}

#[test]
fn a_channel_that_is_taken_out_drops_what_waits_and_says_so() {
    let server = HttpServer::start(vec![Reply::Hang]);
    let (notifier, outcomes) = notifier(&hook("it", &server));
    for id in [1, 2] {
        notifier.send(&["it"], numbered(id));
    }
    server.next();
    notifier.set_channels(BTreeMap::new()).unwrap();
    let outcome = outcomes.next();
    assert_eq!((outcome.alert_id, outcome.dropped), (2, true));
    assert!(notifier.channels().is_empty());
    notifier.send(&["it"], numbered(3));
    assert_eq!(
        outcomes.next().error.unwrap(),
        "no channel \"it\": there are none"
    );
}

#[test]
fn a_wait_for_another_try_ends_with_the_channel_or_the_close() {
    let retry =
        "retry = { first_wait_seconds = 3600, longest_wait_seconds = 3600, total_seconds = 86400 }";
    for closes in [true, false] {
        let server = HttpServer::start(vec![Reply::status("503 Busy")]);
        let (notifier, outcomes) = notifier(&format!("{}{retry}", hook("it", &server)));
        notifier.send(&["it"], numbered(1));
        server.next();
        if closes {
            assert!(notifier.close(PATIENCE));
        } else {
            notifier.set_channels(BTreeMap::new()).unwrap();
        }
        let error = outcomes.next().error.unwrap();
        assert!(error.contains("HTTP 503: ok; not tried again"), "{error}");
    }
}

#[test]
fn wrong_channels_are_refused_and_the_old_ones_stay() {
    let server = HttpServer::start(vec![]);
    let (notifier, _outcomes) = notifier(&hook("it", &server));
    let wrong =
        channels("[it]\ntype = \"console\"\n[ops]\ntype = \"webhook\"\nurl = \"hooks/s3cret\"");
    let error = notifier.set_channels(wrong).unwrap_err();
    assert!(matches!(error, Error::Config(_)));
    let error = error.to_string();
    assert_eq!(
        error,
        "channel \"ops\": url: must begin with https:// or http://"
    );
    assert!(notifier.test("it").ok);
    server.next();
}

#[test]
fn a_callback_that_panics_hears_the_next_outcome_all_the_same() {
    let (tell, heard) = channel();
    let hear = move |outcome: Outcome| {
        tell.send(outcome.alert_id).unwrap();
        assert_ne!(outcome.alert_id, 1, "this panic is meant");
    };
    let console = channels("[it]\ntype = \"log\"");
    let notifier = Notifier::new(console, Box::new(hear)).unwrap();
    for id in [1, 2] {
        notifier.send(&["it"], numbered(id));
    }
    assert!(notifier.close(PATIENCE));
    assert_eq!(heard.into_iter().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_callback_that_hangs_holds_up_no_send_and_no_close() {
    let (release, held) = channel::<()>();
    let (tell, begun) = channel();
    let hear = move |_: Outcome| {
        tell.send(()).unwrap();
        // Until the test is over.
        let _ = held.recv();
    };
    let notifier = Notifier::new(BTreeMap::new(), Box::new(hear)).unwrap();
    notifier.send(&["none"], numbered(0));
    begun.recv().unwrap();
    for id in 0..2000 {
        notifier.send(&["none"], numbered(id));
    }
    let counts = notifier.counts();
    assert_eq!((counts.failed, counts.unreported), (2001, 2000 - 1024));
    assert!(!notifier.close(Duration::ZERO));
    drop(release);
}

#[test]
fn the_callback_may_use_and_close_the_notifier() {
    let own: Arc<std::sync::OnceLock<Notifier>> = Arc::default();
    let (tell, closed) = channel();
    let inside = Arc::clone(&own);
    let hear = move |outcome: Outcome| {
        let Some(notifier) = inside.get() else { return };
        match outcome.alert_id {
            1 => notifier.send(&["it"], numbered(2)),
            _ => tell.send(notifier.close(PATIENCE)).unwrap(),
        }
    };
    let notifier = Notifier::new(channels("[it]\ntype = \"log\""), Box::new(hear)).unwrap();
    assert!(own.set(notifier).is_ok());
    own.get().unwrap().send(&["it"], numbered(1));
    assert!(closed.recv_timeout(PATIENCE).unwrap());
}

#[test]
fn after_the_close_nothing_is_delivered() {
    let server = HttpServer::start(vec![]);
    let (notifier, _outcomes) = notifier(&hook("it", &server));
    assert!(notifier.close(PATIENCE));
    notifier.send(&["it"], numbered(1));
    assert!(notifier.close(PATIENCE));
    let counts = notifier.counts();
    assert_eq!(
        (counts.delivered, counts.dropped, counts.unreported),
        (0, 1, 1)
    );
    assert_eq!(server.count(), 0);
}
