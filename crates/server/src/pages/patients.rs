//! The patients of a person and the records of an organization: the lists with their search, and one patient with the care
//! team, the threads, and whom they block.

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::client::Answer;
use super::controls::Control;
use super::forms::Fields;
use super::frame::{Frame, Place};
use super::lists::{AwayForm, List, ListState, by_activity, tell_apart};
use super::namesakes::namesakes;
use super::patient_acts::act::{Act, Can, Circumstances, permitted_acts};
use super::queries::{
    OrganizationPatients as RecordsQuery, Patient as Query, PatientList, organization_patients, patient, patient_list,
};
use super::rows::{Contact, Subject, Wording};
use super::site::{Failed, Screen, Visit, rendered};
use super::texts::Texts;
use super::time::{Moment, PageTime};
use crate::graphql::directive_words::DirectiveGiver;
use crate::graphql::patient::PatientLinkState;
use crate::response::Response;

/// The word for the acceptance of a place on a care team: of its form, and in the address of the patient, whose page says
/// that it was accepted.
pub(crate) const ACCEPT_PLACE: &str = "accept-place";

/// The screen `/patients`.
pub(crate) struct Patients;

/// The screen `/organizations/{id}/patients`.
pub(crate) struct OrganizationPatients;

/// The screen `/patients/{id}`.
pub(crate) struct Patient;

#[derive(Template)]
#[template(path = "patients.html")]
struct ListPage<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    whose: Whose,
    search: String,
    found: Found,
}

/// Whose patients are listed.
enum Whose {
    /// Those whom the reader cares for.
    Mine,
    /// Those whose record an organization keeps.
    Kept {
        id: String,
        name: String,
        /// Whether all of them are listed, and not only those whom a search finds.
        is_listed: bool,
    },
}

/// Patients that a search found.
pub(crate) struct Found {
    pub rows: Vec<FoundPatient>,
    /// The cursor of the next page.
    pub next: Option<String>,
    pub state: ListState,
}

/// A patient in a list.
pub(crate) struct FoundPatient {
    pub patient: Subject,
    pub organization: Option<String>,
    pub can_ask: bool,
}

#[derive(Template)]
#[template(path = "patient.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    patient: Subject,
    namesakes: Vec<Subject>,
    organization: Option<Contact>,
    /// None if it could not be read, or may not be known.
    team: Option<Vec<Member>>,
    /// Who was on the care team before.
    former: Vec<Member>,
    /// Who is asked to the care team and has not answered.
    asked: Vec<Asked>,
    /// Whom the patient blocks now, and whom they did. None if the reader may not know.
    blocks: Option<Vec<Block>>,
    /// What the reader can do about the patient.
    acts: Vec<Act>,
    /// Whether the reader may know who helps the patient.
    has_helpers: bool,
    /// Whether there is a page of the patient's directives for the reader.
    has_directives: bool,
    /// What was just done, in words.
    done: Option<String>,
    proposal: Option<Proposal>,
    can_ask: bool,
    /// Whether the reader may read who read the record.
    reads_access: bool,
    /// Whether the reader may read who could see what.
    reads_timeline: bool,
    threads: List,
    /// The cursor of the next page of threads.
    next: Option<String>,
    is_whole: bool,
}

/// A member of a care team, now or before.
struct Member {
    name: Option<Wording>,
    role: String,
    organization: Option<Contact>,
    /// Why they added themself, if they did.
    joined: Option<Wording>,
    /// From when to when, if the membership has ended.
    period: Option<String>,
    /// That they help the patient too, in words.
    conflict: Option<String>,
}

/// That somebody of the team helps the patient, and who knows it, in words.
fn conflict(found: Option<&patient::Conflict>, time: &PageTime<'_>) -> Option<String> {
    let found = found?;
    let by = found.recorded_by.as_ref().and_then(|person| person.name.text.clone());
    let by = by.unwrap_or_else(|| time.l.withheld().into_owned());
    Some(time.l.care_team_conflict(time.moment(found.recorded_at).words, by))
}

/// A person of another organization who is asked to a care team.
struct Asked {
    name: Option<Wording>,
    role: String,
    until: Moment,
    /// That they help the patient too, in words.
    conflict: Option<String>,
}

