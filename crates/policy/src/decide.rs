//! The policy decision point: decides what a viewer may do, and makes the permit.
//!
//! [`DecisionPoint`] holds the version in force. A request takes one [`Viewer`] from it and uses it for every
//! decision, so one version decides the whole request even if another is activated meanwhile. An allowed action gives
//! a [`Permit`], which is made only here and cannot be copied. A refused action gives none.
//!
//! Denies come first: one deny under any standing refuses. Of the standings that are allowed, and
//! whose reach has the verb of the action, the one with the widest reach is used and recorded.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use care::lifecycle::ThreadKind;
use care::words::{Audience, Confidentiality, Purpose, Role, Sensitivity};

use crate::active::ActivePolicy;
use crate::identity::Identity;
use crate::question::{Question, ThingFacts, Tuple};
use crate::reach::{HeldStanding, Reach};
use crate::readable::ReadableMessages;
use crate::rules::{Answer, Rule, Rules};
use crate::words::{Action, Obligation, Read, Standing};

/// The version in force.
pub struct DecisionPoint(ArcSwap<ActivePolicy>);

impl DecisionPoint {
    /// Decides by this version from the start.
    #[must_use]
    pub fn new(policy: ActivePolicy) -> Self {
        Self(ArcSwap::from_pointee(policy))
    }

    /// Decides by this version from now on. Viewers taken before keep theirs.
    pub fn activate(&self, policy: ActivePolicy) {
        self.0.store(Arc::new(policy));
    }

    /// The version in force.
    #[must_use]
    pub fn policy(&self) -> Arc<ActivePolicy> {
        self.0.load_full()
    }

    /// A signed-in person or the installation, for the length of a request.
    #[must_use]
    pub fn viewer(&self, identity: Identity) -> Viewer {
        Viewer { identity, policy: self.policy(), decisions: AtomicU64::new(0) }
    }
}

/// A signed-in person, with the policy version that decides their request.
pub struct Viewer {
    identity: Identity,
    policy: Arc<ActivePolicy>,
    decisions: AtomicU64,
}

impl Viewer {
    /// Who it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// The version that decides.
    #[must_use]
    pub fn policy_version(&self) -> &str {
        self.policy.version()
    }

    /// How many questions this viewer asked.
    #[must_use]
    pub fn decisions(&self) -> u64 {
        self.decisions.load(Ordering::Relaxed)
    }

    /// The permit, if the policy allows the action.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> Option<Permit> {
        let decided = self.decided(question)?;
        let policy = Arc::clone(&self.policy);
        let purpose = policy.rules().get(decided.rules().next()?)?.purpose?;
        Some(Permit { policy, action: question.action, purpose, decided })
    }

    /// Whom the policy permits an action for a thread of a kind, or outside threads for `None`, where it is patient data
    /// without a sensitivity code. It says what the rows say, and nothing of any thing or person.
    #[must_use]
    pub fn who_may(&self, action: Action, kind: Option<ThreadKind>) -> Vec<Permitted> {
        let audiences = || std::iter::once(None).chain(Audience::ALL.iter().copied().map(Some));
        let of = |standing: &Standing| {
            let standing = *standing;
            let rules = self.policy.rules().numbered();
            // What a rule allows only with the patient's permission, it permits nobody by itself.
            let about = rules.filter(|(_, rule)| rule.is_about(standing, action) && !rule.asks_permission());
            let about: Vec<(u16, &Rule)> = about.collect();
            let is_permitted = |role: &Role| {
                audiences().any(|audience| {
                    let (role, confidentiality, code, released) = (*role, Confidentiality::Normal, None, true);
                    let point = Tuple { role, standing, action, kind, audience, confidentiality, code, released };
                    matches!(Rules::answer_of(about.iter().copied(), &point), Answer::Allow(_))
                })
            };
            Permitted { standing, roles: standing.roles().iter().copied().filter(is_permitted).collect() }
        };
        let people = Standing::ALL.iter().filter(|standing| **standing != Standing::Process);
        people.map(of).filter(|permitted| !permitted.roles.is_empty()).collect()
    }

    /// Whether a permission of the patient for this purpose could give a person in one of these roles anything: a rule
    /// asks for it. No roles given: a person in any role.
    #[must_use]
    pub fn asks_permission(&self, roles: &[Role], purpose: Purpose) -> bool {
        self.policy.rules().iter().any(|rule| {
            rule.asks_permission()
                && rule.purpose == Some(purpose)
                && (roles.is_empty() || roles.iter().any(|role| rule.names(*role)))
        })
    }

    /// The messages of a thread that the viewer may read, for use in a query.
    #[must_use]
    pub fn readable_messages(&self, thing: &ThingFacts<'_>) -> ReadableMessages {
        ReadableMessages::of(|audience| {
            let question = thing.asking(Action::Read(Read::ThreadReadMessage), Some(audience));
            self.decided(&question).map(|decided| decided.held)
        })
    }

    /// To whom a message is whose author names no audience, in a thread of this kind to which the author has these
    /// standings. `None` where the author has to name one: the policy says so, or has no row for any of the standings.
    #[must_use]
    pub fn default_audience(&self, kind: ThreadKind, held: &[HeldStanding]) -> Option<Audience> {
        self.policy.rules().default_audience(kind, held)?.audience
    }

    fn decided(&self, question: &Question<'_>) -> Option<Decided> {
        self.decisions.fetch_add(1, Ordering::Relaxed);
        self.policy.decided(question)
    }
}

