//! Who could see something of a patient, from when to when and why: a place on the care team, a question that they asked or
//! held, a place in a conversation, the help of a delegate within a scope; and whom the patient blocked meanwhile.
//!
//! A row is a period. It begins with an event and ends with another one; each change of a scope ends a period and begins the
//! next. A kind of thread that only its participants know, such as a team thread, is in no row. The policy says of each row
//! whether a reader may know of it.

use care::care_team::{CareTeamEvent, MemberAdded, MemberJoined};
use care::consent_directive::{DirectiveEvent, Terms, Whom};
use care::conversation::{ConversationEvent, Owner};
use care::delegation::{DelegationEvent, Scope};
use care::event::{Event, Stream};
use care::ids::{DelegationId, Id, OrganizationId, PatientId, PersonId, ThreadId};
use care::thread::ThreadEvent;
use care::words::{DelegationState, DirectiveEffect, Role};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::Redact;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::authorization::Entities as _;
use crate::authorization::delegation::DelegationFacts;
use crate::authorization::directives::{DirectiveFacts, Given};
use crate::authorization::thread::ThreadFacts;
use crate::fault::Fault;
use crate::read_models::cells::{id, limit};
use crate::read_models::delegations::DelegationStepKind;
use crate::read_models::entities::Written;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::tokens::Key;

const SCHEMA: &str = "
-- A period. `place` grows with the log; `thing` is the thread, the delegation, the directive or the patient of a care team.
-- `person` is NULL where a directive names none.
CREATE TABLE timeline (
  patient BLOB, place INTEGER, reason TEXT NOT NULL, thing BLOB NOT NULL, person BLOB, said TEXT NOT NULL,
  at INTEGER NOT NULL, ended_at INTEGER, ended_by TEXT,
  PRIMARY KEY (patient, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX timeline_open ON timeline (thing, reason) WHERE ended_at IS NULL;
";

/// The periods.
pub(super) struct Timeline;

/// Why a person could see something, or could not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimelineReason {
    /// They were on the care team.
    CareTeam,
    /// They opened a conversation, or the request was handed over to them.
    Asks,
    /// They owned a conversation.
    Holds,
    /// They took part in a conversation.
    TakesPart,
    /// They helped the patient under a delegation.
    Helps,
    /// The patient blocked them.
    ShutOut,
    /// The patient permitted them what a rule asks the patient for.
    Permitted,
}

impl TimelineReason {
    const fn word(self) -> &'static str {
        match self {
            Self::CareTeam => "care_team",
            Self::Asks => "asks",
            Self::Holds => "holds",
            Self::TakesPart => "takes_part",
            Self::Helps => "helps",
            Self::ShutOut => "shut_out",
            Self::Permitted => "permitted",
        }
    }
}

/// What a period says. What does not belong to its reason is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodSaid {
    /// Why.
    pub reason: TimelineReason,
    /// In which role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Of which organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// From when on they saw the conversation; none: all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sees_from: Option<DateTime<Utc>>,
    /// What a delegate reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Whom and what a directive is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directive: Option<Terms>,
    /// When the access of a delegate, or a directive, was to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

impl PeriodSaid {
    const fn of(reason: TimelineReason) -> Self {
        Self { reason, role: None, organization: None, sees_from: None, scope: None, directive: None, until: None }
    }

    fn at_place(reason: TimelineReason, role: Role, organization: OrganizationId) -> Self {
        Self { role: Some(role), organization: Some(organization), ..Self::of(reason) }
    }
}

/// A period that begins.
struct Begun {
    patient: PatientId,
    thing: Uuid,
    /// None for a directive that names no person.
    person: Option<PersonId>,
    said: PeriodSaid,
}

fn begin(fold: &Fold<'_>, begun: Begun) -> Folded {
    let Begun { patient, thing, person, said } = begun;
    // Who asks and who holds can begin with one event.
    let place = fold.recorded().position.0.cast_signed().saturating_mul(2);
    let place = place.saturating_add(i64::from(said.reason == TimelineReason::Holds));
    // A directive can begin later than its event.
    let later = said.directive.as_ref().and_then(|terms| terms.from).map(|from| from.timestamp_micros());
    let at = later.map_or(fold.at, |from| from.max(fold.at));
    fold.run(
        "INSERT INTO timeline (patient, place, reason, thing, person, said, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            id(patient),
            place,
            said.reason.word(),
            thing.into_bytes(),
            person.map(id),
            serde_json::to_string(&said)?,
            at
        ],
    )
}

