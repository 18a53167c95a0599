//! What the demo clinic asks of endocrinology.
//!
//! Shapes and rules stand in `clinic_cases.rs`, people and patients in `clinic_cast.rs`.

use care::consultation::Survey;
use care::words::{
    Certainty, ClosingOutcome, Confidentiality, ConsentMethod, ConsultationState, InformMethod, RecommendationKind,
    Sensitivity, Topic, Urgency,
};

use crate::seed::clinic_cases::{ACCEPTED, Advice, Case, Plan, Recommendation, modified, rejected, said};

pub(crate) static CASES: [Case; 6] = [
    Case {
        key: "calcium_on_lithium",
        patient: "lacher",
        requester: "pcp",
        pool: "endocrinology",
        specialist: Some("endocrinologist"),
        submitted_days_ago: 8,
        state: ConsultationState::InReview,
        topic: Topic::Results,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Restricted,
        sensitivities: &[Sensitivity::Psychiatry],
        consent: ConsentMethod::Written,
        may_convert: false,
        subject: "Calcium 2.74 mmol/l and TSH 6.1 after ten years of lithium",
        question: "Mrs. Lacher, 57, recurrent depression, on lithium for ten years (level 0.62, stable), citalopram \
            being reduced for QTc. Adjusted calcium 2.74 mmol/l, repeated 2.71; three years ago 2.52. PTH 92 pg/ml \
            (15 to 65), phosphate 0.84, 25-OH-D 19 ng/ml, creatinine 0.9, eGFR 74. TSH 6.1, fT4 low normal, TPO \
            negative. No stones, no fractures, thirst 'as always', 2.5 litres a day. DXA never done.\nQuestion: \
            lithium-associated hyperparathyroidism or primary? What must be settled before we touch the lithium, \
            which keeps her well, and would you treat the TSH?",
        messages: said! {
            Submitted {
                +2 "pharmacist" to ClinicalTeam: "Until this is answered: no thiazide for any reason (raises both \
                    calcium and lithium), no NSAIDs, no calcium tablets, and vitamin D only as plain replacement, \
                    not as a loading dose.";
                +6 "nurse" to ClinicalTeam: "24 h urine collected, she did it very neatly with a table. Volume 2.4 \
                    l. Calcium and creatinine are running.";
            }
            Assigned {
                +18 "pcp" to ClinicalTeam: "Urine calcium 2.1 mmol/24 h, calcium/creatinine clearance ratio 0.009. \
                    Low-ish. Lithium effect, FHH, or vitamin D? Out of my depth here.";
            }
            InReview {
                +9 "endocrinologist" to ClinicalTeam: "Lithium shifts the set point of the calcium sensor and lowers \
                    urinary calcium, so the ratio mimics FHH. A normal calcium before lithium would settle FHH, do \
                    you have anything from more than ten years ago?";
                +3 "pcp" to ClinicalTeam: "Paper archive. Give me a day.";
                +21 "pcp" to ClinicalTeam: "Found: 2.38 mmol/l, twelve years ago, pre-op bloods for a meniscus. So \
                    acquired.";
                +2 "endocrinologist" to ClinicalTeam: "Lovely, that saves her a genetic test. Then replete D gently \
                    (800 to 1,000 IU), DXA incl. distal radius, renal ultrasound, recheck Ca/PTH in 8 weeks. Below \
                    2.85 without symptoms there's no hurry to stop a drug that works.";
                +5 "nurse" to ClinicalTeam: "She asked me whether 'they want to take the lithium away'. I said \
                    nobody changes it without her and her psychiatrist. She'd like to read that from a doctor.";
                +1 "pcp" to ClinicalTeam: "She will. I'm seeing her the day after tomorrow, will say it in the first \
                    sentence.";
            }
        },
        advice: None,
        plan: None,
        informed: None,
        survey: None,
    },
    Case {
        key: "night_hypoglycaemia",
        patient: "gruenwald",
        requester: "pcp",
        pool: "endocrinology",
        specialist: Some("endocrinologist"),
        submitted_days_ago: 96,
        state: ConsultationState::Closed,
        topic: Topic::Medications,
        urgency: Urgency::Urgent,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Verbal,
        may_convert: true,
        subject: "Nocturnal hypoglycaemia on gliclazide with eGFR 44, HbA1c 6.9 %",
        question: "Mr. Grünwald, 69, type 2 diabetes for fourteen years, HFmrEF, permanent AF on apixaban. Woke at \
            three in the morning drenched in sweat twice this month, glucose 52 and 47 mg/dl, once his wife had to \
            help with juice. HbA1c 6.9 %, eGFR 44 (58 a year ago), weight 84 kg, BMI 28.\nMeds: gliclazide MR 120 \
            mg, metformin 2 x 1000 mg, no insulin. Eats supper at half past five. Feet: reduced vibration, pulses \
            fine. Eyes: mild background changes in spring. Drives a car.\nQuestion: may I stop gliclazide at once, \
            what replaces it with this heart and kidney, and which metformin dose is safe?",
        messages: said! {
            Submitted {
                +1 "nurse" to Everyone: "Mr. Grünwald, this is from Dr. Brückner, until we hear from the diabetes \
                    specialist: take 60 mg gliclazide instead of 120 tomorrow morning, eat something before bed, and \
                    keep the dextrose on the bedside table and in the car. Measure before driving; under 90 you eat \
                    first and wait.";
                +2 "patient" to Everyone: "Understood. Honestly it was frightening, my wife sat up with me till \
                    five. Is it the heart or the sugar?";
                +1 "nurse" to Everyone: "The two numbers you wrote down say sugar. Well done for measuring in that \
                    state, many don't.";
            }
            Assigned {
                +2 "pharmacist" to ClinicalTeam: "Metformin: at an eGFR of 30 to 44 the maximum is 1,000 mg a day in \
                    two doses. Gliclazide itself is metabolised by the liver, but with falling GFR insulin lives \
                    longer as well, which fits the timing. Nothing else on his list potentiates it, no fluconazole, \
                    no co-trimoxazole.";
            }
            InReview {
                +4 "endocrinologist" to ClinicalTeam: "Yes, stop gliclazide, today. At 6.9 he has room. HFmrEF + CKD \
                    = SGLT2 inhibitor whatever the sugar does. Any foot ulcer, genital infections, recurrent UTIs, \
                    low-carb diet?";
                +2 "pcp" to ClinicalTeam: "None of these. BP 122/74, euvolaemic on no loop diuretic. Albumin/creat \
                    112 mg/g.";
                +1 "endocrinologist" to ClinicalTeam: "Even better reason for it then.";
                +3 "nurse" to Everyone: "New from this minute: no gliclazide at all any more, Mr. Grünwald, please \
                    bring the box to us. Metformin one 500 in the morning, one 500 in the evening.";
                +14 "patient" to Everyone: "Box is on the counter. Glucose this morning 148, is that too much now?";
                +1 "pharmacist" to Everyone: "148 on the morning after stopping is expected and harmless. It will \
                    settle in the next two weeks with the new tablet. Under 70 or over 300 is when we want a call.";
            }
            Answered {
                +5 "pcp" to ClinicalTeam: "Thank you Samuel. Starting empagliflozin 10 tomorrow, sick-day card goes \
                    with it. GLP-1 as second step, he first wants to see how one new thing goes.";
                +44 "coordinator" to Everyone: "Sensor training: Thursday 10:30, room 2, both Grünwalds are invited \
                    since Mrs. Grünwald wants to see the curve as well. Bring the phone with its charger, it always \
                    runs out.";
            }
            PlanRecorded {
                +120 "patient" to Everyone: "Sensor is on the arm since Thursday. The night line is flat like \
                    Burgenland. Slept through for the first time in weeks";
                +3 "social_worker" to Everyone: "How good to read that! For the car: please keep to what Dr. \
                    Brückner told you about measuring first, and keep the diary in the glove box in case anybody \
                    asks.";
            }
            PatientInformed {
                +30 "pcp" to Everyone: "Summary of what we discussed today:\n- gliclazide is history\n- metformin 2 \
                    x 500\n- empagliflozin in the morning\nIf you vomit, have a fever or cannot drink, pause both \
                    and call us. HbA1c again in three months, target around 7 to 7.5 is fine for you.";
            }
        },
        advice: Some(Advice {
            recommendations: &[
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::High,
                    text: "Stop gliclazide now. Metformin at most 500 mg twice daily at this eGFR; stop below 30.",
                },
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::High,
                    text: "Start empagliflozin 10 mg for heart and kidney. Expect an early eGFR dip of up to 30 %; \
                        sick-day rules in writing.",
                },
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::Moderate,
                    text: "If HbA1c rises above 7.5 %: a weekly GLP-1 receptor agonist rather than insulin or a \
                        DPP-4 inhibitor.",
                },
                Recommendation {
                    kind: RecommendationKind::Test,
                    certainty: Certainty::Moderate,
                    text: "Glucose sensor for four weeks; creatinine, potassium and HbA1c in three months.",
                },
            ],
            come_back_when: Some(
                "Glucose under 54 mg/dl or a low that needs help from somebody else; vomiting, belly pain or fast \
                    breathing on empagliflozin even with a normal glucose (ketones); a wound on the foot.",
            ),
            minutes_spent: 15,
        }),
        plan: Some(Plan {
            dispositions: &[
                ACCEPTED,
                ACCEPTED,
                rejected(
                    "Not now: the patient wants one change at a time. To be raised again with the HbA1c in three \
                        months.",
                ),
                modified("Creatinine and potassium already after four weeks because of his heart failure drugs."),
            ],
            note: Some(
                "Target HbA1c 7.0 to 7.5 %. Hypoglycaemia awareness reviewed with both spouses, driving advice given \
                    and noted.",
            ),
        }),
        informed: Some(InformMethod::InPerson),
        survey: Some(Survey { outcome: ClosingOutcome::NewPlan, helpful: 5, educational: 3 }),
    },
    Case {
        key: "thyroid_before_pregnancy",
        patient: "soelle",
        requester: "second_pcp",
        pool: "endocrinology",
        specialist: Some("endocrinologist"),
        submitted_days_ago: 22,
        state: ConsultationState::PatientInformed,
        topic: Topic::Results,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Electronic,
        may_convert: false,
        subject: "Levothyroxine 75 with TSH 4.8, trying to conceive: target and plan",
        question: "Ms. Sölle, 35, Hashimoto's thyroiditis for six years, levothyroxine 75 ug, 63 kg. TSH 4.8, \
            repeated 4.6, fT4 1.1 ng/dl, TPO antibodies 410. Stopped contraception five months ago, cycles regular \
            at 29 days, one early loss two years ago at seven weeks. Takes the tablet with her breakfast coffee and \
            an iron tablet because of ferritin 14. Folic acid 0.4 mg, iodine none. No goitre, no symptoms but \
            'tired, like everybody with a shop'.\nQuestion: raise the dose or only fix how she takes it? TSH target \
            before conception, and what should she do on the day of a positive test?",
        messages: said! {
            Submitted {
                +4 "second_patient" to Everyone: "Hello team, me again, this time not the hands! I can send my app \
                    with the cycle days if that's useful for anybody. Bit nervous about this one.";
                +2 "nurse" to Everyone: "Being nervous is allowed. No need for the app right now, the doctors have \
                    the cycle length. One thing you can do from tomorrow: thyroid tablet alone, with water, half an \
                    hour before coffee.";
            }
            Assigned {
                +20 "second_pcp" to ClinicalTeam: "Iron moved to the evening as of today, so at least four hours \
                    from the levo. I did not change the dose yet.";
            }
            InReview {
                +6 "endocrinologist" to ClinicalTeam: "Absorption alone could explain 4.8, but with trying now, a \
                    previous loss and TPO 410 I'd not wait two months to find out. Both: fix intake and go to 88. \
                    Target under 2.5.";
                +4 "second_pcp" to ClinicalTeam: "Iodine with Hashimoto's? She has read on the internet that it's \
                    poison.";
                +2 "endocrinologist" to ClinicalTeam: "150 ug in a preconception supplement is right, not poison. \
                    Kelp is what I'd forbid.";
                +5 "second_patient" to Everyone: "May I ask something myself: if I overshoot for some weeks with the \
                    new dose, would that hurt a baby that I don't know of yet?";
                +14 "endocrinologist" to Everyone: "Good question, Ms. Sölle. The step is small, from 75 to 88, and \
                    the early pregnancy itself needs more hormone, not less. A TSH that is a little low for a few \
                    weeks is not a danger; one that stays too high is what we want to avoid.";
            }
            Answered {
                +18 "second_pcp" to ClinicalTeam: "Thanks. Her instruction for the positive test: two extra tablets \
                    a week, ring us, TSH within the week. I'll write it on the prescription.";
            }
            PlanRecorded {
                +24 "coordinator" to Everyone: "TSH appointment is in six weeks, on a Monday of course. I've added a \
                    standing order so that in case of good news you can simply walk in for the blood test without an \
                    appointment.";
            }
            PatientInformed {
                +3 "second_patient" to Everyone: "'in case of good news', I'll frame that. Dr. Álvarez explained \
                    everything, I have the note on the mirror: tablet, water, wait, THEN coffee.";
                +60 "nurse" to Everyone: "Checking in: any palpitations, bad sleep or trembling on 88? If not, just \
                    carry on, and no reply needed.";
            }
        },
        advice: Some(Advice {
            recommendations: &[
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::High,
                    text: "Levothyroxine to 88 ug, fasting with water, 30 to 60 minutes before coffee, iron at least \
                        four hours apart.",
                },
                Recommendation {
                    kind: RecommendationKind::Test,
                    certainty: Certainty::High,
                    text: "TSH in six weeks; target below 2.5 before conception. On a positive test two extra doses \
                        a week at once, TSH within a week, then every four weeks to mid-pregnancy.",
                },
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::Moderate,
                    text: "Preconception supplement with 150 ug iodine and folic acid 0.4 mg; no kelp. Biotin, if \
                        any, paused two days before blood tests.",
                },
            ],
            come_back_when: Some(
                "Positive pregnancy test, palpitations or weight loss, TSH still above 2.5 after two adjustments, or \
                    a further loss.",
            ),
            minutes_spent: 12,
        }),
        plan: Some(Plan {
            dispositions: &[ACCEPTED, ACCEPTED, ACCEPTED],
            note: Some(
                "All as advised. Standing order for TSH and hCG. Iron in the evening until ferritin is above 30.",
            ),
        }),
        informed: Some(InformMethod::Telephone),
        survey: None,
    },
    Case {
        key: "adrenal_nodule",
        patient: "osei",
        requester: "second_pcp",
        pool: "endocrinology",
        specialist: Some("endocrinologist"),
        submitted_days_ago: 14,
        state: ConsultationState::InReview,
        topic: Topic::Results,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Verbal,
        may_convert: true,
        subject: "Left adrenal nodule 18 mm on a CT for renal colic, resistant hypertension",
        question: "Mr. Osei, 51, resistant hypertension (cardiology advises in parallel), K 3.4 on a thiazide. \
            Unenhanced CT in spring for renal colic: left adrenal nodule 18 mm, 6 HU, smooth, right side normal; \
            nobody commented. No striae, no bruising, no proximal weakness, BMI 31, HbA1c 5.9 %, no spells of \
            headache, sweating and pallor. No cancer history. Aldosterone/renin ratio is being drawn under potassium \
            on cardiology's advice.\nQuestion: which further hormones are needed at 6 HU, is a second scan needed, \
            and who decides on adrenal vein sampling if the ratio is positive?",
        messages: said! {
            Submitted {
                +5 "second_pcp" to ClinicalTeam: "For completeness: the patient doesn't know about the nodule yet. \
                    I'm telling him at his appointment, please nobody mention it before then.";
                +1 "coordinator" to ClinicalTeam: "Flagged at the desk. Appointment is fixed, 40 minutes.";
            }
            Assigned {
                +30 "nurse" to ClinicalTeam: "CT images have arrived from the radiology portal and are linked now, \
                    before it was only the report.";
            }
            InReview {
                +12 "endocrinologist" to ClinicalTeam: "6 HU, 18 mm, homogeneous: benign adenoma, no repeat imaging. \
                    Metanephrines not needed below 10 HU. 1 mg dexamethasone test yes, everybody with a nodule gets \
                    one. And the ARR, which you have on its way.";
                +4 "second_pcp" to ClinicalTeam: "Dex test: he works early shifts, starts at 5. Tablet at 23:00, \
                    blood at 8 on a day off, ok?";
                +1 "endocrinologist" to ClinicalTeam: "Ok. No estrogens, no enzyme inducers obviously. Any \
                    carbamazepine etc.? No.";
                +140 "second_pcp" to ClinicalTeam: "ARR is back: aldosterone 24 ng/dl, renin below 2 mU/l, K 4.2 at \
                    draw, still on valsartan + indapamide. Dex test: cortisol 1.1, suppressed.";
                +8 "endocrinologist" to ClinicalTeam: "Suppressed renin despite sartan and diuretic with aldo 24, \
                    that is primary aldosteronism for practical purposes. Confirmatory saline test at our day unit, \
                    then we talk about vein sampling with him; at 51 I wouldn't operate by CT alone. Writing it up.";
            }
        },
        advice: None,
        plan: None,
        informed: None,
        survey: None,
    },
    Case {
        key: "diabetes_on_the_road",
        patient: "stojanovic",
        requester: "second_pcp",
        pool: "endocrinology",
        specialist: Some("endocrinologist"),
        submitted_days_ago: 9,
        state: ConsultationState::Answered,
        topic: Topic::Medications,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Verbal,
        may_convert: true,
        subject: "HbA1c 9.8 % on metformin and sitagliptin in a lorry driver who fears for his licence",
        question: "Mr. Stojanović, 64, type 2 diabetes for eight years, BMI 32, weight stable, no thirst, no \
            nocturia. HbA1c 9.8 %, a year ago 8.1. Metformin 2 x 1000, sitagliptin 100, atorvastatin 20, bisoprolol \
            2.5. eGFR 81, albumin/creatinine 22 mg/g, ALT 62, LDL 96. No heart disease known. Last eye examination \
            three years ago. Irregular sleep, eats at motorway stations, one year to retirement. Declined insulin \
            twice: he thinks it ends his category C licence. No pancreatitis, no medullary thyroid cancer in the \
            family.\nQuestion: can we get to about 7.5 % without insulin or hypoglycaemia, and in which order?",
        messages: said! {
            Submitted {
                +3 "social_worker" to Everyone: "I checked the licence question with the authority, without giving a \
                    name: insulin does not end category C by itself. It takes a specialist's report, proof of \
                    glucose checks, and a licence limited in time. Drugs that cause no lows need far less paperwork. \
                    I have the leaflet here.";
                +2 "second_pcp" to Everyone: "That's worth gold, he believes what Amira says more than what I say.";
                +14 "nurse" to ClinicalTeam: "Food diary from three days on the Graz route:\nfour sausage rolls, 3 \
                    litres of iced tea (sugared!) a day, one apple. The tea alone is some 200 g of sugar. He was \
                    honestly surprised.";
            }
            Assigned {
                +8 "pharmacist" to ClinicalTeam: "Refills: metformin collected for 7 of the last 12 months. So part \
                    of the 9.8 is an empty box. He parks outside, fridge only in the cab cool box, relevant for any \
                    pen.";
            }
            InReview {
                +15 "endocrinologist" to ClinicalTeam: "Thank you, the tea and the box are half the treatment. No \
                    catabolic signs, ketones? If negative, I'd go GLP-1 weekly. Eyes first or at least at the same \
                    time: last look three years ago and a fast fall from 9.8.";
                +4 "second_pcp" to ClinicalTeam: "Urine ketones negative. Eye slot is a pain, 8 weeks usually.";
                +1 "coordinator" to Everyone: "Not this time: the eye clinic has a cancellation on Wednesday 7:20, \
                    he passes through town that morning. Booked, he must not drive for about four hours after the \
                    drops, his colleague takes the second leg.";
            }
            Answered {
                +21 "second_pcp" to ClinicalTeam: "Super, many thanks to all. Will see him on Wednesday after the \
                    eyes and record the plan then.";
                +5 "pharmacist" to ClinicalTeam: "Semaglutide in use keeps 6 weeks below 30 degrees, so the cool box \
                    without ice contact is enough.\nSitagliptin stops the day the pen starts, no sense in both. \
                    Titration every 4 weeks, not faster, nausea in a cab is misery.";
                +2 "nurse" to ClinicalTeam: "Pen training with the dummy: he's a natural, says it's easier than the \
                    tachograph.";
                +17 "social_worker" to Everyone: "Mr. Stojanović asked me to pass on that he has swapped the iced \
                    tea for water with lemon 'since Tuesday, with tears'.";
            }
        },
        advice: Some(Advice {
            recommendations: &[
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::High,
                    text: "Stop sitagliptin, start semaglutide 0.25 mg weekly, 0.5 mg after four weeks, 1 mg after \
                        eight if tolerated. Metformin daily, modified release once in the evening if that helps him \
                        to take it.",
                },
                Recommendation {
                    kind: RecommendationKind::Visit,
                    certainty: Certainty::High,
                    text: "Dilated eye examination before or within two weeks of starting: a fast fall of glucose \
                        can worsen retinopathy that nobody has seen.",
                },
                Recommendation {
                    kind: RecommendationKind::Test,
                    certainty: Certainty::Moderate,
                    text: "HbA1c, weight, creatinine and ALT after three months; C-peptide and GAD antibodies if it \
                        has not fallen below 8.5 %.",
                },
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::Moderate,
                    text: "Third step, if needed: empagliflozin 10 mg. Neither causes hypoglycaemia alone or with \
                        metformin. No sulfonylurea in this job.",
                },
            ],
            come_back_when: Some(
                "Weight loss with thirst, ketones, glucose over 300 mg/dl for two days, severe belly pain, or any \
                    change in sight.",
            ),
            minutes_spent: 20,
        }),
        plan: None,
        informed: None,
        survey: None,
    },
    Case {
        key: "raised_prolactin",
        patient: "pichler",
        requester: "pcp",
        pool: "endocrinology",
        specialist: None,
        submitted_days_ago: 2,
        state: ConsultationState::Submitted,
        topic: Topic::Results,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Electronic,
        may_convert: true,
        subject: "Prolactin 61 and 58 ng/ml, no periods for seven months: MRI now or first repeat?",
        question: "Ms. Pichler, 22. No period for seven months, regular before, off the pill for two years. \
            Pregnancy test negative twice. No galactorrhoea, no headache, visual fields full to confrontation, no \
            hirsutism, BMI 20.8, weight stable, handball twice a week, eats normally by history. Prolactin 61 and, \
            two weeks later, rested and fasting, 58 ng/ml (up to 25). TSH 1.9, fT4 normal, FSH 4.8, LH 3.1, \
            estradiol 28 pg/ml, creatinine normal. No prescribed drugs. Macroprolactin is pending.\nQuestion: do you \
            want the MRI now or after macroprolactin, and anything to do meanwhile for bone or contraception?",
        messages: said! {
            Submitted {
                +2 "pcp" to ClinicalTeam: "Forgot in the text: second sample was drawn from a cannula after 30 min \
                    of rest, so stress is out.";
                +3 "coordinator" to ClinicalTeam: "Lab says macroprolactin (PEG) runs on Thursdays, result Friday \
                    noon. I'll attach it when it comes.";
                +14 "pcp" to ClinicalTeam: "Asked again about non-prescribed things. She takes metoclopramide drops \
                    from her mother for travel sickness on match weekends, last time the evening before the FIRST \
                    sample. Not before the second though.";
                +5 "pcp" to Everyone: "Note for everyone who speaks with Ms. Pichler: no more of the travel drops, \
                    please, they disturb this blood test. Ginger or chewing gum, and the front seat of the bus.";
                +2 "coordinator" to Everyone: "Told her on the phone, she laughed and said that the front seat \
                    belongs to the goalkeeper.";
                +12 "coordinator" to ClinicalTeam: "MRI slots at St. Anna just so you know: first free one with \
                    contrast is in 16 days. I can hold it without obligation until Monday, shall I? Would be a pity \
                    to lose two weeks over this.";
            }
        },
        advice: None,
        plan: None,
        informed: None,
        survey: None,
    },
];
