//! What each event does to the tables. Deterministic: no clock, no key, nothing but the event.

use care::care_team::CareTeamEvent;
use care::consultation::{ConsultationEvent, Submitted};
use care::conversation::{ConversationEvent, MessagePosted};
use care::event::Event;
use care::ids::{OrganizationId, PersonId, ThreadId};
use care::organization::OrganizationEvent;
use care::patient::PatientEvent;
use care::person::PersonEvent;
use care::policy_root::PolicyEvent;
use care::stream::Stream;
use care::text::PersonalText;
use care::thread::ThreadEvent;
use care::words::{Audience, ConsultationState, ThreadKind};
use policy::question::CodeSet;
use rusqlite::{Connection, Params, params};

use crate::read_models::cells::id;
use crate::recorded_event::RecordedEvent;
use crate::sealing::{SealingFault, TextCell, keys_named};

/// Why an event cannot be folded.
#[derive(Debug, thiserror::Error)]
pub(super) enum FoldError {
    #[error(transparent)]
    Store(#[from] rusqlite::Error),
    #[error(transparent)]
    Sealing(#[from] SealingFault),
}

type Folded = Result<(), FoldError>;

/// One event, with the connection that it is folded into.
struct Fold<'a> {
    connection: &'a Connection,
    recorded: &'a RecordedEvent,
    at: i64,
}

/// Folds one event.
pub(super) fn event(connection: &Connection, recorded: &mut RecordedEvent) -> Folded {
    let keys = keys_named(&mut recorded.event);
    let fold = Fold { connection, recorded, at: recorded.metadata.recorded_at.timestamp_micros() };
    for key in keys {
        fold.run("INSERT OR IGNORE INTO key_named (key) VALUES (?1)", params![key])?;
    }
    match (&recorded.stream, &recorded.event) {
        (Stream::Organization(organization), Event::Organization(event)) => fold.organization(*organization, event),
        (_, Event::Person(event)) => fold.person(event),
        (_, Event::Patient(event)) => fold.patient(event),
        (_, Event::CareTeam(event)) => fold.care_team(event),
        (Stream::Thread(thread), Event::Thread(event)) => fold.thread(*thread, event),
        (_, Event::Policy(PolicyEvent::Activated(activated))) => {
            fold.run("INSERT OR REPLACE INTO policy (one, version) VALUES (1, ?1)", params![activated.version])
        }
        // An event in a stream of another category was never written by this software.
        (_, Event::Organization(_) | Event::Thread(_)) => Ok(()),
    }
}

impl Fold<'_> {
    fn run(&self, sql: &str, params: impl Params) -> Folded {
        self.connection.prepare_cached(sql)?.execute(params)?;
        Ok(())
    }

    fn cell(&self, text: &PersonalText) -> Result<Vec<u8>, FoldError> {
        Ok(TextCell::of(text, self.recorded.id, self.recorded.event.kind())?.bytes()?)
    }

    fn cell_or_none(&self, text: Option<&PersonalText>) -> Result<Option<Vec<u8>>, FoldError> {
        text.map(|text| self.cell(text)).transpose()
    }

    fn organization(&self, organization: OrganizationId, event: &OrganizationEvent) -> Folded {
        match event {
            OrganizationEvent::Founded(founded) => self.run(
                "INSERT INTO organization (organization, name) VALUES (?1, ?2)",
                params![id(organization), founded.name],
            ),
            OrganizationEvent::CalendarSet(set) => {
                let calendar = serde_json::to_string(&set.calendar).map_err(|_| SealingFault::Malformed)?;
                self.run(
                    "UPDATE organization SET calendar_version = ?2, calendar = ?3 WHERE organization = ?1",
                    params![id(organization), set.version, calendar],
                )
            }
            OrganizationEvent::PoolOpened(opened) => self.run(
                "INSERT INTO pool (pool, organization, name, specialty) VALUES (?1, ?2, ?3, ?4)",
                params![id(opened.pool), id(organization), opened.name, opened.specialty],
            ),
            OrganizationEvent::PoolMemberAdded(added) => self.run(
                "INSERT OR REPLACE INTO pool_member (pool, person, since) VALUES (?1, ?2, ?3)",
                params![id(added.pool), id(added.person), self.at],
            ),
            OrganizationEvent::PoolMemberRemoved(removed) => self.run(
                "UPDATE pool_member SET until = since WHERE pool = ?1 AND person = ?2",
                params![id(removed.pool), id(removed.person)],
            ),
        }
    }

