//! The controls of the form of each act about a helper or a legal authority, and what is missing in it.

use chrono::TimeDelta;

use super::act::Act;
use super::around::{Around, Delegate};
use super::opened::Opened;
use super::scope::{Scope, YES, topic_controls};
use crate::graphql::delegation_words::{ConsentBasis, DelegationKind};
use crate::graphql::problem::ProblemCode;
use crate::pages::controls::{Choice, Control, all_choices, choices, instant};
use crate::pages::forms::Fields;
use crate::pages::outcome::Problem;
use crate::pages::parties::one_of;
use crate::pages::site::Visit;
use crate::pages::texts::Texts;
use crate::pages::time::PageTime;

/// For how many days a new end is proposed.
const DAYS: i64 = 180;
/// The field for whether a right by law has an end.
pub(super) const HAS_END: &str = "hasEnd";
/// The field for the instant at which a patient was asked to consent.
pub(super) const SHOWN_AT: &str = "shownAt";
/// The field for the version of the list of what would open that was seen.
pub(super) const SEEN: &str = "seenVersion";
/// The field for whether the sender is a relative.
pub(super) const IS_RELATIVE: &str = "isRelative";

/// What the form of an act is made of.
pub(super) struct Asked<'a> {
    pub around: &'a Around,
    /// The id of the helper or of the legal authority.
    pub about: &'a str,
    /// What would open, where that is to be checked.
    pub opened: Option<&'a Opened>,
    pub fields: &'a Fields,
    pub time: PageTime<'a>,
    /// The id of who sends it.
    pub reader: &'a str,
}

/// The day and time until which something is proposed: the beginning of a day, so that whole days are meant.
pub(crate) fn proposed_end(name: &str, fields: &Fields, time: &PageTime<'_>) -> Fields {
    end_after(DAYS, name, fields, time)
}

/// The same for a number of days.
pub(super) fn end_after(days: i64, name: &str, fields: &Fields, time: &PageTime<'_>) -> Fields {
    let day = time.local(time.now + TimeDelta::days(days)).date();
    fields.clone().at(name, day.and_time(chrono::NaiveTime::MIN))
}

