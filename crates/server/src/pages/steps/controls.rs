//! The controls of the form of each step.

use std::ops::RangeInclusive;

use chrono::TimeDelta;

use super::{Step, WITH_MESSAGE};
use crate::graphql::words::{Audience, Certainty, ConsultationState, HistoryWindow, InformMethod};
use crate::pages::controls::{Choice, Control, all_choices, choices, word};
use crate::pages::forms::Fields;
use crate::pages::parties;
use crate::pages::rows::Wording;
use crate::pages::texts::Texts;
use crate::pages::time::PageTime;
use crate::pages::view::View;

/// The most recommendations of an answer.
pub(super) const RECOMMENDATIONS_MAX: usize = 20;

/// The range of a rating.
pub(super) const RATINGS: RangeInclusive<i64> = 1..=5;

/// The minutes that an answer can have taken.
pub(super) const MINUTES_SPENT: RangeInclusive<i64> = 1..=600;

/// The value for "any member".
pub(super) const ANY_MEMBER: &str = "any";

impl Step {
    /// The controls of its form on a page of its own: with a message, where one can go along.
    pub fn form(self, view: &View, fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
        let mut controls = self.controls(view, fields, time);
        if WITH_MESSAGE.contains(&self) {
            controls.extend(message_controls(self, view, fields, time.l));
        }
        controls
    }

    /// Gives the focus to what was asked for, so that the page opens there.
    pub fn focus_on_more(self, controls: &mut [Control], fields: &Fields) {
        if self == Self::Advise && fields.given("more").is_some() {
            let name = format!("recommendations.{}.text", recommendation_count(fields).saturating_sub(1));
            controls.iter_mut().filter(|control| control.name == name).for_each(|control| control.has_focus = true);
        }
    }

    /// The controls of its form.
    pub fn controls(self, view: &View, fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
        let l = time.l;
        match self {
            Self::Advise => advise_controls(view, fields, l),
            Self::Plan => plan_controls(view, fields, l),
            Self::Inform => vec![
                Control::one("method", l.inform_method_label(), fields, {
                    let mut methods = all_choices(|method| l.inform_method(method));
                    let portal = methods.iter_mut().find(|method| method.value == word(&InformMethod::Portal));
                    if let (Some(reach), Some(portal)) = (view.reach(Audience::Everyone), portal) {
                        portal.hint = (!reach.includes_patient).then(|| l.inform_portal_without_patient().into_owned());
                    }
                    methods
                }),
                Control::moment("toldAt", l.inform_when(), fields, time),
            ],
            Self::Close if view.consultation().is_some() => vec![
                Control::one("outcome", l.close_outcome(), fields, all_choices(|word| l.closing_outcome(word))),
                Control::number("helpful", l.close_helpful(), fields, RATINGS).hint(l.close_scale()),
                Control::number("educational", l.close_educational(), fields, RATINGS).hint(l.close_scale()),
            ],
            Self::Close => vec![Control::text("outcome", l.close_outcome(), fields)],
            Self::Assign => assign_controls(view, fields, l),
            Self::AskForAssignment => vec![Control::short_text("reason", l.reason_why(), fields)],
            Self::HandOverRequest => vec![
                parties::one_of("to", l.hand_over_request_whom(), fields, parties::askers(view, l), l),
                Control::short_text("reason", l.reason_why(), fields),
            ],
            Self::Named => vec![
                view.addressees.control("to", fields, l),
                Control::text("body", l.reply_label(), fields).hint(l.reply_hint()),
            ],
            Self::Reply => vec![Control::text("body", l.reply_label(), fields).hint(l.reply_hint())],
            Self::Turn | Self::PassTurn => turn_controls(view, fields, time),
            Self::Park => {
                let in_a_week = time.local(time.now + TimeDelta::days(7));
                vec![
                    Control::moment_at("reviewAt", l.until_when(), &fields.clone().at("reviewAt", in_a_week), time),
                    Control::short_text("reason", l.park_reason(), fields),
                ]
            }
            Self::Reopen => {
                let mut controls = vec![Control::short_text("reason", l.reopen_reason(), fields)];
                controls.extend(turn_controls(view, fields, time));
                controls
            }
            Self::Add => {
                let why = Control::short_text("reason", l.reason_why(), fields);
                // In a team thread a reason is always needed.
                let why = if view.consultation().is_some() { why.hint(l.add_reason_hint()) } else { why };
                let people = parties::addable(view, l, false);
                vec![parties::one_of("personId", l.add_whom(), fields, people, l), history_control(fields, l), why]
            }
            Self::Invite => vec![
                parties::one_of("personId", l.invite_whom(), fields, parties::addable(view, l, true), l),
                history_control(fields, l),
                Control::short_text("reason", l.reason_why(), fields),
            ],
            Self::History => vec![
                parties::one_of("personId", l.history_whose(), fields, parties::seen_by(view, time), l),
                history_choice(fields, l.history_from_now(), l),
                Control::short_text("reason", l.reason_why(), fields),
            ],
            Self::Remove => vec![
                parties::one_of("personId", l.remove_whom(), fields, parties::removable(view, l), l),
                Control::short_text("note", l.reason_why(), fields),
            ],
            Self::Transfer => vec![
                parties::one_of("to", l.transfer_whom(), fields, parties::owners(view, l), l),
                Control::short_text("reason", l.reason_why(), fields),
            ],
            Self::Hide => hide_controls(view, fields, l),
            Self::Show => show_controls(view, l),
            Self::Release | Self::TakeOver => vec![Control::short_text("reason", l.reason_why(), fields)],
            Self::Accept | Self::Decline | Self::Claim | Self::Leave | Self::PutAway | Self::TakeBack | Self::Read => {
                Vec::new()
            }
        }
    }
}

