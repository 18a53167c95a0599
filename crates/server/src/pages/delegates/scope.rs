//! What a helper may reach: as the controls of a form, as the fields of one, as words, and as the input of a command.

use crate::graphql::delegation_words::{DelegationHistory, DelegationKind};
use crate::graphql::words::{Sensitivity, Topic};
use crate::pages::controls::{Choice, Control, all_choices, choices, chosen, vocabulary, word};
use crate::pages::forms::Fields;
use crate::pages::outcome::Problem;
use crate::pages::queries::{helpers, helping, who_could_see};
use crate::pages::texts::Texts;

/// What may be done about one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    pub topic: Topic,
    pub read: bool,
    pub write: bool,
    pub act: bool,
}

/// What a helper reaches, or is to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub topics: Vec<Access>,
    pub consultations: bool,
    pub team_threads: bool,
    /// The ids of threads that are listed one by one.
    pub threads: Vec<String>,
    pub sensitivities: Vec<Sensitivity>,
    pub history: DelegationHistory,
    pub manages_helpers: bool,
}

/// The name of the control of the kinds of threads.
pub(crate) const KINDS: &str = "scope.threadKinds";
/// The name of the control of the threads that are listed one by one.
const LISTED: &str = "scope.threadIds";
const CONSULTATION: &str = "CONSULTATION";
const READ: &str = "READ";
const WRITE: &str = "WRITE";
const ACT: &str = "ACT";
/// The value of a box that is a question by itself.
pub(crate) const YES: &str = "yes";

/// The name of the control of a topic, within what the scope is called in the form.
fn topic_name(within: &str, topic: Topic) -> String {
    format!("{within}.topics.{}", word(&topic))
}

/// The topics that were chosen, each with what may be done about it.
pub(crate) fn topics(fields: &Fields, within: &str) -> Vec<Access> {
    let access = |topic: Topic| {
        let name = topic_name(within, topic);
        let has = |verb: &str| fields.all(&name).any(|value| value == verb);
        Access { topic, read: has(READ), write: has(WRITE), act: has(ACT) }
    };
    let is_reached = |access: &Access| access.read || access.write || access.act;
    vocabulary().map(access).filter(is_reached).collect()
}

/// The sensitive subjects that were chosen.
pub(crate) fn sensitivities(fields: &Fields, name: &str) -> Vec<Sensitivity> {
    let is_chosen = |subject: &Sensitivity| fields.all(name).any(|value| value == word(subject));
    vocabulary().filter(is_chosen).collect()
}

/// One control a topic, with what `within` allows at most.
pub(crate) fn topic_controls(fields: &Fields, within: &str, limits: Option<&[Access]>, l: &Texts) -> Vec<Control> {
    let control = |topic: Topic| {
        let limit = limits.map(|limits| limits.iter().find(|limit| limit.topic == topic));
        let verbs: Vec<Choice> = [
            (READ, l.helper_read(), limit.is_none_or(|limit| limit.is_some_and(|limit| limit.read))),
            (WRITE, l.helper_write(), limit.is_none_or(|limit| limit.is_some_and(|limit| limit.write))),
            (ACT, l.helper_act(), limit.is_none_or(|limit| limit.is_some_and(|limit| limit.act))),
        ]
        .into_iter()
        .filter(|(_, _, can)| *can)
        .map(|(value, label, _)| Choice::new(value, label))
        .collect();
        (!verbs.is_empty()).then(|| Control::many(&topic_name(within, topic), l.topic(&topic), fields, verbs))
    };
    vocabulary().filter_map(control).collect()
}

/// What may be done about each topic, in words.
pub(crate) fn topic_words(topics: &[Access], l: &Texts) -> Vec<String> {
    let words = |access: &Access| {
        let verbs = [
            (access.read, l.helper_may_read()),
            (access.write, l.helper_may_write()),
            (access.act, l.helper_may_act()),
        ];
        let verbs: Vec<_> = verbs.into_iter().filter(|(can, _)| *can).map(|(_, words)| words).collect();
        l.helper_topic(l.topic(&access.topic), verbs.join(", "))
    };
    topics.iter().map(words).collect()
}

impl Scope {
    /// What a form asks for.
    pub fn of(fields: &Fields) -> Self {
        let has = |name: &str, value: &str| fields.all(name).any(|found| found == value);
        Self {
            topics: topics(fields, "scope"),
            consultations: has(KINDS, CONSULTATION),
            team_threads: has(KINDS, "TEAM_THREAD"),
            threads: fields.all(LISTED).map(str::to_owned).collect(),
            sensitivities: sensitivities(fields, "scope.sensitivities"),
            history: chosen(fields, "scope.history").unwrap_or(DelegationHistory::FromGrant),
            manages_helpers: has("scope.managesHelpers", YES),
        }
    }