/// The open period of a person that ends, or of whomever.
struct Ends {
    reason: TimelineReason,
    thing: Uuid,
    person: Option<PersonId>,
    /// The step of a delegation that ends it.
    by: Option<DelegationStepKind>,
}

fn end(fold: &Fold<'_>, ends: &Ends) -> Folded {
    let Ends { reason, thing, person, by } = ends;
    let by = by.map(|by| serde_json::to_string(&by)).transpose()?;
    fold.run(
        "UPDATE timeline SET ended_at = ?4, ended_by = ?5
         WHERE thing = ?1 AND reason = ?2 AND ended_at IS NULL AND (?3 IS NULL OR person = ?3)",
        params![thing.into_bytes(), reason.word(), person.map(id), fold.at, by],
    )
}

impl ReadModel for Timeline {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 1 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        if let Some((thread, ThreadEvent::Conversation(event))) = fold.thread() {
            return of_thread(fold, thread, event);
        }
        if let Event::CareTeam(event) = fold.event() {
            return of_care_team(fold, event);
        }
        if let (Stream::Delegation(delegation), Event::Delegation(event)) = (fold.stream(), fold.event()) {
            return of_delegation(fold, delegation, event);
        }
        if let (Stream::Directives(about), Event::Directives(event)) = (fold.stream(), fold.event()) {
            return of_directive(fold, about, event);
        }
        Ok(())
    }
}

fn of_care_team(fold: &Fold<'_>, event: &CareTeamEvent) -> Folded {
    let reason = TimelineReason::CareTeam;
    let ends = |patient: PatientId, person| Ends { reason, thing: patient.uuid(), person: Some(person), by: None };
    match event {
        CareTeamEvent::MemberAdded(MemberAdded { patient, person, role, organization })
        | CareTeamEvent::MemberJoined(MemberJoined { patient, person, role, organization, reason: _ }) => {
            end(fold, &ends(*patient, *person))?;
            let said = PeriodSaid::at_place(reason, *role, *organization);
            begin(fold, Begun { patient: *patient, thing: patient.uuid(), person: Some(*person), said })
        }
        CareTeamEvent::MemberRemoved(removed) => end(fold, &ends(removed.patient, removed.person)),
        // Who is asked is not on the team yet.
        CareTeamEvent::MemberAsked(_) | CareTeamEvent::MemberDeclined(_) | CareTeamEvent::ConflictRecorded(_) => Ok(()),
    }
}