/// A standing in which the policy permits an action, with the roles that it is permitted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permitted {
    /// The standing.
    pub standing: Standing,
    /// The roles; at least one.
    pub roles: Vec<Role>,
}

/// Most rules that one permit can rest on: one for each code of a thing.
const RULES_MAX: usize = Sensitivity::ALL.len();

/// What was decided: the standing that is allowed, and the rule that allows each code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decided {
    held: HeldStanding,
    rules: [u16; RULES_MAX],
    count: usize,
}

impl Decided {
    fn none_yet(held: HeldStanding) -> Self {
        Self { held, rules: [0; RULES_MAX], count: 0 }
    }

    fn push(&mut self, rule: u16) {
        if let Some(slot) = self.rules.get_mut(self.count) {
            *slot = rule;
            self.count += 1;
        }
    }

    /// The numbers of the rules.
    pub fn rules(&self) -> impl Iterator<Item = u16> {
        self.rules.into_iter().take(self.count)
    }
}

impl ActivePolicy {
    /// Decides for each standing separately. Any deny refuses everything; otherwise it takes, among the standings under
    /// which every code is allowed and whose reach has the verb, the one with the widest reach.
    pub(crate) fn decided(&self, question: &Question<'_>) -> Option<Decided> {
        let mut best: Option<Decided> = None;
        for held in question.thing.held {
            let mut decided = Decided::none_yet(*held);
            let mut all_allowed = true;
            for tuple in question.tuples(*held) {
                match self.answer(&tuple)? {
                    Answer::Deny(_) => return None,
                    Answer::Allow(first) => match self.rules().open(first, &tuple, held.reach) {
                        Some(rule) => decided.push(rule),
                        None => all_allowed = false,
                    },
                    Answer::Nothing => all_allowed = false,
                }
            }
            let reaches = held.reach.verbs.contains(question.action.verb());
            let preferred = |best: Decided| held.preference() > best.held.preference();
            if all_allowed && reaches && best.is_none_or(preferred) {
                best = Some(decided);
            }
        }
        best
    }
}

/// The proof that an action is allowed, with the rules, the role, the standing and the purpose.
#[must_use = "a permit must be used"]
pub struct Permit {
    policy: Arc<ActivePolicy>,
    action: Action,
    purpose: Purpose,
    decided: Decided,
}

impl Permit {
    /// What may be done.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// The standing that it is done in, with its role and reach.
    #[must_use]
    pub fn held(&self) -> HeldStanding {
        self.decided.held
    }