/// A person whom the patient blocks, or did.
struct Block {
    id: String,
    name: Option<Wording>,
    /// Who gave it, since when, and until when.
    words: String,
    /// What the patient said, where another person wrote it down.
    said: Option<Wording>,
    /// Whether the reader can end it.
    can_end: bool,
}

/// A record that is proposed to a person as their own, and not answered yet.
struct Proposal {
    to: Option<String>,
    until: Option<Moment>,
}

const ROWS: i64 = 25;

impl Found {
    /// The patients that a search finds.
    ///
    /// # Errors
    /// If the query was refused as a whole.
    pub async fn search(visit: &Visit<'_>) -> Result<Recorded<Self>, Failed> {
        let after = visit.query.filled("after").map(str::to_owned);
        let search = visit.query.filled("q").map(str::to_owned);
        let answer = visit.ask::<PatientList>(patient_list::Variables { first: Some(ROWS), after, search }).await?;
        Ok(answer.map(|answer| {
            let Some(list) = answer.data.viewer.patients.as_ref() else { return Self::failed() };
            let rows = list.nodes.iter().map(|node| FoundPatient {
                patient: (&node.subject).into(),
                organization: node.organization.as_ref().map(|organization| organization.name.clone()),
                can_ask: node.viewer_can_request_consultation.allowed,
            });
            let next = list.page_info.end_cursor.clone().filter(|_| list.page_info.has_next_page);
            Self { rows: rows.collect(), next, state: ListState::of(true, answer.is_whole) }
        }))
    }

    /// The records of an organization that a search finds.
    pub fn records(answer: &Answer<organization_patients::ResponseData>) -> Self {
        let Some(list) = answer.data.patients.as_ref() else { return Self::failed() };
        let rows = list.nodes.iter().map(|node| FoundPatient {
            patient: (&node.subject).into(),
            // The page says it of all of them.
            organization: None,
            can_ask: node.viewer_can_request_consultation.allowed,
        });
        let next = list.page_info.end_cursor.clone().filter(|_| list.page_info.has_next_page);
        Self { rows: rows.collect(), next, state: ListState::of(true, answer.is_whole) }
    }

    /// Whether it is certain that nobody was found.
    pub fn is_nobody(&self) -> bool {
        self.rows.is_empty() && self.next.is_none() && self.state == ListState::Complete
    }

    const fn failed() -> Self {
        Self { rows: Vec::new(), next: None, state: ListState::Failed }
    }
}

/// The control of a search.
pub(crate) fn search_control(visit: &Visit<'_>, label: impl Into<String>, hint: impl Into<String>) -> Control {
    let fields = Fields::default().with("q", visit.query.get("q"));
    Control::line("q", label, &fields).hint(hint)
}

impl ListPage<'_> {
    fn control(&self) -> Control {
        search_control(self.visit, self.frame.l.find_patient(), self.frame.l.find_patient_hint())
    }

    /// The path of the list.
    fn path(&self) -> String {
        match &self.whose {
            Whose::Mine => "/patients".to_owned(),
            Whose::Kept { id, .. } => format!("/organizations/{id}/patients"),
        }
    }

    fn heading(&self) -> String {
        match &self.whose {
            Whose::Mine => self.frame.l.patients().into_owned(),
            Whose::Kept { name, .. } => self.frame.l.organization_patients(name),
        }
    }

    fn about(&self) -> String {
        let l = self.frame.l;
        match &self.whose {
            Whose::Mine => l.patients_text(),
            Whose::Kept { is_listed: true, .. } => l.organization_patients_text(),
            Whose::Kept { is_listed: false, .. } => l.organization_patients_search(),
        }
        .into_owned()
    }

    /// What is said where no row is.
    fn nothing(&self) -> String {
        let (l, is_search) = (self.frame.l, !self.search.trim().is_empty());
        match &self.whose {
            Whose::Mine if is_search => l.patients_none(&self.search),
            Whose::Mine => l.your_patients_empty().into_owned(),
            Whose::Kept { .. } if is_search => l.organization_patients_none(&self.search),
            Whose::Kept { is_listed: true, .. } => l.organization_patients_empty().into_owned(),
            Whose::Kept { is_listed: false, .. } => l.organization_patients_unsearched().into_owned(),
        }
    }

    /// The link to the list without a search.
    fn all(&self) -> String {
        match &self.whose {
            Whose::Mine => self.frame.l.patients_all(),
            Whose::Kept { .. } => self.frame.l.organization_patients_all(),
        }
        .into_owned()
    }
}