fn of_thread(fold: &Fold<'_>, thread: ThreadId, event: &ConversationEvent) -> Folded {
    if !event.can_change_who_may() {
        return Ok(());
    }
    let written = Written(fold.connection());
    let Some(facts) = written.get::<ThreadFacts>(thread.uuid())? else { return Ok(()) };
    let Some(patient) = facts.patient.filter(|_| !facts.kind.is_participants_only()) else { return Ok(()) };
    let thing = thread.uuid();
    let ends = |reason, person| Ends { reason, thing, person, by: None };
    let holds = |owner: &Owner, organization| {
        let said = PeriodSaid { organization: Some(organization), ..PeriodSaid::of(TimelineReason::Holds) };
        owner.person().map(|person| Begun { patient, thing, person: Some(person), said })
    };
    let takes_part = |person: PersonId| {
        let participation = facts.participants.get(&person)?;
        let (role, organization) = (participation.place.role, participation.place.organization);
        let sees_from = participation.since.map(|since| since.at);
        let said = PeriodSaid { sees_from, ..PeriodSaid::at_place(TimelineReason::TakesPart, role, organization) };
        Some(Begun { patient, thing, person: Some(person), said })
    };
    let begins: Vec<Begun> = match event {
        ConversationEvent::Opened(opened) => {
            let said = PeriodSaid::at_place(TimelineReason::Asks, opened.role, opened.organization);
            let asks = opened.by.person().map(|person| Begun { patient, thing, person: Some(person), said });
            asks.into_iter().chain(holds(&opened.owner, opened.owning_organization)).collect()
        }
        ConversationEvent::RequesterChanged(changed) => {
            end(fold, &ends(TimelineReason::Asks, None))?;
            let said = PeriodSaid::at_place(TimelineReason::Asks, changed.role, facts.organization);
            vec![Begun { patient, thing, person: Some(changed.requester), said }]
        }
        ConversationEvent::OwnerChanged(changed) => {
            end(fold, &ends(TimelineReason::Holds, None))?;
            holds(&changed.owner, changed.organization).into_iter().collect()
        }
        ConversationEvent::ParticipantAdded(added) => {
            end(fold, &ends(TimelineReason::TakesPart, Some(added.person)))?;
            takes_part(added.person).into_iter().collect()
        }
        ConversationEvent::WindowChanged(changed) => {
            end(fold, &ends(TimelineReason::TakesPart, Some(changed.person)))?;
            takes_part(changed.person).into_iter().collect()
        }
        ConversationEvent::ParticipantRemoved(removed) => {
            end(fold, &ends(TimelineReason::TakesPart, Some(removed.person)))?;
            vec![]
        }
        ConversationEvent::ParticipantInvited(_)
        | ConversationEvent::ParticipantDeclined(_)
        | ConversationEvent::InvitationExpired(_)
        | ConversationEvent::TurnPassed(_)
        | ConversationEvent::Labelled(_)
        | ConversationEvent::Released(_)
        | ConversationEvent::MessagePosted(_)
        | ConversationEvent::ReadMarked(_)
        | ConversationEvent::ThreadPutAway(_)
        | ConversationEvent::HiddenFromDelegates(_)
        | ConversationEvent::PatientDied(_)
        | ConversationEvent::ShownToDelegates(_)
        | ConversationEvent::Closed(_)
        | ConversationEvent::Reopened(_) => vec![],
    };
    begins.into_iter().try_for_each(|begun| begin(fold, begun))
}

fn of_delegation(fold: &Fold<'_>, delegation: DelegationId, event: &DelegationEvent) -> Folded {
    let step = match event {
        DelegationEvent::Activated(_) => DelegationStepKind::Activated,
        DelegationEvent::Narrowed(_) => DelegationStepKind::Narrowed,
        DelegationEvent::Widened(_) => DelegationStepKind::Widened,
        DelegationEvent::Renewed(_) => DelegationStepKind::Renewed,
        DelegationEvent::Suspended(_) => DelegationStepKind::Suspended,
        DelegationEvent::Resumed(_) => DelegationStepKind::Resumed,
        DelegationEvent::Ended(_) => DelegationStepKind::Ended,
        DelegationEvent::Offered(_)
        | DelegationEvent::Invited(_)
        | DelegationEvent::Accepted(_)
        | DelegationEvent::IdentityVerified(_)
        | DelegationEvent::SafeguardingPassed(_)
        | DelegationEvent::WideningChecked(_)
        | DelegationEvent::Consented(_)
        | DelegationEvent::Reminded(_) => return Ok(()),
    };
    let (reason, thing) = (TimelineReason::Helps, delegation.uuid());
    end(fold, &Ends { reason, thing, person: None, by: Some(step) })?;
    // As the event left it: the facts are folded before.
    let written = Written(fold.connection());
    let Some(facts) = written.get::<DelegationFacts>(thing)? else { return Ok(()) };
    let Some(person) = facts.person.filter(|_| facts.state == DelegationState::Active) else { return Ok(()) };
    let said = PeriodSaid { scope: Some(facts.scope.clone()), until: facts.until, ..PeriodSaid::of(reason) };
    begin(fold, Begun { patient: facts.patient, thing, person: Some(person), said })
}

