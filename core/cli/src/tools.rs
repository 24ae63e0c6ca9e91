//! `usm tools`: which other tools would show more of a problem, and how they are had here.

use clap::Args;
use serde_json::json;
use usm_core::State;
use usm_core::judge::Insight;
use usm_core::store::FindingKind;
use usm_core::tools::{
    Context, Feedback, HostTools, Problem, SeenProblem, ToolRecommendation, USUAL_LIMIT, recommend,
};

use crate::draw::{Flow, Line, Page, Tone, bar, number};
use crate::failure::{Failure, Outcome};
use crate::found::{Found, MOST, Wanted};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::status::look;

const EXAMPLES: &str = "\
Examples:
  usm tools                      what would help with what is wrong here now
  usm tools disk full            what helps with a full disk
  usm tools 'who uses the network' --limit 3
  usm tools --list-problems      what may be asked about
  usm tools memory leak --json | jq -r '.[] | .install_command // empty'

Nothing is run and nothing installed: commands are told. Words in capitals (PID, HOST) are to
be filled in. --json is an array: name, description, category, install_command (null where it
is there, or how is not known), doc_url, tags, confidence_score, reason, system_impact,
alternatives, installed, how_to_run, needs_root, problem.";

/// Columns of the marks at the left edge.
const GUTTER: usize = 4;

/// Columns of the bar of how sure it is.
const CELLS: usize = 8;

/// Recommend tools that show more of a problem: how to run them, and how to install them here.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ToolsOptions {
    /// What is wrong, in plain words; what is seen here unless given.
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// How many to show.
    #[arg(long, value_name = "N", default_value_t = USUAL_LIMIT)]
    limit: usize,
    /// List the problems that tools are known for.
    #[arg(long, conflicts_with_all = ["query", "limit"])]
    list_problems: bool,
    /// As a JSON array in one line.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
}

pub(crate) fn perform(options: &ToolsOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    if options.list_problems {
        return list_problems(options, out);
    }
    let config = global.settings_without_store()?;
    let host = HostTools::look(&config.roots());
    let query = options.query.join(" ");
    let asked = (!query.trim().is_empty()).then_some(query.as_str());
    // What was asked stands for itself; a look takes half a second.
    let context = match asked {
        Some(_) => Context::default(),
        None => seen(&*look(config)?, global)?,
    };
    let found = recommend(asked, &context, &host, &Feedback::default(), options.limit);
    if options.json {
        return out.json(&found, options.pretty);
    }
    if found.is_empty() {
        return nothing(asked, out);
    }
    let mut page = Page::new(out.style());
    for tool in &found {
        draw(tool, &mut page);
    }
    out.draw(&page)
}

/// What is wrong here: as one look shows it, and as a monitor that has watched longer wrote.
fn seen(state: &State, global: &GlobalOptions) -> Outcome<Context> {
    let mut context = Context::of(&state.metrics, state.scores.performance.value);
    let mut insights = state.insights.to_vec();
    if let Some(mut found) = Found::open_if_in_use(global)?
        && found.is_watched()
    {
        let past = found.of::<Insight>(FindingKind::Insight, Wanted::Open, MOST)?;
        insights.extend(past.into_iter().map(|past| past.value));
    }
    context.problems = insights.iter().filter_map(SeenProblem::of).collect();
    Ok(context)
}

fn list_problems(options: &ToolsOptions, out: &mut Outlet) -> Outcome {
    if options.json {
        let list: Vec<_> = Problem::ALL
            .iter()
            .map(|problem| json!({ "name": problem.name(), "words": problem.words() }))
            .collect();
        return out.json(&list, options.pretty);
    }
    let mut page = Page::new(out.style());
    for problem in Problem::ALL {
        let name = Line::of(Tone::Label, problem.name());
        let mut flow = Flow::new(&page, name, 22);
        flow.words(Tone::Plain, problem.words());
        flow.end(&mut page);
    }
    out.draw(&page)
}

