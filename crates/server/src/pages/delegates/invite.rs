//! The invitation of a person to help a patient, at `/patients/{id}/invite-helper`: the form, then a page that lists what
//! would open, then the page with the code, which nothing else tells.

use askama::Template;
use chrono::{DateTime, Utc};
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::around::Around;
use super::controls::{IS_RELATIVE, end_after, proposed_end, relative_control};
use super::opened::{Opened, choices_to_list};
use super::scope::{self, Scope, scope_input};
use crate::graphql::delegation_words::{DelegationKind, DelegationState, Relationship};
use crate::graphql::problem::ProblemCode;
use crate::pages::client::Answer;
use crate::pages::controls::{
    Choice, Control, ErrorLine, Kind, all_choices, choices, chosen, instant, place, vocabulary, word,
};
use crate::pages::forms::{Fields, FormSubject, Hidden};
use crate::pages::frame::{Frame, Place};
use crate::pages::outcome::{Outcome, Problem};
use crate::pages::queries::{Helping, InviteDelegate, helping, invite_delegate};
use crate::pages::rows::{Contact, Subject};
use crate::pages::site::{Failed, Screen, Visit, rendered, see_other};
use crate::pages::texts::Texts;
use crate::pages::time::PageTime;
use crate::response::Response;

/// The screen `/patients/{id}/invite-helper`.
pub(crate) struct InviteScreen;

/// The word of its form, and of what was done.
pub(super) const WORD: &str = "invite-helper";
/// The value for a person who is not known here.
const ANOTHER: &str = "another";
/// The field of the button by which what was checked is sent.
const CHECKED: &str = "checked";
/// The field of the button by which a person changes what they have given.
const CHANGE: &str = "change";

/// What a patient asks somebody for by themself, and who represents them for the patient: who helps by law is invited by
/// staff, who see the document.
const KINDS_OF_PATIENT: [DelegationKind; 2] = [DelegationKind::PatientAuthorised, DelegationKind::ProfessionalHelper];
/// For how many days a professional helper is proposed: they have no longer ones.
const PROFESSIONAL_DAYS: i64 = 90;

#[derive(Template)]
#[template(path = "helper_invite.html")]
struct FormPage<'a> {
    frame: Frame<'a>,
    /// The id of the patient.
    id: String,
    patient: Option<Subject>,
    is_own: bool,
    /// The kinds of help for which the form can begin with what is usual. Empty once a kind is chosen.
    usual: Vec<Choice>,
    /// The id of the offer that the address names; empty if it names none.
    offer: String,
    hidden: Hidden,
    controls: Vec<Control>,
    errors: Vec<ErrorLine>,
}

#[derive(Template)]
#[template(path = "helper_invite_check.html")]
struct CheckPage<'a> {
    frame: Frame<'a>,
    /// The id of the patient.
    id: String,
    patient: Option<Subject>,
    hidden: Hidden,
    /// Whom it is for, in words.
    whom: String,
    kind: String,
    relationship: String,
    scope: Vec<String>,
    until: String,
    /// None if it could not be read.
    opened: Option<Opened>,
    /// How many of the threads that were chosen one by one would not open.
    closed: usize,
    /// What was given, which goes along.
    given: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "helper_code.html")]
struct CodePage<'a> {
    frame: Frame<'a>,
    /// The id of the patient.
    id: String,
    patient: Option<Subject>,
    keeper: Option<Contact>,
    /// The code in groups, so that it can be written down and read out.
    code: Vec<String>,
}

/// What a form gives.
struct Given<'f> {
    fields: &'f Fields,
    kind: DelegationKind,
    relationship: Relationship,
    scope: Scope,
    until: DateTime<Utc>,
}

/// Who invites, by which the form asks more or less.
enum Inviter {
    Patient,
    Staff,
    /// Who represents the patient by law, with what they reach: they let nobody reach more.
    Representative(Scope),
}

impl Inviter {
    /// Who the reader is where the record is not their own.
    fn of(answer: &Answer<helping::ResponseData>, patient: &str) -> Self {
        let own = answer.data.viewer.delegations.iter().flatten();
        let about = own.filter(|help| help.is_active && help.patient.as_ref().is_some_and(|found| found.id == patient));
        let by_law = about
            .filter(|help| matches!(help.kind, DelegationKind::ParentOfMinor | DelegationKind::LegalRepresentative));
        let mut scopes = by_law.filter_map(|help| help.scope.as_ref()).map(Scope::from);
        scopes.find(|scope| scope.manages_helpers).map_or(Self::Staff, Self::Representative)
    }

