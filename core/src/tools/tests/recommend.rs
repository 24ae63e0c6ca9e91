//! What is recommended for which question and which trouble.

use proptest::prelude::*;

use super::*;
use crate::judge::{Insight, InsightKind, Severity};
use crate::sample::Metrics;

#[test]
fn a_tool_that_is_there_goes_before_one_as_good_that_is_not() {
    let bare = HostTools::default();
    assert_eq!(asked("disk full", &bare)[0].name, "ncdu");
    let host = Made::new("ID=debian")
        .with(&["/usr/bin/du", "/usr/bin/df"])
        .look();
    let found = asked("disk full", &host);
    assert!(
        found[0].installed.is_some() && found[1].installed.is_some(),
        "{:?}",
        names(&found)
    );
    assert!(names(&found).contains(&"ncdu"));
}

#[test]
fn questions_in_plain_words_find_the_tools_of_the_trade() {
    let host = HostTools::default();
    for (query, wanted) in [
        ("disk full", "ncdu"),
        ("what eats my RAM?", "vmstat"),
        ("wifi is bad", "iw"),
        ("packet loss", "mtr"),
        ("container throttled", "docker"),
        ("which process uses the disk io", "iotop"),
        ("temperature", "lm-sensors"),
        ("memory leak", "heaptrack"),
        ("my system is slow", "htop"),
        ("it lags", "htop"),
        ("gpu", "nvtop"),
        ("search text", "ripgrep"),
        ("json", "jq"),
        ("ssh brute force", "fail2ban"),
        ("rootkit", "rkhunter"),
        ("one core is at 100", "mpstat"),
        ("memmory", "vmstat"),
        ("netwrok bandwith", "nethogs"),
        ("video", "ffmpeg"),
        ("nvme-cli", "nvme-cli"),
        ("install GIT", "git"),
        ("cpu profiler", "perf"),
    ] {
        let found = asked(query, &host);
        assert!(
            names(&found).contains(&wanted),
            "{query}: {:?}",
            names(&found)
        );
        assert!(found.len() <= USUAL_LIMIT);
    }
}

#[test]
fn patterns_and_nothing_match_nothing() {
    for query in [
        "",
        "   ",
        "%",
        "_",
        "%_%",
        "*",
        "' OR '1'='1",
        "\0\n",
        "🦀🦀",
        "xyzzy",
    ] {
        assert!(asked(query, &HostTools::default()).is_empty(), "{query:?}");
    }
    assert!(seen(&Context::default()).is_empty(), "all is well");
}

#[test]
fn the_prototypes_triggers_hold_above_their_lines_and_not_on_them() {
    let at = |cpu: f64, memory: f64, disk: f64, score: f64| Context {
        cpu_percent: Some(cpu),
        memory_percent: Some(memory),
        disk_percent: Some(disk),
        performance_score: Some(score),
        ..Context::default()
    };
    assert!(at(80.0, 85.0, 90.0, 70.0).performance_issues().is_empty());
    let all = ["high_cpu", "high_memory", "low_disk", "slow_system"];
    assert_eq!(at(80.1, 85.1, 90.1, 69.9).performance_issues(), all);
    let odd = at(f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN);
    assert!(odd.performance_issues().is_empty() && seen(&odd).is_empty());
    let found = seen(&at(97.0, 10.0, 10.0, 100.0));
    assert_eq!(found[0].problem, Some(Problem::CpuBound));
    assert_eq!(found[0].reason, "processors busy 97 % (above 80 %)");
    assert_eq!(seen(&at(1.0, 1.0, 99.0, 100.0))[0].name, "ncdu");
    let slow = seen(&at(1.0, 1.0, 1.0, 20.0));
    assert!(
        slow.iter()
            .all(|tool| tool.problem == Some(Problem::General))
    );
}

#[test]
fn many_processes_alone_are_no_reason_but_add_to_one() {
    let many = Context {
        process_count: Some(900),
        ..Context::default()
    };
    assert!(seen(&many).is_empty());
    let both = Context {
        cpu_percent: Some(95.0),
        ..many
    };
    let alone = Context {
        cpu_percent: Some(95.0),
        ..Context::default()
    };
    let score = |context: &Context| {
        let found = seen(context);
        found
            .iter()
            .find(|tool| tool.name == "htop")
            .unwrap()
            .confidence_score
    };
    assert!(score(&both) > score(&alone));
}

#[test]
fn the_tighter_of_machine_and_container_counts() {
    let metrics = Metrics {
        cpu_percent: Some(10.0),
        container_cpu_percent: Some(99.0),
        memory_percent: Some(90.0),
        ..Metrics::default()
    };
    let context = Context::of(&metrics, None);
    assert_eq!(context.performance_issues(), ["high_cpu", "high_memory"]);
    assert_eq!(context.disk_percent, None);
}

#[test]
fn every_problem_of_an_insight_finds_tools_that_name_its_evidence() {
    for problem in Problem::ALL {
        let one = |confidence| Context {
            problems: vec![SeenProblem {
                problem,
                confidence,
                evidence: "17 of 18".into(),
            }],
            ..Context::default()
        };
        let found = seen(&one(1.0));
        assert!(found.len() >= 2, "{}", problem.name());
        for tool in &found {
            assert_eq!(tool.problem, Some(problem));
            assert_eq!(tool.reason, "17 of 18");
        }
        assert!(seen(&one(f64::NAN)).is_empty());
        assert!(seen(&one(0.1)).is_empty(), "too unsure to speak of");
    }
}

