//! A new team thread, about a patient or about none: who takes part, whose turn it is, and for what.

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::colleagues::{Colleagues, Place as PoolPlace};
use super::controls::{Choice, Control, ErrorLine, chosen, due, place};
use super::draft::{About, DraftedForm, FormDraft, Typed, kept};
use super::draft_saving::{Changed, change};
use super::forms::{Fields, FormSubject, Hidden, Reference};
use super::frame::{Frame, Place};
use super::namesakes::namesakes;
use super::new_consultation::{ChoosePatient, confidentiality, label_controls, sensitivities, topic_control};
use super::outcome::Problem;
use super::parties::{ChosenParty, person_party, pool_party};
use super::patients::Found;
use super::queries::{OpenTeamThread, open_team_thread};
use super::rows::Subject;
use super::site::{Failed, Screen, Visit, rendered, see_other};
use crate::graphql::problem::ProblemCode;
use crate::graphql::words::{HistoryWindow, Topic};
use crate::response::Response;

/// The screen `/new-thread`.
pub(crate) struct NewThread;

/// The screen `/new-thread/draft`: saves or discards the draft of the form.
pub(crate) struct DraftOfThread;

#[derive(Template)]
#[template(path = "new_thread.html")]
struct FormPage<'a> {
    frame: Frame<'a>,
    patient: Option<Subject>,
    namesakes: Vec<Subject>,
    is_whole: bool,
    hidden: Hidden,
    controls: Vec<Control>,
    errors: Vec<ErrorLine>,
    draft: Option<FormDraft>,
}

/// The word of the form.
const FORM: &str = "new-thread";
/// The owner: the person who opens it.
const ME: &str = "me";

impl FormPage<'_> {
    fn action(&self) -> String {
        match &self.patient {
            Some(patient) => format!("/new-thread?patient={}", patient.id),
            None => "/new-thread?about=nobody".to_owned(),
        }
    }

    fn button(&self) -> String {
        match self.patient.as_ref().and_then(|patient| patient.name.text()) {
            Some(patient) => self.frame.l.open_thread_about(patient),
            None => self.frame.l.open_thread().into_owned(),
        }
    }
}

/// The patient whom the address names.
fn patient_of<'v>(visit: &'v Visit<'_>) -> Option<&'v str> {
    visit.query.filled("patient")
}

impl Screen for NewThread {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        if !visit.arrival.frame(Place::None).is_staff() {
            return Err(Failed::NotAvailable);
        }
        if patient_of(visit).is_none() && visit.query.get("about") != "nobody" {
            let page = Found::search(visit).await?.map(|found| {
                let frame = visit.arrival.frame(Place::Inbox);
                let title = frame.l.new_thread().into_owned();
                let search = visit.query.get("q").to_owned();
                let path = "/new-thread?patient=";
                ChoosePatient { frame, visit, found, path, title, without_patient: true, search }.page()
            });
            return visit.page(StatusCode::OK, page);
        }
        let heading = Heading::read(visit).await?;
        let page = match heading.read(|heading| heading.drafted()) {
            Some(form) => heading.with(kept(visit, &form).await?, |heading, kept| {
                heading.page(visit, &Typed::opened(visit, &form, kept))
            }),
            None => heading.map(|heading| heading.page(visit, &Typed::nothing())),
        };
        visit.page(StatusCode::OK, page)
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        check(visit, fields)?;
        let colleagues = Colleagues::read(visit, patient_of(visit)).await?;
        let problems = match colleagues.read(|colleagues| input(visit, colleagues, fields)) {
            Err(problems) => problems,
            Ok(input) => {
                let outcome = visit.act::<OpenTeamThread>(open_team_thread::Variables { input }).await?;
                if let (true, Some(opened)) = (outcome.problems.is_empty(), &outcome.opened) {
                    return visit.see_done(&format!("/t/{}?opened=1", opened.id));
                }
                outcome.problems
            }
        };
        let page = Heading::read(visit).await?.map(|heading| {
            let typed = Typed::again(visit, heading.drafted().as_ref(), fields, &problems);
            heading.page(visit, &typed)
        });
        visit.page(StatusCode::UNPROCESSABLE_ENTITY, page)
    }
}

impl Screen for DraftOfThread {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let heading = Heading::read(visit).await?;
        let form = heading.read(|heading| heading.drafted()).ok_or(Failed::NotAvailable)?;
        see_other(&form.path(None))
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        check(visit, fields)?;
        let heading = Heading::read(visit).await?;
        let form = heading.read(|heading| heading.drafted()).ok_or(Failed::NotAvailable)?;
        match change(visit, &form, fields).await? {
            Changed::Answered(response) => Ok(response),
            Changed::Again(typed) => {
                visit.page(StatusCode::UNPROCESSABLE_ENTITY, heading.map(|heading| heading.page(visit, &typed)))
            }
            Changed::Beside(typed) => {
                visit.page(StatusCode::CONFLICT, heading.with(*typed, |heading, typed| heading.page(visit, &typed)))
            }
        }
    }
}