    const fn is_staff(&self) -> bool {
        matches!(self, Self::Staff)
    }

    const fn limits(&self) -> Option<&Scope> {
        match self {
            Self::Representative(own) => Some(own),
            Self::Patient | Self::Staff => None,
        }
    }

    fn kinds(&self) -> Vec<DelegationKind> {
        match self {
            Self::Staff => vocabulary().collect(),
            Self::Patient | Self::Representative(_) => KINDS_OF_PATIENT.to_vec(),
        }
    }

    /// What an empty form begins with: for who reaches single conversations only, those.
    fn first(&self, scope: Scope) -> Scope {
        match self.limits() {
            Some(own) if !own.consultations => Scope { consultations: false, threads: own.threads.clone(), ..scope },
            Some(_) | None => scope,
        }
    }
}

/// A patient with their helpers, and who invites another one.
struct Inviting {
    around: Around,
    by: Inviter,
}

impl Inviting {
    async fn read(visit: &Visit<'_>) -> Result<Recorded<Self>, Failed> {
        let around = Around::read(visit).await?;
        if around.read(|around| around.is_own) {
            return Ok(around.map(|around| Self { around, by: Inviter::Patient }));
        }
        let own = visit.ask::<Helping>(helping::Variables {}).await?;
        Ok(around.with(own, |around, own| Self { by: Inviter::of(&own, &around.id), around }))
    }
}

fn subject<'v>(visit: &'v Visit<'_>) -> FormSubject<'v> {
    FormSubject { form: WORD, thread: &visit.id, patient: &visit.id }
}

/// The offers that wait for an answer, as choices.
fn offers(around: &Around, l: &Texts) -> Vec<Choice> {
    let offers = around.helpers.iter().filter(|helper| helper.state == DelegationState::Asked);
    let offers = offers.filter_map(|offer| {
        let name = offer.person.as_ref()?.name.text()?.to_owned();
        let hint = Some(l.helper_offered(l.relationship(&offer.relationship)));
        Some(Choice { hint, ..Choice::new(format!("offer:{}", offer.id), name) })
    });
    offers.collect()
}

fn controls(inviting: &Inviting, listed: Vec<Choice>, fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
    let (Inviting { around, by }, l) = (inviting, time.l);
    let known = around.known(l).into_iter().filter(|known| {
        !around.helpers.iter().any(|helper| {
            let is_theirs = helper.person.as_ref().is_some_and(|person| person.id == known.value);
            is_theirs && helper.state == DelegationState::Asked
        })
    });
    let known = known.map(|known| Choice { value: format!("person:{}", known.value), ..known });
    let mut people: Vec<Choice> = offers(around, l).into_iter().chain(known).collect();
    let is_nobody_known = people.is_empty();
    people.push(Choice::new(ANOTHER, l.helper_another()));
    let organizations = around.organizations();
    // A professional helper works for an organization.
    let can_be = |kind: &DelegationKind| *kind != DelegationKind::ProfessionalHelper || !organizations.is_empty();
    let kinds: Vec<DelegationKind> = by.kinds().into_iter().filter(can_be).collect();
    let mut controls = Vec::new();
    if is_nobody_known {
        controls.push(Control::hidden("whom", ANOTHER));
    } else {
        controls.push(Control::one("whom", l.helper_whom(), fields, people));
    }
    controls.push(Control::line("contact", l.helper_contact(), fields).hint(l.helper_contact_hint()));
    controls.push(Control::one("kind", l.helper_kind(), fields, choices(&kinds, |word| l.delegation_kind(word))));
    let relationships = all_choices(|word| l.relationship(word));
    controls.push(Control::one("relationship", l.helper_relationship(), fields, relationships));
    if !organizations.is_empty() {
        let control = Control::one("organizationId", l.helper_organization(), fields, organizations);
        controls.push(control.hint(l.helper_organization_hint()));
    }
    if by.is_staff() {
        let grounds = all_choices(|word| l.invitation_ground(word));
        controls.push(Control::one("ground", l.helper_ground(), fields, grounds));
        let checked = around.verified(l);
        if !checked.is_empty() {
            controls.push(Control::one("legalAuthorityId", l.helper_authority(), fields, checked));
        }
    }
    controls.extend(Scope::controls_with_listed(fields, by.limits(), by.is_staff(), listed, l));
    let until = proposed_end("until", fields, time);
    controls.push(Control::moment_at("until", l.until_when(), &until, time).hint(l.helper_until_hint()));
    if by.is_staff() {
        controls.push(relative_control(fields, l));
    }
    controls
}

