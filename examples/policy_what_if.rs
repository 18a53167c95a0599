//! A policy what-if: add one row to the shipped policy, and see which answers change.
//!
//! `cargo run --example policy_what_if` proposes that social workers of a care team may read messages to the clinical
//! team, lints and loads this policy like any other, and lists every question whose answer would change. It activates
//! nothing.

#![expect(clippy::print_stdout, reason = "an example says what it does")]

use anyhow::{Context, anyhow};
use care::lifecycle::ThreadKind;
use care::words::{Audience, Confidentiality, Role, Sensitivity};
use policy::active::ActivePolicy;
use policy::explain::explain;
use policy::question::{CodeSet, ThingFacts};
use policy::reach::HeldStanding;
use policy::text::PolicyText;
use policy::words::{Action, Standing};

fn load(text: PolicyText) -> anyhow::Result<ActivePolicy> {
    ActivePolicy::load(text).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow!("{}", problems.join("\n"))
    })
}

/// What a question about a thread depends on.
struct Case {
    held: HeldStanding,
    action: Action,
    audience: Option<Audience>,
    confidentiality: Confidentiality,
    code: Option<Sensitivity>,
}

/// Every question about a thread for a person with one standing.
fn cases() -> impl Iterator<Item = Case> {
    let held =
        Role::ALL.iter().flat_map(|role| Standing::ALL.iter().map(|standing| HeldStanding::full(*standing, *role)));
    held.flat_map(|held| {
        let audiences = Audience::ALL.iter().copied().map(Some).chain([None]);
        audiences.flat_map(move |audience| {
            Confidentiality::ALL.iter().flat_map(move |confidentiality| {
                let codes = Sensitivity::ALL.iter().copied().map(Some).chain([None]);
                codes.flat_map(move |code| {
                    let (actions, confidentiality) = (Action::all().iter(), *confidentiality);
                    actions.map(move |action| Case { held, action: *action, audience, confidentiality, code })
                })
            })
        })
    })
}

fn main() -> anyhow::Result<()> {
    let shipped = PolicyText::shipped();
    let mut proposed = shipped.clone();
    let row = "p, R9001, social_worker, care_team, thread.read_message, any, clinical_team, upto, N, none, any, TREAT, none, allow";
    proposed.rules = format!("{}\n{row}\n", proposed.rules.trim_end());
    let before = load(shipped).context("the shipped policy")?;
    let after = load(proposed).context("the proposed policy")?;
    let mut changed = 0_u32;
    for Case { held, action, audience, confidentiality, code } in cases() {
        let held = [held];
        let codes: CodeSet = code.into_iter().collect();
        let facts =
            ThingFacts { kind: Some(ThreadKind::Consultation), confidentiality, codes, released: true, held: &held };
        let question = facts.asking(action, audience);
        let [was, is] = [&before, &after].map(|policy| explain(policy, &question).allowed);
        if was != is {
            changed += 1;
            let [HeldStanding { standing, role, reach: _ }] = held;
            let audience = audience.map_or("any audience", Audience::word);
            let code = code.map_or("no code", Sensitivity::word);
            let (standing, role, action) = (standing.word(), role.word(), action.word());
            println!("{role} as {standing}: {action}, {audience}, {}, {code}: {was} -> {is}", confidentiality.word());
        }
    }
    println!("{changed} answers would change");
    Ok(())
}
