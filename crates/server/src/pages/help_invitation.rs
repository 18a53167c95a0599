//! The invitation to help somebody, at `/invitation`: its code is entered, it says what it is and under which terms, and the
//! person accepts or declines. Who is invited by name needs no code.
//!
//! A wrong code, a used one and one that came too late have the same answer.

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::controls::{Choice, Control, ErrorLine, place};
use super::delegates::scope::{Access, YES, topic_words};
use super::forms::{Fields, FormSubject, Hidden};
use super::frame::{Frame, Place};
use super::outcome::Problem;
use super::queries::{
    AcceptDelegation, DeclineDelegation, HelpInvitation as ByCode, Helping as ByName, accept_delegation,
    decline_delegation, help_invitation, helping,
};
use super::rows::Contact;
use super::site::{Failed, Screen, Visit, rendered};
use super::time::{Moment, PageTime};
use crate::graphql::problem::ProblemCode;
use crate::response::Response;

/// The screen `/invitation`.
pub(crate) struct HelpInvitation;

/// The version of the terms that the page shows. A change of what they say is a new one.
const TERMS: &str = "helper-terms-1";
/// The word of the form with the code.
const LOOK: &str = "look-invitation";
/// The word of the form with the answer.
const ANSWER: &str = "answer-invitation";
/// The field for the invitation that is answered.
const DELEGATION: &str = "delegationId";

/// An invitation, before the person has answered.
struct Invitation {
    delegation: String,
    keeper: Option<Contact>,
    kind: String,
    relationship: String,
    topics: Vec<String>,
    until: String,
    by: String,
    at: Moment,
    expires: Moment,
}

macro_rules! invitations { ($($module:ident)+) => {$(
    impl Invitation {
        fn $module(found: &$module::Asked, time: &PageTime<'_>) -> Self {
            let (l, keeper) = (time.l, found.record_keeper.as_ref());
            let topics: Vec<Access> = found
                .topics
                .iter()
                .map(|access| Access {
                    topic: access.topic,
                    read: access.read,
                    write: access.write,
                    act: access.act,
                })
                .collect();
            Self {
                delegation: found.delegation_id.clone(),
                keeper: keeper.map(|at| Contact { name: at.name.clone(), phone: at.phone.clone() }),
                kind: l.delegation_kind(&found.kind),
                relationship: l.relationship(&found.relationship),
                topics: topic_words(&topics, l),
                until: time.last_day(found.until),
                by: l.reader_role(&found.invited_by_role),
                at: time.full(found.invited_at),
                expires: time.full(found.expires_at),
            }
        }
    }
)+} }
invitations! { help_invitation helping }

/// An invitation with the form that answers it.
struct Offer {
    invitation: Invitation,
    hidden: Hidden,
    /// The code by which it was found; none if it names the person.
    code: Option<String>,
    own_account: Control,
}

#[derive(Template)]
#[template(path = "help_invitation.html")]
struct Page<'a> {
    frame: Frame<'a>,
    hidden: Hidden,
    code: Control,
    errors: Vec<ErrorLine>,
    /// The invitation that is answered here.
    offer: Option<Offer>,
    /// Others that name the person, each with a page of its own.
    others: Vec<Invitation>,
    /// Whether an invitation was just declined.
    is_declined: bool,
}

/// A form that was sent, and what was wrong with it.
struct Sent<'f> {
    fields: &'f Fields,
    problems: Vec<Problem>,
}

const fn code_subject() -> FormSubject<'static> {
    FormSubject { form: LOOK, thread: "", patient: "" }
}

const fn answer_subject(delegation: &str) -> FormSubject<'_> {
    FormSubject { form: ANSWER, thread: delegation, patient: "" }
}

fn page(
    visit: &Visit<'_>,
    mut invitations: Vec<Invitation>,
    code: Option<&str>,
    Sent { fields, problems }: Sent<'_>,
) -> askama::Result<String> {
    let l = visit.time().l;
    let wanted = fields.filled(DELEGATION).unwrap_or_else(|| visit.query.get(DELEGATION));
    let only = (invitations.len() == 1).then_some(0);
    let place_of = invitations.iter().position(|invitation| invitation.delegation == wanted).or(only);
    let yes = vec![Choice::new(YES, l.help_own_account_yes())];
    let mut controls = [
        Control::line("code", l.help_code(), fields).hint(l.help_code_hint()),
        Control::many("ownAccount", l.help_own_account(), fields, yes).hint(l.help_own_account_hint()),
    ];
    let errors = place(&problems, &mut controls, l);
    let [code_control, own_account] = controls;
    let offer = place_of.map(|place| invitations.remove(place)).map(|invitation| Offer {
        hidden: visit.hidden(answer_subject(&invitation.delegation), ""),
        code: code.map(str::to_owned),
        own_account,
        invitation,
    });
    rendered(&Page {
        frame: visit.arrival.frame(Place::of_help(&visit.session.me)),
        hidden: visit.hidden(code_subject(), ""),
        code: code_control,
        errors,
        offer,
        others: invitations,
        is_declined: visit.told("done") == Some("declined"),
    })
}