    fn person(&self, event: &PersonEvent) -> Folded {
        match event {
            PersonEvent::Registered(registered) => self.run(
                "INSERT INTO person (person, organization, name) VALUES (?1, ?2, ?3)",
                params![id(registered.person), id(registered.organization), self.cell(&registered.name)?],
            ),
            PersonEvent::RoleGranted(granted) => self.run(
                "INSERT OR REPLACE INTO role (person, organization, role, since, until) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    id(granted.person),
                    id(granted.organization),
                    granted.role.word(),
                    granted.from.timestamp_micros(),
                    granted.until.map(|until| until.timestamp_micros())
                ],
            ),
            PersonEvent::RoleEnded(ended) => self.run(
                "UPDATE role SET until = since WHERE person = ?1 AND organization = ?2 AND role = ?3",
                params![id(ended.person), id(ended.organization), ended.role.word()],
            ),
        }
    }

    fn patient(&self, event: &PatientEvent) -> Folded {
        let PatientEvent::Registered(patient) = event;
        self.run(
            "INSERT INTO patient (patient, organization, person, name, birth_date, event) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                id(patient.patient),
                id(patient.organization),
                patient.person.map(id),
                self.cell(&patient.name)?,
                self.cell(&patient.birth_date)?,
                id(self.recorded.id)
            ],
        )
    }

    fn care_team(&self, event: &CareTeamEvent) -> Folded {
        match event {
            CareTeamEvent::MemberAdded(added) => {
                self.run(
                    "INSERT OR REPLACE INTO care_team (patient, person, role, organization, since) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![id(added.patient), id(added.person), added.role.word(), id(added.organization), self.at],
                )?;
                self.run(
                    "INSERT OR IGNORE INTO inbox_entry (person, thread, direct, posted_everyone, posted_any)
                     SELECT ?2, thread, 0, posted_everyone, posted_any FROM thread WHERE patient = ?1",
                    params![id(added.patient), id(added.person)],
                )
            }
            CareTeamEvent::MemberRemoved(removed) => {
                self.run(
                    "UPDATE care_team SET until = since WHERE patient = ?1 AND person = ?2",
                    params![id(removed.patient), id(removed.person)],
                )?;
                self.run(
                    "DELETE FROM inbox_entry WHERE person = ?2 AND direct = 0 AND thread IN (SELECT thread FROM thread WHERE patient = ?1)",
                    params![id(removed.patient), id(removed.person)],
                )
            }
        }
    }

    fn thread(&self, thread: ThreadId, event: &ThreadEvent) -> Folded {
        match event {
            ThreadEvent::Consultation(ConsultationEvent::Submitted(submitted)) => {
                return self.submitted(thread, submitted);
            }
            ThreadEvent::Consultation(event) => self.consultation(thread, event)?,
            ThreadEvent::Conversation(event) => self.conversation(thread, event)?,
        }
        if event.is_transition() {
            self.run(
                "UPDATE thread SET transitioned_at = ?2, state_version = ?3, transition_event = ?4 WHERE thread = ?1",
                params![id(thread), self.at, self.recorded.revision.0.cast_signed(), id(self.recorded.id)],
            )?;
            // Everybody who finds the thread may know its state, so a move is activity for all.
            self.activity(thread, Audience::Everyone)?;
        }
        Ok(())
    }

    fn submitted(&self, thread: ThreadId, submitted: &Submitted) -> Folded {
        let codes: CodeSet = submitted.sensitivities.iter().copied().collect();
        self.run(
            "INSERT INTO thread (thread, kind, patient, requester, requesting, receiving, pool, confidentiality, codes, released,
                state, topic, urgency, may_convert, due, due_zone, subject, question,
                opened_at, transitioned_at, state_version, transition_event, posted_everyone, posted_any)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?18, ?19, ?20, ?18, ?18)",
            params![
                id(thread),
                ThreadKind::Consultation.word(),
                id(submitted.patient),
                id(submitted.requester),
                id(submitted.organization),
                id(submitted.receiving),
                id(submitted.pool),
                submitted.confidentiality.word(),
                codes.bits(),
                ConsultationState::Submitted.word(),
                submitted.topic.word(),
                submitted.urgency.word(),
                submitted.may_convert,
                submitted.due.at.timestamp_micros(),
                submitted.due.zone,
                self.cell(&submitted.subject)?,
                self.cell(&submitted.question)?,
                self.at,
                self.recorded.revision.0.cast_signed(),
                id(self.recorded.id)
            ],
        )?;
        self.inbox_entry(thread, submitted.requester)?;
        self.run(
            "INSERT OR IGNORE INTO inbox_entry (person, thread, direct, posted_everyone, posted_any)
             SELECT person, ?1, 1, ?3, ?3 FROM patient WHERE patient = ?2 AND person IS NOT NULL",
            params![id(thread), id(submitted.patient), self.at],
        )?;
        self.run(
            "INSERT OR IGNORE INTO inbox_entry (person, thread, direct, posted_everyone, posted_any)
             SELECT person, ?1, 0, ?3, ?3 FROM care_team WHERE patient = ?2 AND until IS NULL",
            params![id(thread), id(submitted.patient), self.at],
        )
    }

    fn consultation(&self, thread: ThreadId, event: &ConsultationEvent) -> Folded {
        match event {
            // Opens the thread; folded above.
            ConsultationEvent::Submitted(_) => Ok(()),
            ConsultationEvent::Assigned(assigned) => {
                self.run(
                    "UPDATE thread SET assigned_to = ?2 WHERE thread = ?1",
                    params![id(thread), assigned.to.map(id)],
                )?;
                self.state(thread, ConsultationState::Assigned)
            }
            ConsultationEvent::Advised(advised) => {
                self.run(
                    "INSERT OR REPLACE INTO advice (thread, adviser, advised_at, come_back_when, minutes_spent, event) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    params![
                        id(thread),
                        id(advised.by),
                        self.at,
                        self.cell_or_none(advised.come_back_when.as_ref())?,
                        advised.minutes_spent,
                        id(self.recorded.id)
                    ],
                )?;
                self.run("DELETE FROM recommendation WHERE thread = ?1", params![id(thread)])?;
                for (ordinal, each) in (0_i64..).zip(&advised.recommendations) {
                    self.run(
                        "INSERT INTO recommendation (thread, ordinal, recommendation, kind, certainty, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                        params![id(thread), ordinal, id(each.recommendation), each.kind.word(), each.certainty.word(), self.cell(&each.text)?],
                    )?;
                }
                self.state(thread, ConsultationState::Answered)
            }
            ConsultationEvent::PlanRecorded(plan) => {
                self.run(
                    "UPDATE advice SET planned_by = ?2, planned_at = ?3, plan_note = ?4 WHERE thread = ?1",
                    params![id(thread), id(plan.by), self.at, self.cell_or_none(plan.note.as_ref())?],
                )?;
                for each in &plan.dispositions {
                    self.run(
                        "UPDATE recommendation SET disposition = ?3, reason = ?4 WHERE thread = ?1 AND recommendation = ?2",
                        params![
                            id(thread),
                            id(each.recommendation),
                            each.disposition.word(),
                            self.cell_or_none(each.reason.as_ref())?
                        ],
                    )?;
                }
                self.state(thread, ConsultationState::PlanRecorded)
            }
            ConsultationEvent::PatientInformed(informed) => {
                self.run(
                    "UPDATE advice SET informed_by = ?2, inform_method = ?3, told_at = ?4 WHERE thread = ?1",
                    params![id(thread), id(informed.by), informed.method.word(), informed.told_at.timestamp_micros()],
                )?;
                self.run("UPDATE thread SET released = 1 WHERE thread = ?1", params![id(thread)])?;
                self.state(thread, ConsultationState::PatientInformed)
            }
            ConsultationEvent::Surveyed(surveyed) => {
                let survey = surveyed.survey;
                self.run(
                    "UPDATE thread SET outcome = ?2, helpful = ?3, educational = ?4 WHERE thread = ?1",
                    params![id(thread), survey.outcome.word(), survey.helpful, survey.educational],
                )?;
                self.state(thread, ConsultationState::Closed)
            }
        }
    }

    fn conversation(&self, thread: ThreadId, event: &ConversationEvent) -> Folded {
        match event {
            ConversationEvent::ParticipantAdded(added) => {
                self.run(
                    "INSERT OR REPLACE INTO participant (thread, person, role, organization) VALUES (?1, ?2, ?3, ?4)",
                    params![id(thread), id(added.person), added.role.word(), id(added.organization)],
                )?;
                self.inbox_entry(thread, added.person)
            }
            ConversationEvent::MessagePosted(posted) => self.message(thread, posted),
            ConversationEvent::ReadMarked(marked) => self.run(
                "INSERT OR REPLACE INTO read_mark (thread, person, audience, number, capacity, read_at)
                 SELECT thread, ?3, audience, number, ?4, ?5 FROM message WHERE thread = ?1 AND message = ?2",
                params![id(thread), id(marked.message), id(marked.person), marked.capacity.word(), self.at],
            ),
            ConversationEvent::Claimed(claimed) => {
                self.run("UPDATE thread SET assignee = ?2 WHERE thread = ?1", params![id(thread), id(claimed.by)])?;
                self.state(thread, ConsultationState::InReview)?;
                self.inbox_entry(thread, claimed.by)
            }
            ConversationEvent::Closed(_) => Ok(()),
        }
    }

    fn message(&self, thread: ThreadId, posted: &MessagePosted) -> Folded {
        self.run(
            "INSERT INTO message (thread, audience, number, message, event, author, capacity, body, posted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                id(thread),
                posted.audience.word(),
                posted.number,
                id(posted.message),
                id(self.recorded.id),
                id(posted.author),
                posted.capacity.word(),
                self.cell(&posted.body)?,
                self.at
            ],
        )?;
        self.activity(thread, posted.audience)
    }

    fn state(&self, thread: ThreadId, state: ConsultationState) -> Folded {
        self.run("UPDATE thread SET state = ?2 WHERE thread = ?1", params![id(thread), state.word()])
    }

    /// Gives a person a direct place in a thread, as active as the thread is.
    fn inbox_entry(&self, thread: ThreadId, person: PersonId) -> Folded {
        self.run(
            "INSERT INTO inbox_entry (person, thread, direct, posted_everyone, posted_any)
             SELECT ?2, thread, 1, posted_everyone, posted_any FROM thread WHERE thread = ?1
             ON CONFLICT (person, thread) DO UPDATE SET direct = 1",
            params![id(thread), id(person)],
        )
    }

    /// Notes activity for those who may read this audience: a message to the clinical team moves
    /// nothing that others could notice.
    fn activity(&self, thread: ThreadId, audience: Audience) -> Folded {
        match audience {
            Audience::Everyone => {
                self.run(
                    "UPDATE thread SET posted_everyone = ?2, posted_any = ?2 WHERE thread = ?1",
                    params![id(thread), self.at],
                )?;
                self.run(
                    "UPDATE inbox_entry SET posted_everyone = ?2, posted_any = ?2 WHERE thread = ?1",
                    params![id(thread), self.at],
                )
            }
            Audience::ClinicalTeam => {
                self.run("UPDATE thread SET posted_any = ?2 WHERE thread = ?1", params![id(thread), self.at])?;
                self.run("UPDATE inbox_entry SET posted_any = ?2 WHERE thread = ?1", params![id(thread), self.at])
            }
        }
    }
}