fn of_directive(fold: &Fold<'_>, about: PatientId, event: &DirectiveEvent) -> Folded {
    let thing = event.directive().uuid();
    match event {
        DirectiveEvent::DirectiveActivated(_) | DirectiveEvent::DirectiveConfirmed(_) => {}
        DirectiveEvent::DirectiveTightened(_)
        | DirectiveEvent::DirectiveEnded(_)
        | DirectiveEvent::DirectiveVoided(_) => {
            // What ends before its period begins was never in force.
            fold.run(
                "DELETE FROM timeline WHERE thing = ?1 AND ended_at IS NULL AND at > ?2",
                params![thing.into_bytes(), fold.at],
            )?;
            for reason in [TimelineReason::ShutOut, TimelineReason::Permitted] {
                end(fold, &Ends { reason, thing, person: None, by: None })?;
            }
        }
        DirectiveEvent::DirectiveProposed(_)
        | DirectiveEvent::DirectiveWasRefused(_)
        | DirectiveEvent::ConfirmationReminded(_)
        | DirectiveEvent::ConfirmationOverdueNoted(_)
        | DirectiveEvent::DirectiveTookEffect(_)
        | DirectiveEvent::DirectiveEndAnnounced(_) => return Ok(()),
    }
    // As the event left it: the facts are folded before.
    let written = Written(fold.connection());
    let facts = written.get::<DirectiveFacts>(about.uuid())?;
    let given = facts.as_ref().and_then(|facts| facts.given(event.directive()));
    let Some(Given { effect, terms }) = given else { return Ok(()) };
    let reason = match effect {
        // A deny that the patient confirms is in force already.
        DirectiveEffect::Deny if matches!(event, DirectiveEvent::DirectiveConfirmed(_)) => return Ok(()),
        DirectiveEffect::Deny => TimelineReason::ShutOut,
        DirectiveEffect::Permit => TimelineReason::Permitted,
    };
    let Whom { person, role, organization } = terms.whom;
    let (until, directive) = (terms.until, Some(terms.clone()));
    let said = PeriodSaid { role, organization, until, directive, ..PeriodSaid::of(reason) };
    begin(fold, Begun { patient: about, thing, person, said })
}

/// A period in which a person could see something of a patient, or was blocked.
#[derive(Debug)]
pub struct PeriodRow {
    /// Who; none for a directive that names no person.
    pub person: Option<PersonId>,
    /// What it says.
    pub said: PeriodSaid,
    /// From when on.
    pub from: DateTime<Utc>,
    /// When it ended; none if nothing has ended it. An access that ends at an instant of its own ends then all the same.
    pub ended_at: Option<DateTime<Utc>>,
    /// The step of the delegation that ended it; none of any other.
    pub ended_by: Option<DelegationStepKind>,
    pub(crate) thing: Uuid,
    pub(crate) place: i64,
}

impl Redact for PeriodRow {
    fn redact(self, _: &Permit) -> Self {
        // Who may not know of it is not shown the row; names are separate rows.
        let Self { person, said, from, ended_at, ended_by, thing, place } = self;
        Self { person, said, from, ended_at, ended_by, thing, place }
    }
}

impl PeriodRow {
    /// Its place in the list.
    pub(crate) fn key(&self) -> Key {
        Key { number: self.place, id: Uuid::nil() }
    }

    /// The conversation; none of a reason that is about none.
    #[must_use]
    pub fn thread(&self) -> Option<ThreadId> {
        match self.said.reason {
            TimelineReason::Asks | TimelineReason::Holds | TimelineReason::TakesPart => {
                Some(ThreadId::from_uuid(self.thing))
            }
            TimelineReason::CareTeam | TimelineReason::Helps | TimelineReason::ShutOut | TimelineReason::Permitted => {
                None
            }
        }
    }
}

/// The periods of a patient that begin before a key, the newest first.
pub(crate) fn periods(
    snapshot: &Snapshot,
    patient: PatientId,
    after: Option<Key>,
    rows_max: usize,
) -> Result<Vec<PeriodRow>, Fault> {
    let before = after.map_or(i64::MAX, |key| key.number);
    let mut rows = Vec::new();
    snapshot.each(PERIODS, params![id(patient), before, limit(rows_max)], |cells| {
        rows.push(PeriodRow {
            place: cells.number()?,
            thing: cells.uuid()?,
            person: cells.id_or_none()?,
            said: cells.json()?,
            from: cells.time()?,
            ended_at: cells.time_or_none()?,
            ended_by: match cells.text_or_none()? {
                Some(step) => Some(serde_json::from_str(&step).map_err(|_| Fault::Row("a step cannot be read"))?),
                None => None,
            },
        });
        Ok(())
    })?;
    Ok(rows)
}

const PERIODS: &str = "SELECT place, thing, person, said, at, ended_at, ended_by FROM timeline
     WHERE patient = ?1 AND place < ?2 ORDER BY place DESC LIMIT ?3";

