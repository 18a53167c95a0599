//! What the demo clinic asks of cardiology.
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
        key: "apixaban_dose",
        patient: "gruenwald",
        requester: "pcp",
        pool: "cardiology",
        specialist: Some("specialist"),
        submitted_days_ago: 61,
        state: ConsultationState::Closed,
        topic: Topic::Medications,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Verbal,
        may_convert: false,
        subject: "Apixaban 5 or 2.5 mg twice daily with falling eGFR?",
        question: "69-year-old man, permanent AF, CHA2DS2-VASc 4 (heart failure, hypertension, age, diabetes). On \
            apixaban 5 mg bd for three years, no bleeding. eGFR has gone from 58 to 46 in a year, creatinine now 1.6 \
            mg/dl. Weight 82 kg, Hb 13.4, platelets 211.\nOther meds: bisoprolol 5, ramipril 10, atorvastatin 40, \
            metformin, empagliflozin 10.\nA hospital letter after his cataract operation says 'reduce apixaban to \
            2.5 mg because of renal function'. I have not changed anything yet.\nQuestion: does he meet criteria for \
            the reduced dose, and how often should I recheck?",
        messages: said! {
            Submitted {
                +2 "coordinator" to ClinicalTeam: "Hospital letter is scanned into his chart, page 2 has the \
                    sentence about the dose. Nobody signed it by the way.";
                +1 "patient" to Everyone: "Good morning. The eye hospital told me to take half of the blood thinner, \
                    Dr. Brückner told me to wait. I am waiting but I don't like it. Which one is it please?";
                +3 "nurse" to Everyone: "Hello Mr. Grünwald, please keep taking one 5 mg tablet in the morning and \
                    one in the evening until Dr. Brückner calls you. That is exactly what we are asking the heart \
                    specialist about.\nIf you notice black stools, blood in the urine or a nosebleed that does not \
                    stop after 20 minutes, call us the same day, or 144 at night.";
                +1 "patient" to Everyone: "Thank you Lena, that is clear.";
            }
            Assigned {
                +16 "pharmacist" to ClinicalTeam: "Cockcroft-Gault with actual weight: 51 ml/min. Of the three dose \
                    criteria (age 80 or over, weight 60 kg or less, creatinine 1.5 or more) he fulfils one. No \
                    strong combined CYP3A4/P-gp inhibitor on the list.";
            }
            InReview {
                +20 "specialist" to ClinicalTeam: "Thx, that's the calculation I would have asked for. Any NSAIDs? \
                    Men of that age with bad knees...";
                +4 "pcp" to ClinicalTeam: "Not prescribed. Good point though, I'll have Lena ask.";
                +2 "nurse" to Everyone: "Mr. Grünwald, one question from the team: do you take anything for your \
                    knee, from the pharmacy or from friends? Also creams, and also only now and then.";
                +5 "patient" to Everyone: "Well. My brother in law gives me his diclofenac when I was in the garden. \
                    Two or three a week? It says nothing about blood thinners on the strip, he has no box any more.";
                +1 "pharmacist" to Everyone: "Please stop the diclofenac tablets, Mr. Grünwald, also single ones. \
                    Together with apixaban they roughly double the risk of bleeding from the stomach, and they are \
                    hard on your kidneys. Paracetamol is fine: 500 mg, one or two at a time, not more than six in a \
                    day. Leave the strip at the desk, I'll dispose of it.";
                +1 "patient" to Everyone: "All right, they go in the bin today. He will be offended.";
                +18 "specialist" to ClinicalTeam: "That may well explain part of the eGFR drop. Advice follows; \
                    short version: stay on 5 mg.";
            }
            Answered {
                +6 "pcp" to ClinicalTeam: "Very useful, thanks. I'll write to the eye department so that the \
                    sentence doesn't come back with the second cataract.";
            }
            PlanRecorded {
                +22 "pcp" to Everyone: "Mr. Grünwald, the heart specialist and I agree: you stay on 5 mg twice a \
                    day. Half the dose would protect you less from a stroke and would not be safer for you. I'll \
                    ring you tomorrow after surgery to go through it.";
            }
            PatientInformed {
                +26 "patient" to Everyone: "Thank you for the call doctor. I have told my wife, and the brother in \
                    law. Knee is bearable with the paracetamol.";
            }
        },
        advice: Some(Advice {
            recommendations: &[
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::High,
                    text: "Continue apixaban 5 mg twice daily. Only one of three reduction criteria is met \
                        (creatinine). Off-label underdosing costs stroke protection without fewer major bleeds.",
                },
                Recommendation {
                    kind: RecommendationKind::Test,
                    certainty: Certainty::High,
                    text: "Creatinine, Hb and potassium in 4 weeks (after stopping diclofenac), then every 4 months. \
                        Rule of thumb: creatinine clearance divided by ten gives the months.",
                },
                Recommendation {
                    kind: RecommendationKind::Reassure,
                    certainty: Certainty::Moderate,
                    text: "No reason to switch to another anticoagulant. Reconsider the dose when he turns 80 or \
                        weighs 60 kg or less.",
                },
            ],
            come_back_when: Some(
                "Creatinine clearance below 30 ml/min, any bleeding that needs treatment, Hb drop of 2 g/dl or more, \
                    or a planned operation with high bleeding risk.",
            ),
            minutes_spent: 14,
        }),
        plan: Some(Plan {
            dispositions: &[
                ACCEPTED,
                modified(
                    "Labs in 3 weeks instead of 4, together with his diabetes bloods, to spare him a second visit.",
                ),
                ACCEPTED,
            ],
            note: Some(
                "Apixaban 5 mg bd unchanged. Diclofenac on the list of drugs to avoid, visible to the hospital. \
                    Letter to the eye department sent.",
            ),
        }),
        informed: Some(InformMethod::Telephone),
        survey: Some(Survey { outcome: ClosingOutcome::PlanConfirmed, helpful: 5, educational: 4 }),
    },
    Case {
        key: "potassium_on_spironolactone",
        patient: "gruenwald",
        requester: "pcp",
        pool: "cardiology",
        specialist: Some("specialist"),
        submitted_days_ago: 13,
        state: ConsultationState::PlanRecorded,
        topic: Topic::Results,
        urgency: Urgency::Urgent,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Verbal,
        may_convert: true,
        subject: "Potassium 5.6 on ramipril plus spironolactone, HFmrEF",
        question: "Same patient as in the apixaban question. HFmrEF, LVEF 42 %, NYHA II, dry. Spironolactone 25 mg \
            was added at his last echo visit six weeks ago. Potassium 4.7 before, 5.1 at two weeks, 5.6 today, not \
            haemolysed, repeated in the hospital lab. Creatinine 1.7 mg/dl, eGFR 43, bicarbonate 23. BP 118/70. ECG \
            today: AF 72, QRS 96 ms, no peaked T.\nMeds: ramipril 10, bisoprolol 5, spironolactone 25, empagliflozin \
            10, apixaban 5 bd, atorvastatin 40, metformin 1000/day. No NSAIDs any more, says he.\nQuestion: halve or \
            stop spironolactone, and would you keep ramipril at full dose?",
        messages: said! {
            Submitted {
                +1 "nurse" to ClinicalTeam: "ECG uploaded. He feels well, walked here. I asked him to stay reachable \
                    by phone.";
            }
            Assigned {
                +1 "pharmacist" to ClinicalTeam: "No trimethoprim, no heparin, no potassium supplements on record. \
                    Beta blocker adds a little. Worth asking about salt substitutes: some 'low sodium' table salts \
                    are half potassium chloride.";
            }
            InReview {
                +2 "specialist" to ClinicalTeam: "ECG seen, agree, no hyperK changes. Hold tomorrow's spironolactone \
                    until I've written this up. Diet?";
                +1 "nurse" to Everyone: "Mr. Grünwald, please skip the spironolactone (the small white one you take \
                    at lunch) tomorrow. And tell me: what salt do you use at home? Could you type what is printed on \
                    the packet?";
                +3 "patient" to Everyone: "Skipped. The salt is from the health food shop, my wife bought it since \
                    the heart doctor said less salt. It says: sodium reduced, 'potassium chloride 50 %', then herbs. \
                    Is that bad?? We put it on everything";
                +1 "pharmacist" to Everyone: "Thank you for reading it out, that is the missing piece. Please put \
                    this salt away: a teaspoon holds more potassium than several bananas, and with your heart and \
                    kidney tablets the body cannot get rid of it. Ordinary salt in small amounts, herbs and lemon \
                    are fine.";
                +1 "specialist" to ClinicalTeam: "Ha. Well found. Then I'd rather keep a small MRA dose than lose it \
                    for good.";
            }
            Answered {
                +3 "pcp" to ClinicalTeam: "Agree. Will restart at 12.5 when K is under 5.0. Binder: I'd hold that \
                    back, we have a cause.";
                +15 "patient" to Everyone: "My wife is upset that it was the salt. Please tell her it was not her \
                    fault, she only wanted to help";
                +2 "social_worker" to Everyone: "Dear Mr. Grünwald, dear Mrs. Grünwald,\nthe packet does look like \
                    the healthy choice, hardly anybody reads the fine print.\nOur dietary class on Thursday has a \
                    lesson on labels; partners are welcome and there is no fee. Shall I put two names down?";
            }
            PlanRecorded {
                +20 "patient" to Everyone: "Yes please, two names. She says she'll bring the packet.";
                +4 "nurse" to ClinicalTeam: "K today 4.9, creat 1.6. He's booked for the next draw in a week, spiro \
                    half tablets explained with a pill cutter.";
            }
        },
        advice: Some(Advice {
            recommendations: &[
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::High,
                    text: "Pause spironolactone; restart at 12.5 mg daily once potassium is below 5.0. Stop the \
                        potassium salt for good.",
                },
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::Moderate,
                    text: "Keep ramipril and empagliflozin at the present dose; the SGLT2 inhibitor lowers potassium \
                        a little rather than raising it.",
                },
                Recommendation {
                    kind: RecommendationKind::Test,
                    certainty: Certainty::High,
                    text: "Potassium and creatinine in 48 to 72 hours, one week after the restart, at four weeks, \
                        then every three months.",
                },
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::Low,
                    text: "If it rises above 5.5 again without the salt: patiromer 8.4 g daily, three hours apart \
                        from other tablets.",
                },
            ],
            come_back_when: Some(
                "Potassium 6.0 or more, new weakness or palpitations, heart rate under 50, or vomiting and diarrhoea \
                    on these tablets: same day to the emergency department, with an ECG.",
            ),
            minutes_spent: 18,
        }),
        plan: Some(Plan {
            dispositions: &[
                ACCEPTED,
                ACCEPTED,
                ACCEPTED,
                rejected(
                    "Cause found and removed; a binder means more tablets and an interaction to watch. Will ask \
                        again if potassium rises without the salt.",
                ),
            ],
            note: Some(
                "Spironolactone paused, salt stopped. Draw on day 3, restart at 12.5 mg below 5.0, then week 1 and \
                    week 4. Sick-day card handed out.",
            ),
        }),
        informed: None,
        survey: None,
    },
    Case {
        key: "orthostatic_dizziness",
        patient: "kirchner",
        requester: "pcp",
        pool: "cardiology",
        specialist: Some("specialist"),
        submitted_days_ago: 5,
        state: ConsultationState::InReview,
        topic: Topic::ClinicalAdvice,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Verbal,
        may_convert: true,
        subject: "84 years, dizzy on standing: which antihypertensive goes first?",
        question: "Mrs. Kirchner, 84, lives alone on the third floor. Near-falls in the morning for three weeks, no \
            syncope, one bruise on the hip. Lying 148/76, after 3 min standing 112/60, pulse 68 to 78, \
            symptomatic.\nMeds: amlodipine 10, ramipril 5, doxazosin 4 at night (old, nobody knows why), sertraline \
            50, pantoprazole 20. Indapamide was stopped after the hyponatraemia.\nECG: sinus, PR 196, narrow QRS. \
            Echo last year: LVEF 60 %, mild aortic sclerosis, no stenosis. Na 135, Hb 12.2, eGFR 54, B12 \
            normal.\nQuestion: in which order would you deprescribe, and what standing pressure do you aim for at \
            her age? Does she need a Holter?",
        messages: said! {
            Submitted {
                +3 "nurse" to ClinicalTeam: "Did the Schellong myself this morning at 8:15, before tablets. She held \
                    on to the couch at minute 2. Values as Dr. Brückner wrote.";
                +2 "social_worker" to Everyone: "For planning: Mrs. Kirchner has no alarm bracelet yet. I applied \
                    for one today, fitting should be within the week. Her neighbour, who has a key, looks in at 9 \
                    and at 18 o'clock.";
                +1 "pcp" to Everyone: "Thank you Amira, that takes a lot of pressure off.";
            }
            Assigned {
                +17 "pharmacist" to ClinicalTeam: "Doxazosin: first dispensed eleven years ago by a urologist... for \
                    her late husband? The prescription series starts under his insurance number. Alpha blocker at \
                    bedtime in an 84-year-old is the likeliest culprit in any case. Sertraline contributes less but \
                    counts towards fall risk.";
                +2 "pcp" to ClinicalTeam: "You are joking. I inherited that list. Stopping doxazosin tonight \
                    regardless, rest of the question stands.";
            }
            InReview {
                +6 "specialist" to ClinicalTeam: "Agree with stopping doxazosin, no taper needed at 4 mg. Watch for \
                    rebound in the first days. Are her ankles swollen (amlodipine 10)? And does she drink enough, a \
                    litre?";
                +3 "nurse" to ClinicalTeam: "Ankles: pitting to mid shin both sides, evening > morning.\nDrinks \
                    'when I think of it', so about 800 ml. She cuts down on purpose because of the stairs to the \
                    toilet on the landing.";
                +1 "social_worker" to Everyone: "I didn't know about the toilet on the landing. That can be changed: \
                    there is a municipal subsidy for moving it inside, and a commode chair can come on loan this \
                    week. May I raise both with her on Friday?";
                +2 "nurse" to Everyone: "Yes please, she'd talk about it with you sooner than with me. I go on \
                    Thursday for the pressure, after that the coffee is yours.";
                +20 "pcp" to ClinicalTeam: "Two days off doxazosin: 152/78 lying, 128/68 standing, no near-fall. \
                    Still lightheaded on the first steps.";
                +5 "specialist" to ClinicalTeam: "Good direction. I want to see Thursday's values before I advise on \
                    amlodipine 10 > 5. No Holter for now: no syncope, PR ok, narrow QRS.";
            }
        },
        advice: None,
        plan: None,
        informed: None,
        survey: None,
    },
    Case {
        key: "resistant_hypertension",
        patient: "osei",
        requester: "second_pcp",
        pool: "cardiology",
        specialist: Some("specialist"),
        submitted_days_ago: 16,
        state: ConsultationState::PlanRecorded,
        topic: Topic::ClinicalAdvice,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Written,
        may_convert: true,
        subject: "Hypertension on three drugs at full dose, home readings still 156/94",
        question: "Mr. Osei, 51, bus mechanic, BMI 31, never smoked. Hypertension for nine years. Home average over \
            7 days 156/94, office 164/98, both arms equal. Takes valsartan 320, amlodipine 10, hydrochlorothiazide \
            25; refill dates fit, and he brings the empty blisters. K 3.4 without supplements, creatinine 1.0, urine \
            albumin/creatinine 48 mg/g, HbA1c 5.9 %, LDL 118. ECG: LVH by voltage. No NSAIDs, liquorice, \
            decongestants; two beers at weekends. Wife reports loud snoring.\nQuestion: which secondary causes to \
            look for first, and which fourth drug in the meantime?",
        messages: said! {
            Submitted {
                +4 "nurse" to ClinicalTeam: "Cuff size checked: he needs the large one, his home device came with a \
                    medium. Repeat at home with the large cuff over 3 days: 151/92. So high either way.";
            }
            Assigned {
                +19 "second_pcp" to ClinicalTeam: "Adding to my own question: he got a CT for renal colic in spring, \
                    there is a left adrenal nodule in the report that nobody commented on. I'm asking endocrinology \
                    separately.";
            }
            InReview {
                +7 "specialist" to ClinicalTeam: "Low K on 25 mg HCT could be the thiazide, low K + nodule + LVH + \
                    resistant at 51 is aldosteronism until proven otherwise. ARR not drawn yet? Then don't start \
                    spironolactone before it is.";
                +2 "second_pcp" to ClinicalTeam: "Not drawn. Do I need to stop valsartan for it?";
                +1 "specialist" to ClinicalTeam: "No. Draw it on current meds, mid-morning, seated, K corrected to > \
                    4.0 first. If renin is suppressed despite sartan and thiazide, that's informative in itself.";
            }
            Answered {
                +25 "second_pcp" to ClinicalTeam: "Clear. Chlorthalidone has no single-agent product here at the \
                    moment, pharmacy can't promise it. Indapamide 2.5?";
                +3 "specialist" to ClinicalTeam: "Indapamide 2.5 is fine by me, same potassium checks.";
                +2 "coordinator" to Everyone: "Sleep lab: first polygraphy slot for Mr. Osei is in 12 days, device \
                    can be picked up at our desk the evening before. He prefers a Friday because of his shifts, I \
                    took the Friday.";
            }
            PlanRecorded {
                +28 "nurse" to ClinicalTeam: "K 4.2 after 5 days of potassium. ARR blood goes off tomorrow 10 am, \
                    he's told to be up for two hours before and then sit for fifteen minutes.";
                +4 "second_pcp" to ClinicalTeam: "Perfect. I'll see him next week and tell him everything in one go, \
                    incl. the nodule, I don't want him to read it on paper first.";
            }
        },
        advice: Some(Advice {
            recommendations: &[
                Recommendation {
                    kind: RecommendationKind::Test,
                    certainty: Certainty::High,
                    text: "Aldosterone/renin ratio on current medication, potassium replaced to above 4.0 before, \
                        seated, mid-morning.",
                },
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::Moderate,
                    text: "Replace hydrochlorothiazide by chlorthalidone 12.5 to 25 mg. After the ratio is drawn, \
                        add spironolactone 25 mg as fourth drug; potassium and creatinine after one and four weeks.",
                },
                Recommendation {
                    kind: RecommendationKind::Test,
                    certainty: Certainty::Moderate,
                    text: "Polygraphy for sleep apnoea; snoring, BMI and resistance to treatment together justify \
                        it.",
                },
            ],
            come_back_when: Some(
                "Pressure above 180/110 on two readings, headache with visual disturbance, chest pain, or potassium \
                    below 3.0.",
            ),
            minutes_spent: 21,
        }),
        plan: Some(Plan {
            dispositions: &[
                ACCEPTED,
                modified(
                    "Indapamide 2.5 mg instead of chlorthalidone, which cannot be had reliably; agreed with the \
                        cardiologist in the thread.",
                ),
                ACCEPTED,
            ],
            note: Some(
                "Potassium first, ratio next, then spironolactone. Large cuff for home readings, old averages marked \
                    as taken with the wrong cuff.",
            ),
        }),
        informed: None,
        survey: None,
    },
    Case {
        key: "qtc_on_citalopram",
        patient: "lacher",
        requester: "pcp",
        pool: "cardiology",
        specialist: Some("specialist"),
        submitted_days_ago: 27,
        state: ConsultationState::PatientInformed,
        topic: Topic::Medications,
        urgency: Urgency::Urgent,
        confidentiality: Confidentiality::Restricted,
        sensitivities: &[Sensitivity::Psychiatry],
        consent: ConsentMethod::Written,
        may_convert: true,
        subject: "QTc 486 ms on citalopram 40 mg with omeprazole",
        question: "Mrs. Lacher, 57, recurrent depression, in remission for two years on citalopram 40 mg plus \
            lithium (level 0.62). Three previous episodes, one admission; she is afraid of any change. Routine ECG: \
            sinus 66, QRS 88, QTc 486 ms (Fridericia, measured by hand in II and V5); four years ago 438 on \
            citalopram 20. No syncope, no family history of sudden death. Echo not done.\nAlso omeprazole 40 daily \
            for reflux. K 4.1, Mg 0.81, Ca slightly raised (separate question to endocrinology), TSH 6.1.\nQuestion: \
            how fast must the dose come down, is 20 mg with another PPI enough, and does she need monitoring \
            meanwhile?",
        messages: said! {
            Submitted {
                +1 "pharmacist" to ClinicalTeam: "Mechanism is double: omeprazole inhibits CYP2C19 and raises \
                    citalopram exposure by roughly half, and 40 mg is already the maximum. With a 2C19 inhibitor the \
                    labelled ceiling is 20 mg. Pantoprazole barely touches 2C19. Lithium adds little at that \
                    level.\nPlease no ondansetron, no macrolides, no domperidone meanwhile.";
                +2 "nurse" to ClinicalTeam: "I have her phone number for evenings. She's calm, knows what fainting \
                    means for her and that she should ring 144.";
            }
            InReview {
                +4 "specialist" to ClinicalTeam: "ECG re-measured: 482. Not an admission at 482 without syncope or \
                    bradycardia. Omeprazole out today. Who treats her, is the psychiatrist in the loop?";
                +1 "pcp" to ClinicalTeam: "Spoke to her psychiatrist on the phone at lunch. He's fine with 30 now \
                    and 20 in a week, wants to see her himself in 3 weeks, and has sertraline as plan B. She agreed \
                    to all of that with me on the line.";
                +2 "specialist" to ClinicalTeam: "Ideal. Then write-up below is mostly what you two decided already.";
            }
            Answered {
                +3 "pharmacist" to ClinicalTeam: "Small correction to tablet logistics: 30 mg means one and a half \
                    of the 20s, the 40s are not scored. New script is ready, old box comes back to me.";
            }
            PlanRecorded {
                +70 "nurse" to ClinicalTeam: "Day 3 call: sleeps ok, mood 'same as ever', reflux fine on panto. No \
                    dizziness.";
                +100 "nurse" to ClinicalTeam: "ECG one week on: QTc 461 by machine. Uploaded for re-measuring.";
                +5 "specialist" to ClinicalTeam: "458 by hand. Good enough, carry on to 20 mg and repeat once at \
                    steady state.";
            }
            PatientInformed {
                +90 "pcp" to ClinicalTeam: "Told her in person, 25 min, with the two ECGs side by side, which she \
                    liked. PHQ-9 is 4. Survey when the last ECG is in.";
            }
        },
        advice: Some(Advice {
            recommendations: &[
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::High,
                    text: "Citalopram to 20 mg in one or two steps within a week, in agreement with the \
                        psychiatrist. Do not stop abruptly.",
                },
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::High,
                    text: "Replace omeprazole by pantoprazole 40 mg today, then look for the lowest dose that holds.",
                },
                Recommendation {
                    kind: RecommendationKind::Test,
                    certainty: Certainty::Moderate,
                    text: "ECG, potassium and magnesium after one week and two weeks after the last change. Keep \
                        potassium above 4.0.",
                },
                Recommendation {
                    kind: RecommendationKind::Reassure,
                    certainty: Certainty::Moderate,
                    text: "No monitoring in hospital while she has no syncope, no bradycardia and a QTc under 500 \
                        ms.",
                },
            ],
            come_back_when: Some(
                "Any faint or near-faint, palpitations with dizziness, QTc of 500 ms or more, or vomiting and \
                    diarrhoea: same day, with ECG and electrolytes. Return of low mood: psychiatrist within days.",
            ),
            minutes_spent: 16,
        }),
        plan: Some(Plan {
            dispositions: &[
                ACCEPTED,
                ACCEPTED,
                modified(
                    "First ECG after one week, the second together with the psychiatrist's visit so that she makes \
                        one trip.",
                ),
                ACCEPTED,
            ],
            note: Some(
                "Steps 40, 30, 20 agreed with psychiatrist and patient. Sertraline is the agreed second choice. List \
                    of QT-prolonging drugs to avoid is in her chart and in her purse.",
            ),
        }),
        informed: Some(InformMethod::InPerson),
        survey: None,
    },
    Case {
        key: "ectopic_beats",
        patient: "pichler",
        requester: "pcp",
        pool: "cardiology",
        specialist: Some("specialist"),
        submitted_days_ago: 4,
        state: ConsultationState::Assigned,
        topic: Topic::Results,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Electronic,
        may_convert: false,
        subject: "22 years, 1,900 monomorphic PVCs in 24 hours, normal ECG",
        question: "Ms. Pichler, 22, student, plays handball twice a week. 'Thumps' in the chest for two months, \
            worse in exam weeks and lying on the left side, never with exertion, no syncope. No family history of \
            sudden death or cardiomyopathy (asked for three generations). Three energy drinks a day until last week. \
            ECG: sinus 71, normal axis, QTc 412, no epsilon, no delta wave. Holter: 1,900 PVCs, one morphology \
            (inferior axis, LBBB pattern), no couplets, disappear above 120/min. TSH 1.9, K 4.0, Hb 13.1. BP 116/72, \
            no murmur.\nQuestion: is an echo needed before I reassure her, and may she keep playing?",
        messages: said! {
            Submitted {
                +5 "coordinator" to ClinicalTeam: "Holter PDF had 64 pages, I uploaded the summary and the four \
                    strips the technician marked. The full file is in the chart if anybody wants to suffer.";
                +2 "pcp" to ClinicalTeam: "Summary is all that's needed, thanks Birgit.";
                +18 "pcp" to Everyone: "Ms. Pichler's question from today's visit, so it isn't lost: may she play \
                    the match on Saturday in ten days? I told her training at talking pace is fine until we hear \
                    back, no match yet.";
                +3 "coordinator" to Everyone: "Noted, I put the match date on the request so that whoever claims it \
                    sees the deadline.";
            }
            Assigned {
                +6 "pcp" to ClinicalTeam: "Update: one week without energy drinks, she counts maybe a third of the \
                    thumps. Encouraging, question stands.";
                +20 "coordinator" to ClinicalTeam: "St. Anna confirmed that Dr. Wieczorek has it, he's in the cath \
                    lab until tomorrow noon.";
                +1 "pcp" to ClinicalTeam: "No rush, it's not that kind of PVC.";
            }
        },
        advice: None,
        plan: None,
        informed: None,
        survey: None,
    },
];