impl Asked<'_> {
    fn helper(&self) -> Option<&Delegate> {
        self.around.helper(self.about)
    }

    /// The controls of the form.
    pub fn controls(&self, act: Act) -> Vec<Control> {
        let (l, fields) = (self.time.l, self.fields);
        let why = || Control::short_text("reason", l.reason_why(), fields);
        let mut controls = match act {
            Act::RefuseOffer | Act::End if self.around.is_own => vec![why().hint(l.helper_reason_optional())],
            Act::RefuseOffer
            | Act::End
            | Act::FailIdentity
            | Act::FailCheck
            | Act::Suspend
            | Act::RejectAuthority
            | Act::DisputeAuthority
            | Act::UpholdAuthority => vec![why().hint(l.helper_reason_hint())],
            Act::EndAuthority => vec![
                why().hint(l.helper_reason_hint()),
                Control::moment("endedAt", l.authority_ended_when(), fields, &self.time),
            ],
            Act::VerifyIdentity => self.identity_controls(),
            Act::PassCheck => self.check_controls(),
            Act::Consent => self.consent_controls(),
            Act::Narrow => {
                let limits = self.helper().and_then(|helper| helper.scope.as_ref());
                Scope::controls(fields, limits, true, l)
            }
            Act::CheckWider => {
                let mut controls = Scope::controls(fields, None, true, l);
                controls.extend(self.check_controls());
                controls
            }
            Act::Widen | Act::WidenByLaw => self.widen_controls(act),
            Act::Renew => {
                let until = proposed_end("until", fields, &self.time);
                let mut controls = vec![Control::moment_at("until", l.until_when(), &until, &self.time)];
                controls.extend(self.method());
                controls
            }
            Act::Resume => {
                let mut controls = question_controls(fields, l);
                controls.push(
                    Control::short_text("patientWord", l.block_word(), fields).hint(l.helper_patient_word_hint()),
                );
                controls.push(why().hint(l.helper_reason_hint()));
                controls
            }
            Act::RecordAuthority => self.record_controls(),
            Act::VerifyAuthority => self.limit_controls(),
        };
        controls.push(Control::hidden("about", self.about));
        controls
    }

    /// How consent was given: the patient gives it here.
    fn method(&self) -> Option<Control> {
        let l = self.time.l;
        let methods = all_choices(|word| l.consent_method(word));
        let control = || Control::one("method", l.helper_consent_how(), self.fields, methods);
        (!self.around.is_own).then(control)
    }

    fn identity_controls(&self) -> Vec<Control> {
        let (l, fields) = (self.time.l, self.fields);
        let mut controls = vec![
            Control::one("method", l.helper_identity_how(), fields, all_choices(|word| l.identity_method(word))),
            Control::one("level", l.helper_identity_level(), fields, all_choices(|word| l.identity_level(word))),
            Control::short_text("evidence", l.helper_evidence(), fields).hint(l.helper_evidence_hint()),
        ];
        let kind = self.helper().map(|helper| helper.kind);
        if kind == Some(DelegationKind::ProfessionalHelper) {
            let control = Control::short_text("employment", l.helper_employment(), fields);
            controls.push(control.hint(l.helper_employment_hint()));
        }
        let is_by_law = matches!(
            kind,
            Some(DelegationKind::ParentOfMinor | DelegationKind::LegalRepresentative | DelegationKind::Executor)
        );
        if is_by_law {
            controls.push(self.authority_control());
        }
        controls.push(relative_control(fields, l));
        controls
    }

    /// The rights by law that were checked.
    fn authority_control(&self) -> Control {
        let l = self.time.l;
        let own = self.helper().and_then(|helper| helper.authority.clone());
        let fields = own.map_or_else(|| self.fields.clone(), |own| self.fields.clone().with("legalAuthorityId", own));
        one_of("legalAuthorityId", l.helper_authority(), &fields, self.around.verified(l), l)
    }

    /// For each sensitive thread of what would open, whether it is to, and why.
    fn sensitive_controls(&self) -> Vec<Control> {
        let (l, fields) = (self.time.l, self.fields);
        let mut controls = Vec::new();
        for thread in self.opened.into_iter().flat_map(Opened::sensitive) {
            let yes = vec![Choice::new(YES, l.helper_open_it())];
            let (name, subject) = (format!("accepted.{}", thread.id), thread.name.clone());
            controls.push(Control::many(&format!("{name}.open"), l.helper_open_sensitive(&subject), fields, yes));
            let why = Control::short_text(&format!("{name}.reason"), l.helper_open_why(subject), fields);
            controls.push(why.hint(l.helper_open_why_hint()));
        }
        controls
    }

    fn check_controls(&self) -> Vec<Control> {
        let (l, fields) = (self.time.l, self.fields);
        let mut controls = self.sensitive_controls();
        controls.extend(question_controls(fields, l));
        controls.push(relative_control(fields, l));
        controls.extend(self.seen());
        controls
    }

    fn consent_controls(&self) -> Vec<Control> {
        let (l, fields) = (self.time.l, self.fields);
        let limits = self.helper().and_then(|helper| helper.scope.as_ref());
        let mut controls = Vec::new();
        if self.around.is_own {
            let now = self.time.now.to_rfc3339();
            controls.push(Control::hidden(SHOWN_AT, fields.filled(SHOWN_AT).unwrap_or(&now)));
        } else {
            let bases = choices(&[ConsentBasis::PatientWord, ConsentBasis::Law], |word| l.consent_basis(word));
            controls.push(Control::one("basis", l.helper_basis(), fields, bases));
            controls.extend(self.method());
            controls.push(Control::moment("givenAt", l.helper_consent_when(), fields, &self.time));
            let others = self.around.colleagues(self.reader, l);
            if !others.is_empty() {
                let witness = Control::one("witnessId", l.helper_witness(), fields, others);
                controls.push(witness.hint(l.helper_witness_hint()));
            }
            controls.extend(self.own_word());
        }
        controls.extend(Scope::controls(fields, limits, !self.around.is_own, l));
        controls
    }

    fn widen_controls(&self, act: Act) -> Vec<Control> {
        let (l, fields) = (self.time.l, self.fields);
        let mut controls = Scope::controls(fields, None, act == Act::WidenByLaw, l);
        if act == Act::WidenByLaw {
            controls.push(Control::short_text("basis", l.helper_law(), fields));
            let colleagues = self.around.colleagues(self.reader, l);
            controls.push(one_of("agreedById", l.helper_agreed(), fields, colleagues, l));
            controls.extend(self.own_word());
            controls.extend(self.sensitive_controls());
        }
        controls.extend(self.seen());
        controls
    }

    /// What the patient says to an access that the law gives.
    fn own_word(&self) -> [Control; 2] {
        let (l, fields) = (self.time.l, self.fields);
        let words = all_choices(|word| l.own_word(word));
        let own = Control::one("ownWord.word", l.helper_own_word(), fields, words);
        let note = Control::short_text("ownWord.note", l.helper_own_word_note(), fields);
        [own.hint(l.helper_own_word_hint()), note]
    }

    /// The version of the list that this page shows, and not of one that an earlier page has shown.
    fn seen(&self) -> Option<Control> {
        self.opened.map(|opened| Control::hidden(SEEN, &opened.version))
    }

    fn record_controls(&self) -> Vec<Control> {
        let (l, fields) = (self.time.l, self.fields);
        let mut people = self.around.known(l);
        let helping = self.around.helpers.iter().filter(|helper| !helper.is_over());
        for person in helping.filter_map(|helper| helper.person.as_ref()) {
            let name = person.name.text().filter(|_| !people.iter().any(|known| known.value == person.id));
            people.extend(name.map(|name| Choice::new(person.id.clone(), name)));
        }
        vec![
            one_of("personId", l.authority_whose(), fields, people, l),
            Control::one("kind", l.authority_what(), fields, all_choices(|word| l.authority_kind(word))),
            Control::one("ground", l.authority_why(), fields, all_choices(|word| l.authority_ground(word))),
            Control::short_text("document", l.authority_document(), fields).hint(l.authority_document_hint()),
        ]
    }

    fn limit_controls(&self) -> Vec<Control> {
        let (l, fields) = (self.time.l, self.fields);
        let mut controls = vec![Control::quote(l.authority_limits(), l.helper_topics_text())];
        controls.extend(topic_controls(fields, "limits", None, l));
        let subjects = all_choices(|subject| l.sensitivity(subject));
        controls.push(Control::many("limits.sensitivities", l.helper_sensitive(), fields, subjects));
        let yes = vec![Choice::new(YES, l.helper_manages_yes())];
        let manages = Control::many("limits.managesHelpers", l.helper_manages(), fields, yes);
        controls.push(manages.hint(l.helper_manages_hint()));
        controls.push(Control::moment("from", l.authority_from_when(), fields, &self.time));
        let ends = [("yes", l.authority_has_end()), ("no", l.authority_has_no_end())];
        let ends = ends.into_iter().map(|(value, label)| Choice::new(value, label)).collect();
        controls.push(Control::one(HAS_END, l.authority_end(), fields, ends));
        let until = proposed_end("until", fields, &self.time);
        controls.push(Control::moment_at("until", l.authority_until_when(), &until, &self.time));
        controls.push(Control::short_text("evidence", l.helper_evidence(), fields));
        controls
    }
}

