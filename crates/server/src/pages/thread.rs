//! The page of a thread: whose turn it is, the next step, the conversation, and the form for a reply.

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::controls::{Control, ErrorLine, place, vocabulary, word};
use super::conversation::{Day, Entry, days};
use super::draft::{DraftedForm, FormDraft, Kept, Typed, kept};
use super::forms::{Fields, Hidden};
use super::frame::{Frame, Place};
use super::parties;
use super::queries::{Thread as Query, thread};
use super::rows::{Who, Wording};
use super::site::{AGAIN, Failed, Screen, Visit, rendered};
use super::steps::Step;
use super::texts::Texts;
use super::time::{Due, DueTone, Moment};
use super::view::View;
use super::words::audience_icon;
use crate::graphql::words::{Audience, ConsultationState, Urgency};
use crate::response::Response;

/// The screen `/t/{id}`.
pub(crate) struct Thread;

#[derive(Template)]
#[template(path = "thread.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    view: View,
    composer: Option<Composer>,
    errors: Vec<ErrorLine>,
}

/// The messages alone, from the template of the page.
#[derive(Template)]
#[template(path = "thread.html", block = "messages")]
struct Messages<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    view: View,
}

/// The form for a reply.
struct Composer {
    hidden: Hidden,
    control: Control,
    /// The audiences to which this person can post.
    audiences: Vec<SendTo>,
    /// The person whom the clinical team answers, for the audience of the team and one person; none if it is the reader
    /// of the page, or nobody.
    answered: Option<String>,
    /// What can be done in the same act.
    then: Vec<Then>,
    /// Whether its readers can be chosen by name.
    can_name: bool,
    /// None while a message to chosen persons is kept: its text is never offered to wider audiences.
    draft: Option<FormDraft>,
}

/// An audience to which a reply can be sent.
struct SendTo {
    audience: Audience,
    /// The words of the choice.
    label: String,
    /// The words of the button, which say who will read it.
    words: String,
    /// The readers by name.
    who: Option<String>,
    /// Whether it is the one to which the reply goes unless another is chosen.
    is_chosen: bool,
}

impl SendTo {
    fn value(&self) -> String {
        word(&self.audience)
    }

    fn icon(&self) -> &'static str {
        audience_icon(self.audience)
    }
}

/// A step that can be sent together with a reply.
struct Then {
    step: Step,
    is_chosen: bool,
    controls: Vec<Control>,
}

/// What the page says about whose turn it is.
struct Turn {
    is_mine: bool,
    heading: String,
    due: Option<Due>,
    due_full: Option<Moment>,
    /// Whether the reader can pass the turn on instead of taking the next step.
    can_be_passed: bool,
    /// Whether it is awaited that somebody decides what goes on after the patient's death.
    is_after_death: bool,
}

impl Turn {
    fn tone(&self) -> &'static str {
        match (self.is_mine, self.due.as_ref().map(|due| due.urgency)) {
            (false, Some(DueTone::Late)) => "warning",
            (true, _) => "accent",
            (false, _) => "info",
        }
    }
}

/// An invitation that the reader has not answered.
struct Invited {
    heading: String,
    until: Moment,
}

/// A line of "Where it stands".
struct Stage {
    words: String,
    /// Whether it is done, is next, or comes later, in words.
    when: String,
    state: &'static str,
    icon: &'static str,
}