#[test]
fn each_tool_comes_once_with_the_best_of_its_reasons() {
    let context = Context {
        cpu_percent: Some(99.0),
        problems: vec![SeenProblem {
            problem: Problem::CpuBound,
            confidence: 0.4,
            evidence: "a guess".into(),
        }],
        ..Context::default()
    };
    let (host, learned) = (HostTools::default(), Feedback::default());
    let found = recommend(Some("cpu htop"), &context, &host, &learned, 200);
    let mut unique = names(&found);
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), found.len());
    assert_eq!(found[0].name, "htop");
    assert!(found[0].reason.contains("by name"), "{}", found[0].reason);
    assert!(found.iter().all(|tool| tool.reason != "a guess"));
    assert!(found.is_sorted_by(|a, b| a.confidence_score >= b.confidence_score));
}

#[test]
fn of_those_that_show_the_same_not_all_are_given() {
    let found = seen(&Context {
        disk_percent: Some(99.0),
        ..Context::default()
    });
    let names = names(&found);
    assert!(
        names.contains(&"ncdu") && names.contains(&"lsof"),
        "{names:?}"
    );
}

#[test]
fn what_was_learned_shifts_the_order() {
    let host = HostTools::default();
    let mut learned = Feedback::default();
    let ask = |learned: &Feedback| {
        recommend(
            Some("cpu"),
            &Context::default(),
            &host,
            learned,
            USUAL_LIMIT,
        )
    };
    let first = ask(&learned)[0].name.clone();
    for _ in 0..20 {
        learned.dismiss(&first);
    }
    let found = ask(&learned);
    assert_ne!(found[0].name, first);
    for _ in 0..40 {
        learned.take(&first);
    }
    assert_eq!(ask(&learned)[0].name, first);
}

#[test]
fn a_part_of_the_system_that_is_not_there_is_only_told_when_asked_for() {
    let host = HostTools::default();
    let found = recommend(
        Some("container"),
        &Context::default(),
        &host,
        &Feedback::default(),
        100,
    );
    assert!(!names(&found).contains(&"systemd-cgtop"));
    let named = asked("systemd-cgtop", &host);
    assert_eq!(
        (named[0].name.as_str(), &named[0].install_command),
        ("systemd-cgtop", &None)
    );
}

#[test]
fn the_own_host_is_looked_at_and_survives_json() {
    let host = HostTools::look(&Roots::default());
    for (name, found) in &host.installed {
        assert!(found.path.is_absolute(), "{name}");
        assert!(found.path.exists(), "{name}: {}", found.path.display());
    }
    let text = serde_json::to_string(&host).unwrap();
    assert_eq!(serde_json::from_str::<HostTools>(&text).unwrap(), host);
    let found = asked("disk full", &host);
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<ToolRecommendation>>(&text).unwrap(),
        found
    );
    assert!(
        text.contains("\"category\":\"storage\"") && text.contains("\"problem\":\"disk_full\"")
    );
}

proptest! {
    #[test]
    fn any_question_and_context_give_sound_answers(
        query in ".{0,80}",
        values in prop::array::uniform4(prop::num::f64::ANY),
        count in any::<u64>(),
        sure in prop::num::f64::ANY,
        which in 0..Problem::ALL.len(),
        limit in 0..8_usize,
    ) {
        let context = Context {
            cpu_percent: Some(values[0]),
            memory_percent: Some(values[1]),
            disk_percent: Some(values[2]),
            process_count: Some(count),
            performance_score: Some(values[3]),
            problems: vec![SeenProblem {
                problem: Problem::ALL[which],
                confidence: sure,
                evidence: query.clone(),
            }],
        };
        let host = HostTools::default();
        let found = recommend(Some(&query), &context, &host, &Feedback::default(), limit);
        prop_assert!(found.len() <= limit);
        for tool in &found {
            prop_assert!((0.25..=1.0).contains(&tool.confidence_score));
            prop_assert!(!tool.how_to_run.is_empty());
        }
        prop_assert!(found.is_sorted_by(|a, b| a.confidence_score >= b.confidence_score));
    }

    #[test]
    fn any_os_release_is_read(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let distribution = Distribution::parse(&text);
        prop_assert_eq!(distribution.family.is_none(), distribution.keys().is_empty());
    }
}

#[test]
fn what_an_insight_has_found_names_its_tools_and_a_correlation_none() {
    let insight = |kind| Insight {
        id: "io_bound".into(),
        kind,
        severity: Severity::High,
        confidence: 0.9,
        text: "the disk is busy 99 % of the time".into(),
        evidence: Vec::new(),
        advice: Vec::new(),
        opened_at: 0.0,
        updated_at: 0.0,
        closed_at: None,
    };
    let seen = SeenProblem::of(&insight(InsightKind::IoBound)).unwrap();
    assert_eq!((seen.problem, seen.confidence), (Problem::IoBound, 0.9));
    assert_eq!(seen.evidence, "the disk is busy 99 % of the time");
    assert_eq!(SeenProblem::of(&insight(InsightKind::Correlated)), None);
}