/// How many recommendations the form asks for: as many as it had, one more if it was asked for.
pub(super) fn recommendation_count(fields: &Fields) -> usize {
    // A draft keeps no empty field, so one that was left empty may lie before one that was not.
    let has = |number: &usize| {
        ["text", "kind", "certainty"]
            .iter()
            .any(|part| fields.given(&format!("recommendations.{number}.{part}")).is_some())
    };
    let had = (0..RECOMMENDATIONS_MAX).rev().find(has).map_or(0, |last| last + 1);
    let more = usize::from(fields.given("more").is_some());
    (had + more).clamp(1, RECOMMENDATIONS_MAX)
}

/// How much somebody who joins sees, with all of it chosen in advance.
fn history_control(fields: &Fields, l: &Texts) -> Control {
    history_choice(&fields.clone().with("history.window", "FULL"), l.history_label(), l)
}

fn history_choice(fields: &Fields, legend: impl Into<String>, l: &Texts) -> Control {
    let all = choices(&[HistoryWindow::Full, HistoryWindow::FromJoin], |word| l.history_window(word));
    Control::one("history.window", legend, fields, all)
}

fn turn_controls(view: &View, fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
    let l = time.l;
    vec![
        parties::one_of("to.party", l.turn_whose(), fields, parties::parties(view, l), l),
        Control::short_text("note", l.turn_note(), fields).hint(l.optional()),
        Control::moment_at("to.dueAt", l.until_when(), fields, time).hint(l.optional_due(time.zone_words())),
    ]
}

/// The message that can go along with a step, and who may read it.
fn message_controls(step: Step, view: &View, fields: &Fields, l: &Texts) -> Vec<Control> {
    // Whom the team answers is chosen with a reply alone.
    let audiences = view.audiences().into_iter().filter(|audience| *audience != Audience::TeamAndMe);
    let audiences: Vec<Audience> = audiences.collect();
    // What informs the patient is for the patient.
    let preferred = if step == Step::Inform { Some(Audience::Everyone) } else { view.thread.default_audience };
    let preferred = audiences.iter().find(|audience| Some(**audience) == preferred).or(audiences.first());
    let Some(first) = preferred.map(word) else { return Vec::new() };
    let mut choices = choices(&audiences, |word| l.audience(word));
    for (choice, audience) in choices.iter_mut().zip(&audiences) {
        choice.hint = view.reach(*audience).map(|reach| reach.who(l));
    }
    let fields = fields.clone().with("message.audience", first);
    vec![
        Control::short_text("message.body", l.message_too(), &fields).hint(l.optional()),
        Control::one("message.audience", l.who_may_read(), &fields, choices),
    ]
}

/// Who knows of the thread already, and why it is hidden.
fn hide_controls(view: &View, fields: &Fields, l: &Texts) -> Vec<Control> {
    let known = view.thread.delegates.iter().flat_map(|delegates| &delegates.known_to);
    let known: Vec<(&str, &str)> =
        known.map(|person| (person.id.as_str(), person.name.text.as_deref().unwrap_or_default())).collect();
    let names: Vec<&str> = known.iter().map(|(_, name)| *name).collect();
    let names = if names.is_empty() { l.hide_known_to_nobody().into_owned() } else { names.join(", ") };
    let mut controls = vec![Control::quote(l.hide_known_to(), names)];
    controls.extend(known.iter().map(|(id, _)| Control::hidden("knownTo", id)));
    controls.push(Control::short_text("basis", l.hide_basis(), fields).hint(l.hide_basis_hint()));
    controls
}

/// Who would see the thread.
fn show_controls(view: &View, l: &Texts) -> Vec<Control> {
    let Some(delegates) = &view.thread.delegates else { return Vec::new() };
    let names = delegates.would_see.iter().filter_map(|person| person.name.text.as_deref());
    let names = names.collect::<Vec<_>>().join(", ");
    let names = if names.is_empty() { l.show_to_nobody().into_owned() } else { names };
    vec![Control::quote(l.show_to_whom(), names), Control::hidden("delegates", &delegates.version)]
}