impl Page<'_> {
    fn days(&self) -> Vec<Day> {
        days(&self.view, self.visit)
    }

    /// The next step of this person, which is the one primary button.
    fn next(&self) -> Option<Step> {
        if self.view.is_identified() { Step::next(&self.view) } else { None }
    }

    /// What else this person can do.
    fn others(&self) -> Vec<Step> {
        let next = self.next();
        if !self.view.is_identified() {
            return Vec::new();
        }
        Step::allowed(&self.view).filter(|step| Some(*step) != next).collect()
    }

    fn hidden(&self, step: &Step) -> Hidden {
        self.visit.hidden(self.view.form(step.word()), self.view.thread.version.as_str())
    }

    fn turn(&self) -> Option<Turn> {
        let (time, l) = (self.visit.time(), self.visit.time().l);
        let awaited = self.view.awaited.as_ref()?;
        let next = Step::next(&self.view);
        let is_mine = awaited.names(&self.visit.session.me.id)
            || Step::allowed(&self.view).any(|step| step.command() == Some(awaited.action.as_str()));
        let can_be_passed = Step::PassTurn.is_allowed(&self.view) && next != Some(Step::PassTurn);
        let passes = Step::PassTurn.command() == Some(awaited.action.as_str());
        let heading = match (is_mine, next) {
            (true, Some(step)) if passes && step != Step::PassTurn => l.your_turn_or_pass(step.title(l)),
            (true, _) => l.your_turn(awaited.what(&time)),
            (false, _) if self.frame.is_staff() => l.others_turn(awaited.what(&time), awaited.whose(&time)),
            (false, _) => awaited.whose(&time),
        };
        let due = awaited.due.map(|due| time.due(due));
        let due_full = awaited.due.map(|due| time.full(due));
        let is_dead = self.view.patient.as_ref().is_some_and(|patient| patient.died_at.is_some());
        let is_after_death = passes && is_dead && self.frame.is_staff();
        Some(Turn { is_mine, heading, due, due_full, can_be_passed, is_after_death })
    }

    /// The reader's own invitation, if they can answer it.
    fn invitation(&self) -> Option<Invited> {
        let (time, l) = (self.visit.time(), self.visit.time().l);
        let invitation = self.view.thread.viewer_invitation.as_ref()?;
        let by = invitation.invited_by.as_ref().and_then(|person| person.name.text.as_deref());
        let role = match &invitation.organization {
            Some(organization) => l.role_at(&organization.name, l.role(&invitation.role)),
            None => l.role(&invitation.role),
        };
        let heading = by.map_or_else(|| l.invited(&role), |by| l.invited_by(by, &role));
        Some(Invited { heading, until: time.full(invitation.expires_at) })
    }

    fn invited_steps(&self) -> Vec<Step> {
        [Step::Accept, Step::Decline].into_iter().filter(|step| step.is_allowed(&self.view)).collect()
    }

    /// The message that was just sent.
    fn sent(&self) -> Option<&str> {
        let sent = self.visit.told("sent")?;
        let messages = self.view.thread.messages.iter().flat_map(|list| &list.nodes);
        messages.map(|message| message.id.as_str()).find(|id| *id == sent)
    }

    /// The step that was just done.
    fn done(&self) -> Option<Step> {
        self.visit.told("done").and_then(Step::of)
    }

    /// When it was last asked for that the consultation be assigned, while this can be done.
    fn assignment_asked(&self) -> Option<Moment> {
        let own = self.view.consultation()?;
        let can_be_assigned = matches!(own.state, ConsultationState::Submitted | ConsultationState::Assigned);
        own.assignment_asked_at.filter(|_| can_be_assigned).map(|at| self.visit.time().full(at))
    }

    /// Why it was last asked for, for who may assign the consultation.
    fn assignment_reason(&self) -> Option<Wording> {
        self.view.consultation()?.assignment_asked_reason.as_ref().map(Wording::from)
    }

    fn stages(&self) -> Vec<Stage> {
        let (Some(own), l) = (self.view.consultation(), self.visit.time().l) else { return Vec::new() };
        let now = vocabulary().position(|state: ConsultationState| state == own.state).unwrap_or_default();
        let stage = |(number, state): (usize, ConsultationState)| {
            let (state_word, icon, when) = match number {
                _ if number <= now => ("done", "done", l.stage_done()),
                _ if number == now + 1 => ("now", "now", l.stage_now()),
                _ => ("next", "next", l.stage_then()),
            };
            Stage { words: l.consultation_state(&state), when: when.into_owned(), state: state_word, icon }
        };
        vocabulary().enumerate().map(stage).collect()
    }

    /// Who takes part now, each with role and organization; and who is accountable for it.
    fn participants(&self) -> Vec<(Who, String)> {
        let l = self.visit.time().l;
        let owner = self.view.thread.owner.as_ref().and_then(|owner| owner.person.as_ref()).map(Who::from);
        let mut all: Vec<(Who, String)> = parties::participants(&self.view, l).collect();
        let Some(owner) = owner else { return all };
        match all.iter_mut().find(|(person, _)| person.id == owner.id) {
            Some((_, words)) => *words = format!("{words} · {}", l.column_owner()),
            None => all.push((owner, l.column_owner().into_owned())),
        }
        all
    }

    /// Who is accountable for the thread, in words.
    fn owner_words(&self) -> Option<String> {
        let l = self.visit.time().l;
        let owner = self.view.thread.owner.as_ref()?;
        match (&owner.person, &owner.pool) {
            (Some(person), _) => Some(person.name.text.clone().unwrap_or_else(|| l.withheld().into_owned())),
            (None, Some(pool)) => Some(l.nobody_in_pool(&pool.name)),
            (None, None) => None,
        }
    }

    /// How many persons can read the thread now, if this person may know it.
    fn readers(&self) -> Option<i64> {
        self.view.thread.to_all.as_ref().map(|readers| readers.count)
    }

    /// Whether the message that was sent went along with a step.
    fn with_message(&self) -> bool {
        self.visit.told("with") == Some("message")
    }

    /// Whether the form for a reply names a step that goes along.
    fn has_then(&self) -> bool {
        self.composer.iter().flat_map(|composer| &composer.then).any(|then| then.is_chosen)
    }

    /// Whether the thread was just opened by the reader.
    fn is_new(&self) -> bool {
        self.visit.told("opened").is_some()
    }

    /// The pools that take part, the owner first.
    fn pools(&self) -> Vec<&str> {
        let owner = self.view.thread.owner.as_ref().and_then(|owner| owner.pool.as_ref());
        let owner = owner.map(|pool| pool.name.as_str());
        let others = self.view.thread.pools.iter().map(|pool| pool.name.as_str());
        owner.into_iter().chain(others.filter(|name| owner != Some(*name))).collect()
    }

    /// The newest message of another person that is not read yet, and the form that marks it as read.
    fn unread(&self) -> Option<(&str, Hidden)> {
        let list = self.view.thread.messages.as_ref().filter(|_| self.shows_what_is_before())?;
        let newest = list.nodes.iter().rfind(|message| !message.is_read)?;
        Some((newest.id.as_str(), self.hidden(&Step::Read)))
    }

    /// Whether no message before this page is unread. Otherwise none is marked as read here, because a mark includes all
    /// messages before it.
    fn shows_what_is_before(&self) -> bool {
        let messages = || self.view.thread.messages.iter().flat_map(|list| &list.nodes);
        let shown = messages().filter(|message| !message.is_read).count();
        let is_mine = |author: Option<&str>| author == Some(self.visit.session.me.id.as_str());
        let of_others = messages().find(|message| !is_mine(message.author.as_ref().map(|author| author.id.as_str())));
        i64::try_from(shown).is_ok_and(|shown| shown >= self.view.thread.unread_count)
            || self.older().is_none()
            || of_others.is_some_and(|message| message.is_read)
    }

    /// The cursor of the messages before these.
    fn older(&self) -> Option<&str> {
        let info = &self.view.thread.messages.as_ref()?.page_info;
        info.start_cursor.as_deref().filter(|_| info.has_previous_page)
    }
}

