//! The list of a clinician's patients: in pages that leave out nobody, by name, with a search.

use std::num::NonZeroU32;

use care::care_team::RemoveMember;
use care::ids::{PatientId, PersonId};
use care::patient::{CorrectDetails, PatientCommand};
use care::words::Role;
use coordination::TextCell;
use coordination::reader::{Page, PageProblem, PatientView};

use crate::clinic::{Clinic, Commands as _, OpenAnswer, context, line, new_patient, sent_by, signed_in};

fn shown(view: &PatientView) -> (String, String) {
    let open = |cell: &TextCell| match cell {
        TextCell::Open(text) => text.as_str().to_owned(),
        TextCell::Sealed(_) | TextCell::Withheld | TextCell::Erased => String::new(),
    };
    (open(&view.name), open(&view.birth_date))
}

impl Clinic {
    async fn patient_of(&self, person: PersonId, number: usize, name: &str, birth_date: &str) -> PatientId {
        let by = signed_in(self.coordinator);
        let new = new_patient(self.practice, None, name, birth_date);
        let key = format!("listed-{number}");
        let patient = self.application.register_patient(sent_by(&by, &context(&key)), new).await.expect("new").target;
        let member = self.new_member(patient, person, Role::Physician);
        self.application.add_member(sent_by(&by, &context(&key)), member).await.expect("joined");
        patient
    }
}

/// The rows of a page with its end, or nothing more.
struct Read {
    rows: Vec<(String, String)>,
    next: Option<String>,
}

fn read(reader: &OpenAnswer, first: i32, after: Option<String>, search: Option<&str>) -> Result<Read, PageProblem> {
    let page = Page { first: Some(first), after, ..Page::default() };
    let page = reader.patients(&page, search).expect("no fault")?;
    let cursor = page.edges.last().map(|edge| edge.cursor.token().expect("a token").0);
    Ok(Read { rows: page.edges.iter().map(|edge| shown(&edge.node)).collect(), next: cursor.filter(|_| page.has_next) })
}

