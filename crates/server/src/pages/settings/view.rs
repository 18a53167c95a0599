//! An organization as it was answered.

use coordination::answer::Recorded;

use crate::graphql::words::Role;
use crate::pages::controls::chosen;
use crate::pages::forms::Fields;
use crate::pages::queries::{Organization, organization};
use crate::pages::rows::Who;
use crate::pages::site::{Failed, Visit};
use crate::pages::texts::Texts;
use crate::pages::time::PageTime;

/// An organization as it was answered.
pub(crate) type View = organization::OrganizationOrganization;

/// An organization, and whether all of it is there.
pub(crate) struct Found {
    pub view: View,
    pub is_whole: bool,
}

/// The organization that a visit is about, as it is for a role of a person, if a change names one.
///
/// # Errors
/// If it cannot be read, or this person may not know of it.
pub(crate) async fn read(visit: &Visit<'_>, person: Option<&str>) -> Result<Recorded<Found>, Failed> {
    let variables = organization::Variables { id: visit.id.clone(), person: person.map(str::to_owned) };
    let answer = visit.ask::<Organization>(variables).await?;
    let found = answer.map(|answer| {
        let is_whole = answer.is_whole;
        answer.data.organization.map(|view| Found { view, is_whole }).ok_or(Failed::NotAvailable)
    });
    found.transpose()
}

/// The weekdays of a calendar by name, Monday first.
pub(crate) fn week<'c>(
    calendar: &'c organization::Calendar,
    time: &PageTime<'_>,
) -> [(String, &'c Vec<organization::Hours>); 7] {
    let l = time.l;
    let week = &calendar.week;
    [
        (l.monday().into_owned(), &week.monday),
        (l.tuesday().into_owned(), &week.tuesday),
        (l.wednesday().into_owned(), &week.wednesday),
        (l.thursday().into_owned(), &week.thursday),
        (l.friday().into_owned(), &week.friday),
        (l.saturday().into_owned(), &week.saturday),
        (l.sunday().into_owned(), &week.sunday),
    ]
}

/// The people of a list by id and name.
pub(crate) fn people(staff: Option<&Vec<organization::Staff>>) -> Vec<Who> {
    staff.into_iter().flatten().map(|member| Who::from(&member.person)).collect()
}

pub(in crate::pages) fn name(person: &Who, l: &Texts) -> String {
    person.name.text().map_or_else(|| l.withheld().into_owned(), str::to_owned)
}

pub(in crate::pages) type Pool = organization::OrganizationOrganizationPools;

pub(in crate::pages) fn pool<'v>(view: &'v View, fields: &Fields) -> Option<&'v Pool> {
    view.pools.iter().flatten().find(|pool| pool.id == fields.get("poolId"))
}

pub(in crate::pages) fn members(pool: &Pool) -> Vec<&str> {
    pool.members.iter().flatten().map(|member| member.person.id.as_str()).collect()
}

pub(in crate::pages) fn person(view: &View, fields: &Fields) -> Option<Who> {
    let all = [people(view.staff.as_ref()), people(view.former_staff.as_ref())].concat();
    all.into_iter().find(|person| person.id == fields.get("personId"))
}

/// A role that was proposed and not answered.
pub(in crate::pages) type Proposal = organization::OrganizationOrganizationProposedRoles;

/// The proposal of the role of a person that a form names.
pub(in crate::pages) fn proposal<'v>(view: &'v View, fields: &Fields) -> Option<&'v Proposal> {
    let role = chosen::<Role>(fields, "role")?;
    let mut all = view.proposed_roles.iter().flatten();
    all.find(|proposal| proposal.person.id == fields.get("personId") && proposal.role == role)
}

/// The roles of a person here, in words.
pub(in crate::pages) fn roles(view: &View, person: &str, l: &Texts) -> String {
    let held = view.staff.iter().flatten().filter(|member| member.person.id == person);
    held.flat_map(|member| &member.roles).map(|held| l.role(&held.role)).collect::<Vec<_>>().join(", ")
}
