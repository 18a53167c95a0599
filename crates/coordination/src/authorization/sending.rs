//! Whether a form that a person has typed into may be sent by them: only then is its draft saved and shown.

use care::draft::Form;
use care::words::Audience;
use policy::decide::Viewer;
use policy::reach::HeldStanding;
use policy::words::Action;

use crate::authorization::{AuthorizationState, Subject};

impl AuthorizationState {
    /// Whether the viewer, by what they are to the subject of a form, may send the form to some audience.
    pub fn may_send(&self, viewer: &Viewer, form: Form, held: &[HeldStanding]) -> bool {
        let subject = Subject::of_form(form);
        let facts = self.facts(&subject, held);
        let audiences = Audience::ALL.iter().copied().map(Some).chain([None]);
        let mut may = audiences.map(|audience| viewer.may(Action::Command(form.command), audience, &facts));
        self.finds(viewer, &subject, facts) && may.any(|may| may)
    }
}