fn assign_controls(view: &View, fields: &Fields, l: &Texts) -> Vec<Control> {
    let Some(own) = view.consultation() else { return Vec::new() };
    let physicians = own.pool.iter().flat_map(|pool| pool.physicians.iter().flatten());
    let named = physicians.filter_map(|person| Some(Choice::new(person.id.clone(), person.name.text.clone()?)));
    let any = Choice { hint: Some(l.assign_any_hint().into_owned()), ..Choice::new(ANY_MEMBER, l.assign_any()) };
    let fields = fields.clone().with("to", ANY_MEMBER);
    let to = Control::one("to", l.assign_to(), &fields, std::iter::once(any).chain(named).collect());
    if own.state == ConsultationState::Submitted {
        return vec![to];
    }
    vec![to, Control::one("reason", l.assign_reason(), &fields, all_choices(|word| l.reassign_reason(word)))]
}

fn advise_controls(view: &View, fields: &Fields, l: &Texts) -> Vec<Control> {
    let mut controls = Vec::new();
    if let Some(own) = view.consultation() {
        controls.push(quote(l.the_question(), &Wording::from(&own.question), l));
    }
    let certainties = [Certainty::High, Certainty::Moderate, Certainty::Low];
    for number in 0..recommendation_count(fields) {
        let (name, shown) = (|part: &str| format!("recommendations.{number}.{part}"), number + 1);
        controls.push(Control::short_text(&name("text"), l.advise_text(shown), fields));
        let kinds = all_choices(|word| l.recommendation_kind(word));
        controls.push(Control::one(&name("kind"), l.advise_kind(shown), fields, kinds));
        controls.push(Control::one(&name("certainty"), l.advise_certainty(shown), fields, {
            choices(&certainties, |word| l.certainty(word))
        }));
    }
    controls.push(Control::short_text("comeBackWhen", l.advise_come_back(), fields).hint(l.optional()));
    controls.push(Control::number("minutesSpent", l.advise_minutes(), fields, MINUTES_SPENT));
    controls
}

/// A text to read, or that it is withheld or erased.
fn quote(label: impl Into<String>, text: &Wording, l: &Texts) -> Control {
    match text {
        Wording::Text(text) => Control::quote(label, text),
        Wording::Withheld => Control::quote(label, l.withheld()),
        Wording::Erased => Control::quote(label, l.erased()),
    }
}

/// A recommendation to be decided on.
struct Recommended<'a> {
    /// Its place in the answer, from zero.
    number: usize,
    id: &'a str,
    text: &'a Wording,
}

/// The decision on a recommendation. What the reader may not read, they cannot decide on: it is said, and not sent.
fn disposition_controls(asked: &Recommended<'_>, fields: &Fields, l: &Texts) -> Vec<Control> {
    let &Recommended { number, id, text } = asked;
    let (name, shown) = (|part: &str| format!("dispositions.{number}.{part}"), number + 1);
    let recommendation = quote(l.advise_text(shown), text, l);
    if text.text().is_none() {
        return vec![recommendation];
    }
    vec![
        recommendation,
        Control::hidden(&name("recommendationId"), id),
        Control::one(&name("disposition"), l.plan_decision(shown), fields, all_choices(|word| l.disposition(word))),
        Control::short_text(&name("reason"), l.plan_reason(shown), fields).hint(l.plan_reason_hint()),
    ]
}

fn plan_controls(view: &View, fields: &Fields, l: &Texts) -> Vec<Control> {
    let advice = view.consultation().and_then(|own| own.advice.as_ref());
    let mut controls = Vec::new();
    for (number, each) in advice.iter().flat_map(|advice| &advice.recommendations).enumerate() {
        let asked = Recommended { number, id: &each.id, text: &Wording::from(&each.text) };
        controls.extend(disposition_controls(&asked, fields, l));
    }
    controls.push(Control::short_text("note", l.plan_note(), fields).hint(l.optional()));
    controls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::texts::Languages;

    #[test]
    fn a_recommendation_that_cannot_be_read_is_said_and_not_sent() {
        let l = Languages::read().unwrap().named("en").unwrap();
        let fields = Fields::default().with("dispositions.1.reason", "kept in a draft");
        let of = |text: &Wording| disposition_controls(&Recommended { number: 1, id: "r1", text }, &fields, l);
        let names: Vec<String> = of(&Wording::Text("Rest.".to_owned())).into_iter().map(|each| each.name).collect();
        let sent = ["recommendationId", "disposition", "reason"].map(|part| format!("dispositions.1.{part}"));
        assert_eq!(names[1..], sent);
        for (text, words) in [(Wording::Withheld, l.withheld()), (Wording::Erased, l.erased())] {
            let controls = of(&text);
            assert_eq!(controls.len(), 1, "{controls:?}");
            assert!(controls[0].name.is_empty() && controls[0].hint.as_deref() == Some(&*words), "{controls:?}");
        }
    }
}
