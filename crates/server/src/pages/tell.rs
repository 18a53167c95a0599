//! What a person without access sends about a patient, at `/tell`: an offer to help, or something that the team should know.
//!
//! The page says that no answer comes. Nothing of a patient is read for it, so it is the same for every name.

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::controls::{Choice, Control, ErrorLine, all_choices, chosen, place};
use super::forms::{Fields, FormSubject, Hidden};
use super::frame::{Frame, Place};
use super::outcome::{Outcome, Problem};
use super::queries::{AskToHelp, PlacesToWriteTo, TellTeam, ask_to_help, places_to_write_to, tell_team};
use super::site::{Failed, Screen, Visit, rendered};
use super::texts::Texts;
use crate::graphql::delegation_words::{DelegationKind, Relationship};
use crate::graphql::outside_message_words::OutsideWish;
use crate::graphql::problem::ProblemCode;
use crate::response::Response;

/// The screen `/tell`.
pub(crate) struct Tell;

/// The word of its form.
const WORD: &str = "tell";
/// A form about nothing that the server knows.
const SUBJECT: FormSubject<'_> = FormSubject { form: WORD, thread: "", patient: "" };

#[derive(Template)]
#[template(path = "tell.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    hidden: Hidden,
    controls: Vec<Control>,
    errors: Vec<ErrorLine>,
}

impl Page<'_> {
    /// Whether something was just sent.
    fn is_sent(&self) -> bool {
        self.visit.told("done") == Some("sent")
    }
}

/// What a form gives.
struct Given {
    relationship: Relationship,
    /// None where something is told.
    kind: Option<DelegationKind>,
}

impl Given {
    /// What a form gives, or what is missing in it: all at once.
    fn of(fields: &Fields) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut missing = |name: &str| problems.push(Problem::of_field(ProblemCode::Empty, name));
        for name in ["organizationId", "patientName"] {
            if fields.filled(name).is_none() {
                missing(name);
            }
        }
        let wish: Option<OutsideWish> = chosen(fields, "wish");
        if wish.is_none() {
            missing("wish");
        }
        let kind: Option<DelegationKind> = chosen(fields, "kind").filter(|_| wish == Some(OutsideWish::Help));
        if wish == Some(OutsideWish::Help) && kind.is_none() {
            missing("kind");
        }
        let relationship: Option<Relationship> = chosen(fields, "relationship");
        if relationship.is_none() {
            missing("relationship");
        }
        if wish == Some(OutsideWish::Tell) && fields.filled("text").is_none() {
            missing("text");
        }
        match relationship {
            Some(relationship) if problems.is_empty() => Ok(Self { relationship, kind }),
            Some(_) | None => Err(problems),
        }
    }

    async fn send(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Outcome, Failed> {
        let text = |name: &str| fields.filled(name).map(str::to_owned);
        let (client_mutation_id, organization_id) =
            (fields.get("key").to_owned(), fields.get("organizationId").to_owned());
        let (patient_name, patient_birth_date) = (fields.get("patientName").to_owned(), text("patientBirthDate"));
        let relationship = self.relationship;
        match self.kind {
            Some(kind) => {
                let input = ask_to_help::AskToHelpInput {
                    client_mutation_id,
                    organization_id,
                    patient_name,
                    patient_birth_date,
                    kind,
                    relationship,
                    text: text("text"),
                };
                visit.act::<AskToHelp>(ask_to_help::Variables { input }).await
            }
            None => {
                let input = tell_team::TellTeamInput {
                    client_mutation_id,
                    organization_id,
                    patient_name,
                    patient_birth_date,
                    relationship,
                    text: fields.get("text").to_owned(),
                };
                visit.act::<TellTeam>(tell_team::Variables { input }).await
            }
        }
    }
}

fn controls(places: Vec<Choice>, fields: &Fields, l: &Texts) -> Vec<Control> {
    let wishes = all_choices(|wish| l.outside_wish_of_sender(wish));
    let to = match places.is_empty() {
        true => Control::nobody("organizationId", l.tell_to(), l),
        false => Control::one("organizationId", l.tell_to(), fields, places),
    };
    let kinds = all_choices(|word| l.delegation_kind(word));
    let relationships = all_choices(|word| l.relationship(word));
    vec![
        Control::one("wish", l.tell_wish(), fields, wishes),
        to,
        Control::line("patientName", l.tell_patient(), fields).hint(l.tell_patient_hint()),
        Control::line("patientBirthDate", l.tell_birth_date(), fields).hint(l.tell_birth_date_hint()),
        Control::one("relationship", l.tell_relationship(), fields, relationships),
        Control::one("kind", l.tell_kind(), fields, kinds).hint(l.tell_kind_hint()),
        Control::text("text", l.tell_text(), fields).hint(l.tell_text_hint()),
    ]
}

async fn page(
    visit: &Visit<'_>,
    fields: &Fields,
    problems: &[Problem],
) -> Result<Recorded<askama::Result<String>>, Failed> {
    let answer = visit.ask::<PlacesToWriteTo>(places_to_write_to::Variables {}).await?;
    Ok(answer.map(|answer| {
        let l = visit.time().l;
        let places = answer.data.places.iter().flatten().map(|at| {
            let hint = at.phone.as_ref().map(|phone| l.tell_phone(phone.as_str()));
            Choice { hint, ..Choice::new(at.organization_id.clone(), at.name.clone()) }
        });
        let mut controls = controls(places.collect(), fields, l);
        let errors = place(problems, &mut controls, l);
        let hidden = visit.hidden(SUBJECT, "");
        rendered(&Page {
            frame: visit.arrival.frame(Place::of_help(&visit.session.me)),
            visit,
            hidden,
            controls,
            errors,
        })
    }))
}

impl Screen for Tell {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let page = page(visit, &Fields::default(), &[]).await?;
        visit.page(StatusCode::OK, page)
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        Hidden::check_about(&visit.session, SUBJECT, fields)?;
        let problems = match Given::of(fields) {
            Ok(given) => given.send(visit, fields).await?.problems,
            Err(problems) => problems,
        };
        if problems.is_empty() {
            return visit.see_done("/tell?done=sent");
        }
        let page = page(visit, fields, &problems).await?;
        visit.page(StatusCode::UNPROCESSABLE_ENTITY, page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(fields: &str) -> Vec<String> {
        let problems = Given::of(&Fields::parse(fields.as_bytes())).err().unwrap_or_default();
        problems.iter().filter_map(Problem::field).collect()
    }

    #[test]
    fn all_that_is_missing_is_said_at_once_and_each_wish_needs_its_own() {
        assert_eq!(missing(""), ["organizationId", "patientName", "wish", "relationship"]);
        let known = "organizationId=o&patientName=Mira&relationship=FRIEND";
        assert_eq!(missing(&format!("{known}&wish=HELP")), ["kind"]);
        assert_eq!(missing(&format!("{known}&wish=TELL&text=%20")), ["text"]);
        assert_eq!(missing(&format!("{known}&wish=HELP&kind=PATIENT_AUTHORISED")), Vec::<String>::new());
        let told =
            Given::of(&Fields::parse(format!("{known}&wish=TELL&text=x&kind=EXECUTOR").as_bytes())).ok().unwrap();
        assert_eq!(told.kind, None, "what is told is no offer");
    }
}