#[cfg(test)]
mod tests {
    use care::consent_directive::{DirectiveActivated, DirectiveEnded, DirectiveTightened, DirectiveTookEffect};
    use care::conversation::{OwnerChanged, ParticipantRemoved, Since};
    use care::delegation::{Accepted, Activated, Ended, Invited, Narrowed, Resumed, Suspended, TopicVerbs};
    use care::ids::DirectiveId;
    use care::lifecycle::ThreadKind;
    use care::shown::TextVersion;
    use care::words::{
        AskedAlone, DelegationEnd, DelegationKind, DirectiveEnd, DirectiveGiver, Relationship, RemovalReason, Topic,
    };

    use super::*;
    use crate::read_models::testing::{Log, at, by, opened, organization_id, patient_id, person_id, sealed, thread_id};

    /// Who, why, and for how many events.
    fn told(log: &Log) -> Vec<(PersonId, TimelineReason, Option<i64>)> {
        let rows = periods(&log.snapshot(), patient_id(1), None, 100).unwrap();
        let lasted = |row: &PeriodRow| row.ended_at.map(|ended| (ended - row.from).num_seconds());
        rows.iter().map(|row| (row.person.expect("a person"), row.said.reason, lasted(row))).collect()
    }

    #[test]
    fn a_place_on_the_team_and_in_a_conversation_is_a_period() {
        let mut log = Log::new();
        log.patient(1, Some(9));
        log.join(1, 2, Role::Nurse);
        log.open(1, Some(1));
        log.add(1, 3, Some(Since { number: 4, at: at(1) }), false);
        let removed = ParticipantRemoved { by: by(1), person: person_id(3), reason: RemovalReason::Left, note: None };
        log.thread(1, 1, ConversationEvent::ParticipantRemoved(removed));
        log.leave(1, 2);
        let once = (at(2) - at(1)).num_seconds();
        let expected = [
            (person_id(3), TimelineReason::TakesPart, Some(once)),
            (person_id(1), TimelineReason::Asks, None),
            (person_id(2), TimelineReason::CareTeam, Some(4 * once)),
        ];
        assert_eq!(told(&log), expected);
        let newest = periods(&log.snapshot(), patient_id(1), None, 1).unwrap();
        assert_eq!(newest[0].said.sees_from, Some(at(1)));
        let next = periods(&log.snapshot(), patient_id(1), Some(newest[0].key()), 1).unwrap();
        assert_eq!((next[0].person, next[0].thread()), (Some(person_id(1)), Some(thread_id(1))));
    }

    #[test]
    fn who_holds_a_conversation_is_one_person_at_a_time_and_a_pool_is_none() {
        let mut log = Log::new();
        log.patient(1, Some(9));
        log.open(1, Some(1));
        let owned = |owner| {
            let organization = organization_id(2);
            ConversationEvent::OwnerChanged(OwnerChanged {
                by: by(1),
                owner,
                organization,
                claim_by: None,
                reason: None,
            })
        };
        for person in [4, 5] {
            log.thread(1, person, owned(Owner::Person { person: person_id(person), pool: None }));
        }
        log.thread(1, 5, owned(opened(None).owner));
        let holds: Vec<_> = told(&log).into_iter().filter(|(_, why, _)| *why == TimelineReason::Holds).collect();
        assert_eq!(holds.iter().map(|(person, ..)| *person).collect::<Vec<_>>(), [person_id(5), person_id(4)]);
        assert!(holds.iter().all(|(.., lasted)| lasted.is_some()));
    }

    #[test]
    fn a_thread_of_the_team_is_in_no_row() {
        let mut log = Log::new();
        log.patient(1, Some(9));
        let team = care::conversation::Opened { kind: ThreadKind::TeamThread, ..opened(Some(1)) };
        log.thread(7, 1, ConversationEvent::Opened(team));
        assert_eq!(told(&log), []);
    }

