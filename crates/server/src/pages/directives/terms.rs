//! What a new directive is to be about (whom, which subjects, which purpose, from when, until when): the controls of its form,
//! and what was chosen.

use super::act::Act;
use super::around::Around;
use super::chosen::{Chosen, Named};
use crate::graphql::problem::ProblemCode;
use crate::graphql::words::Purpose;
use crate::pages::controls::{Choice, Control, all_choices, choices, chosen, instant};
use crate::pages::delegates::controls::proposed_end;
use crate::pages::delegates::scope::sensitivities;
use crate::pages::forms::Fields;
use crate::pages::outcome::Problem;
use crate::pages::parties::one_of;
use crate::pages::time::PageTime;

/// The field for whom it is about.
pub(super) const WHOM: &str = "whom";
/// The field for the sensitive subjects.
pub(super) const SUBJECTS: &str = "sensitivities";
/// The field for the purpose.
pub(super) const PURPOSE: &str = "purpose";
/// The field for whether it begins later.
pub(super) const HAS_START: &str = "hasStart";
/// The field for whether it has an end.
pub(super) const HAS_END: &str = "hasEnd";
/// The field for what was seen of what it would change.
pub(super) const SEEN: &str = "seen";
/// The value of a choice that is any.
pub(super) const ANY: &str = "any";
/// The value of a choice that answers a question with yes.
pub(super) const YES: &str = "yes";

/// The controls of the form.
pub(super) fn controls(act: Act, around: &Around, fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
    let l = time.l;
    let mut controls = vec![one_of(WHOM, l.directive_whom(), fields, around.whom.clone(), l)];
    let subjects = all_choices(|subject| l.sensitivity(subject));
    let hint = if act.permits() { l.directive_subjects_permit() } else { l.directive_subjects_deny() };
    controls.push(Control::many(SUBJECTS, l.directive_subjects(), fields, subjects).hint(hint));
    let with_any = |name: &str| fields.clone().with(name, ANY);
    if !act.permits() {
        let purposes = [Purpose::Treatment, Purpose::CareCoordination, Purpose::FamilyRequest];
        let mut all = vec![Choice::new(ANY, l.directive_any_purpose())];
        all.extend(choices(&purposes, |purpose| l.purpose(purpose)));
        controls.push(Control::one(PURPOSE, l.directive_purpose(), &with_any(PURPOSE), all));
    }
    let starts = vec![Choice::new(ANY, l.directive_start_now()), Choice::new(YES, l.directive_start_later())];
    controls.push(Control::one(HAS_START, l.directive_start(), &with_any(HAS_START), starts));
    controls.push(Control::moment_at("from", l.directive_from_when(), fields, time));
    if !act.permits() {
        let ends = vec![Choice::new(ANY, l.directive_no_end()), Choice::new(YES, l.directive_has_end())];
        controls.push(Control::one(HAS_END, l.directive_end(), &with_any(HAS_END), ends));
    }
    let label = if act.permits() { l.until_when() } else { l.authority_until_when() };
    controls.push(Control::moment_at("until", label, &proposed_end("until", fields, time), time));
    controls
}

/// What a form asks for, or all that is missing or wrong in it.
///
/// # Errors
/// The problems, each at its field.
pub(super) fn given(act: Act, fields: &Fields, time: &PageTime<'_>) -> Result<Chosen, Vec<Problem>> {
    let mut problems = Vec::new();
    let whom = fields.filled(WHOM).and_then(Named::of);
    if whom.is_none() {
        problems.push(Problem::of_field(ProblemCode::Empty, WHOM));
    }
    let mut at = |name: &str, is_given: bool| {
        let found = if is_given { instant(fields, name, time).map(Some) } else { Ok(None) };
        found.unwrap_or_else(|problem| {
            problems.push(problem);
            None
        })
    };
    let from = at("from", fields.get(HAS_START) == YES);
    let until = at("until", act.permits() || fields.get(HAS_END) == YES);
    let purpose = if act.permits() { Some(Purpose::Treatment) } else { chosen::<Purpose>(fields, PURPOSE) };
    let sensitivities = sensitivities(fields, SUBJECTS);
    match whom {
        Some(whom) if problems.is_empty() => Ok(Chosen { whom, sensitivities, purpose, from, until }),
        Some(_) | None => Err(problems),
    }
}

/// A problem of the API at the control of the form that it is about.
pub(super) fn placed(problem: Problem) -> Problem {
    let whom = ["personId", "role", "organizationId"].into_iter().find(|field| problem.is_about(field));
    match whom {
        Some(field) => problem.renamed(field, WHOM),
        None => problem,
    }
}