/// What is asked before a helper gets access.
fn question_controls(fields: &Fields, l: &Texts) -> Vec<Control> {
    let yes_or_no = || vec![Choice::new("true", l.yes()), Choice::new("false", l.no())];
    vec![
        Control::one("checks.necessary", l.check_necessary(), fields, yes_or_no()),
        Control::one("checks.relevant", l.check_relevant(), fields, yes_or_no()),
        Control::one("checks.safe", l.check_safe(), fields, yes_or_no()),
        Control::one("checks.askedAlone", l.check_alone(), fields, all_choices(|word| l.asked_alone(word))),
    ]
}

/// Whether the sender is a relative, who leaves it to somebody else.
pub(super) fn relative_control(fields: &Fields, l: &Texts) -> Control {
    let yes = vec![Choice::new(YES, l.helper_relative_yes())];
    Control::many(IS_RELATIVE, l.helper_relative(), fields, yes).hint(l.helper_relative_hint())
}

/// What is missing in the form of an act: all at once.
pub(super) fn missing(act: Act, is_own: bool, visit: &Visit<'_>, fields: &Fields) -> Vec<Problem> {
    let time = visit.time();
    let needed: &[&str] = match act {
        Act::RefuseOffer | Act::End if is_own => &[],
        Act::RefuseOffer
        | Act::End
        | Act::FailIdentity
        | Act::FailCheck
        | Act::Suspend
        | Act::RejectAuthority
        | Act::DisputeAuthority
        | Act::UpholdAuthority
        | Act::EndAuthority => &["reason"],
        Act::VerifyIdentity => &["method", "level"],
        Act::PassCheck | Act::CheckWider => {
            &["checks.necessary", "checks.relevant", "checks.safe", "checks.askedAlone"]
        }
        Act::Consent | Act::Renew if is_own => &[],
        Act::Consent => &["basis", "method"],
        Act::Renew => &["method"],
        Act::Narrow | Act::Widen => &[],
        Act::WidenByLaw => &["basis", "agreedById"],
        Act::Resume => &["checks.necessary", "checks.relevant", "checks.safe", "checks.askedAlone", "reason"],
        Act::RecordAuthority => &["personId", "kind", "ground", "document"],
        Act::VerifyAuthority => &[HAS_END, "evidence"],
    };
    let absent = needed.iter().filter(|name| fields.filled(name).is_none());
    let mut problems: Vec<Problem> = absent.map(|name| Problem::of_field(ProblemCode::Empty, name)).collect();
    let has_end = fields.get(HAS_END) == "yes";
    let moments: &[&str] = if act == Act::Renew {
        &["until"]
    } else if act == Act::Consent && !is_own {
        &["givenAt"]
    } else if act == Act::EndAuthority {
        &["endedAt"]
    } else if act == Act::VerifyAuthority && has_end {
        &["from", "until"]
    } else if act == Act::VerifyAuthority {
        &["from"]
    } else {
        &[]
    };
    problems.extend(moments.iter().filter_map(|name| instant(fields, name, &time).err()));
    if act.opens_on_purpose() {
        // A sensitive thread opens only with the reason why.
        let reasons = opened_on_purpose(fields).map(|id| format!("accepted.{id}.reason"));
        let reasons = reasons.filter(|name| fields.filled(name).is_none());
        problems.extend(reasons.map(|name| Problem::of_field(ProblemCode::ReasonMissing, &name)));
    }
    problems
}

/// The ids of the sensitive threads that a form opens.
pub(super) fn opened_on_purpose(fields: &Fields) -> impl Iterator<Item = &str> {
    let opened = fields.pairs().filter(|(_, value)| *value == YES);
    opened.filter_map(|(name, _)| name.strip_suffix(".open")?.strip_prefix("accepted."))
}