    #[test]
    fn each_change_of_what_a_delegate_reaches_ends_a_period_and_begins_the_next() {
        let mut log = Log::new();
        log.patient(1, Some(9));
        let delegation = DelegationId::from_uuid(Uuid::from_u128(7));
        let stream = Stream::Delegation(delegation);
        let topics = [(Topic::Results, TopicVerbs::READ)].into();
        let wide = Scope { topics, kinds: [ThreadKind::Consultation].into(), ..Scope::nothing() };
        let invited = Invited {
            delegation,
            patient: patient_id(1),
            person: Some(person_id(3)),
            code: None,
            contact: None,
            kind: DelegationKind::PatientAuthorised,
            relationship: Relationship::Friend,
            scope: wide.clone(),
            until: at(1_000),
            by: by(9),
            role: Role::Person,
            ground: None,
            expires_at: at(100),
            organization: None,
            authority: None,
        };
        let terms_version = TextVersion::parse("2026-11").unwrap();
        let (by, role) = (by(9), Role::Person);
        let resumed = Resumed {
            by,
            role,
            reason: sealed("delegation.resumed_reason"),
            asked_alone: AskedAlone::Asked,
            patient_word: None,
        };
        let events: [DelegationEvent; 7] = [
            invited.into(),
            Accepted { person: person_id(3), terms_version, at: at(2), verify_by: None }.into(),
            Activated { scope: wide, from: at(3), until: at(1_000) }.into(),
            Narrowed { by, scope: Scope::nothing() }.into(),
            Suspended { by, role, cause: None, reason: None, review_by: None }.into(),
            resumed.into(),
            Ended { reason: DelegationEnd::Revoked, by, role, note: None }.into(),
        ];
        for event in events {
            log.append(stream, event);
        }
        let rows = periods(&log.snapshot(), patient_id(1), None, 100).unwrap();
        let told: Vec<_> =
            rows.iter().map(|row| (row.ended_by, row.said.scope.as_ref().map(Scope::is_empty))).collect();
        let expected = [
            (Some(DelegationStepKind::Ended), Some(true)),
            (Some(DelegationStepKind::Suspended), Some(true)),
            (Some(DelegationStepKind::Narrowed), Some(false)),
        ];
        assert_eq!(told, expected, "while it is suspended there is no period");
    }

    #[test]
    fn a_directive_is_a_period_within_its_own_and_a_tighter_one_is_the_next() {
        let mut log = Log::new();
        log.patient(1, Some(9));
        let stream = Stream::Directives(patient_id(1));
        let (directive, patient) = (DirectiveId::from_uuid(Uuid::from_u128(7)), patient_id(1));
        let nurses = Whom { role: Some(Role::Nurse), organization: Some(organization_id(1)), ..Whom::default() };
        let terms = Terms { whom: nurses, from: Some(at(4)), until: Some(at(900)), ..Terms::whole(person_id(3)) };
        let tighter = Terms { until: None, ..terms.clone() };
        let (by, role) = (by(9), Role::Person);
        let activated = |directive, terms: &Terms| DirectiveActivated {
            directive,
            patient,
            effect: DirectiveEffect::Deny,
            terms: terms.clone(),
            giver: DirectiveGiver::Patient,
            by,
            role,
            patient_word: None,
            confirm_by: None,
            text_version: None,
            words_shown: None,
        };
        let ended = |directive| DirectiveEnded { directive, patient, how: DirectiveEnd::Ended, by, role };
        let later = DirectiveId::from_uuid(Uuid::from_u128(8));
        let events: [DirectiveEvent; 6] = [
            activated(directive, &terms).into(),
            DirectiveTookEffect { directive, patient, by }.into(),
            DirectiveTightened { directive, patient, terms: tighter.clone(), by, role }.into(),
            ended(directive).into(),
            activated(later, &Terms { from: Some(at(50)), ..terms.clone() }).into(),
            ended(later).into(),
        ];
        for event in events {
            log.append(stream, event);
        }
        let rows = periods(&log.snapshot(), patient_id(1), None, 100).unwrap();
        let told: Vec<_> = rows.iter().map(|row| (row.said.directive.clone(), row.from, row.ended_at)).collect();
        let expected = [(Some(tighter), at(5), Some(at(6))), (Some(terms), at(4), Some(at(5)))];
        assert_eq!(told, expected, "one that ended before its period was never in force");
        let denied = |row: &PeriodRow| (row.said.reason, row.person, row.said.role);
        assert!(rows.iter().all(|row| denied(row) == (TimelineReason::ShutOut, None, Some(Role::Nurse))));
    }

    #[test]
    fn the_list_searches_an_index() {
        Log::new().assert_searched(PERIODS);
    }
}
