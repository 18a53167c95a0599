//! What the demo clinic asks of general internal medicine, the pool that two specialists share.
//!
//! Shapes and rules stand in `clinic_cases.rs`, people and patients in `clinic_cast.rs`.

use care::words::{Certainty, Confidentiality, ConsentMethod, ConsultationState, RecommendationKind, Topic, Urgency};

use crate::seed::clinic_cases::{ACCEPTED, Advice, Case, Plan, Recommendation, modified, said};

pub(crate) static CASES: [Case; 2] = [
    Case {
        key: "low_sodium",
        patient: "kirchner",
        requester: "pcp",
        pool: "general_medicine",
        specialist: Some("endocrinologist"),
        submitted_days_ago: 26,
        state: ConsultationState::PlanRecorded,
        topic: Topic::Results,
        urgency: Urgency::Urgent,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Verbal,
        may_convert: true,
        subject: "Sodium 126 on indapamide and sertraline, 84 years, little bothered",
        question: "Mrs. Kirchner, 84, lives alone. Tired and 'a bit woolly' for ten days, no vomiting, no falls, no \
            headache, oriented, GCS 15. Sodium 126 mmol/l, three months ago 137. Potassium 3.5, creatinine 0.9, \
            glucose 104, TSH 2.2, morning cortisol 14. Clinically euvolaemic to slightly dry, BP 142/70, weight 58 \
            kg, down 1 kg.\nMeds: indapamide 2.5 (started seven weeks ago), sertraline 50 (for years), amlodipine \
            10, ramipril 5, doxazosin 4, pantoprazole 20. Neighbour can look in twice a day.\nQuestion: can she stay \
            at home, is stopping indapamide enough, and does sertraline have to go as well?",
        messages: said! {
            Submitted {
                +1 "pharmacist" to ClinicalTeam: "Timeline fits indapamide. Sertraline and pantoprazole both can add \
                    to it, but have been stable for years. Please don't stop sertraline abruptly, she'd get dizzy \
                    from that as well.";
                +1 "nurse" to ClinicalTeam: "Indapamide taken out of the dosette myself, 13:10. Urine sent for \
                    sodium and osmolality BEFORE anybody gives her salt. She's knitting and wants to know what the \
                    fuss is about.";
                +1 "social_worker" to Everyone: "Neighbour Mrs. Janda has both practice numbers and comes at 18:00 \
                    and at 8:00. She knows what to look for: muddled, very sleepy, vomiting, a fit means 144, not \
                    us.";
            }
            InReview {
                +2 "endocrinologist" to ClinicalTeam: "Claimed. 126, chronic, alert, reliable neighbour: home is ok \
                    if you get a sodium within 24 h.\nIf < 125 or any confusion: in. Don't restrict fluids before \
                    you know her volume, thiazide ones are often dry.";
                +3 "pcp" to ClinicalTeam: "Urine Na 61\nUrine osm 388\nSerum osm 262\nUric acid 3.1";
                +1 "endocrinologist" to ClinicalTeam: "SIAD-like picture under thiazide. Still: stop the drug, drink \
                    to thirst, normal salty food, recheck. Watch the speed, after stopping a thiazide they can \
                    overcorrect; more than 8 in 24 h I want to know.";
            }
            Answered {
                +17 "nurse" to ClinicalTeam: "Sodium this morning 129, she's brighter. +3 in about 20 h.";
                +28 "nurse" to ClinicalTeam: "132 today. She wants to bake.";
                +2 "pcp" to ClinicalTeam: "Then sertraline stays for now, I'd rather not touch her mood. Recording \
                    the plan this afternoon.";
            }
            PlanRecorded {
                +120 "pharmacist" to ClinicalTeam: "Thiazides and thiazide-like drugs are entered as intolerance \
                    with 'hyponatraemia 126', so the hospital sees it as well. Fixed combinations included, that's \
                    where they sneak back in.";
                +4 "social_worker" to Everyone: "Meals on wheels starts on Monday, three times a week. She chose the \
                    soups, 'the salty ones, doctor's orders'.";
            }
        },
        advice: Some(Advice {
            recommendations: &[
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::High,
                    text: "Stop indapamide for good, no other thiazide in future. Drink to thirst, normal salt, no \
                        salt tablets.",
                },
                Recommendation {
                    kind: RecommendationKind::Test,
                    certainty: Certainty::High,
                    text: "Sodium after 24 and 48 hours, then after one and four weeks. Not more than 8 mmol/l up in \
                        24 hours.",
                },
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::Moderate,
                    text: "If sodium is below 133 after two weeks: taper sertraline, mirtazapine 7.5 mg as \
                        alternative with less risk.",
                },
            ],
            come_back_when: Some(
                "Confusion, drowsiness, vomiting, a fall or a seizure, or sodium below 125: emergency department the \
                    same hour.",
            ),
            minutes_spent: 13,
        }),
        plan: Some(Plan {
            dispositions: &[
                ACCEPTED,
                ACCEPTED,
                modified(
                    "Sertraline unchanged at 132 and rising; will follow the advice only if the four-week value \
                        falls short.",
                ),
            ],
            note: Some(
                "Indapamide stopped and listed as intolerance. Blood pressure to be looked at again without it, \
                    standing as well as lying.",
            ),
        }),
        informed: None,
        survey: None,
    },
    Case {
        key: "raised_ferritin",
        patient: "stojanovic",
        requester: "second_pcp",
        pool: "general_medicine",
        specialist: None,
        submitted_days_ago: 6,
        state: ConsultationState::Assigned,
        topic: Topic::Results,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Verbal,
        may_convert: false,
        subject: "Ferritin 780 with ALT 62: iron overload or metabolic liver?",
        question: "Mr. Stojanović, 64, type 2 diabetes with HbA1c 9.8 %, BMI 32, psoriasis. Ferritin 780 and 742 \
            ug/l four weeks apart, transferrin saturation 38 %, ALT 62, AST 41, GGT 88, ALP and bilirubin normal, \
            platelets 232, albumin 4.3, CRP 4. FIB-4 about 1.4. Alcohol: four to six beers at weekends, none on the \
            road. Ultrasound: bright liver, spleen normal. Brother 'gave blood for iron' in his fifties, no details. \
            Joints fine apart from his psoriasis nails, no heart failure.\nQuestion: does 38 % saturation suffice to \
            leave HFE alone given the brother, and elastography now or after weight loss?",
        messages: said! {
            Submitted {
                +2 "nurse" to ClinicalTeam: "Second sample was fasting, 7:30, no vitamin or iron pills the week \
                    before, he checked all his bottles.";
                +5 "pharmacist" to ClinicalTeam: "No iron in anything he takes. Atorvastatin and the ALT: values \
                    were 55 before it was started, so it isn't the statin, and it should not be stopped for this.";
                +16 "social_worker" to Everyone: "The brother lives in Novi Sad. Mr. Stojanović would phone him for \
                    the name of his diagnosis and wonders how to ask, they have not talked since the inheritance. I \
                    offered to sit beside him for the call.";
            }
            Assigned {
                +4 "second_pcp" to ClinicalTeam: "St. Anna left it with the pool, whoever is free first. Fine with \
                    me, it's not urgent.";
                +44 "social_worker" to Everyone: "The call happened, forty minutes, mostly about their mother. The \
                    brother says 'hemohromatoza', has blood taken four times a year and will send a photo of his \
                    letter.";
                +1 "second_pcp" to Everyone: "Amira, that is medically the most useful phone call of this week. \
                    Please thank both of them from me.";
                +3 "second_pcp" to ClinicalTeam: "So, first-degree relative with haemochromatosis: HFE testing needs \
                    counselling and his written consent here, I'll do both on Wednesday. Leaving the rest of the \
                    question with you.";
                +18 "coordinator" to ClinicalTeam: "Brother's letter has arrived as a photo, in Serbian. Sworn \
                    translation takes a week, the genotype line can be read without one, page 1 bottom.";
            }
        },
        advice: None,
        plan: None,
        informed: None,
        survey: None,
    },
];