impl<'f> Given<'f> {
    /// What a form gives, or what is missing in it: all at once.
    fn of(fields: &'f Fields, by: &Inviter, time: &PageTime<'_>) -> Result<Self, Vec<Problem>> {
        let empty = |name: &str| Problem::of_field(ProblemCode::Empty, name);
        let mut problems = Vec::new();
        let whom = fields.get("whom");
        if whom.is_empty() {
            problems.push(empty("whom"));
        }
        if whom == ANOTHER && fields.filled("contact").is_none() {
            problems.push(empty("contact"));
        }
        let kind: Option<DelegationKind> = chosen(fields, "kind");
        if kind.is_none() {
            problems.push(empty("kind"));
        }
        let relationship: Option<Relationship> = chosen(fields, "relationship");
        if relationship.is_none() {
            problems.push(empty("relationship"));
        }
        if by.is_staff() && fields.filled("ground").is_none() {
            problems.push(empty("ground"));
        }
        let scope = Scope::of(fields);
        if scope.topics.is_empty() {
            problems.push(Scope::problem(Problem::of_field(ProblemCode::ScopeEmpty, "scope")));
        }
        if scope.is_without_threads() {
            problems.push(Problem::of_field(ProblemCode::ScopeEmpty, scope::KINDS));
        }
        let until = instant(fields, "until", time);
        match (kind, relationship, until) {
            (Some(kind), Some(relationship), Ok(until)) if problems.is_empty() => {
                Ok(Self { fields, kind, relationship, scope, until })
            }
            (_, _, until) => {
                problems.extend(until.err());
                Err(problems)
            }
        }
    }

    /// Whom it is for, in words.
    fn whom(&self, around: &Around, l: &Texts) -> String {
        let whom = self.fields.get("whom");
        let known = around.known(l).into_iter().map(|known| (format!("person:{}", known.value), known.label));
        let offers = offers(around, l).into_iter().map(|offer| (offer.value, offer.label));
        let name = known.chain(offers).find(|(value, _)| value == whom).map(|(_, name)| name);
        name.unwrap_or_else(|| self.fields.get("contact").to_owned())
    }

    async fn invite(&self, visit: &Visit<'_>, is_staff: bool) -> Result<Outcome, Failed> {
        let text = |name: &str| self.fields.filled(name).map(str::to_owned);
        let whom = self.fields.get("whom");
        let is_professional = self.kind == DelegationKind::ProfessionalHelper;
        let is_by_law = !KINDS_OF_PATIENT.contains(&self.kind);
        let input = invite_delegate::InviteDelegateInput {
            client_mutation_id: self.fields.get("key").to_owned(),
            patient_id: visit.id.clone(),
            offer_id: whom.strip_prefix("offer:").map(str::to_owned),
            person_id: whom.strip_prefix("person:").map(str::to_owned),
            contact: text("contact").filter(|_| whom == ANOTHER),
            kind: self.kind,
            relationship: self.relationship,
            scope: scope_input!(invite_delegate, &self.scope),
            until: self.until,
            organization_id: text("organizationId").filter(|_| is_professional),
            legal_authority_id: text("legalAuthorityId").filter(|_| is_by_law),
            ground: chosen(self.fields, "ground").filter(|_| is_staff),
            is_relative: self.fields.given(IS_RELATIVE).is_some(),
        };
        visit.act::<InviteDelegate>(invite_delegate::Variables { input }).await
    }
}

impl CodePage<'_> {
    /// The code as one text, for a screen reader and to copy.
    fn whole(&self) -> String {
        self.code.join("-")
    }
}

