//! The one decision point: what a viewer may do, and the permit that says so.
//!
//! [`DecisionPoint`] holds the version in force. A request takes a [`Viewer`] from it once and
//! asks everything of that, so one request is decided by one version even while another comes into
//! force. What may be done is a [`Permit`], made only here and never copied: who holds one was
//! allowed just that. What may not be done has no value at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use care::words::{Purpose, Role, Sensitivity};

use crate::active::ActivePolicy;
use crate::identity::Identity;
use crate::question::{Classes, Facts, Held, Question};
use crate::rules::{Answer, Rule};
use crate::words::{Action, Obligation, Standing};

/// The version in force, replaced whole.
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

    /// Whoever signed in, for the length of a request.
    #[must_use]
    pub fn viewer(&self, identity: Identity) -> Viewer {
        Viewer { identity, policy: self.policy(), decisions: AtomicU64::new(0) }
    }
}

/// Somebody who signed in, with the policy version that decides their request.
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

    /// The permit, if what is asked may be done.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> Option<Permit> {
        let Grounds { held, rules, count } = self.grounds(question)?;
        let policy = Arc::clone(&self.policy);
        let purpose = policy.rules().get(*rules.first()?)?.purpose?;
        Some(Permit { policy, action: question.action, held, purpose, rules, count })
    }

    /// The classes of messages that the viewer may read on a thing, to go into a query.
    #[must_use]
    pub fn allowed_classes(&self, action: Action, facts: &Facts<'_>) -> Classes {
        Classes::of(|audience, released| {
            self.grounds(&Facts { released, ..*facts }.asking(action, Some(audience))).is_some()
        })
    }

    fn grounds(&self, question: &Question<'_>) -> Option<Grounds> {
        self.decisions.fetch_add(1, Ordering::Relaxed);
        self.policy.decided(question)
    }
}

/// Most rules that one permit can rest on: one for each code of a thing.
const RULES_MAX: usize = Sensitivity::ALL.len();

/// What a permit rests on: a standing, and the rule for each code decided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grounds {
    held: Held,
    rules: [u16; RULES_MAX],
    count: usize,
}

impl Grounds {
    fn none_yet(held: Held) -> Self {
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
    /// Tries the standings one by one: any deny refuses everything, else the first standing, in
    /// the order of their declaration, under which every code is allowed.
    pub(crate) fn decided(&self, question: &Question<'_>) -> Option<Grounds> {
        let mut best: Option<Grounds> = None;
        for held in question.held {
            let mut grounds = Grounds::none_yet(*held);
            let mut all_allowed = true;
            for tuple in question.tuples(*held) {
                match self.answer(&tuple)? {
                    Answer::Deny(_) => return None,
                    Answer::Nothing => all_allowed = false,
                    Answer::Allow(rule) => grounds.push(rule),
                }
            }
            if all_allowed && best.is_none_or(|best| grounds.held < best.held) {
                best = Some(grounds);
            }
        }
        best
    }
}

/// That something may be done: by which rules, in which role and standing, and what for.
#[must_use = "a permit is there to be used"]
pub struct Permit {
    policy: Arc<ActivePolicy>,
    action: Action,
    held: Held,
    purpose: Purpose,
    rules: [u16; RULES_MAX],
    count: usize,
}

impl Permit {
    /// What may be done.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// The standing that it is done in.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.held.standing
    }

    /// The role that it is done in.
    #[must_use]
    pub fn role(&self) -> Role {
        self.held.role
    }

    /// What for; it follows from the rule, never from what a client says.
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
        let numbers = self.rules.iter().take(self.count);
        let first_time =
            move |(place, number): &(usize, &u16)| !self.rules.iter().take(*place).any(|each| each == *number);
        numbers.enumerate().filter(first_time).filter_map(|(_, number)| self.policy.rules().get(*number))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::LazyLock;

    use care::ids::{Id, PersonId, SessionId};
    use care::words::{Audience, Confidentiality, ThreadKind};
    use uuid::Uuid;

    use super::*;
    use crate::question::CodeSet;
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
    pub fn permit(viewer: &Viewer, action: Action, facts: Facts<'_>) -> Permit {
        viewer.decide(&facts.asking(action, None)).expect("permitted")
    }

    const PATIENT: Held = Held { standing: Standing::Self_, role: Role::Person };
    const NURSE: Held = Held { standing: Standing::CareTeam, role: Role::Nurse };
    const ASSIGNEE: Held = Held { standing: Standing::Assignee, role: Role::Physician };
    const BLOCKED: Held = Held { standing: Standing::Blocked, role: Role::Nurse };