impl Messages<'_> {
    fn days(&self) -> Vec<Day> {
        days(&self.view, self.visit)
    }
}

/// The words of the button that sends: they say who will read it, and how many they are.
pub(super) fn send_words(view: &View, audience: Audience, frame: &Frame<'_>) -> String {
    let l = frame.l;
    let Some(reach) = view.reach(audience) else {
        return match audience {
            Audience::ClinicalTeam | Audience::Named => l.send_clinical(),
            Audience::TeamAndMe => l.send_team_and_one(),
            Audience::Everyone => l.send_everyone(),
        }
        .into_owned();
    };
    match (audience, view.patient_name()) {
        (Audience::ClinicalTeam | Audience::Named, _) => l.send_to_clinical(reach.others),
        // Who helps a patient reads of whom they write.
        (Audience::TeamAndMe, Some(patient)) if is_helper(view, frame) => l.write_about_to_team(reach.others, patient),
        (Audience::Everyone, Some(patient)) if is_helper(view, frame) => l.write_about(reach.others, patient),
        (Audience::TeamAndMe, patient) => match (view.answered(), patient) {
            (Some(_), Some(patient)) => l.send_to_team_and(reach.others, patient),
            (Some(_), None) => l.send_team_and_one().into_owned(),
            (None, _) => l.send_to_your_team_only(reach.others),
        },
        (Audience::Everyone, _) if !frame.is_staff() => l.send_to_your_team(reach.others),
        (Audience::Everyone, Some(patient)) if reach.includes_patient => l.send_to_with(reach.others, patient),
        (Audience::Everyone, _) => l.send_to(reach.others),
    }
}