    /// What an empty form begins with: conversations with the clinic of today on, and nothing sensitive.
    pub fn of_new() -> Self {
        Self {
            topics: Vec::new(),
            consultations: true,
            team_threads: false,
            threads: Vec::new(),
            sensitivities: Vec::new(),
            history: DelegationHistory::FromGrant,
            manages_helpers: false,
        }
    }

    /// What a form begins with for a kind of help: the topics that are usual for it. None if what the law gives differs from
    /// one person to the next.
    pub fn usual(kind: DelegationKind) -> Option<Self> {
        let (topics, write) = match kind {
            DelegationKind::PatientAuthorised => (vec![Topic::Medications, Topic::Scheduling, Topic::Education], true),
            DelegationKind::ProfessionalHelper => (vec![Topic::Scheduling, Topic::Social], true),
            DelegationKind::ParentOfMinor => (vocabulary().collect(), true),
            DelegationKind::Executor => (vocabulary().collect(), false),
            DelegationKind::LegalRepresentative => return None,
        };
        let topics = topics.into_iter().map(|topic| Access { topic, read: true, write, act: false });
        // An executor reads what there was at the death.
        let history = match kind {
            DelegationKind::Executor => DelegationHistory::All,
            DelegationKind::PatientAuthorised
            | DelegationKind::ProfessionalHelper
            | DelegationKind::ParentOfMinor
            | DelegationKind::LegalRepresentative => DelegationHistory::FromGrant,
        };
        Some(Self { topics: topics.collect(), history, ..Self::of_new() })
    }

    /// The fields of a form that asks for this.
    pub fn fields(&self) -> Fields {
        let mut all: Vec<(String, String)> = Vec::new();
        for access in &self.topics {
            let name = topic_name("scope", access.topic);
            let verbs = [(access.read, READ), (access.write, WRITE), (access.act, ACT)];
            all.extend(verbs.iter().filter(|(can, _)| *can).map(|(_, verb)| (name.clone(), (*verb).to_owned())));
        }
        let kinds = [(self.consultations, CONSULTATION), (self.team_threads, "TEAM_THREAD")];
        let kinds = kinds.iter().filter(|(is_reached, _)| *is_reached);
        all.extend(kinds.map(|(_, kind)| (KINDS.to_owned(), (*kind).to_owned())));
        all.extend(self.threads.iter().map(|id| (LISTED.to_owned(), id.clone())));
        all.extend(self.sensitivities.iter().map(|subject| ("scope.sensitivities".to_owned(), word(subject))));
        all.push(("scope.history".to_owned(), word(&self.history)));
        if self.manages_helpers {
            all.push(("scope.managesHelpers".to_owned(), YES.to_owned()));
        }
        Fields::of(all.into_iter())
    }

    /// What a form with this scope sends along once its sender has seen what it would change: with another scope they see it
    /// anew.
    pub fn seen(&self) -> String {
        self.fields().pairs().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(";")
    }

    /// The controls of a form that asks for a scope: within `limits`, if there are any. Which conversations it is about stays
    /// as it is.
    pub fn controls(fields: &Fields, limits: Option<&Self>, can_manage: bool, l: &Texts) -> Vec<Control> {
        let mut controls = Self::topic_and_more_controls(fields, limits, can_manage, l);
        // What a person does not choose among goes along.
        for name in [KINDS, LISTED] {
            controls.extend(fields.all(name).map(|value| Control::hidden(name, value)));
        }
        controls
    }

    /// The same for a form that also asks which conversations: all of the topics, and those of `listed` one by one.
    pub fn controls_with_listed(
        fields: &Fields,
        limits: Option<&Self>,
        can_manage: bool,
        listed: Vec<Choice>,
        l: &Texts,
    ) -> Vec<Control> {
        let mut controls = Self::topic_and_more_controls(fields, limits, can_manage, l);
        if limits.is_none_or(|limits| limits.consultations) {
            let all = vec![Choice::new(CONSULTATION, l.helper_which_all())];
            controls.push(Control::many(KINDS, l.helper_which(), fields, all));
        }
        // One that could not be read, so that nobody can choose it now, goes along.
        let is_asked = |id: &str| listed.iter().any(|choice| choice.value == id);
        controls.extend(fields.all(LISTED).filter(|id| !is_asked(id)).map(|id| Control::hidden(LISTED, id)));
        if !listed.is_empty() {
            let control = Control::many(LISTED, l.helper_which_listed(), fields, listed);
            controls.push(control.hint(l.helper_which_listed_hint()));
        }
        controls
    }