impl Screen for Patients {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let found = Found::search(visit).await?;
        let page = found.map(|found| {
            let (frame, search) = (visit.arrival.frame(Place::Patients), visit.query.get("q").to_owned());
            rendered(&ListPage { frame, visit, whose: Whose::Mine, search, found })
        });
        visit.page(StatusCode::OK, page)
    }
}

impl Screen for OrganizationPatients {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let after = visit.query.filled("after").map(str::to_owned);
        let search = visit.query.filled("q").map(str::to_owned);
        let variables = organization_patients::Variables { id: visit.id.clone(), first: Some(ROWS), after, search };
        let answer = visit.ask::<RecordsQuery>(variables).await?;
        let page = answer.map(|answer| {
            let at = answer.data.organization.as_ref();
            let at = at.filter(|at| at.viewer_lists_patients || at.viewer_looks_up_patients);
            let Some(at) = at else { return Err(Failed::NotAvailable) };
            Ok(rendered(&ListPage {
                frame: visit.arrival.frame(Place::Organizations),
                visit,
                whose: Whose::Kept { id: at.id.clone(), name: at.name.clone(), is_listed: at.viewer_lists_patients },
                search: visit.query.get("q").to_owned(),
                found: Found::records(&answer),
            }))
        });
        visit.page(StatusCode::OK, page.transpose()?)
    }
}

impl Page<'_> {
    /// A row of this page has no form that puts it away.
    fn no_form(&self) -> Option<AwayForm> {
        None
    }
}

impl Screen for Patient {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let after = visit.query.given("after").map(str::to_owned);
        let answer =
            visit.ask::<Query>(patient::Variables { id: visit.id.clone(), first: Some(THREADS), after }).await?;
        let subject = answer.read(|answer| answer.data.patient.as_ref().map(|patient| Subject::from(&patient.subject)));
        let subject = subject.ok_or(Failed::NotAvailable)?;
        let similar = namesakes(visit, &subject).await?;
        let page = answer.with(similar, |answer, namesakes| page(visit, &answer, subject, namesakes));
        visit.page(StatusCode::OK, page)
    }
}

impl Member {
    fn of(member: &patient::PatientPatientCareTeamMembers, time: &PageTime<'_>) -> Self {
        let (at, l) = (member.organization.as_ref(), time.l);
        Self {
            name: member.person.as_ref().map(|person| Wording::from(&person.name)),
            role: l.role(&member.role),
            organization: at.map(|at| Contact { name: at.name.clone(), phone: at.phone.clone() }),
            joined: member.reason.as_ref().filter(|_| member.joined_by_themselves).map(Wording::from),
            period: None,
            conflict: conflict(member.conflict.as_ref(), time),
        }
    }
}

/// A membership that has ended.
fn former(member: &patient::PatientPatientCareTeamFormerMembers, time: &PageTime<'_>) -> Member {
    let at = member.organization.as_ref();
    let since = time.moment(member.since).words;
    Member {
        name: member.person.as_ref().map(|person| Wording::from(&person.name)),
        role: time.l.role(&member.role),
        organization: at.map(|at| Contact { name: at.name.clone(), phone: None }),
        joined: member.reason.as_ref().filter(|_| member.joined_by_themselves).map(Wording::from),
        period: member.ended_at.map(|ended| time.l.period_until(since, time.moment(ended).words)),
        conflict: None,
    }
}

impl Asked {
    fn of(asked: &patient::PatientPatientCareTeamAsked, time: &PageTime<'_>) -> Self {
        let role = time.l.role(&asked.role);
        Self {
            name: asked.person.as_ref().map(|person| Wording::from(&person.name)),
            role: asked.organization.as_ref().map_or_else(|| role.clone(), |at| time.l.role_at(&at.name, &role)),
            until: time.full(asked.expires_at),
            conflict: conflict(asked.conflict.as_ref(), time),
        }
    }
}