fn nothing(asked: Option<&str>, out: &mut Outlet) -> Outcome {
    match asked {
        Some(query) => Err(Failure::new(
            &format!("no tool is known for {query:?}"),
            Some("`usm tools --list-problems` lists what may be asked about"),
        )),
        None => {
            let mut page = Page::new(out.style());
            let mut flow = Flow::new(&page, Line::new(), 0);
            flow.words(
                Tone::Good,
                "Nothing is wrong here now that a tool would show more of.",
            );
            flow.words(Tone::Quiet, "`usm tools QUERY` asks about something.");
            flow.end(&mut page);
            out.draw(&page)
        }
    }
}

fn draw(tool: &ToolRecommendation, page: &mut Page) {
    let (tone, mark) = match tool.installed.is_some() {
        true => (Tone::Good, "●"),
        false => (Tone::Quiet, "○"),
    };
    let mut flow = Flow::new(page, Line::of(tone, mark), GUTTER);
    flow.add(Line::of(Tone::Strong, &tool.name));
    let percent = Some(100.0 * tool.confidence_score);
    flow.add(bar(percent, CELLS, Tone::Good, page.style()).and(
        Tone::Quiet,
        format!(" {} sure", number::whole_percent(percent)),
    ));
    flow.add(match &tool.installed {
        Some(path) => Line::of(Tone::Good, format!("is there: {}", path.display())),
        None => Line::of(Tone::Warning, "is not installed"),
    });
    flow.end_line();
    flow.words(Tone::Plain, &tool.description);
    flow.end_line();
    flow.words(Tone::Quiet, &format!("because: {}", tool.reason));
    flow.end(page);
    let mut say = |name: &str, tone: Tone, text: &str| {
        let label = Line::new().padded(GUTTER).and(Tone::Label, name);
        let mut flow = Flow::new(page, label, GUTTER + 10);
        flow.words(tone, text);
        flow.end(page);
    };
    say("run", Tone::Strong, &tool.how_to_run);
    if tool.needs_root {
        say("", Tone::Quiet, "root must run it, or sees more");
    }
    if tool.installed.is_none() {
        match &tool.install_command {
            Some(command) => say("install", Tone::Strong, command),
            None => say("install", Tone::Quiet, "how it is had here is not known"),
        }
    }
    say("more", Tone::Quiet, &tool.doc_url);
    if !tool.alternatives.is_empty() {
        say("or", Tone::Quiet, &tool.alternatives.join(", "));
    }
    page.gap();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;
    use usm_core::tools::{Category, Impact};

    fn tool(installed: bool) -> ToolRecommendation {
        ToolRecommendation {
            name: "iotop".into(),
            description: "Shows which process reads and writes".into(),
            category: Category::Monitoring,
            install_command: (!installed).then(|| "sudo apt install iotop".into()),
            doc_url: "https://example.org/iotop".into(),
            tags: vec!["disk".into()],
            confidence_score: 0.9,
            reason: "disks are slow".into(),
            system_impact: Impact::Low,
            alternatives: vec!["pidstat".into()],
            installed: installed.then(|| "/usr/sbin/iotop".into()),
            how_to_run: "sudo iotop -oPa".into(),
            needs_root: true,
            problem: Some(Problem::IoBound),
        }
    }

    fn drawn(installed: bool, width: usize) -> String {
        let mut page = Page::new(Style {
            width,
            unicode: true,
            colour: false,
        });
        draw(&tool(installed), &mut page);
        page.render()
    }

    #[test]
    fn a_tool_tells_how_it_is_run_and_how_it_is_had() {
        let text = drawn(false, 90);
        for part in [
            "○   iotop  ",
            "90 % sure  is not installed\n",
            "    because: disks are slow\n",
            "    run       sudo iotop -oPa\n",
            "    install   sudo apt install iotop\n",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        let text = drawn(true, 90);
        assert!(text.contains("is there: /usr/sbin/iotop"), "{text}");
        assert!(!text.contains("install  "), "{text}");
        for line in drawn(false, 24).lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= 24, "{line}");
        }
    }
}