/// Whether the reader, who does not work here, writes about another person.
fn is_helper(view: &View, frame: &Frame<'_>) -> bool {
    !frame.is_staff() && view.patient.is_some() && !frame.is_about_reader(view.patient.as_ref())
}

/// An audience as a choice in the form for a reply.
fn audience_label(view: &View, audience: Audience, l: &Texts) -> String {
    match (audience, view.one_person(), view.patient_name()) {
        (Audience::TeamAndMe, Some(one), _) if one.is_reader => l.audience_team_and_me().into_owned(),
        (Audience::TeamAndMe, Some(_), Some(patient)) => l.audience_team_and(patient),
        (Audience::TeamAndMe | Audience::Everyone | Audience::ClinicalTeam | Audience::Named, _, _) => {
            l.audience(&audience)
        }
    }
}

/// Who will read a message to an audience, for the choice in the form for a reply.
fn choice_hint(view: &View, audience: Audience, l: &Texts) -> Option<String> {
    let who = view.reach(audience)?.who(l);
    let is_own = audience == Audience::TeamAndMe && view.one_person().is_some_and(|one| one.is_reader);
    Some(if is_own { format!("{} {who}", l.team_and_me_hint()) } else { who })
}

impl Thread {
    /// The view of the thread of a visit.
    ///
    /// # Errors
    /// If there is none, or this person may not know of it.
    pub async fn read(visit: &Visit<'_>) -> Result<Recorded<View>, Failed> {
        let before = visit.query.filled("before").map(str::to_owned);
        let variables = thread::Variables { id: visit.id.clone(), last: Some(50), before };
        let answer = visit.ask::<Query>(variables).await?;
        answer.map(|answer| View::of(answer, &visit.session.me.id).ok_or(Failed::NotAvailable)).transpose()
    }
}

pub(super) fn thread_page(visit: &Visit<'_>, view: View, typed: &Typed) -> askama::Result<String> {
    let frame = visit.arrival.frame(Place::Inbox);
    let mut errors = typed.lines.clone();
    let composer = match composer(visit, &view, typed) {
        Some((composer, placed)) => {
            errors.extend(placed);
            Some(composer)
        }
        None => {
            errors.extend(place(&typed.problems, &mut [], frame.l));
            None
        }
    };
    rendered(&Page { frame, visit, view, composer, errors })
}

