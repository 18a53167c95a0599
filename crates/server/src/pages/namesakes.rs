//! Patients whose name is like that of another one, so that they are not taken for each other.

use coordination::answer::Recorded;

use super::queries::{Namesakes, namesakes};
use super::rows::Subject;
use super::site::{Failed, Visit};

/// The patients of this person whose name has a word that begins as the family name of a patient.
///
/// # Errors
/// If the query was refused as a whole.
pub(crate) async fn namesakes(visit: &Visit<'_>, patient: &Subject) -> Result<Recorded<Vec<Subject>>, Failed> {
    let family_name = patient.name.text().and_then(|name| name.split_whitespace().next_back());
    let search = family_name.unwrap_or_default().to_owned();
    let answer = visit.ask::<Namesakes>(namesakes::Variables { search }).await?;
    Ok(answer.map(|answer| {
        let found = answer.data.viewer.patients.iter().flat_map(|list| &list.nodes);
        let others = found.map(Subject::from).filter(|other| other.id != patient.id);
        if family_name.is_some() { others.collect() } else { Vec::new() }
    }))
}