    fn topic_and_more_controls(fields: &Fields, limits: Option<&Self>, can_manage: bool, l: &Texts) -> Vec<Control> {
        let mut controls = vec![Control::quote(l.helper_topics(), l.helper_topics_text())];
        controls.extend(topic_controls(fields, "scope", limits.map(|limits| limits.topics.as_slice()), l));
        let open: Vec<Sensitivity> =
            vocabulary().filter(|subject| limits.is_none_or(|limits| limits.sensitivities.contains(subject))).collect();
        if !open.is_empty() {
            let subjects = choices(&open, |subject| l.sensitivity(subject));
            let control = Control::many("scope.sensitivities", l.helper_sensitive(), fields, subjects);
            controls.push(control.hint(l.helper_sensitive_hint()));
        }
        if limits.is_none_or(|limits| limits.history == DelegationHistory::All) {
            let how_much = all_choices(|word| l.delegation_history(word));
            controls.push(Control::one("scope.history", l.helper_past(), fields, how_much));
        }
        let can_manage = can_manage && limits.is_none_or(|limits| limits.manages_helpers);
        if can_manage {
            let yes = vec![Choice::new(YES, l.helper_manages_yes())];
            let control = Control::many("scope.managesHelpers", l.helper_manages(), fields, yes);
            controls.push(control.hint(l.helper_manages_hint()));
        }
        controls
    }

    /// Whether it is about no conversations at all.
    pub fn is_without_threads(&self) -> bool {
        !self.consultations && !self.team_threads && self.threads.is_empty()
    }

    /// The same problem at a control of the form, which has one a topic.
    pub fn problem(problem: Problem) -> Problem {
        let has_own = ["scope.topics.", "scope.sensitivities", "scope.history", "scope.managesHelpers"];
        match problem.field() {
            Some(field) if field.starts_with("scope") && !has_own.iter().any(|own| field.starts_with(own)) => {
                problem.renamed("scope", &topic_name("scope", Topic::ClinicalAdvice))
            }
            Some(_) | None => problem,
        }
    }

    /// What is reached, in words: a line a topic, then what else is open.
    pub fn words(&self, l: &Texts) -> Vec<String> {
        let mut words = topic_words(&self.topics, l);
        words.extend(self.sensitivities.iter().map(|subject| l.helper_opened(l.sensitivity(subject))));
        if !self.threads.is_empty() {
            words.push(l.helper_listed(self.threads.len()));
        }
        words.push(l.delegation_history(&self.history));
        if self.manages_helpers {
            words.push(l.helper_manages_yes().into_owned());
        }
        words
    }
}

/// The scope as the input of the operation in this module.
macro_rules! scope_input {
    ($module:ident, $scope:expr) => {{
        let scope: &$crate::pages::delegates::scope::Scope = $scope;
        let mut thread_kinds = Vec::new();
        if scope.consultations {
            thread_kinds.push($module::ThreadKind::Consultation);
        }
        if scope.team_threads {
            thread_kinds.push($module::ThreadKind::TeamThread);
        }
        let topics = scope.topics.iter().map(|access| $module::TopicAccessInput {
            topic: access.topic,
            read: access.read,
            write: access.write,
            act: access.act,
        });
        $module::DelegationScopeInput {
            topics: topics.collect(),
            thread_kinds,
            thread_ids: scope.threads.clone(),
            sensitivities: scope.sensitivities.clone(),
            history: scope.history,
            manages_helpers: scope.manages_helpers,
        }
    }};
}
pub(crate) use scope_input;