/// The form for a reply, with what was typed and what is wrong with it.
fn composer(visit: &Visit<'_>, view: &View, typed: &Typed) -> Option<(Composer, Vec<ErrorLine>)> {
    let Typed { fields, draft, problems, .. } = typed;
    if !view.is_open() || !view.is_identified() {
        return None;
    }
    let (time, frame) = (visit.time(), visit.arrival.frame(Place::Inbox));
    let mut audiences: Vec<SendTo> = view
        .audiences()
        .into_iter()
        .map(|audience| SendTo {
            audience,
            label: audience_label(view, audience, time.l),
            words: send_words(view, audience, &frame),
            who: choice_hint(view, audience, time.l),
            is_chosen: false,
        })
        .collect();
    // The audience that was chosen stays so, whatever is wrong with the form.
    let chosen = fields.filled("audience").or_else(|| fields.filled("shown"));
    let default = view.thread.default_audience.as_ref().map(word);
    let at = |value: &str| audiences.iter().position(|to| to.value() == value);
    // Who has no default chooses.
    let chosen = chosen.and_then(at).or_else(|| default.map(|default| at(&default).unwrap_or_default()));
    audiences.first()?;
    if let Some(chosen) = chosen {
        audiences.get_mut(chosen)?.is_chosen = true;
    }
    let hidden = visit.hidden(view.form(Step::Reply.word()), view.thread.version.as_str());
    let steps: Vec<Step> = Step::after_reply(view).collect();
    // All controls of the form stand in one list while problems are placed, so that the summary has their order.
    let mut controls = Step::Reply.controls(view, fields, &time);
    let mut counts = Vec::new();
    for step in &steps {
        let own = step.controls(view, fields, &time);
        counts.push(own.len());
        controls.extend(own);
    }
    let errors = place(problems, &mut controls, time.l);
    let mut controls = controls.into_iter();
    let control = controls.next()?;
    let chosen = Step::with_reply(fields);
    let then = steps.into_iter().zip(counts).map(|(step, count)| Then {
        step,
        is_chosen: chosen == Some(step),
        controls: controls.by_ref().take(count).collect(),
    });
    let then = then.collect();
    let is_kept_elsewhere = draft.as_ref().is_some_and(|draft| draft.form == Step::Named.word());
    let draft = draft.clone().filter(|draft| draft.form == Step::Reply.word());
    let draft = match draft {
        None if is_kept_elsewhere => None,
        None => Some(FormDraft::new(visit, &Step::Reply.drafted(&visit.id, false)?)),
        Some(draft) => Some(draft),
    };
    let can_name = frame.is_staff() && Step::Named.is_allowed(view);
    let answered = view.answered().map(str::to_owned);
    Some((Composer { hidden, control, audiences, answered, then, can_name, draft }, errors))
}

impl Screen for Thread {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let view = Self::read(visit).await?;
        let page = match visit.fragment.as_deref() {
            None | Some(AGAIN) => {
                let has_form = view.read(|view| composer(visit, view, &Typed::nothing()).is_some());
                match Step::Reply.drafted(&visit.id, false).filter(|_| has_form) {
                    Some(form) => view.with(kept(visit, &form).await?, |view, kept| {
                        thread_page(visit, view, &reply_of(visit, &form, kept))
                    }),
                    None => view.map(|view| thread_page(visit, view, &Typed::nothing())),
                }
            }
            Some("messages") => {
                view.map(|view| rendered(&Messages { frame: visit.arrival.frame(Place::Inbox), visit, view }))
            }
            Some(_) => return Err(Failed::NotAvailable),
        };
        visit.page(StatusCode::OK, page)
    }
}

/// The form for a reply with its draft. The draft of a message to chosen persons stays in its own form.
fn reply_of(visit: &Visit<'_>, form: &DraftedForm, kept: Option<Kept>) -> Typed {
    match (kept, Step::Named.drafted(&visit.id, false)) {
        (Some(kept), Some(named)) if kept.is_of(&named) => {
            Typed { fields: Fields::default(), ..Typed::opened(visit, &named, Some(kept)) }
        }
        (kept, _) => Typed::opened(visit, form, kept),
    }
}