impl Block {
    fn of(block: &patient::PatientPatientBlocks, time: &PageTime<'_>, is_identified: bool) -> Self {
        let (l, since) = (time.l, time.moment(block.since).words);
        let by = block.written_by.as_ref().and_then(|person| person.name.text.clone());
        let given = match (block.giver, by) {
            (DirectiveGiver::Patient, _) => l.block_by_patient(since),
            (DirectiveGiver::Representative, _) => l.block_by_representative(since),
            (DirectiveGiver::Staff, Some(by)) => l.block_written_by(by, since),
            (DirectiveGiver::Staff, None) => l.block_written(since),
        };
        let ended = block.ended_at.map(|ended| l.block_ended(time.moment(ended).words));
        Self {
            id: block.id.clone(),
            name: block.person.as_ref().map(|person| Wording::from(&person.name)),
            words: ended.map_or_else(|| given.clone(), |ended| format!("{given} {ended}")),
            said: block.patient_word.as_ref().map(Wording::from),
            can_end: is_identified && block.viewer_can_end.allowed,
        }
    }
}

/// What the page says of what was just done.
fn done(word: &str, l: &Texts) -> Option<String> {
    if word == ACCEPT_PLACE { Some(l.done_join().into_owned()) } else { Act::of(word).map(|act| act.done(l)) }
}

/// How many threads about a patient stand on one page.
const THREADS: i64 = 20;

fn page(
    visit: &Visit<'_>,
    answer: &Answer<patient::ResponseData>,
    subject: Subject,
    namesakes: Vec<Subject>,
) -> askama::Result<String> {
    let l = visit.time().l;
    let found = answer.data.patient.as_ref();
    let about = answer.data.threads.as_ref();
    let frame = visit.arrival.frame(Place::of_patient(&visit.session.me));
    let mut threads =
        List::of(about.map(|list| (list.nodes.as_slice(), list.page_info.has_next_page)), answer.is_whole);
    tell_apart(&mut threads.rows, |row| by_activity(row, &frame));
    let next = about.filter(|_| threads.more).and_then(|list| list.page_info.end_cursor.clone());
    let team = found.and_then(|patient| patient.care_team.as_ref());
    let organization = found.and_then(|patient| patient.organization.as_ref());
    let members = team.into_iter().flat_map(|team| &team.members).filter_map(|member| member.person.as_ref());
    // Nothing can be done from here while it is not certain whom it would be about.
    let is_identified = subject.identity().is_some();
    let about = Circumstances {
        patient: &subject.id,
        keeper: organization.map(|at| at.id.as_str()),
        team: members.map(|person| person.id.as_str()).collect(),
        permitted: found.filter(|_| is_identified).map(|patient| permitted_acts!(patient)).unwrap_or_default(),
    };
    let can = Can::of(&visit.session.me, &about);
    let blocks = found.and_then(|patient| patient.blocks.as_ref());
    let blocks =
        blocks.map(|blocks| blocks.iter().map(|block| Block::of(block, &visit.time(), is_identified)).collect());
    let link = found.and_then(|patient| patient.link.as_ref());
    let proposal = link.filter(|link| link.state == PatientLinkState::Proposed).map(|link| Proposal {
        to: link.person.as_ref().and_then(|person| person.name.text.clone()),
        until: link.expires_at.map(|at| visit.time().full(at)),
    });
    rendered(&Page {
        frame,
        visit,
        namesakes,
        organization: organization.map(|at| Contact { name: at.name.clone(), phone: at.phone.clone() }),
        team: team.map(|team| team.members.iter().map(|member| Member::of(member, &visit.time())).collect()),
        former: team
            .into_iter()
            .flat_map(|team| &team.former_members)
            .map(|each| former(each, &visit.time()))
            .collect(),
        asked: team.into_iter().flat_map(|team| &team.asked).map(|asked| Asked::of(asked, &visit.time())).collect(),
        // Who may know whom the patient blocks has a page of all directives, whether or not they can give one.
        has_directives: is_identified && blocks.is_some(),
        blocks,
        acts: can.acts().collect(),
        has_helpers: is_identified && answer.data.helpers.is_some(),
        done: visit.told("done").and_then(|word| done(word, l)),
        proposal,
        can_ask: found.is_some_and(|patient| patient.viewer_can_request_consultation.allowed),
        reads_access: found.is_some_and(|patient| patient.viewer_reads_access_records),
        reads_timeline: found.is_some_and(|patient| patient.viewer_reads_timeline),
        threads,
        next,
        is_whole: answer.is_whole,
        patient: subject,
    })
}