/// The kinds of help for which a form can begin with what is usual.
fn usual(kinds: &[Choice], l: &Texts) -> Vec<Choice> {
    let has_usual =
        |choice: &&Choice| vocabulary().any(|kind| word(&kind) == choice.value && Scope::usual(kind).is_some());
    let named = |choice: &Choice| Choice::new(choice.value.clone(), l.helper_begin_usual(&choice.label));
    kinds.iter().filter(has_usual).map(named).collect()
}

/// A code in groups of four.
fn groups(code: &str) -> Vec<String> {
    let letters: Vec<char> = code.chars().filter(|letter| letter.is_ascii_alphanumeric()).collect();
    letters.chunks(4).map(|group| group.iter().collect()).collect()
}

fn form(
    visit: &Visit<'_>,
    inviting: Inviting,
    listed: Vec<Choice>,
    fields: &Fields,
    problems: &[Problem],
) -> askama::Result<String> {
    let time = visit.time();
    let mut controls = controls(&inviting, listed, fields, &time);
    let errors = place(problems, &mut controls, time.l);
    let offered = controls.iter().find(|control| control.name == "kind").map(|control| &control.kind);
    let usual = match offered {
        Some(Kind::One { choices }) if choices.iter().all(|choice| !choice.chosen) => usual(choices, time.l),
        Some(_) | None => Vec::new(),
    };
    let around = inviting.around;
    rendered(&FormPage {
        frame: visit.arrival.frame(Place::of_patient(&visit.session.me)),
        is_own: around.is_own,
        usual,
        offer: visit.query.get("offer").to_owned(),
        id: around.id,
        patient: around.patient,
        hidden: visit.hidden(subject(visit), ""),
        controls,
        errors,
    })
}

async fn refused(
    visit: &Visit<'_>,
    inviting: Recorded<Inviting>,
    fields: &Fields,
    problems: &[Problem],
) -> Result<Response, Failed> {
    if problems.iter().any(|problem| problem.code == ProblemCode::NotFound) {
        return Err(Failed::NotAvailable);
    }
    let listed = choices_to_list(visit).await?;
    let page = inviting.with(listed, |inviting, listed| form(visit, inviting, listed, fields, problems));
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    visit.page(status, page)
}

