//! The pages: what people see in a browser. They are written by the server and work without a script.
//!
//! A screen is a page struct, its template, and its operation of `examples/queries` (`queries`), which runs through the
//! same execution as `/graphql` (`client`). `site` leads a request to its screen and says how to add one; `forms`, `controls`
//! and `steps` hold forms, `session` the cookie, `texts` the languages, `assets` the stylesheet, the icons and the
//! script, `live` the stream by which a page is told that something changed.

mod access_days;
mod access_rows;
mod addressees;
mod assets;
mod audience;
mod care_team_questions;
mod client;
mod colleagues;
mod consent_text;
mod controls;
mod conversation;
mod delegates;
mod directives;
mod documentation;
mod draft;
mod draft_saving;
mod drafts;
mod editor;
mod forms;
mod frame;
mod grant;
mod help_invitation;
mod helper_preview;
mod helping;
mod home;
mod inbox;
mod language;
mod lists;
mod live;
mod me;
mod namesakes;
mod new_consultation;
mod new_thread;
mod organization_access;
mod organization_threads;
mod organizations;
mod outcome;
mod outside_messages;
mod own_record;
mod parties;
mod patient_access;
mod patient_acts;
mod patients;
mod queries;
mod query_page;
mod reminders;
mod rows;
mod schema_documentation;
mod session;
mod settings;
mod sign_in;
mod site;
mod steps;
mod tell;
mod texts;
mod thread;
mod thread_access;
mod thread_step;
mod time;
mod to_do;
mod view;
mod visitors;
mod who_could_see;
mod words;
mod worklist;

use std::sync::Arc;

use care::time_zone::Zone;

pub use self::client::{ServerApi, ServerOperations};
pub use self::frame::HelpLine;
pub use self::session::SessionTimes;
pub use self::texts::TextsProblem;
pub use self::visitors::{Demo, Group, Visitor};
use crate::live::Live;
use crate::router::Router;
use crate::session::Clock;
use crate::sign_in::Verifier;

/// What the program decides about the pages.
pub struct Pages {
    /// The demo, by which people sign in.
    pub demo: Demo,
    /// How long sessions last.
    pub times: SessionTimes,
    /// The zone of the dates.
    pub zone: Zone,
    /// Whom to ask.
    pub help: HelpLine,
}

/// What the pages share with the rest of the server.
pub(crate) struct Shared {
    pub operations: Arc<ServerOperations>,
    /// The endpoint of the API, which shares its path with the query page.
    pub api: ServerApi,
    pub verifier: Verifier,
    pub clock: Clock,
    pub live: Arc<Live>,
}

/// The router with the pages.
///
/// # Errors
/// If the texts of a language cannot be used.
pub(crate) fn mount(router: Router, pages: Pages, shared: Shared) -> Result<Router, TextsProblem> {
    let site = Arc::new(site::Site {
        operations: shared.operations,
        verifier: shared.verifier,
        demo: pages.demo,
        sessions: session::Sessions::new(pages.times),
        languages: texts::Languages::read()?,
        clock: shared.clock,
        zone: pages.zone,
        help: pages.help,
        live: shared.live,
    });
    let mounted = || Arc::clone(&site);
    Ok(router
        .at("/*path", sign_in::SignIn(mounted()))
        .at("/sign-out", sign_in::SignOut(mounted()))
        .at("/session", sign_in::StillSignedIn(mounted()))
        .at("/live", live::PageEvents(mounted()))
        .at("/language", language::Language(mounted()))
        .at("/assets/*file", assets::Assets)
        .at("/home", site.screen(home::Home))
        .at("/inbox", site.screen(inbox::Inbox))
        .at("/worklist", site.screen(worklist::Worklist))
        .at("/drafts", site.screen(drafts::Drafts))
        .at("/t/:id/:step/draft", site.screen(drafts::DraftOfForm))
        .at("/graphql", query_page::AtGraphql { api: shared.api, page: site.screen(query_page::QueryPage) })
        .at("/graphql/documentation", site.screen(documentation::Documentation))
        .at("/worklist/print", site.screen(worklist::Printed))
        .at("/organizations", site.screen(organizations::Organizations))
        .at("/organizations/:id", site.screen(organizations::Organization))
        .at("/organizations/:id/threads", site.screen(organization_threads::OrganizationThreads))
        .at("/organizations/:id/patients", site.screen(patients::OrganizationPatients))
        .at("/organizations/:id/access", site.screen(organization_access::OrganizationAccess))
        .at("/organizations/:id/:step", site.screen(settings::Settings))
        .at("/patients", site.screen(patients::Patients))
        .at("/patients/:id", site.screen(patients::Patient))
        .at("/patients/:id/access", site.screen(patient_access::PatientAccess))
        .at("/patients/:id/who-could-see", site.screen(who_could_see::WhoCouldSee))
        .at("/patients/:id/as-helper", site.screen(helper_preview::HelperPreview))
        .at("/patients/:id/directives", site.screen(directives::Directives))
        .at("/patients/:id/directives/:step", site.screen(directives::DirectiveAct))
        .at("/patients/:id/helpers", site.screen(delegates::Delegates))
        .at("/patients/:id/helpers/:step", site.screen(delegates::HelperAct))
        .at("/patients/:id/invite-helper", site.screen(delegates::InviteScreen))
        .at("/patients/:id/:step", site.screen(patient_acts::PatientAct))
        .at("/new-consultation", site.screen(new_consultation::NewConsultation))
        .at("/new-thread", site.screen(new_thread::NewThread))
        .at("/new-consultation/draft", site.screen(new_consultation::DraftOfConsultation))
        .at("/new-thread/draft", site.screen(new_thread::DraftOfThread))
        .at("/helpers-to-do", site.screen(to_do::ToDo))
        .at("/outside-messages", site.screen(outside_messages::OutsideMessages))
        .at("/outside-messages/:id", site.screen(outside_messages::OneOutsideMessage))
        .at("/outside-messages/:id/:step", site.screen(outside_messages::OutsideMessageStep))
        .at("/tell", site.screen(tell::Tell))
        .at("/helping", site.screen(helping::Helping))
        .at("/helping/:id", site.screen(helping::Helped))
        .at("/helping/:id/:step", site.screen(helping::HelpedStep))
        .at("/invitation", site.screen(help_invitation::HelpInvitation))
        .at("/own-record", site.screen(own_record::OwnRecord))
        .at("/own-record/:id/:step", site.screen(own_record::OwnRecordAnswer))
        .at("/care-team-questions", site.screen(care_team_questions::CareTeamQuestions))
        .at("/care-team-questions/:id/:step", site.screen(care_team_questions::CareTeamAnswer))
        .at("/t/:id", site.screen(thread::Thread))
        .at("/t/:id/audience", site.screen(audience::Audience))
        .at("/t/:id/access", site.screen(thread_access::ThreadAccess))
        .at("/t/:id/:step", site.screen(thread_step::StepOfThread)))
}
