//! The line of the settings that allows findings.

use serde_json::json;
use usm_core::judge::SecurityFinding;

use super::SecurityOptions;
use crate::draw::{Flow, Line, Page, Tone};
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;

/// Most findings that are offered for one that is unknown.
const OFFERED: usize = 5;

pub(super) fn tell(
    ids: &[String],
    allowed: &[String],
    findings: &[SecurityFinding],
    options: &SecurityOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    for id in ids {
        check(id, findings)?;
    }
    let mut all = allowed.to_vec();
    all.extend(ids.iter().filter(|id| !allowed.contains(id)).cloned());
    all.dedup();
    if options.json {
        return out.json(&json!({ "security_allow": all }), options.pretty);
    }
    out.write(&line(&all)?)?;
    if !out.is_terminal() {
        return Ok(());
    }
    let file = match &global.config {
        Some(file) => file.display().to_string(),
        None => "a file of settings, which --config names".into(),
    };
    let mut page = Page::new(out.style());
    page.gap();
    let mut flow = Flow::new(&page, Line::new(), 0);
    flow.words(
        Tone::Quiet,
        &format!(
            "This line belongs into {file}, in place of one of its name; or into the variable \
             USM_SECURITY_ALLOW. What is allowed is still listed with --all."
        ),
    );
    flow.end(&mut page);
    out.draw(&page)
}

/// A pattern is taken as it is; what is none must be of a finding, or it was mistyped.
fn check(id: &str, findings: &[SecurityFinding]) -> Outcome {
    if id.contains('*') || findings.iter().any(|finding| finding.id == id) {
        return Ok(());
    }
    let kind = id.split(':').next().unwrap_or_default();
    let same_kind = |finding: &&SecurityFinding| finding.id.starts_with(kind);
    let alike: Vec<&str> = findings
        .iter()
        .filter(same_kind)
        .map(|finding| finding.id.as_str())
        .take(OFFERED)
        .collect();
    let hint = match alike.is_empty() {
        true => "`usm security --all` lists the findings with their ids".to_string(),
        false => format!("there are {}", alike.join(", ")),
    };
    let message = format!("--allow: nothing of the name {id:?} was found");
    Err(Failure::usage(&message, Some(&hint)))
}

/// As a line of TOML, which reads strings as JSON writes them.
fn line(ids: &[String]) -> Outcome<String> {
    Ok(format!(
        "security_allow = {}\n",
        serde_json::to_string(ids)?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::security::draw::tests::finding;

    #[test]
    fn a_mistyped_id_is_told_with_those_of_its_kind() {
        let findings = [finding("listener:tcp:0.0.0.0:8080")];
        assert!(check("listener:tcp:0.0.0.0:8080", &findings).is_ok());
        assert!(check("listener:*", &[]).is_ok());
        let failure = check("listener:tcp:0.0.0.0:808", &findings).unwrap_err();
        let text = failure.text().unwrap();
        assert!(
            text.contains("there are listener:tcp:0.0.0.0:8080"),
            "{text}"
        );
        assert_eq!(failure.code(), 2);
    }

    #[test]
    fn the_line_is_read_back_by_the_settings() {
        let ids = ["a:\"b\"\\".to_string(), "listener:*".to_string()];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("usm.toml");
        std::fs::write(&file, line(&ids).unwrap()).unwrap();
        let config = usm_core::Config::layered(Some(&file)).unwrap();
        assert_eq!(config.security_allow, ids);
    }
}
