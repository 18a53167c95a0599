//! What the demo clinic asks of dermatology.
//!
//! Shapes and rules stand in `clinic_cases.rs`, people and patients in `clinic_cast.rs`.

use care::consultation::Survey;
use care::words::{
    Certainty, ClosingOutcome, Confidentiality, ConsentMethod, ConsultationState, InformMethod, RecommendationKind,
    Sensitivity, Topic, Urgency,
};

use crate::seed::clinic_cases::{ACCEPTED, Advice, Case, Plan, Recommendation, modified, said};

pub(crate) static CASES: [Case; 6] = [
    Case {
        key: "hand_eczema",
        patient: "soelle",
        requester: "second_pcp",
        pool: "dermatology",
        specialist: Some("dermatologist"),
        submitted_days_ago: 74,
        state: ConsultationState::Closed,
        topic: Topic::ClinicalAdvice,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Electronic,
        may_convert: true,
        subject: "Chronic hand eczema in a hairdresser, twelve weeks, poor response to mometasone",
        question: "Ms. Sölle, 35, hairdresser, opened her own salon last year. Itchy fissured eczema on both hands, \
            finger webs and dorsum, nails spared, twelve weeks. Better during two weeks of holiday, back within \
            three days of work. Atopic as a child. Mometasone 0.1 % daily for four weeks: half better, relapse after \
            stopping. No pustules, feet clear, KOH negative. Works with bleach and oxidative dyes, vinyl gloves only \
            for colouring, washes hands some thirty times a day. She is trying to conceive, so please nothing \
            teratogenic.\nQuestion: is this allergic, irritant or both, what next topically, and do you want to \
            patch test?",
        messages: said! {
            Submitted {
                +3 "second_patient" to Everyone: "Hi! Photos are up, sorry for the nail polish in number three. Left \
                    hand is the worse one although I hold the scissors with the right, funny isn't it";
                +15 "nurse" to Everyone: "Thank you, the photos are sharp, that helps a lot. The left is the one \
                    that holds the wet hair, so not that funny after all! Until we hear back: a plain greasy cream \
                    after every wash, and please no perfume in it.";
                +4 "second_patient" to Everyone: "that makes sense!! I always thought it's the cold scissors. Cream: \
                    I have one with oats, no perfume, ok?";
                +1 "nurse" to Everyone: "Oats can sensitise broken skin. Plain white petrolatum or the basic cream \
                    from the pharmacy, the big tub, is cheaper and safer.";
            }
            InReview {
                +22 "dermatologist" to ClinicalTeam: "Pattern is mainly irritant on an atopic base, but finger-web \
                    plus fingertip dermatitis in a hairdresser needs PPD, persulfate, thioglycolate and rubber \
                    accelerators looked at. Which gloves exactly? And pregnancy: trying, or pregnant now?";
                +5 "second_pcp" to ClinicalTeam: "Trying, hCG negative last week. On levothyroxine, folic acid. \
                    Gloves: I'll ask.";
                +3 "second_patient" to Everyone: "Black vinyl ones, powdered, size L because my apprentice orders \
                    them. I wash them and use them again the same day, is that allowed?";
                +16 "dermatologist" to Everyone: "Ms. Sölle, thank you. Reused gloves keep the dye inside, against \
                    the skin, so please one pair per client, nitrile, size M by your photos, cuff over the sleeve, \
                    cotton gloves underneath when it takes longer than ten minutes. Dry hands before you put them \
                    on.";
                +2 "second_patient" to Everyone: "Uh oh. OK ordering today. My apprentice gets the vinyl ones for \
                    sweeping";
            }
            Answered {
                +23 "second_pcp" to ClinicalTeam: "Thanks Yuki. Tacrolimus I'd keep for after the patch test and \
                    only if needed, see plan.";
                +3 "coordinator" to Everyone: "Patch test dates at St. Anna:\nMonday apply\nWednesday and Thursday \
                    read\nMs. Sölle, the salon is closed on Mondays I see, so may I book the Monday in three weeks? \
                    Please no steroid cream on the back in the week before, and no showers from Monday to Thursday.";
                +2 "second_patient" to Everyone: "Monday is perfect. No shower till Thursday, my poor clients ;-)";
            }
            PlanRecorded {
                +48 "nurse" to Everyone: "I've posted the written hand plan to you, two pages with pictures. \
                    Mornings steroid ointment thinly, evenings fat cream and cotton gloves. Also the form for the \
                    occupational insurer, please sign at the cross.";
            }
            PatientInformed {
                +340 "second_patient" to Everyone: "Result of the test:\nallergic to PPD and something in the rubber \
                    gloves called carba mix\nNew gloves are without accelerators, dyes only ever with gloves. Hands \
                    are 80% good. You are all stars, thank you!";
            }
        },
        advice: Some(Advice {
            recommendations: &[
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::High,
                    text: "Mometasone ointment once daily until clear (up to four weeks), then two evenings a week \
                        for three months. Greasy emollient after each wash.",
                },
                Recommendation {
                    kind: RecommendationKind::Refer,
                    certainty: Certainty::High,
                    text: "Patch test with baseline, hairdressing and rubber series. Notify as suspected \
                        occupational disease so that the insurer pays for protection.",
                },
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::Moderate,
                    text: "Tacrolimus 0.1 % ointment as alternative on the finger webs. Alitretinoin and \
                        methotrexate are out while she tries to conceive.",
                },
            ],
            come_back_when: Some(
                "Pus, spreading redness or fever; blisters in clusters with pain; no improvement after four weeks of \
                    protected hands.",
            ),
            minutes_spent: 17,
        }),
        plan: Some(Plan {
            dispositions: &[
                ACCEPTED,
                ACCEPTED,
                modified("Kept in reserve until the patch test is read; mometasone proactively first."),
            ],
            note: Some(
                "One pair of nitrile gloves per client, steroid ointment as advised, patch test booked, occupational \
                    notification sent with her consent.",
            ),
        }),
        informed: Some(InformMethod::Portal),
        survey: Some(Survey { outcome: ClosingOutcome::NewReferral, helpful: 5, educational: 5 }),
    },
    Case {
        key: "psoriasis_and_booster",
        patient: "demir",
        requester: "second_pcp",
        pool: "dermatology",
        specialist: Some("dermatologist"),
        submitted_days_ago: 7,
        state: ConsultationState::InReview,
        topic: Topic::Medications,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Restricted,
        sensitivities: &[Sensitivity::Hiv],
        consent: ConsentMethod::Written,
        may_convert: false,
        subject: "Psoriasis flare under a cobicistat-boosted regimen: which steroid is safe?",
        question: "Mr. Demir, 42, HIV since 2015, undetectable for eight years, CD4 640, on \
            darunavir/cobicistat/emtricitabine/TAF. Scalp and elbow psoriasis for ten years, now new plaques on \
            trunk and genital folds, BSA about 6 %, joints fine, no new partner or infection, syphilis serology \
            negative last month. Uses up an old clobetasol cream by himself, nearly a tube a week. Fasting glucose \
            96, morning cortisol not measured, BP 138/88, a round face that I am not sure is new.\nQuestion: which \
            topical potency and quantity is safe with the booster, what for the folds, and should I look for adrenal \
            suppression now?",
        messages: said! {
            Submitted {
                +2 "pharmacist" to ClinicalTeam: "Cobicistat blocks CYP3A4, and clobetasol, like fluticasone, \
                    budesonide and triamcinolone, depends on it. Cushing's from topical clobetasol with boosters is \
                    published at 50 g a week and more; he reports a 60 g tube. Beclometasone and low-dose \
                    hydrocortisone are the usual safer choices.";
                +3 "second_pcp" to ClinicalTeam: "Cortisol 8 am is drawn, result tomorrow. I told him not to stop \
                    clobetasol from one day to the next on the large areas, but once daily and thin until we know.";
                +17 "second_pcp" to ClinicalTeam: "Cortisol 8:05 am 5.2 ug/dl. Not nothing. Na 140, K 4.2, glucose \
                    99.";
            }
            Assigned {
                +5 "pharmacist" to ClinicalTeam: "Asked him about other steroids: one triamcinolone injection into \
                    the shoulder six weeks ago, at an orthopaedist who did not know his medication. That alone can \
                    suppress for weeks to months with cobicistat. He did not want to mention his diagnosis there.";
                +1 "second_pcp" to ClinicalTeam: "That explains the face. Thank you for asking in a way that made \
                    him tell you.";
            }
            InReview {
                +15 "dermatologist" to ClinicalTeam: "Seen, with thanks for the groundwork. I'd move away from \
                    potent steroids: calcipotriol for trunk and elbows, tacrolimus 0.1 % for folds (systemic uptake \
                    minimal on small areas, still CYP3A4, so folds only). Before I advise formally: would his HIV \
                    clinic change to an unboosted integrase regimen? That solves this for good.";
                +7 "second_pcp" to ClinicalTeam: "Asked. They see no resistance reason against bictegravir, \
                    appointment in nine days. He is for it, fewer things to explain to other doctors.";
                +2 "pharmacist" to ClinicalTeam: "Timing: enzyme inhibition is gone a few days after the last \
                    cobicistat dose, but the triamcinolone depot then clears faster as well. So with a borderline \
                    axis the switch itself is a moment to watch: give him the sick-day advice before, not after.";
                +20 "dermatologist" to ClinicalTeam: "Excellent point, will be in the advice. Would you get an ACTH \
                    test before the switch? If the slot is > 1 week, hydrocortisone cover on sick days in between \
                    and an emergency card. I'll write up tonight.";
            }
        },
        advice: None,
        plan: None,
        informed: None,
        survey: None,
    },
    Case {
        key: "changing_mole",
        patient: "pichler",
        requester: "pcp",
        pool: "dermatology",
        specialist: Some("dermatologist"),
        submitted_days_ago: 6,
        state: ConsultationState::Answered,
        topic: Topic::ClinicalAdvice,
        urgency: Urgency::Urgent,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Verbal,
        may_convert: true,
        subject: "Changing pigmented lesion on the calf, 7 mm, with dermoscopy",
        question: "Ms. Pichler, 22, skin type II, several blistering sunburns as a child. Pigmented lesion on the \
            left calf, first noticed by a team mate in summer, darker and larger over four months by her own phone \
            photos. 7 x 5 mm, asymmetric, two browns and one grey area at the lower pole, no bleeding, no itch. Some \
            thirty other naevi, none like it. No lymph nodes in the groin. Grandmother had melanoma at 61. \
            Dermoscopy: atypical network, grey-blue structures off centre, a few peripheral streaks. Three images \
            and her two older photos are attached.\nQuestion: excise, and where: here, or with you, and how soon?",
        messages: said! {
            Submitted {
                +1 "coordinator" to ClinicalTeam: "Images: first upload had been turned by the phone, I replaced it, \
                    the ruler is at the bottom now. I asked St. Anna to assign it today.";
                +2 "pcp" to ClinicalTeam: "She's scared, her grandmother's story is vivid in the family. I'd like to \
                    be able to tell her a date rather than a probability.";
            }
            InReview {
                +3 "dermatologist" to ClinicalTeam: "Looking at it now between two patients. Image 2 is good enough \
                    to decide: this comes out whole, no shave, no punch.";
                +1 "dermatologist" to ClinicalTeam: "Please don't excise at the practice. Calf wounds under tension, \
                    and if re-excision follows I want the axis right. I have a surgical slot next Tuesday 8:40, keep \
                    it for her?";
                +1 "pcp" to ClinicalTeam: "Yes please, taken with both hands. No anticoagulants, no allergies, no \
                    pregnancy.";
            }
            Answered {
                +2 "coordinator" to Everyone: "Ms. Pichler has the slot Tuesday 8:40 at St. Anna, building C, first \
                    floor. Her mother drives, since she should not walk far on the leg that day. Directions sent by \
                    text message.";
                +4 "pcp" to ClinicalTeam: "Told her on the phone in plain words: suspicious, needs to come out \
                    completely, most of these turn out early or benign, result within ten days, I will call her and \
                    not write. She asked about scar and handball, in this order.";
                +15 "dermatologist" to ClinicalTeam: "Good order. Handball three weeks after, scar about four cm, \
                    lengthwise. Histology I'd phone to you first.";
                +3 "coordinator" to ClinicalTeam: "I set a reminder for day 10 in case the histology is late. \
                    Somebody will hear from me.";
                +2 "pcp" to ClinicalTeam: "Plan goes in formally once I've seen her on Monday, want to check the \
                    groin again and the other naevi with the lamp.";
            }
        },
        advice: Some(Advice {
            recommendations: &[
                Recommendation {
                    kind: RecommendationKind::Visit,
                    certainty: Certainty::High,
                    text: "Complete excision with a 2 mm margin at St. Anna next Tuesday. No partial biopsy before.",
                },
                Recommendation {
                    kind: RecommendationKind::Visit,
                    certainty: Certainty::High,
                    text: "Full skin examination with baseline photographs at the same visit, including scalp, soles \
                        and between the toes.",
                },
                Recommendation {
                    kind: RecommendationKind::Reassure,
                    certainty: Certainty::Moderate,
                    text: "No imaging and no blood tests before histology: at this size and without nodes they would \
                        change nothing.",
                },
            ],
            come_back_when: Some(
                "Bleeding, rapid growth or a raised nodule before the appointment: ring the clinic and come the next \
                    day.",
            ),
            minutes_spent: 9,
        }),
        plan: None,
        informed: None,
        survey: None,
    },
    Case {
        key: "plaque_psoriasis",
        patient: "stojanovic",
        requester: "second_pcp",
        pool: "dermatology",
        specialist: Some("dermatologist"),
        submitted_days_ago: 11,
        state: ConsultationState::Answered,
        topic: Topic::ClinicalAdvice,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Verbal,
        may_convert: true,
        subject: "Plaque psoriasis worse since a beta blocker was started: topical or systemic?",
        question: "Mr. Stojanović, 64, lorry driver, type 2 diabetes, raised liver values under work-up elsewhere. \
            Psoriasis for twenty years, elbows and knees only, now lower back, shins and scalp since early summer. \
            BSA about 8 %, PASI roughly 9, itch 6/10, nails pitted, no morning stiffness, PEST 1/5. Bisoprolol 2.5 \
            was started four months ago for ectopic beats after which things got worse. Has used betamethasone cream \
            irregularly 'when I am home'. BMI 32, does not drink during the working week. Phototherapy three times a \
            week is impossible with his routes.\nQuestion: best topical scheme for somebody on the road, what bloods \
            before a systemic, and is it worth stopping bisoprolol?",
        messages: said! {
            Submitted {
                +6 "nurse" to ClinicalTeam: "He showed me his cabin kit: one cream, squeezed flat, heated by the \
                    windscreen all summer. Creams in the cool box from now on, he laughed but he'll do it.";
            }
            Assigned {
                +21 "pharmacist" to ClinicalTeam: "Beta blockers and psoriasis: signal is old and mixed, latency of \
                    months fits. NSAIDs bought on the road would be the other suspect, he says none. If methotrexate \
                    is ever on the table: ferritin and ALT need an answer first, and no trimethoprim together with \
                    it, ever.";
            }
            InReview {
                +10 "dermatologist" to ClinicalTeam: "8 % BSA, itch 6, scalp: I'd still give good topicals one \
                    honest try. Foam instead of cream, once a day, dries in five minutes, works in a cabin.";
                +2 "second_pcp" to ClinicalTeam: "He'd take once a day. Twice he won't, and he says so.";
                +14 "social_worker" to Everyone: "From our talk yesterday: the itch costs him sleep in the cabin, \
                    and he is ashamed in the drivers' showers, so he skips them. His employer has a rest-stop \
                    allowance that covers single cabins with a shower, hardly anybody claims it. I have sent him the \
                    form.";
            }
            Answered {
                +26 "second_pcp" to ClinicalTeam: "Thank you, clear and doable. On bisoprolol I'll talk to \
                    cardiology informally, the ectopics were harmless I think.";
                +3 "pharmacist" to ClinicalTeam: "Calcipotriol/betamethasone foam: max 15 g a day and 100 g a week, \
                    not on face or folds. Flammable, so not near the cabin heater, I put a sticker on it.";
                +5 "coordinator" to ClinicalTeam: "Follow-up photo appointment in 8 weeks is on a Saturday when he's \
                    in town.";
                +20 "nurse" to ClinicalTeam: "Showed him the foam on his shin. Hepatitis serology and QuantiFERON \
                    drawn on the same occasion, tubes left at noon.";
            }
        },
        advice: Some(Advice {
            recommendations: &[
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::High,
                    text: "Calcipotriol/betamethasone foam once daily for four weeks, then on two fixed days a week. \
                        For the scalp the same foam overnight, not longer than four weeks in a row.",
                },
                Recommendation {
                    kind: RecommendationKind::Test,
                    certainty: Certainty::Moderate,
                    text: "Before a systemic: blood count, liver values, hepatitis B and C, QuantiFERON. With an \
                        unexplained raised ALT no methotrexate.",
                },
                Recommendation {
                    kind: RecommendationKind::Treat,
                    certainty: Certainty::Low,
                    text: "Bisoprolol: if the indication is weak, a pause of three months is a fair experiment; \
                        taper over one to two weeks.",
                },
                Recommendation {
                    kind: RecommendationKind::Visit,
                    certainty: Certainty::Moderate,
                    text: "See us in eight weeks if BSA is still above 5 % or itch above 4; then apremilast or a \
                        biologic, given his liver and his job.",
                },
            ],
            come_back_when: Some("Skin red all over, fever or pustules; swollen, stiff joints in the morning."),
            minutes_spent: 19,
        }),
        plan: None,
        informed: None,
        survey: None,
    },
    Case {
        key: "itchy_lower_legs",
        patient: "gruenwald",
        requester: "pcp",
        pool: "dermatology",
        specialist: None,
        submitted_days_ago: 2,
        state: ConsultationState::Submitted,
        topic: Topic::ClinicalAdvice,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Verbal,
        may_convert: true,
        subject: "Itchy eczema of both lower legs, worse under compression stockings",
        question: "Mr. Grünwald, 69, heart failure (dry at present), diabetes, apixaban. Itchy, scaly, brownish-red \
            patches on both shins and around the medial malleoli for five weeks, left more than right, varicose \
            veins since his fifties, no ulcer, pulses palpable, ABI 1.05 and 1.1. No fever, calves soft, no \
            unilateral swelling. Started under new class II stockings and a lavender ointment from the market. \
            Hydrocortisone 1 % for ten days helped little. KOH from the interdigital space negative.\nQuestion: \
            stasis eczema, contact allergy to ointment or stocking, or both? Which steroid, and may he keep the \
            stockings on meanwhile?",
        messages: said! {
            Submitted {
                +1 "patient" to Everyone: "Hello, here is Josef Grünwald again. I put three pictures of my legs. The \
                    itching is bad at night, I scratch with the brush, I know I shouldn't";
                +2 "nurse" to Everyone: "Please not the brush! Cool wet cloths for ten minutes instead, and cut the \
                    nails short. With the blood thinner every scratch bleeds longer, and with diabetes it heals \
                    slower.";
                +14 "pharmacist" to Everyone: "Mr. Grünwald, could you bring the lavender ointment with you? \
                    Lanolin, lavender oil and some preservatives are frequent culprits on legs like yours. Until \
                    then plain petrolatum and nothing that smells.";
                +3 "patient" to Everyone: "Lavender was a present from my granddaughter, but ok. I bring it \
                    tomorrow. Do I have to wear the stockings? They are like sandpaper now.";
                +1 "pcp" to Everyone: "Leave the stockings off until the specialist answers, put your legs up as \
                    often as you can, and weigh yourself every morning as before. If one calf swells or hurts, or \
                    you gain more than two kilos in three days, call us the same day.";
                +4 "pcp" to ClinicalTeam: "He's 0.4 kg under his usual weight, NT-proBNP unchanged, so not the \
                    heart. I'd have gone for a mid-potency steroid, but want the contact allergy question answered \
                    before I paint over it.";
            }
        },
        advice: None,
        plan: None,
        informed: None,
        survey: None,
    },
    Case {
        key: "itch_without_rash",
        patient: "kirchner",
        requester: "pcp",
        pool: "dermatology",
        specialist: None,
        submitted_days_ago: 3,
        state: ConsultationState::Assigned,
        topic: Topic::ClinicalAdvice,
        urgency: Urgency::Routine,
        confidentiality: Confidentiality::Normal,
        sensitivities: &[],
        consent: ConsentMethod::Verbal,
        may_convert: false,
        subject: "84 years, itch for four months, hardly any rash: when to biopsy?",
        question: "Mrs. Kirchner, 84. Itch on trunk and upper arms for four months, sleep broken, excoriations only \
            where she can reach, the middle of the back is spared. Two urticarial patches on the flank last week, \
            gone after a few days, no blisters, mouth clear. Skin very dry, hot bath every evening. No burrows, \
            neighbour does not itch. Bloods: eosinophils 0.9, ALP, bilirubin and ferritin normal, TSH 2.2, eGFR 54, \
            ESR 24. No new drug apart from stopping indapamide. Emollient irregular, since she cannot reach her \
            back.\nQuestion: dry skin, or pre-bullous pemphigoid? Would you biopsy now with immunofluorescence, or \
            after a month of proper emollients?",
        messages: said! {
            Submitted {
                +3 "nurse" to ClinicalTeam: "Dermographism negative. I looked for burrows with the dermatoscope, \
                    wrists and between the fingers: none.";
                +15 "social_worker" to Everyone: "A practical thing: home help comes twice a week from now on and \
                    can do the back with cream, if somebody writes down which and how much. There are also \
                    applicators with a long handle, I'll bring one along on Friday.";
                +2 "nurse" to Everyone: "Wonderful. Cream with 5% urea, a tablespoon for the back, after the shower. \
                    Lukewarm and short, no hot baths. I've written it in big letters for the fridge.";
            }
            Assigned {
                +5 "pharmacist" to ClinicalTeam: "Please no hydroxyzine or other sedating antihistamines for the \
                    nights: 84, falls, QT. If anything, cetirizine 5 mg and low expectations. Amlodipine is a rare \
                    cause of itch; sertraline rarer.";
                +3 "pcp" to ClinicalTeam: "Agreed, no sedatives. Eosinophils are what made me ask rather than wait.";
                +16 "nurse" to ClinicalTeam: "One new urticarial plaque, left hip, about 4 cm, ringed in pen with \
                    today's date so we see whether it moves. Photo uploaded.";
                +1 "pcp" to ClinicalTeam: "Clever. If it's still inside the line after 24 h it isn't ordinary \
                    urticaria and I'll take the punch myself, one for histology, one for IF from beside it.";
            }
        },
        advice: None,
        plan: None,
        informed: None,
        survey: None,
    },
];
