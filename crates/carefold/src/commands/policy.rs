//! `carefold policy`: lint, test, explain. Nothing is put in force here.

use std::io::Write;

use anyhow::{Context, bail};
use policy::active::ActivePolicy;
use policy::cases;
use policy::problem::PolicyProblem;
use policy::question::ThingFacts;
use policy::reach::HeldStanding;
use policy::text::PolicyText;

use crate::cli;
use crate::exit::WrongUsage;

/// Answers one of the commands of `carefold policy`, on `out`.
///
/// # Errors
/// When the policy is not sound or does not do what its cases expect.
pub(crate) fn run(command: &cli::Policy, out: &mut impl Write) -> anyhow::Result<()> {
    match command {
        cli::Policy::Lint(folder) => {
            let policy = load(folder)?;
            writeln!(out, "nothing is wrong with the policy {}", policy.version())?;
        }
        cli::Policy::Test(folder) => {
            let report = cases::check(&load(folder)?);
            if !report.problems.is_empty() {
                bail!("{}", listed("the policy does not do what its cases expect", &report.problems));
            }
            writeln!(out, "{} answers compared, all as expected", report.checked)?;
        }
        cli::Policy::Explain(asked) => explain(asked, out)?,
    }
    Ok(())
}

fn load(folder: &cli::PolicyFolder) -> anyhow::Result<ActivePolicy> {
    let text = match &folder.folder {
        Some(folder) => PolicyText::read_folder(folder)
            .with_context(|| format!("cannot read a policy from {}", folder.display()))?,
        None => PolicyText::shipped(),
    };
    ActivePolicy::load(text).map_err(|problems| anyhow::anyhow!("{}", listed("the policy is not sound", &problems)))
}

fn listed(heading: &str, problems: &[PolicyProblem]) -> String {
    problems.iter().fold(heading.to_owned(), |text, problem| format!("{text}\n  {problem}"))
}

fn explain(asked: &cli::Explain, out: &mut impl Write) -> anyhow::Result<()> {
    let policy = load(&cli::PolicyFolder { folder: None })?;
    let (action, kinds) = (asked.action.word(), asked.action.kinds());
    let kind = asked.kind.or(if let [only] = kinds { Some(*only) } else { None });
    if !asked.action.is_asked_about(kind) {
        let reason = kind.map_or_else(
            || format!("{action} is an action of several kinds of thread; name one with `--kind`"),
            |kind| format!("{action} is not an action of the kind {}", kind.word()),
        );
        return Err(WrongUsage(reason).into());
    }
    let held = [HeldStanding::full(asked.standing, asked.role)];
    let thing = ThingFacts {
        kind,
        confidentiality: asked.confidentiality,
        codes: asked.codes.iter().copied().collect(),
        released: asked.released,
        held: &held,
    };
    let question = thing.asking(asked.action, asked.audience);
    let explanation = policy::explain::explain(&policy, &question);
    write!(out, "{explanation}")?;
    if !explanation.allowed {
        bail!("the policy refuses it");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn output(line: &[&str]) -> anyhow::Result<String> {
        let line = cli::CommandLine::try_parse_from(["carefold", "policy"].iter().chain(line)).unwrap();
        let cli::Command::Policy(command) = line.command else { panic!("another command") };
        let mut out = Vec::new();
        let ran = run(&command, &mut out);
        let said = String::from_utf8(out).unwrap();
        ran.map_err(|error| {
            let all = format!("{said}{error}");
            error.context(all)
        })?;
        Ok(said)
    }

    #[test]
    fn the_shipped_policy_is_sound_and_does_what_its_cases_expect() {
        assert!(output(&["lint"]).unwrap().starts_with("nothing is wrong"));
        assert!(output(&["test"]).unwrap().ends_with("all as expected\n"));
    }

    #[test]
    fn every_problem_of_an_invalid_policy_is_reported() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().to_str().unwrap();
        assert!(output(&["lint", "--folder", folder]).is_err(), "an empty folder");
        let shipped = PolicyText::shipped();
        std::fs::create_dir(place.path().join("cases")).unwrap();
        std::fs::create_dir(place.path().join("expected")).unwrap();
        std::fs::write(place.path().join("model.conf"), &shipped.model).unwrap();
        let broken = shipped.rules.replace("p, R501, person,", "p, R501, king,");
        std::fs::write(place.path().join("policy.csv"), broken).unwrap();
        assert!(output(&["lint", "--folder", folder]).unwrap_err().to_string().contains("king"));
        std::fs::write(place.path().join("policy.csv"), &shipped.rules).unwrap();
        assert!(output(&["lint", "--folder", folder]).is_ok());
        assert!(output(&["test", "--folder", folder]).is_err(), "there are no tables of expected answers");
    }

    #[test]
    fn a_decision_is_explained_by_its_rules() {
        let message = [
            "explain",
            "--kind",
            "consultation",
            "--role",
            "social_worker",
            "--standing",
            "care_team",
            "--action",
            "thread.post",
        ];
        let to = |audience| output(&[&message[..], &["--audience", audience]].concat());
        let allowed = to("everyone").unwrap();
        assert!(allowed.starts_with("allowed") && allowed.contains("R406"));
        let refused = to("clinical_team").unwrap_err();
        assert_eq!(crate::exit::code(&refused), crate::exit::FAILED);
        let said = refused.to_string();
        assert!(said.starts_with("refused") && said.contains("R406"), "{said}");
        // What other actions are allowed says nothing about this one.
        assert!(!said.contains("action"), "{said}");
    }
}