/// The invitations that name the reader.
async fn by_name(visit: &Visit<'_>) -> Result<Recorded<Vec<Invitation>>, Failed> {
    let answer = visit.ask::<ByName>(helping::Variables {}).await?;
    let time = visit.time();
    Ok(answer.map(|answer| {
        let found = answer.data.viewer.help_invitations.iter().flatten();
        found.map(|found| Invitation::helping(found, &time)).collect()
    }))
}

/// The invitation with a code.
async fn by_code(visit: &Visit<'_>, code: &str) -> Result<Recorded<Option<Invitation>>, Failed> {
    let answer = visit.ask::<ByCode>(help_invitation::Variables { code: code.to_owned() }).await?;
    let time = visit.time();
    Ok(answer.map(|answer| answer.data.help_invitation.as_ref().map(|found| Invitation::help_invitation(found, &time))))
}

/// The page with the invitation of a code, or with those that name the reader.
async fn show(visit: &Visit<'_>, code: Option<&str>, sent: Sent<'_>) -> Result<Response, Failed> {
    let status = if sent.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let Some(code) = code else {
        let all = by_name(visit).await?;
        return visit.page(status, all.map(|all| page(visit, all, None, sent)));
    };
    let found = by_code(visit, code).await?;
    if found.read(Option::is_some) {
        let page = found.map(|found| page(visit, found.into_iter().collect(), Some(code), sent));
        return visit.page(status, page);
    }
    let problems = vec![Problem::of_field(ProblemCode::NotInvited, "code")];
    let page = found.map(|_| page(visit, Vec::new(), None, Sent { problems, ..sent }));
    visit.page(StatusCode::UNPROCESSABLE_ENTITY, page)
}

impl Screen for HelpInvitation {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        show(visit, None, Sent { fields: &Fields::default(), problems: Vec::new() }).await
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let code = fields.filled("code").map(|code| code.trim().to_owned());
        let code = code.as_deref();
        let Some(answer) = fields.given("answer") else {
            Hidden::check_about(&visit.session, code_subject(), fields)?;
            let Some(code) = code else {
                let problems = vec![Problem::of_field(ProblemCode::Empty, "code")];
                return show(visit, None, Sent { fields, problems }).await;
            };
            return show(visit, Some(code), Sent { fields, problems: Vec::new() }).await;
        };
        let id = fields.get(DELEGATION).to_owned();
        Hidden::check_about(&visit.session, answer_subject(&id), fields)?;
        let client_mutation_id = fields.get("key").to_owned();
        let own_account = fields.given("ownAccount").is_some();
        let (outcome, to) = match answer {
            "accept" if !own_account => {
                let problems = vec![Problem::of_field(ProblemCode::Empty, "ownAccount")];
                return show(visit, code, Sent { fields, problems }).await;
            }
            "accept" => {
                let terms_version = TERMS.to_owned();
                let input = accept_delegation::AcceptDelegationInput {
                    client_mutation_id,
                    code: code.map(str::to_owned),
                    terms_version,
                    own_account,
                };
                let outcome = visit.act::<AcceptDelegation>(accept_delegation::Variables { id, input }).await?;
                (outcome, "/helping?done=accepted")
            }
            "decline" => {
                let input =
                    decline_delegation::DeclineDelegationInput { client_mutation_id, code: code.map(str::to_owned) };
                let outcome = visit.act::<DeclineDelegation>(decline_delegation::Variables { id, input }).await?;
                (outcome, "/invitation?done=declined")
            }
            _ => return Err(Failed::NotAvailable),
        };
        if outcome.problems.is_empty() {
            return visit.see_done(to);
        }
        if outcome.problems.iter().any(|problem| problem.code == ProblemCode::NotFound) {
            return Err(Failed::NotAvailable);
        }
        show(visit, code, Sent { fields, problems: outcome.problems }).await
    }
}