    /// The standing that it is done in.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.decided.held.standing
    }

    /// The role that it is done in.
    #[must_use]
    pub fn role(&self) -> Role {
        self.decided.held.role
    }

    /// How far it reaches: since when content is seen, and for whom it is done.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.decided.held.reach
    }

    /// The purpose of use. It follows from the rule, never from the client.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The version that decided.
    #[must_use]
    pub fn policy_version(&self) -> &str {
        self.policy.version()
    }

    /// The ids of the rules that allowed it, each once.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.matched().map(|rule| rule.id.as_str())
    }

    /// What using the permit demands.
    pub fn obligations(&self) -> impl Iterator<Item = Obligation> {
        self.matched().filter_map(|rule| rule.obligation)
    }

    fn matched(&self) -> impl Iterator<Item = &Rule> {
        let is_first = |(place, number): &(usize, u16)| !self.decided.rules().take(*place).any(|each| each == *number);
        let each_once = self.decided.rules().enumerate().filter(is_first);
        each_once.filter_map(|(_, number)| self.policy.rules().get(number))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::LazyLock;

    use care::command_name::Named as _;
    use care::conversation::{Claim, PostMessage, Since};
    use care::ids::{Id, PersonId, SessionId};
    use care::lifecycle::consultation::Advise;
    use uuid::Uuid;

    use super::*;
    use crate::question::CodeSet;
    use crate::reach::Verbs;
    use crate::text::PolicyText;

    /// The shipped policy, loaded once for all tests.
    pub fn shipped() -> Arc<ActivePolicy> {
        static SHIPPED: LazyLock<Arc<ActivePolicy>> =
            LazyLock::new(|| Arc::new(ActivePolicy::load(PolicyText::shipped()).expect("the shipped policy")));
        Arc::clone(&SHIPPED)
    }

    pub fn identity() -> Identity {
        Identity::signed_in(PersonId::from_uuid(Uuid::from_u128(1)), SessionId::from_uuid(Uuid::from_u128(2)))
    }

    pub fn viewer_as(identity: Identity) -> Viewer {
        Viewer { identity, policy: shipped(), decisions: AtomicU64::new(0) }
    }

    pub fn viewer() -> Viewer {
        viewer_as(identity())
    }

    #[track_caller]
    pub fn permit(viewer: &Viewer, action: Action, facts: ThingFacts<'_>) -> Permit {
        viewer.decide(&facts.asking(action, None)).expect("permitted")
    }

    const PATIENT: HeldStanding = HeldStanding::full(Standing::Self_, Role::Person);
    const NURSE: HeldStanding = HeldStanding::full(Standing::CareTeam, Role::Nurse);
    const ASSIGNEE: HeldStanding = HeldStanding::full(Standing::Assignee, Role::Physician);
    const BLOCKED: HeldStanding = HeldStanding::full(Standing::Blocked, Role::Nurse);

    fn thread(held: &[HeldStanding]) -> ThingFacts<'_> {
        ThingFacts { kind: Some(ThreadKind::Consultation), ..ThingFacts::unlabelled(held) }
    }

    #[test]
    fn a_person_without_a_standing_may_do_nothing() {
        let viewer = viewer();
        for action in Action::all() {
            assert!(viewer.decide(&thread(&[]).asking(*action, None)).is_none(), "{action:?}");
        }
        assert_eq!(viewer.decisions(), Action::all().len() as u64);
    }

    #[test]
    fn whom_the_policy_permits_an_action_depends_on_the_kind_of_thread_and_on_nothing_else() {
        let viewer = viewer();
        let who = |word: &str, kind| {
            let permitted = viewer.who_may(Action::parse(word).expect("an action"), kind);
            let of = |Permitted { standing, roles }: Permitted| {
                let roles: Vec<_> = roles.into_iter().map(Role::word).collect();
                format!("{} {}", standing.word(), roles.join(","))
            };
            permitted.into_iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(who("thread.close", Some(ThreadKind::Consultation)), Vec::<String>::new());
        assert!(!who("thread.close", Some(ThreadKind::TeamThread)).is_empty());
        assert_eq!(who("organization.set_phone", None), ["organization administrator"]);
        assert_eq!(who("thread.escalate", Some(ThreadKind::TeamThread)), Vec::<String>::new());
    }

    #[test]
    fn a_process_escalates_and_notes_a_death_in_every_kind_of_thread() {
        let (viewer, held) = (viewer(), [HeldStanding::full(Standing::Process, Role::Service)]);
        for kind in ThreadKind::ALL {
            let thread = ThingFacts { kind: Some(*kind), ..ThingFacts::unlabelled(&held) };
            for action in ["thread.find", "thread.escalate", "thread.note_death"] {
                let asked = thread.asking(Action::parse(action).expect("an action"), None);
                assert!(viewer.decide(&asked).is_some(), "{action} in a thread of the kind {}", kind.word());
            }
        }
    }

    #[test]
    fn of_equal_reaches_the_purpose_role_and_rule_are_those_of_the_first_standing_that_allows() {
        let viewer = viewer();
        for held in [[PATIENT, ASSIGNEE], [ASSIGNEE, PATIENT]] {
            let permit = permit(&viewer, Action::Read(Read::ThreadFind), thread(&held));
            assert_eq!((permit.standing(), permit.role()), (Standing::Self_, Role::Person));
            assert_eq!(permit.purpose(), Purpose::PatientRequest);
            assert_eq!(permit.rules().collect::<Vec<_>>(), ["R501"]);
            assert_eq!(permit.policy_version(), viewer.policy_version());
        }
        let read = permit(&viewer, Action::Read(Read::ThreadRead), thread(&[PATIENT, ASSIGNEE]));
        assert_eq!((read.standing(), read.purpose()), (Standing::Assignee, Purpose::Treatment));
    }

    #[test]
    fn a_directive_wins_over_every_other_standing() {
        let viewer = viewer();
        let asked = |held| thread(held).asking(Action::Read(Read::ThreadFind), None);
        assert!(viewer.decide(&asked(&[NURSE])).is_some());
        assert!(viewer.decide(&asked(&[NURSE, BLOCKED])).is_none());
        assert!(viewer.decide(&asked(&[BLOCKED, ASSIGNEE])).is_none());
    }

    /// Somebody whom the patient's directives deny or permit these purposes.
    fn directed(held: HeldStanding, denied: &[Purpose], permitted: &[Purpose]) -> HeldStanding {
        let set = |purposes: &[Purpose]| purposes.iter().copied().collect();
        HeldStanding { reach: Reach { denied: set(denied), permitted: set(permitted), ..held.reach }, ..held }
    }

    #[test]
    fn what_is_denied_for_a_purpose_is_allowed_for_another_alone() {
        let viewer = viewer();
        let reads = |held: &[HeldStanding]| {
            let permit = viewer.decide(&thread(held).asking(Action::Read(Read::ThreadRead), None));
            permit.map(|permit| permit.purpose())
        };
        let coordinator = HeldStanding::full(Standing::CareTeam, Role::Coordinator);
        let denied = |held| directed(held, &[Purpose::Treatment], &[]);
        assert_eq!(reads(&[NURSE]), Some(Purpose::Treatment));
        assert_eq!(reads(&[denied(NURSE)]), None);
        assert_eq!(reads(&[denied(NURSE), denied(coordinator)]), Some(Purpose::CareCoordination));
    }

    #[test]
    fn a_rule_that_asks_for_the_patients_permission_allows_whom_it_is_given_and_no_more() {
        let viewer = viewer();
        let codes: CodeSet = [Sensitivity::Psychiatry].into_iter().collect();
        let allowed = |held: HeldStanding, read| {
            let held = [held];
            let facts = ThingFacts { confidentiality: Confidentiality::Restricted, codes, ..thread(&held) };
            viewer.decide(&facts.asking(Action::Read(read), None)).is_some()
        };
        let permitted = |held, purpose| directed(held, &[], &[purpose]);
        assert!(!allowed(NURSE, Read::ThreadRead));
        assert!(!allowed(permitted(NURSE, Purpose::CareCoordination), Read::ThreadRead));
        assert!(allowed(permitted(NURSE, Purpose::Treatment), Read::ThreadRead));
        // A deny for the same purpose holds, and no permission gives what no rule asks it for.
        assert!(!allowed(directed(NURSE, &[Purpose::Treatment], &[Purpose::Treatment]), Read::ThreadRead));
        let social_worker = HeldStanding::full(Standing::CareTeam, Role::SocialWorker);
        assert!(!allowed(permitted(social_worker, Purpose::CareCoordination), Read::ThreadRead));
        assert!(viewer.asks_permission(&[Role::Nurse], Purpose::Treatment));
        assert!(!viewer.asks_permission(&[Role::SocialWorker], Purpose::Treatment));
        assert!(!viewer.asks_permission(&[], Purpose::FamilyRequest));
    }

    #[test]
    fn where_a_rule_is_not_open_to_somebody_the_next_that_allows_the_same_decides() {
        let viewer = viewer();
        let purpose = |denied: &[Purpose]| {
            let held = [directed(NURSE, denied, &[])];
            let question = ThingFacts::unlabelled(&held).asking(Action::Read(Read::DelegationRead), None);
            viewer.decide(&question).map(|permit| permit.purpose())
        };
        assert_eq!(purpose(&[]), Some(Purpose::CareCoordination));
        assert_eq!(purpose(&[Purpose::CareCoordination]), Some(Purpose::Treatment));
        assert_eq!(purpose(&[Purpose::CareCoordination, Purpose::Treatment]), None);
    }

    #[test]
    fn every_code_must_be_allowed_and_each_rule_is_named_once() {
        let viewer = viewer();
        let social_worker = [HeldStanding::full(Standing::CareTeam, Role::SocialWorker)];
        let codes: CodeSet = [Sensitivity::Psychiatry, Sensitivity::Hiv].into_iter().collect();
        assert!(viewer.decide(&thread(&social_worker).asking(Action::Read(Read::ThreadFind), None)).is_some());
        let facts = ThingFacts { codes, ..thread(&social_worker) };
        assert!(viewer.decide(&facts.asking(Action::Read(Read::ThreadFind), None)).is_none());
        let permit = permit(&viewer, Action::Read(Read::ThreadRead), ThingFacts { codes, ..thread(&[ASSIGNEE]) });
        assert_eq!(permit.rules().collect::<Vec<_>>(), ["R307"]);
    }

    #[test]
    fn a_permit_has_the_obligations_of_its_rule() {
        let viewer = viewer();
        let auditor = [HeldStanding::full(Standing::Organization, Role::Auditor)];
        let permit = permit(&viewer, Action::Read(Read::AccessRead), ThingFacts::unlabelled(&auditor));
        assert_eq!(permit.obligations().collect::<Vec<_>>(), [Obligation::AuditHigh]);
    }

    #[test]
    fn the_readable_messages_are_those_that_single_questions_allow() {
        let viewer = viewer();
        let social_worker = HeldStanding::full(Standing::CareTeam, Role::SocialWorker);
        let read = Action::Read(Read::ThreadReadMessage);
        for held in [PATIENT, NURSE, ASSIGNEE, BLOCKED, social_worker] {
            for confidentiality in Confidentiality::ALL {
                let held = [held];
                let facts = ThingFacts { confidentiality: *confidentiality, ..thread(&held) };
                let readable = viewer.readable_messages(&facts);
                for audience in Audience::ALL {
                    let permit = viewer.decide(&facts.asking(read, Some(*audience)));
                    assert_eq!(readable.reach(*audience), permit.map(|permit| permit.reach()));
                    assert_eq!(viewer.may(read, Some(*audience), &facts), readable.contains(*audience));
                }
            }
        }
        let patient = viewer.readable_messages(&thread(&[PATIENT]));
        assert!(patient.contains(Audience::Everyone) && !patient.contains(Audience::ClinicalTeam));
        // What the team shares with one person each: the patient reads their own, the team all of it.
        let of_team = |held: HeldStanding| {
            let held = [held];
            let readable = viewer.readable_messages(&thread(&held));
            (readable.contains(Audience::TeamAndMe), readable.is_of_team())
        };
        assert_eq!(
            [PATIENT, NURSE, ASSIGNEE, social_worker].map(of_team),
            [(true, false), (true, true), (true, true), (false, false)]
        );
        assert_eq!(viewer.readable_messages(&thread(&[BLOCKED])), ReadableMessages::NONE);
    }

    fn since(number: u32) -> Since {
        Since { number, at: chrono::DateTime::UNIX_EPOCH }
    }

    fn from(held: HeldStanding, seconds: u32) -> HeldStanding {
        HeldStanding { reach: Reach { since: Some(since(seconds)), ..held.reach }, ..held }
    }

    #[test]
    fn the_standing_with_the_widest_reach_is_used_in_any_order() {
        let viewer = viewer();
        let widest =
            |held: &[HeldStanding]| permit(&viewer, Action::Read(Read::ThreadFind), thread(held)).reach().since;
        assert_eq!(widest(&[from(ASSIGNEE, 3), from(NURSE, 1), from(ASSIGNEE, 2)]), Some(since(1)));
        assert_eq!(widest(&[from(ASSIGNEE, 1), NURSE]), None);
        let held = [from(ASSIGNEE, 1), NURSE];
        let advise = permit(&viewer, Action::Command(Advise::NAME), thread(&held));
        assert_eq!((advise.standing(), advise.reach().since), (Standing::Assignee, Some(since(1))));
    }

    #[test]
    fn a_standing_whose_reach_lacks_the_verb_does_not_allow_the_action_and_can_still_deny_it() {
        let viewer = viewer();
        let limited = |held: HeldStanding, verbs| HeldStanding { reach: Reach { verbs, ..held.reach }, ..held };
        let reads = limited(ASSIGNEE, Verbs { read: true, write: false, act: false });
        let allowed = |held: &[HeldStanding], action| viewer.decide(&thread(held).asking(action, None)).is_some();
        assert!(allowed(&[reads], Action::Read(Read::ThreadRead)));
        assert!(!allowed(&[reads], Action::Command(PostMessage::NAME)));
        assert!(!allowed(&[reads], Action::Command(Advise::NAME)));
        let narrower = from(NURSE, 9);
        let held = [reads, narrower];
        let post = thread(&held).asking(Action::Command(PostMessage::NAME), None);
        assert_eq!(viewer.decide(&post).map(|permit| permit.standing()), Some(Standing::CareTeam));
        let nothing = limited(BLOCKED, Verbs { read: false, write: false, act: false });
        assert!(!allowed(&[ASSIGNEE, nothing], Action::Read(Read::ThreadRead)));
    }

    #[test]
    fn each_audience_has_the_widest_reach_that_allows_it() {
        let viewer = viewer();
        // A social worker of the care team reads what is for everyone; with the place of a nurse, more from a message on.
        let social_worker = HeldStanding::full(Standing::CareTeam, Role::SocialWorker);
        let readable = viewer.readable_messages(&thread(&[social_worker, from(NURSE, 5)]));
        assert_eq!(readable.reach(Audience::Everyone), Some(Reach::FULL));
        assert_eq!(readable.reach(Audience::ClinicalTeam).map(|reach| reach.since), Some(Some(since(5))));
        assert!(readable.shows(Audience::Everyone, since(4)));
        assert!(!readable.shows(Audience::ClinicalTeam, since(4)) && readable.shows(Audience::ClinicalTeam, since(5)));
        // The third is what is addressed to named persons, which every reader of the thread may be, and the fourth what
        // the team shares with one person.
        assert_eq!(readable.audiences().count(), 4);
    }

    #[test]
    fn a_patient_speaks_to_everyone_staff_to_the_clinical_team_and_a_delegate_chooses() {
        let viewer = viewer();
        let of = |kind, standings: &[Standing]| {
            let held: Vec<HeldStanding> =
                standings.iter().map(|standing| HeldStanding::full(*standing, standing.roles()[0])).collect();
            viewer.default_audience(kind, &held)
        };
        let in_consultation = |standings: &[Standing]| of(ThreadKind::Consultation, standings);
        let staff = [
            Standing::Requester,
            Standing::Assignee,
            Standing::Participant,
            Standing::CareTeam,
            Standing::Joined,
            Standing::PoolMember,
            Standing::OwnersPool,
            Standing::RequestingOrganization,
            Standing::ReceivingOrganization,
        ];
        for standing in staff {
            assert_eq!(in_consultation(&[standing]), Some(Audience::ClinicalTeam), "{standing:?}");
            // Who also helps the patient, or is the patient, and takes part as staff, speaks as staff.
            assert_eq!(in_consultation(&[Standing::Delegate, standing]), Some(Audience::ClinicalTeam), "{standing:?}");
            assert_eq!(in_consultation(&[Standing::Self_, standing]), Some(Audience::ClinicalTeam), "{standing:?}");
        }
        assert_eq!(in_consultation(&[Standing::Self_]), Some(Audience::Everyone));
        // Whether another delegate would read it must not show: a delegate always chooses.
        assert_eq!(in_consultation(&[Standing::Delegate]), None);
        assert_eq!(in_consultation(&[Standing::Self_, Standing::Delegate]), None);
        assert_eq!(in_consultation(&[]), None);
        for standing in [Standing::Assignee, Standing::Participant, Standing::PoolMember] {
            assert_eq!(of(ThreadKind::TeamThread, &[standing]), Some(Audience::Everyone), "{standing:?}");
        }
    }

    #[test]
    fn the_default_audience_is_that_of_the_version_in_force() {
        let shipped = PolicyText::shipped();
        let point = DecisionPoint::new(ActivePolicy::load(shipped.clone()).expect("the shipped policy"));
        let rules = shipped.rules.lines().filter(|row| !(row.starts_with("a, self,") || row.starts_with("a, joined,")));
        let rules = rules.collect::<Vec<_>>().join("\n");
        let first = "a, self, consultation, team_and_me\na, joined, consultation, everyone\n";
        let before = point.viewer(identity());
        let text = PolicyText { rules: format!("{first}{rules}"), ..shipped };
        point.activate(ActivePolicy::load(text).unwrap_or_else(|problems| panic!("{problems:?}")));
        let after = point.viewer(identity());
        let joined = HeldStanding::full(Standing::Joined, Role::Nurse);
        let of = |viewer: &Viewer, held: &[HeldStanding]| viewer.default_audience(ThreadKind::Consultation, held);
        assert_eq!(
            (of(&before, &[PATIENT]), of(&after, &[PATIENT])),
            (Some(Audience::Everyone), Some(Audience::TeamAndMe))
        );
        // The first row counts, in whichever order the standings are.
        for held in [[joined, ASSIGNEE], [ASSIGNEE, joined]] {
            assert_eq!(of(&before, &held), Some(Audience::ClinicalTeam));
            assert_eq!(of(&after, &held), Some(Audience::Everyone));
        }
    }

    #[test]
    fn a_viewer_keeps_its_version_when_another_is_activated() {
        let shipped = PolicyText::shipped();
        let point = DecisionPoint::new(ActivePolicy::load(shipped.clone()).expect("the shipped policy"));
        let before = point.viewer(identity());
        let without = shipped.rules.lines().filter(|row| !row.starts_with("p, R305")).collect::<Vec<_>>().join("\n");
        point.activate(ActivePolicy::load(PolicyText { rules: without, ..shipped }).expect("a sound policy"));
        let after = point.viewer(identity());

        let held = [HeldStanding::full(Standing::PoolMember, Role::Physician)];
        let claim = thread(&held).asking(Action::Command(Claim::NAME), None);
        assert!(before.decide(&claim).is_some());
        assert!(after.decide(&claim).is_none());
        assert_ne!(before.policy_version(), after.policy_version());
    }
}