/// Checks that the form was made for the patient of the address, or for none.
fn check(visit: &Visit<'_>, fields: &Fields) -> Result<(), Failed> {
    let subject = FormSubject { form: FORM, thread: "", patient: patient_of(visit).unwrap_or_default() };
    Ok(Hidden::check_about(&visit.session, subject, fields)?)
}

/// The form about a patient, or about none for an organization. A person has one draft of a new thread for each.
pub(crate) fn drafted(about: About) -> DraftedForm {
    let query = match &about {
        About::Patient(patient) => {
            form_urlencoded::Serializer::new(String::new()).append_pair("patient", patient).finish()
        }
        About::Organization(_) | About::Thread(_) => "about=nobody".to_owned(),
    };
    DraftedForm {
        word: FORM,
        command: "team_thread.open",
        about,
        page: format!("/new-thread?{query}"),
        place: "",
        action: format!("/new-thread/draft?{query}"),
        needs_text: true,
        also: None,
    }
}

/// What stands above the form, and whom it can name.
struct Heading {
    colleagues: Colleagues,
    patient: Option<Subject>,
    namesakes: Vec<Subject>,
}

impl Heading {
    async fn read(visit: &Visit<'_>) -> Result<Recorded<Self>, Failed> {
        let colleagues = Colleagues::read(visit, patient_of(visit)).await?;
        if patient_of(visit).is_none() {
            return Ok(colleagues.map(|colleagues| Self { colleagues, patient: None, namesakes: Vec::new() }));
        }
        // Nothing is written about a patient of whom it is not certain who they are.
        let patient = colleagues.read(|colleagues| colleagues.patient.clone());
        let patient = patient.filter(|patient| patient.identity().is_some()).ok_or(Failed::NotAvailable)?;
        let similar = namesakes(visit, &patient).await?;
        Ok(colleagues.with(similar, |colleagues, namesakes| Self { colleagues, patient: Some(patient), namesakes }))
    }

    /// The form of which a draft is kept. None about no patient by a person of several organizations, because the server
    /// decides to which one the thread belongs.
    fn drafted(&self) -> Option<DraftedForm> {
        match (&self.patient, self.colleagues.organizations.as_slice()) {
            (Some(patient), _) => Some(drafted(About::Patient(patient.id.clone()))),
            (None, [only]) => Some(drafted(About::Organization(only.clone()))),
            (None, _) => None,
        }
    }

    /// The page with the form below.
    fn page(self, visit: &Visit<'_>, typed: &Typed) -> askama::Result<String> {
        let Self { colleagues, patient, namesakes } = self;
        let mut controls = controls(visit, &colleagues, &typed.fields);
        let mut errors = typed.lines.clone();
        errors.extend(place(&typed.problems, &mut controls, visit.time().l));
        let of = patient.as_ref().map_or("", |patient| patient.id.as_str());
        let hidden = visit.hidden(FormSubject { form: FORM, thread: "", patient: of }, "");
        let (frame, is_whole, draft) = (visit.arrival.frame(Place::Inbox), colleagues.is_whole, typed.draft.clone());
        rendered(&FormPage { frame, patient, namesakes, is_whole, hidden, controls, errors, draft })
    }
}

fn controls(visit: &Visit<'_>, colleagues: &Colleagues, fields: &Fields) -> Vec<Control> {
    let (time, l, me) = (visit.time(), visit.time().l, &visit.session.me);
    let fields = fields.clone().with("owner", ME);
    let people = colleagues.choices(&me.id, l);
    let mut parties: Vec<Choice> = people
        .iter()
        .map(|person| Choice {
            hint: person.hint.clone(),
            is_further: person.is_further,
            ..person_party(&person.value, person.label.clone())
        })
        .collect();
    parties.extend(colleagues.pools.iter().map(|pool| pool_party(pool, l)));
    parties.push(person_party(&me.id, l.person_you(&me.name)));
    let mut owners = vec![Choice::new(ME, l.person_you(&me.name))];
    owners.extend(colleagues.pools.iter().map(|pool: &PoolPlace| pool_party(pool, l)));
    let who = match people.is_empty() {
        true => Control::quote(l.thread_people(), l.nobody_to_choose()),
        false => Control::many("participants", l.thread_people(), &fields, people).hint(l.thread_people_hint()),
    };
    let mut controls = vec![
        Control::line("subject", l.ask_subject(), &fields).hint(l.ask_subject_hint()),
        topic_control(&fields, &time),
        who,
        Control::one("waitingOn.party", l.turn_whose(), &fields, parties),
        Control::short_text("note", l.turn_note(), &fields),
        Control::moment_at("waitingOn.dueAt", l.until_when(), &fields, &time).hint(l.optional_due(time.zone_words())),
        Control::one("owner", l.thread_owner(), &fields, owners),
    ];
    controls.extend(label_controls(&fields, &time));
    controls
}