/// The fields of the form that go along with what was checked.
fn kept(fields: &Fields) -> Vec<(String, String)> {
    let own = ["key", "version", "person", "name", "thread", "patient", "bound", CHECKED, CHANGE];
    let kept = fields.pairs().filter(|(name, _)| !own.contains(name));
    kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn check(visit: &Visit<'_>, given: &Given<'_>, around: Around, opened: Option<Opened>) -> askama::Result<String> {
    let (time, l) = (visit.time(), visit.time().l);
    rendered(&CheckPage {
        frame: visit.arrival.frame(Place::of_patient(&visit.session.me)),
        whom: given.whom(&around, l),
        kind: l.delegation_kind(&given.kind),
        relationship: l.relationship(&given.relationship),
        scope: given.scope.words(l),
        until: time.last_day(given.until),
        id: around.id,
        patient: around.patient,
        hidden: visit.hidden(subject(visit), ""),
        closed: opened.as_ref().map_or(0, |opened| opened.closed_of(&given.scope)),
        opened,
        given: kept(given.fields),
    })
}

impl Screen for InviteScreen {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let inviting = Inviting::read(visit).await?;
        if !inviting.read(|inviting| inviting.around.can_invite) {
            return see_other(&format!("/patients/{}/helpers", visit.id));
        }
        let whom = visit.query.get("offer");
        let kind = chosen::<DelegationKind>(&visit.query, "kind");
        let scope = kind.and_then(Scope::usual).unwrap_or_else(Scope::of_new);
        let fields = inviting.read(|inviting| inviting.by.first(scope)).fields();
        let fields = if whom.is_empty() { fields } else { fields.with("whom", format!("offer:{whom}")) };
        let fields = if kind.is_some() { fields.with("kind", visit.query.get("kind")) } else { fields };
        let fields = match kind {
            Some(DelegationKind::ProfessionalHelper) => end_after(PROFESSIONAL_DAYS, "until", &fields, &visit.time()),
            Some(_) | None => fields,
        };
        let listed = choices_to_list(visit).await?;
        let page = inviting.with(listed, |inviting, listed| form(visit, inviting, listed, &fields, &[]));
        visit.page(StatusCode::OK, page)
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        Hidden::check_about(&visit.session, subject(visit), fields)?;
        let inviting = Inviting::read(visit).await?;
        if fields.given(CHANGE).is_some() {
            return refused(visit, inviting, fields, &[]).await;
        }
        let given = match inviting.read(|inviting| Given::of(fields, &inviting.by, &visit.time())) {
            Ok(given) => given,
            Err(problems) => return refused(visit, inviting, fields, &problems).await,
        };
        if fields.given(CHECKED).is_none() {
            let opened: Recorded<Option<Opened>> = Opened::read(visit, &given.scope).await?;
            let page = inviting.with(opened, |inviting, opened| check(visit, &given, inviting.around, opened));
            return visit.page(StatusCode::OK, page);
        }
        let is_staff = inviting.read(|inviting| inviting.by.is_staff());
        let outcome = given.invite(visit, is_staff).await?;
        if !outcome.problems.is_empty() {
            let problems: Vec<Problem> = outcome.problems.into_iter().map(Scope::problem).collect();
            return refused(visit, inviting, fields, &problems).await;
        }
        let Some(code) = outcome.invitation_code else {
            return visit.see_done(&format!("/patients/{}/helpers?done={WORD}", visit.id));
        };
        // The code is in this answer and nowhere else; the same form answers it again.
        let page = inviting.map(|Inviting { around, by: _ }| {
            let frame = visit.arrival.frame(Place::of_patient(&visit.session.me));
            rendered(&CodePage {
                frame,
                id: around.id,
                patient: around.patient,
                keeper: around.keeper,
                code: groups(&code),
            })
        });
        visit.page(StatusCode::OK, page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::texts::Languages;
    use crate::pages::time::vienna;

    #[test]
    fn a_code_stands_in_groups_of_four() {
        assert_eq!(groups("abcd-efghij"), ["abcd", "efgh", "ij"]);
    }

    #[test]
    fn all_that_is_missing_in_an_invitation_is_said_at_once() {
        let l = Languages::read().unwrap().named("en").unwrap();
        let time = PageTime { now: DateTime::UNIX_EPOCH, zone: vienna(), l };
        let names = |fields: &Fields, by: Inviter| -> Vec<String> {
            let problems = Given::of(fields, &by, &time).err().unwrap_or_default();
            problems.iter().filter_map(Problem::field).collect()
        };
        let topic = "scope.topics.CLINICAL_ADVICE";
        let empty = Fields::default();
        let own = ["whom", "kind", "relationship", topic, scope::KINDS, "until.day"];
        assert_eq!(names(&empty, Inviter::Patient), own);
        let representative = || Inviter::Representative(Scope::of_new());
        assert_eq!(names(&empty, representative()), own, "the law gives the ground");
        assert_eq!(
            names(&empty, Inviter::Staff),
            ["whom", "kind", "relationship", "ground", topic, scope::KINDS, "until.day"]
        );
        let listed = Fields::parse(b"scope.threadIds=one");
        assert!(!names(&listed, Inviter::Patient).contains(&scope::KINDS.to_owned()), "one conversation is enough");
        let another = Fields::parse(b"whom=another");
        assert!(names(&another, Inviter::Patient).contains(&"contact".to_owned()));
    }

    #[test]
    fn who_represents_a_patient_begins_with_what_they_reach_themself() {
        let single = Scope { consultations: false, threads: vec!["one".to_owned()], ..Scope::of_new() };
        let first = Inviter::Representative(single.clone()).first(Scope::of_new());
        assert_eq!((first.consultations, first.threads), (false, single.threads));
        let all = Inviter::Representative(Scope::of_new()).first(Scope::of_new());
        assert_eq!(all, Scope::of_new());
        assert_eq!(Inviter::Representative(Scope::of_new()).kinds(), KINDS_OF_PATIENT);
    }

    #[test]
    fn what_was_checked_goes_along_without_the_key_of_the_page() {
        let fields = Fields::parse(b"key=k&bound=b&whom=another&scope.topics.RESULTS=READ&scope.topics.RESULTS=ACT");
        let names: Vec<String> = kept(&fields).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(names, ["whom=another", "scope.topics.RESULTS=READ", "scope.topics.RESULTS=ACT"]);
    }
}