fn names(reader: &OpenAnswer, search: &str) -> Vec<String> {
    read(reader, 100, None, Some(search)).expect("a page").rows.into_iter().map(|(name, _)| name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_205_patients_nobody_is_left_out_or_shown_twice_also_when_one_is_added_in_between() {
    let clinic = Clinic::open().await;
    let person = clinic.other_specialist;
    clinic.grant(person, clinic.practice, Role::Physician).await;
    let mut expected = Vec::new();
    for number in 0..205_usize {
        // No order of registration, and as many dates as names.
        let shuffled = number * 97 % 205;
        let name = format!("Patient {shuffled:03}");
        let birth_date = format!("19{:02}-0{}-1{}", shuffled % 100, 1 + shuffled % 9, shuffled % 10);
        clinic.patient_of(person, number, &name, &birth_date).await;
        expected.push(name);
    }
    expected.sort();
    let mut found = Vec::new();
    let mut after = None;
    let mut sizes = Vec::new();
    loop {
        let reader = clinic.reader(person).await;
        let page = read(&reader, 60, after, None).expect("a page");
        sizes.push(page.rows.len());
        found.extend(page.rows.into_iter().map(|(name, _)| name));
        after = page.next;
        if after.is_none() {
            break;
        }
        if sizes.len() == 1 {
            // One before the place where the next page begins, and one after it.
            clinic.patient_of(person, 1000, "Patient 000 B", "1950").await;
            clinic.patient_of(person, 1001, "Patient 150 B", "1950").await;
            expected.insert(151, "Patient 150 B".to_owned());
        }
    }
    assert_eq!(found, expected);
    assert_eq!(sizes, [60, 60, 60, 26]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_in_the_order_in_which_people_read_names_and_is_searched_without_accents() {
    let clinic = Clinic::open().await;
    let person = clinic.other_specialist;
    clinic.grant(person, clinic.practice, Role::Physician).await;
    let rows = [
        ("\u{c5}sa Berg", "1970"),
        ("anna berg", "1971-05"),
        ("Zo\u{eb} Gr\u{fc}nwald", "1958-03-04"),
        ("Zora Adler", "1958-03-04"),
        ("\u{c9}mile O'Neil", "1960-01-01"),
        ("Emil Berg", "1962-02-02"),
        ("Emil Berg", "1961-02-02"),
    ];
    for (number, (name, birth_date)) in rows.iter().enumerate() {
        clinic.patient_of(person, number, name, birth_date).await;
    }
    let reader = clinic.reader(person).await;
    let listed = read(&reader, 100, None, None).expect("a page").rows;
    let ordered = [1, 0, 6, 5, 4, 2, 3].map(|index: usize| {
        let (name, birth_date) = rows[index];
        (name.to_owned(), birth_date.to_owned())
    });
    assert_eq!(listed, ordered);
    assert_eq!(names(&reader, "zoe GRUN"), ["Zo\u{eb} Gr\u{fc}nwald"]);
    assert_eq!(names(&reader, "gr\u{fc}n"), ["Zo\u{eb} Gr\u{fc}nwald"]);
    assert_eq!(names(&reader, "1958-03-04"), ["Zo\u{eb} Gr\u{fc}nwald", "Zora Adler"]);
    assert_eq!(names(&reader, "zo 1958-03-04 ad"), ["Zora Adler"]);
    assert_eq!(names(&reader, "o'n"), ["\u{c9}mile O'Neil"]);
    for nothing in ["rg", "1958-03", "1958", "!", "Mira"] {
        assert_eq!(names(&reader, nothing), [""; 0], "{nothing}");
    }
    assert_eq!(names(&reader, " ").len(), rows.len());
    let long = read(&reader, 5, None, Some(&"a".repeat(401))).err();
    assert_eq!(long, Some(PageProblem::SearchTooLong));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_goes_on_from_its_place_although_the_patient_there_was_renamed_or_has_left_the_list() {
    let clinic = Clinic::open().await;
    let person = clinic.other_specialist;
    clinic.grant(person, clinic.practice, Role::Physician).await;
    let mut patients = Vec::new();
    for (number, name) in ["Adler", "Berg", "Chen", "Demir"].into_iter().enumerate() {
        patients.push(clinic.patient_of(person, number, name, "1960").await);
    }
    let after = |page: Read| page.next.expect("more rows");
    let cursor = after(read(&clinic.reader(person).await, 2, None, None).expect("a page"));
    let berg = patients[1];
    let correct = PatientCommand::from(CorrectDetails {
        name: Some(line("Zeller")),
        birth_date: None,
        reason: line("She married."),
        confirmed_not_duplicate_of: vec![],
    });
    let by = signed_in(clinic.coordinator);
    clinic.application.record(sent_by(&by, &context("married")), berg, correct).await.expect("corrected");
    let follow = async |cursor: &str| {
        let reader = clinic.reader(person).await;
        let page = read(&reader, 10, Some(cursor.to_owned()), None).expect("a page");
        page.rows.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(follow(&cursor).await, ["Chen", "Demir", "Zeller"]);
    let remove = RemoveMember { patient: berg, person };
    clinic.application.remove_member(sent_by(&by, &context("left")), remove).await.expect("left");
    assert_eq!(follow(&cursor).await, ["Chen", "Demir"]);
    // The cursor is of this reader and this search.
    let reader = clinic.reader(person).await;
    let other_search = read(&reader, 10, Some(cursor.clone()), Some("de")).err();
    assert_eq!(other_search, Some(PageProblem::ForeignCursor));
    let other_reader = clinic.reader(clinic.pcp).await;
    assert_eq!(read(&other_reader, 10, Some(cursor), None).err(), Some(PageProblem::ForeignCursor));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_access_record_of_a_list_names_the_patients_of_the_page() {
    let clinic = Clinic::open().await;
    let person = clinic.other_specialist;
    clinic.grant(person, clinic.practice, Role::Physician).await;
    let mut patients = Vec::new();
    for (number, name) in ["Adler", "Berg", "Chen"].into_iter().enumerate() {
        patients.push(clinic.patient_of(person, number, name, "1960").await);
    }
    let reader = clinic.reader(person).await;
    assert_eq!(read(&reader, 2, None, None).expect("a page").rows.len(), 2);
    reader.finish().await.expect("recorded");
    let page = clinic.installation.access.read_log(None, NonZeroU32::new(5000).expect("many")).await.expect("read");
    let records: String = page.events.iter().map(|record| String::from_utf8_lossy(&record.data).into_owned()).collect();
    let recorded = patients.iter().map(|patient| records.contains(&format!("\"patient\":\"{patient}\"")));
    assert_eq!(recorded.collect::<Vec<_>>(), [true, true, false]);
    assert!(!records.contains("Adler"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_read_each_record_of_an_organization_and_not_list_them_looks_one_up() {
    let clinic = Clinic::open().await;
    let nurse = clinic.register(clinic.practice, "off_team_nurse", Some(Role::Nurse)).await;
    let pharmacist = clinic.register(clinic.practice, "pharmacist", Some(Role::Pharmacist)).await;
    clinic.patient_of(clinic.pcp, 1, "Li Bo", "1961-05-06").await;
    let found = async |person: PersonId, search: Option<&str>| {
        let reader = clinic.reader(person).await;
        let organization = reader.organization(clinic.practice).expect("no fault").expect("the directory");
        let page = reader.records(&organization, &Page::default(), search).expect("no fault").expect("a page");
        let names = page.edges.iter().map(|edge| shown(&edge.node).0);
        // The clinic's own patient has a mark behind the name.
        names.map(|name| name.split(' ').next().expect("a word").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(clinic.coordinator, None).await, ["Li", "Mira"]);
    for (search, names) in [
        (None, vec![]),
        (Some(" "), vec![]),
        (Some("mi"), vec![]),
        (Some("li bo"), vec![]),
        (Some("mir"), vec!["Mira"]),
        (Some("li 1961-05-06"), vec!["Li"]),
        (Some("nobody"), vec![]),
    ] {
        assert_eq!(found(nurse, search).await, names, "{search:?}");
        assert_eq!(found(pharmacist, search).await, [""; 0], "{search:?}");
    }
    let reader = clinic.reader(nurse).await;
    let organization = reader.organization(clinic.practice).expect("no fault").expect("the directory");
    assert!(!reader.lists_records(&organization) && reader.looks_up_records(&organization));
}