macro_rules! scopes { ($($module:ident)+) => {$(
    impl From<&$module::Access> for Access {
        fn from(access: &$module::Access) -> Self {
            Self { topic: access.topic, read: access.read, write: access.write, act: access.act }
        }
    }

    impl From<&$module::Scope> for Scope {
        fn from(scope: &$module::Scope) -> Self {
            let kinds = &scope.thread_kinds;
            Self {
                topics: scope.topics.iter().map(Access::from).collect(),
                consultations: kinds.iter().any(|kind| match kind {
                    $module::ThreadKind::Consultation => true,
                    // Every kind by name, so that a new one asks whether it stands in the forms.
                    $module::ThreadKind::TeamThread | $module::ThreadKind::Other(_) => false,
                }),
                team_threads: kinds.iter().any(|kind| matches!(kind, $module::ThreadKind::TeamThread)),
                threads: scope.thread_ids.clone(),
                sensitivities: scope.sensitivities.clone(),
                history: scope.history,
                manages_helpers: scope.manages_helpers,
            }
        }
    }
)+} }
scopes! { helpers helping who_could_see }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::controls::Kind;

    #[test]
    fn a_scope_is_the_same_after_it_stood_in_a_form() {
        let scope = Scope {
            topics: vec![
                Access { topic: Topic::Medications, read: true, write: false, act: true },
                Access { topic: Topic::Billing, read: true, write: true, act: false },
            ],
            team_threads: true,
            threads: vec!["one".to_owned(), "two".to_owned()],
            sensitivities: vec![Sensitivity::Hiv],
            history: DelegationHistory::All,
            manages_helpers: true,
            ..Scope::of_new()
        };
        assert_eq!(Scope::of(&scope.fields()), scope);
        assert_eq!(Scope::of(&Scope::of_new().fields()), Scope::of_new());
    }

    #[test]
    fn a_thread_is_listed_by_choosing_it_and_one_that_cannot_be_chosen_now_goes_along() {
        let l = crate::pages::texts::Languages::read().unwrap().named("en").unwrap();
        let scope = Scope { threads: vec!["one".to_owned(), "gone".to_owned()], ..Scope::of_new() };
        let listed = vec![Choice::new("one", "Knee"), Choice::new("two", "Heart")];
        let controls = Scope::controls_with_listed(&scope.fields(), None, false, listed, l);
        let mut seen = Vec::new();
        for control in controls.iter().filter(|control| control.name == LISTED) {
            if let Kind::Many { choices } = &control.kind {
                seen.extend(choices.iter().map(|choice| (choice.value.as_str(), Some(choice.chosen))));
            } else if let Kind::Hidden { value } = &control.kind {
                seen.push((value, None));
            } else {
                panic!("{:?}", control.kind);
            }
        }
        assert_eq!(seen, [("gone", None), ("one", Some(true)), ("two", Some(false))]);
    }

    #[test]
    fn what_is_usual_for_a_kind_of_help_is_never_sensitive_and_an_executor_reads_only() {
        let usual = |kind| Scope::usual(kind).unwrap();
        for kind in
            [DelegationKind::PatientAuthorised, DelegationKind::ProfessionalHelper, DelegationKind::ParentOfMinor]
        {
            let scope = usual(kind);
            assert!(scope.sensitivities.is_empty() && !scope.manages_helpers && scope.consultations, "{scope:?}");
            assert!(scope.topics.iter().all(|access| access.read && access.write && !access.act), "{scope:?}");
        }
        let executor = usual(DelegationKind::Executor);
        assert!(executor.topics.iter().all(|access| access.read && !access.write && !access.act), "{executor:?}");
        assert_eq!(executor.history, DelegationHistory::All);
        let [friend, professional] = [DelegationKind::PatientAuthorised, DelegationKind::ProfessionalHelper].map(usual);
        assert_ne!(friend.topics, professional.topics);
        assert_eq!(Scope::usual(DelegationKind::LegalRepresentative), None);
    }

    #[test]
    fn who_may_reach_less_is_asked_for_less() {
        let l = crate::pages::texts::Languages::read().unwrap().named("en").unwrap();
        let own = Scope {
            topics: vec![Access { topic: Topic::Scheduling, read: true, write: false, act: false }],
            consultations: false,
            ..Scope::of_new()
        };
        let names = |limits| -> Vec<String> {
            let controls = Scope::controls_with_listed(&Fields::default(), limits, false, Vec::new(), l);
            controls.into_iter().map(|control| control.name).filter(|name| !name.is_empty()).collect()
        };
        assert_eq!(names(Some(&own)), ["scope.topics.SCHEDULING"]);
        assert!(names(None).contains(&KINDS.to_owned()), "{:?}", names(None));
    }

    #[test]
    fn an_empty_form_opens_nothing_of_the_past_and_nothing_sensitive() {
        let scope = Scope::of(&Fields::default());
        assert!(scope.topics.is_empty() && scope.sensitivities.is_empty() && !scope.manages_helpers, "{scope:?}");
        assert_eq!(scope.history, DelegationHistory::FromGrant);
    }
}