    fn thread(held: &[Held]) -> Facts<'_> {
        Facts { kind: Some(ThreadKind::Consultation), ..Facts::unlabelled(held) }
    }

    #[test]
    fn who_is_nothing_may_do_nothing() {
        let viewer = viewer();
        for action in Action::ALL {
            assert!(viewer.decide(&thread(&[]).asking(*action, None)).is_none(), "{action:?}");
        }
        assert_eq!(viewer.decisions(), Action::ALL.len() as u64);
    }

    #[test]
    fn the_purpose_role_and_rule_are_those_of_the_first_standing_that_allows() {
        let viewer = viewer();
        for held in [[PATIENT, ASSIGNEE], [ASSIGNEE, PATIENT]] {
            let permit = permit(&viewer, Action::ThreadFind, thread(&held));
            assert_eq!((permit.standing(), permit.role()), (Standing::Self_, Role::Person));
            assert_eq!(permit.purpose(), Purpose::PatientRequest);
            assert_eq!(permit.rules().collect::<Vec<_>>(), ["R501"]);
            assert_eq!(permit.policy_version(), viewer.policy_version());
        }
        let read = permit(&viewer, Action::ThreadRead, thread(&[PATIENT, ASSIGNEE]));
        assert_eq!((read.standing(), read.purpose()), (Standing::Assignee, Purpose::Treatment));
    }

    #[test]
    fn a_directive_wins_over_every_other_standing() {
        let viewer = viewer();
        let asked = |held| thread(held).asking(Action::ThreadFind, None);
        assert!(viewer.decide(&asked(&[NURSE])).is_some());
        assert!(viewer.decide(&asked(&[NURSE, BLOCKED])).is_none());
        assert!(viewer.decide(&asked(&[BLOCKED, ASSIGNEE])).is_none());
    }

    #[test]
    fn every_code_must_be_allowed_and_each_rule_is_named_once() {
        let viewer = viewer();
        let social_worker = [Held { standing: Standing::CareTeam, role: Role::SocialWorker }];
        let codes: CodeSet = [Sensitivity::Psychiatry, Sensitivity::Hiv].into_iter().collect();
        assert!(viewer.decide(&thread(&social_worker).asking(Action::ThreadFind, None)).is_some());
        let facts = Facts { codes, ..thread(&social_worker) };
        assert!(viewer.decide(&facts.asking(Action::ThreadFind, None)).is_none());
        let permit = permit(&viewer, Action::ThreadRead, Facts { codes, ..thread(&[ASSIGNEE]) });
        assert_eq!(permit.rules().collect::<Vec<_>>(), ["R307"]);
    }

    #[test]
    fn obligations_travel_with_the_rule() {
        let viewer = viewer();
        let auditor = [Held { standing: Standing::Organization, role: Role::Auditor }];
        let permit = permit(&viewer, Action::AccessRead, Facts::unlabelled(&auditor));
        assert_eq!(permit.obligations().collect::<Vec<_>>(), [Obligation::AuditHigh]);
    }

    #[test]
    fn the_classes_of_messages_are_those_that_single_questions_allow() {
        let viewer = viewer();
        let social_worker = Held { standing: Standing::CareTeam, role: Role::SocialWorker };
        for held in [PATIENT, NURSE, ASSIGNEE, BLOCKED, social_worker] {
            for confidentiality in Confidentiality::ALL {
                let held = [held];
                let facts = Facts { confidentiality: *confidentiality, ..thread(&held) };
                let classes = viewer.allowed_classes(Action::ThreadReadMessage, &facts);
                for audience in Audience::ALL {
                    for released in [false, true] {
                        let question = Facts { released, ..facts }.asking(Action::ThreadReadMessage, Some(*audience));
                        let allowed = viewer.decide(&question).is_some();
                        assert_eq!(classes.contains(*audience, released), allowed);
                        assert_eq!(
                            viewer.may(question.action, question.audience, &Facts { released, ..facts }),
                            allowed
                        );
                    }
                }
            }
        }
        let patient = viewer.allowed_classes(Action::ThreadReadMessage, &thread(&[PATIENT]));
        assert!(patient.contains(Audience::Everyone, false) && !patient.contains(Audience::ClinicalTeam, true));
        assert_eq!(viewer.allowed_classes(Action::ThreadReadMessage, &thread(&[BLOCKED])), Classes::NONE);
    }

    #[test]
    fn a_viewer_keeps_its_version_while_another_comes_into_force() {
        let shipped = PolicyText::shipped();
        let point = DecisionPoint::new(ActivePolicy::load(shipped.clone()).expect("the shipped policy"));
        let before = point.viewer(identity());
        let without = shipped.rules.lines().filter(|row| !row.starts_with("p, R305")).collect::<Vec<_>>().join("\n");
        point.activate(ActivePolicy::load(PolicyText { rules: without, ..shipped }).expect("a sound policy"));
        let after = point.viewer(identity());

        let held = [Held { standing: Standing::PoolMember, role: Role::Physician }];
        let claim = thread(&held).asking(Action::ThreadClaim, None);
        assert!(before.decide(&claim).is_some());
        assert!(after.decide(&claim).is_none());
        assert_ne!(before.policy_version(), after.policy_version());
    }
}