/// The input of the command, or every control that is not right yet.
fn input(
    visit: &Visit<'_>,
    colleagues: &Colleagues,
    fields: &Fields,
) -> Result<open_team_thread::OpenTeamThreadInput, Vec<Problem>> {
    let me = visit.session.me.id.as_str();
    let mut problems = Vec::new();
    let topic = chosen::<Topic>(fields, "topic");
    let party = ChosenParty::of(fields, "waitingOn.party");
    let due_at = due(fields, "waitingOn.dueAt", &visit.time()).unwrap_or_else(|found| {
        problems.extend(found);
        None
    });
    // A label that narrows who may read is never left out because its word was not understood.
    let (confidential, labels) = (confidentiality(fields), sensitivities(fields));
    for (name, is_given) in [
        ("subject", fields.filled("subject").is_some()),
        ("topic", topic.is_some()),
        ("waitingOn.party", party.is_some()),
        ("note", fields.filled("note").is_some()),
        ("confidentiality", confidential.is_some()),
        ("sensitivities", labels.is_some()),
    ] {
        if !is_given {
            problems.push(Problem::of_field(ProblemCode::Empty, name));
        }
    }
    // Whose turn it is takes part, also if their name was not ticked.
    let mut ids: Vec<&str> = fields.all("participants").collect();
    if let Some(ChosenParty::Person(id)) = party
        && id != me
        && !ids.contains(&id)
    {
        ids.push(id);
    }
    let mut participants = Vec::new();
    for id in ids {
        let person = colleagues.person(id).and_then(|person| Some((person, person.organization.as_ref()?)));
        match person {
            Some((person, at)) => participants.push(open_team_thread::NewParticipantInput {
                person_id: person.id.clone(),
                place: open_team_thread::PlaceInput { role: person.role, organization_id: at.id.clone() },
                history: open_team_thread::HistoryInput { window: HistoryWindow::Full, from_message_id: None },
            }),
            None => problems.push(Problem::of_field(ProblemCode::NotFound, "participants")),
        }
    }
    let owner_pool = match ChosenParty::of(fields, "owner") {
        Some(ChosenParty::Pool(id)) => Some(id.to_owned()),
        Some(ChosenParty::Person(_) | ChosenParty::CoordinatorOfPool(_)) | None => None,
    };
    let (Some(topic), Some(party), Some(confidentiality), Some(sensitivities), true) =
        (topic, party, confidential, labels, problems.is_empty())
    else {
        return Err(problems);
    };
    let pool_ids = match party {
        ChosenParty::Pool(id) if owner_pool.as_deref() != Some(id) => vec![id.to_owned()],
        ChosenParty::Pool(_) | ChosenParty::Person(_) | ChosenParty::CoordinatorOfPool(_) => Vec::new(),
    };
    let party = match party {
        ChosenParty::Person(id) => open_team_thread::PartyInput::PersonId(id.to_owned()),
        ChosenParty::Pool(id) => open_team_thread::PartyInput::PoolId(id.to_owned()),
        ChosenParty::CoordinatorOfPool(id) => open_team_thread::PartyInput::CoordinatorOfPoolId(id.to_owned()),
    };
    let owner = match owner_pool {
        Some(pool) => open_team_thread::OwnerInput::PoolId(pool),
        None => open_team_thread::OwnerInput::Person(open_team_thread::OwningPersonInput {
            person_id: me.to_owned(),
            pool_id: None,
        }),
    };
    Ok(open_team_thread::OpenTeamThreadInput {
        draft: Reference::of(fields).map(Into::into),
        client_mutation_id: fields.get("key").to_owned(),
        patient_id: patient_of(visit).map(str::to_owned),
        organization_id: None,
        topic,
        subject: fields.get("subject").to_owned(),
        confidentiality,
        sensitivities,
        owner,
        pool_ids,
        participants,
        waiting_on: open_team_thread::WaitingOnInput { party, action: "thread.post".to_owned(), due_at },
        note: fields.get("note").to_owned(),
    })
}
