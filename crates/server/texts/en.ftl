# The texts of the pages. `es.ftl` and every other language have the same keys with the same variables.
# Style: short, plain words; the verb first; no "please" in errors. Say what happened, what was kept, what to do.

language-name = English

# The frame
skip = Skip to content
demo = Demo
demo-banner = Demo: nobody here exists. Keep real patients out of it.
demo-change = Act as somebody else
you = You:
sign-out = Sign out
session-ends = You will be signed out in two minutes, because nothing happened here. What you typed stays on the page.
session-stay = Stay signed in
session-ended = You were signed out, because nothing happened here. What you typed is still on this page: sign in again in another tab, then press the button.
refused-too-long = The form is longer than this server accepts.
send-again = Send the same again
send-again-text = It is not known whether it was done. Sending the same form again has no second effect.
main-navigation = Main
home = Home
worklist = Worklist
inbox = Inbox
patients = Patients
messages = Messages
help = Something wrong, or not sure who to ask?
printed = Printed by { $name } on { $time }. True at that minute only.

# Sign-in
sign-in-title = Whose view would you like to see?
sign-in-text = Carefold looks different for each person, because each may see different things. Choose one; you can change at any time.
sign-in-again = Sign in again
sign-in-programs = For programs
sign-in-programs-text = The API, a token for it, and the state of the server:
group-clinicians = Clinicians
group-coordination = Coordinating care
group-operation = Privacy and operation

# Time
monday = Monday
tuesday = Tuesday
wednesday = Wednesday
thursday = Thursday
friday = Friday
saturday = Saturday
sunday = Sunday
january = January
february = February
march = March
april = April
may = May
june = June
july = July
august = August
september = September
october = October
november = November
december = December
day-with-weekday = { $weekday } { $day }
day-with-year = { $day } { $month } { $year }
day-without-year = { $day } { $month }
month-with-year = { $month } { $year }
day-today = { $day }, today
moment-today = today, { $time }
moment-yesterday = yesterday, { $time }
moment-tomorrow = tomorrow, { $time }
moment-day = { $day }, { $time }
moment-in-zone = { $time } ({ $zone })
zone = { $city } time
late-minutes = { $count ->
    [one] 1 minute late
   *[other] { $count } minutes late
  }
late-hours = { $count ->
    [one] 1 hour late
   *[other] { $count } hours late
  }
late-days = { $count ->
    [one] 1 day late
   *[other] { $count } days late
  }
in-minutes = { $count ->
    [one] in 1 minute
   *[other] in { $count } minutes
  }
in-hours = { $count ->
    [one] in 1 hour
   *[other] in { $count } hours
  }
in-days = { $count ->
    [one] in 1 day
   *[other] in { $count } days
  }
by-time = by { $time }
by-time-in-zone = by { $time }, { $zone }
no-due = No due time
date-day = Day
date-month = Month
date-year = Year
date-time = Time

# Roles and vocabularies
role-physician = physician
role-nurse = nurse
role-pharmacist = pharmacist
role-coordinator = coordinator
role-social-worker = social worker
role-privacy-officer = privacy officer
role-administrator = administrator
role-auditor = auditor
role-service = program
role-person = person
role-patient = patient
capacity-delegate = helps the patient
relationship-parent = parent
relationship-child = daughter or son
relationship-partner = partner
relationship-sibling = sister or brother
relationship-grandparent = grandparent
relationship-other-family = relative
relationship-friend = friend
relationship-neighbour = neighbour
relationship-guardian = guardian
relationship-caregiver = caregiver
relationship-social-worker = social worker
relationship-other = another person
helps = { $relationship }, helps { $patient }
grant-words = { $who }. { $why }
grant-by-law = { $who }. { $why }: { $authority }
role-at = { $role }, { $organization }
a-pool = pool
audience-everyone = Everyone on this thread
audience-clinical-team = Clinical team only
audience-named = Only persons named
audience-named-persons = Only { $names }
audience-team-and-one = The clinical team and one person
audience-team-and-me = The team and me
audience-team-and = The team and { $name }
only-team-and-you = Only the team and you
only-team-and = Only the team and { $name }
team-and-me-hint = Nobody else whom you have let in sees it.
state-submitted = Asked
state-assigned = Accepted by the pool
state-in-review = In review
state-answered = Answered
state-plan-recorded = Plan recorded
state-patient-informed = Patient informed
state-closed = Closed
team-active = Open
team-parked = Parked
recommend-treat = treatment
recommend-test = test
recommend-refer = referral
recommend-visit = visit
recommend-reassure = reassurance
certainty-low = low certainty
certainty-moderate = moderate certainty
certainty-high = high certainty
kind-and-certainty = { $kind }, { $certainty }
disposition-accepted = Accepted
disposition-modified = Changed
disposition-rejected = Not followed
not-decided = Not decided yet
inform-in-person = In person
inform-telephone = By telephone
inform-portal = Through the portal
inform-portal-without-patient = The patient cannot read this thread here.
inform-letter = By letter
outcome-new-plan = A new plan
outcome-plan-confirmed = The plan was confirmed
outcome-referral-avoided = A referral was avoided
outcome-referral-still-needed = The referral is still needed
outcome-new-referral = A new referral was made
reassign-workload = Too much work
reassign-absence = Absence
reassign-expertise = It needs another specialty
reassign-conflict-of-interest = A conflict of interest
topic-clinical-advice = Clinical advice
topic-medications = Medicines
topic-results = Results
topic-scheduling = Appointments
topic-education = Education
topic-social = Social needs
topic-billing = Billing
urgency-routine = Routine
consent-text = The text of the consent
consent-shown = The text that was shown
consent-verbal = Orally
consent-written = On paper
consent-electronic = Electronically
consent-emergency = Not asked: it is an emergency
consent-lacks-capacity = Not asked: the patient cannot consent
consent-required-by-law = Not asked: the law requires it
confidentiality-normal = Like every health record
confidentiality-restricted = Restricted to those involved
confidentiality-very-restricted = Only for those who must know
sensitivity-substance-use = Substance use
sensitivity-psychiatry = Psychiatry
sensitivity-hiv = HIV
sensitivity-sexual-health = Sexual and reproductive health
sensitivity-domestic-violence = Abuse or domestic violence
reads-as-patient = The patient
reads-as-opener = Opened the thread
reads-as-owner = Owns the thread
reads-as-participant = Takes part in the thread
reads-as-delegate = Helps the patient
reads-as-care-team = Is on the patient’s care team
reads-as-pool-member = Is in a pool that has the thread or takes part
reads-as-owners-pool = Is in the pool from which the owner has it
reads-as-requesting-organization = Works at the organization that asked
reads-as-receiving-organization = Works at the organization that answers
reads-as-other = Another rule of the policy

# Patients
patient-label = Patient
open-patient = Care team and threads
born = Born
died = Died
born-on = born { $day }
born-with-age = { $day } ({ $age })
about-no-patient = About no patient
patient-not-shown = You are not shown whom this is about
patient-not-shown-text = So nothing can be written here.
similar-title = A patient of yours has a similar name
similar-text = Compare name and date of birth before you send.
about-you = About you
patient-unknown = It is not certain who this is about
patient-unknown-text = Name or date of birth cannot be shown, so nothing can be written here.

# Threads
kind-consultation = Consultation
kind-team-thread = Team thread
kind-and-state = { $kind }, { $state }
consultation-from-to = Consultation from { $from } to { $pool }
withheld = Withheld
erased = Erased
restricted-subject = Restricted subject
one-of = { $number } of { $total }
looks-alike = { $number } of { $total } that look alike
withheld-from-role = Your role does not allow you to read this text, or it was written before what you see of this thread.
withheld-from-patient = This text was written for the clinicians of your team. Ask them if you want to know more.
withheld-from-helper = This text was written for clinicians, or before your access began.
question-about-you = A question about you
urgent = Urgent
unread = Unread
with-person = With { $name }
with-somebody = With somebody whom you may not see
waits-in-pool = Waiting in the pool { $pool }; nobody has it yet
waits-for-coordinator = Waiting for the coordinator of { $pool }
waits-for-role = Waiting for a { $role } of { $organization }
waits-for-patient = Waiting for the patient
waits-for-nobody = Parked: nobody is expected to do anything until then
your-turn-or-pass = Your turn: { $what }, or pass the turn on
your-turn = Your turn: { $what }
decide-after-death = The patient died. Decide what goes on: say what is still to be done and by whom, or close it.
others-turn = { $whose }: { $what }
do-assign = Accept for the pool
do-claim = Claim
do-advise = Answer the question
do-record-plan = Record the plan
do-inform-patient = Inform the patient
do-close = Close the thread
do-reply = Reply
do-accept = Answer the invitation
do-pass-turn = Pass the turn on
do-act = Take the next step
invited = You are invited to take part as { $role }
invited-by = { $by } invites you to take part as { $role }
invited-text = You see what it is about once you have accepted. Answer
next-step = Next step
where-it-stands = Where it stands
stage-done = Done
stage-now = Next
stage-then = Then
other-steps = Also possible
who-can-see = Who takes part
who-can-read = Who can read this
who-can-read-count = { $count ->
    [one] Who can read this: 1 person
   *[other] Who can read this: { $count } people
  }
who-will-read = Who will read it:
readers-now = { $count ->
    [one] 1 person can read this thread now, { $time }.
   *[other] { $count } people can read this thread now, { $time }.
  }
readers-without-name = { $count ->
    [one] 1 more person, whose name you may not know.
   *[other] { $count } more people, whose names you may not know.
  }
readers-first = The first { $count } of them are listed.
readers-named-messages = A message to persons by name is read by its author and those persons only.
readers-not-shown = You may not see who can read this.
column-person = Person
column-why = Why
column-reads = May read
reads-all = All messages
reads-at-least-everyone = At least the messages to everyone
reads-everyone = Messages to everyone
reads-not-team = Not messages to the clinical team alone
column-rule = Rule
rule-patient = The patient reads what is written to everyone in conversations about them.
rule-opener = Who opened a conversation reads it.
rule-owner = Who owns a conversation reads it.
rule-participant = Who takes part by name reads it, from the beginning or from when on it was chosen for them.
rule-delegate = Who helps the patient reads conversations on the topics of that help, except what is hidden from helpers.
rule-topic = This conversation is about: { $topic }
rule-care-team = Who is on the care team reads the conversations about the patient, as far as their confidentiality allows.
rule-pool-member = The members of a pool that has the conversation or takes part in it read it.
rule-owners-pool = The members of the pool from which the owner has the conversation read it.
rule-requesting-organization = Some roles at the organization that asked read it.
rule-receiving-organization = Some roles at the organization that answers read it.
rule-other = Another rule of the policy lets them read it.
thread-who = Who can read it, and who did
who-did-read = Who did read this
did-read-text = Who opened this conversation or tried to, which part of it, such as messages, when, and for which purpose. The words that they read are not shown here.
did-read-all = Everything, the newest first
access-only-thread = Only what concerns the conversation { $id }.
access-all-threads = Show all conversations
readers-unnamed = { $count ->
    [0] Nobody but you
    [one] 1 person and you
   *[other] { $count } people and you
  }
readers-named = { $names }, and you
readers-named-and-more = { $count ->
    [one] { $names }, 1 more person, and you
   *[other] { $names }, { $count } more people, and you
  }
seen-by-consultation = These people take part. The patient’s care team, the members of the pool, and the patient may see it too, each as the rules allow.
seen-by-team = Only these people and the members of these pools know of this thread. The patient does not.
about-thread = About this thread
messages-oldest-first = Messages, oldest first
older-messages = Older messages
the-question = The question
the-answer = The answer
recommendations = { $count ->
    [one] 1 recommendation
   *[other] { $count } recommendations
  }
come-back-when = Come back when:
plan-note-title = The plan:
you-in-brackets = (you)
read-by = Read by { $names }
write-message = Write a message
write-to-team = Write to the team
reply-about = Your message about { $patient }
reply-about-nobody = Your message
reply-label = Message
reply-hint = If somebody changes the thread meanwhile, your text is kept.
emergency = Chest pain, trouble breathing, heavy bleeding? Do not write. Ring the emergency number now.
who-may-read = Who may read it
send-named = Send to the chosen people only
choose-readers = Choose who reads it
named-whom = Who should read it?
named-not-all = Not everybody who can read this thread is listed.
named-not-read = The list of those who can read this thread could not be read. Try again.
named-kept = A message to chosen people is kept as a draft and not sent.
named-without-step = A message to chosen people cannot go along with another step. Choose “Nothing else” below, or send it to an audience
named-explained = Only the people whom you choose, and you, can read this message. The list has those who can read this thread now.
send-clinical = Send to the clinical team only
send-everyone = Send to everyone on this thread
send-to-clinical = { $count ->
    [0] Send to the clinical team; nobody else is on it
    [one] Send to 1 person on the clinical team
   *[other] Send to { $count } people on the clinical team
  }
send-team-and-one = Send to the clinical team and one person only
send-to-team-and = { $count ->
    [one] Send to 1 person: { $patient }
   *[other] Send to { $count } people: the team and { $patient }
  }
send-to-your-team-only = { $count ->
    [0] Send to your care team only; nobody is on it yet
    [one] Send to your care team only (1 person)
   *[other] Send to your care team only ({ $count } people)
  }
send-to = { $count ->
    [0] Send; nobody else can read it yet
    [one] Send to 1 person
   *[other] Send to { $count } people
  }
send-to-with = { $count ->
    [one] Send to 1 person, { $patient }
   *[other] Send to { $count } people, including { $patient }
  }
send-to-your-team = { $count ->
    [one] Send to your team (1 person)
   *[other] Send to your team ({ $count } people)
  }
and-then = And then:
then-nothing = Nothing else
message-too = A message that goes with it
sent-prefix = Sent:
sent-title = Your message was sent
sent-show = Show it
back-to-inbox = Back to the inbox
back-to-thread = Back to the thread
back-to-list = Back to the list

# Lists
narrow = Narrow the list
narrow-by-state = Narrow the list by state
filter-overdue = Overdue
filter-today = Due today
filter-mine = Your turn
filter-unowned = Without an owner
filter-waiting = Waiting on others
filter-all = All open
column-what = What to do
column-patient = Patient
column-due = Due
column-owner = Owner
nobody-yet = Nobody yet
nobody-in-pool = { $pool } (pool), nobody yet
claim = Claim
results-for = { $count ->
    [one] 1 result for “{ $filter }”, most urgent first.
   *[other] { $count } results for “{ $filter }”, most urgent first.
  }
worklist-empty = 0 results for “{ $filter }”
worklist-empty-text = The list was read and nothing is in it.
show-all = Show all that is open
more-follow = More follow.
complete-as-of = Complete as of { $time }.
refresh = Refresh
live-messages = { $count ->
    [one] { $shown } new message
   *[other] { $shown } new messages
  }
live-thread = This thread has changed
live-people = Who takes part has changed
live-list = This list has changed
live-show = Show
live-stale = Not up to date since { $time }.
live-over = This page is not updated any more.
live-full = This page does not update itself, because too many of your pages are open.
live-signed-out = You have signed out.
live-expired = Your session has ended.
next-page = Next page
try-again = Try again
list-failed = This list could not be read. It is not empty.
list-failed-text = Tried on { $time }. What is missing here is not lost.
list-partial = A part of this list is late or missing
list-partial-text = Read on { $time }. What is missing here is not lost.
all-of-them = All { $count }
inbox-parts = Parts of the inbox
tab-open = In progress
tab-done = Done
tab-put-away = Put away
tab-sent = Sent by me
inbox-unread = Unread
inbox-unread-empty = Nothing unread
inbox-yours = Waiting for you
inbox-others = Waiting on others
inbox-others-empty = Nothing waits for others
inbox-put-away-empty = You put nothing away
inbox-sent-empty = You wrote in no thread yet
inbox-none-on-page = None of them on this page of the list
inbox-done-empty = Nothing finished yet
unread-among-newest = { $count ->
    [0] Nothing unread in the newest { $rows } threads.
    [one] 1 of the newest { $rows } threads has unread messages.
   *[other] { $count } of the newest { $rows } threads have unread messages.
  }
unread-threads = { $count ->
    [0] Nothing unread.
    [one] 1 thread with unread messages.
   *[other] { $count } threads with unread messages.
  }
good-day = Good day, { $name }
home-mine-empty = Nothing waits for you
home-pools = Unclaimed in your pools
your-patients = Your patients
your-patients-empty = You care for no patient yet.
patients-text = Those whom you care for, by name.
patients-none = No patient of yours is found by “{ $search }”
patients-all = Show all your patients
find-patient = Find a patient
find-patient-hint = Name or the beginning of it, or date of birth as 1957-03-14.
find = Find
results = Results
record-kept-by = Record kept by { $organization }
care-team = Care team
care-team-not-shown = You may not see who is on the care team.
care-team-empty = Nobody is on the care team yet.
care-team-asked = Asked, no answer yet
care-team-former = On the care team before
care-team-joined = Added themself:
care-team-conflict = Helps the patient too. { $name } knows it and recorded it: { $at }
period-until = From { $since } to { $until }
blocks = Blocked people
blocks-none = No person is blocked from everything. See “Blocks and permissions”.
blocks-none-written = Nothing is written down here about people whom the patient blocks from everything. See “Blocks and permissions”.
block-by-patient = By the patient themself, since { $since }
block-by-representative = By a person who represents the patient by law, since { $since }
block-written-by = Written down by { $by }, since { $since }
block-written = Written down for the patient, since { $since }
block-ended = (ended { $when })
own-record = Your care team, and whom you block
back-to-patient = Back to the patient
act-join = Join the care team
act-block = Block a person
act-end-block = End the block
done-join = You are on the care team now
done-block = The person is blocked from now on
done-end-block = The block has ended
join-role = In which role?
join-reason-hint = The patient and the care team read it.
join-explained = On the first day you can read ordinary conversations only, and each of your reads is marked for review. The patient and the team see that you are on the team, also after you have left it.
block-whom = Who should be blocked?
block-people-newest = You can choose among the care team, now and before, and who takes part in the newest threads. There can be others.
block-people-older = You can choose among the care team, now and before, and some of the others who take part in threads.
block-people-more = Show others who take part
block-people-back = Show who takes part in the newest threads
block-word = What did the patient say?
block-part = To block somebody from a part only, or only for a time: blocks and permissions
block-explained = From now on the person cannot read or do anything about the patient, and gets no message about it. What they had to do goes to others.
end-block-explained = { $name } can see and do again what their role and their place on the care team allow.
act-protect = Write a protection note
act-lift-protection = Lift a protection note
act-record-death = Record that the patient died
act-void-death = Take back that the patient died
done-protect = The protection note is written
done-lift-protection = The protection note is lifted
done-record-death = The death is recorded
done-void-death = The record of the death is taken back
protect-explained = A protection note says that a person is a danger to the patient. Their access as a helper is paused at once, and they get none while there is a note. The person is not told of it.
protect-whom = Who is a danger to the patient?
protect-reason-hint = No page shows it.
lift-protection-explained = The person can be given access again. An access that was paused stays paused until staff resume it.
lift-protection-whom = About whom is the note?
record-death-explained = All help by other people ends by it. Before it is recorded, you see what follows.
void-death-explained = Only if the record of the death was an error. The access of an executor ends. The access of other helpers does not come back: they are invited again.
death-when = When did the patient die?
death-source = From whom or from which document do you know it?
death-check = Check before you record the death
death-follows = What follows
death-ends-help = All help by other people ends at once. It does not come back if the record is taken back.
death-stops-queue = What is on the way stops: invitations, offers to help, and what helpers have written and not sent yet.
death-executor = From now on only an executor can be invited.
death-record-now = Record the death
place-title = Will you join a care team?
place-waiting = An organization asks you to join a care team
place-at = A care team at { $organization }
place-somewhere = A care team
place-asked = You are asked as { $role }, on
place-text = You see whose it is once you have accepted.
place-accept = Yes, join it
place-decline = No, decline
place-declined = You declined the place
threads-of-patient = Threads about this patient
threads-of-patient-none = None that you may read
threads-of-patient-text = Open and closed, the newest first: those that you may read.
proposal-open = The record is proposed to a person as their own
proposal-to = { $name } has not answered yet; the proposal ends
proposal-to-somebody = They have not answered yet; the proposal ends
new-consultation = New consultation
new-consultation-about = New consultation about { $patient }
new-thread = New team thread
new-thread-text = Staff talk with each other. The patient does not see it.
choose-patient = First choose whom it is about.
cannot-choose = you cannot ask about them
another-patient = Choose another patient
choose-pool = Then choose who should answer.
another-pool = Choose another pool
asks-pool = It asks
find-pool = Find a pool
find-pool-hint = By its name, its specialty or its organization.
pools-empty = You can ask no pool
pools-none = No pool is found by “{ $search }”
ask-subject = What is it about, in one line?
ask-subject-hint = It stands in every list. Leave names out.
ask-question = Your question
ask-question-hint = With what is needed to answer it.
ask-topic = Topic
ask-urgency = How soon?
ask-urgency-hint = Danger within hours? Do not write; telephone.
ask-consent = How did the patient agree?
ask-consent-when = When did the patient agree?
ask-convert = May the specialist turn it into a referral?
ask-confidentiality = How confidential is it?
ask-sensitivities = Sensitive subjects
ask-sensitivities-hint = Leave all empty if there are none.
yes = Yes
no = No
asked-readers = { $patient }, the care team, and the members of { $pool }, each as the rules allow. How confidential it is narrows this.
send-question = Send to { $pool } about { $patient }
thread-people = Who takes part?
thread-people-hint = A person of another organization is invited, and sees it once they accept.
thread-owner = Who is accountable for it?
person-you = { $name } (you)
open-thread = Open the thread
open-thread-about = Open the thread about { $patient }
is-this-you = Is this you?
record-at = A record at { $organization }
record-somewhere = A record
record-proposed = Proposed by a { $role } on
record-text = If it is yours, you see what your team writes to you. Nobody else gets to see more of it than before.
record-unsure = Not sure? Ask them:
record-until = The question ends by itself on
record-accept = Yes, this is my record
record-decline = No, this is not mine
record-declined = You said that it is not yours
record-accepted = The record is yours now
no-question = There is no question for you now
record-waiting = Is this your record? Somebody asks you
record-answer = Look and answer
happening = What is happening
happening-nothing = Nothing new
happening-nothing-text = When your team writes to you or needs something, you see it here.
messages-before = Finished
finished = Finished
all-messages = All messages
read-and-reply = Read and reply
read-it = Read
reply = Reply
messages-of-team = Messages from the team

# Steps
step-accept = Accept the invitation
step-decline = Decline the invitation
step-advise = Answer the question
step-plan = Record the plan
step-inform = Record that the patient was informed
step-close = Close the thread
step-claim = Claim
step-assign = Accept for the pool
step-ask-for-assignment = Ask the other side to assign it
step-hand-over-request = Hand the request over to a colleague
step-turn = Say whose turn it is
step-pass-turn = Pass the turn on
step-park = Park until a date
step-reopen = Open again
step-add = Add a person
step-invite = Invite a person of another organization
step-history = Change how much somebody sees
step-remove = Remove a person
step-release = Return to the pool
step-transfer = Hand over
step-take-over = Take over
step-leave = Leave the thread
step-put-away = Put away
step-take-back = Take back to the inbox
step-hide = Hide from those who help the patient
step-show = Show to those who help the patient
step-reply = Send
step-named = Write to chosen people
step-read = Mark as read
act-about = { $act }: { $patient }
done-accept = You take part now
done-decline = The invitation was declined
done-advise = Your answer was sent
done-plan = The plan was recorded
done-inform = It was recorded that the patient was informed
done-close = Closed
done-claim = You have it now
done-assign = Accepted for the pool
done-ask-for-assignment = The other side was asked to assign it
done-hand-over-request = The request was handed over
done-turn = It is their turn now
done-pass-turn = The turn was passed on
done-park = Parked
done-reopen = Open again
done-add = The person was added
done-invite = The invitation was sent
done-history = It was changed how much the person sees
done-remove = The person was removed
done-release = Returned to the pool
done-transfer = Handed over
done-take-over = You are the owner now
done-leave = You left the thread
done-put-away = Put away. It comes back when something arrives for you
done-take-back = It is in your inbox again
done-hide = Those who help the patient do not see it any more
done-show = Those who help the patient see it again, each as far as they may
done-asked = Sent: the pool has your question
done-opened = Sent: the thread is open
done-reply = Sent
done-read = Marked as read
optional = Leave it empty if there is nothing to say.
assign-to = Who should answer?
assign-any = Any member of the pool
assign-any-hint = Whoever claims it first
assign-reason = Why is it assigned again?
assignment-asked = An assignment was last asked for:
ask-for-assignment-explained = The side that answers decides. You can ask again after a working day.
hand-over-request-explained = From then on it is the colleague who records the plan, informs the patient and closes it.
hand-over-request-whom = Who asks from now on?
any-member = Any member of this pool
coordinators-of = The coordinators of { $pool }
further-people = { $count ->
    [one] One more person of your organizations
   *[other] { $count } more people of your organizations
}
nobody-to-choose = Nobody can be chosen here now.
invited-not-answered = invited, has not answered
turn-whose = Whose turn is it?
turn-note = What is expected of them?
until-when = Until when?
optional-due = { $zone }. Leave day and time empty if there is no due time.
park-reason = Why does it wait?
park-explained = Until then nobody is expected to do anything. Then it is the owner’s turn again. At most 90 days.
reopen-reason = Why is it opened again?
add-whom = Who should take part?
add-reason-hint = Needed if the person is not on the patient’s care team.
invite-whom = Who should be invited?
invite-explained = The person sees what it is about once they accepted.
remove-whom = Who should not take part any more?
transfer-whom = Who should be accountable for it?
reason-why = Why
leave-explained = You will not see this thread any more, unless somebody adds you again.
hide-explained = For those who help the patient, this thread is not there from now on. They are not told. What they have read already, they know.
hide-known-to = Who of them has read or written in it
hide-known-to-nobody = None of them
hide-basis = Why it is hidden
hide-basis-hint = The patient need not say it. Everybody else does.
show-explained = Those who are named here will see this thread again.
show-to-whom = Who would see it
show-to-nobody = Nobody now
hidden-from-delegates = Those who help the patient do not see this thread.
ask-hidden = Hide it from those who help the patient?
ask-hidden-hint = For them it is not there. Only the patient can show it to them later. Ask a minor whose parents help: the answer is recorded as the minor’s own.
readers-and-chosen = { $who }. People whom the patient chose may read it too.
readers-chosen = People whom the patient chose may read it too.
release-explained = Any member of the pool can claim it then.
take-over-explained = You become accountable for it in place of the owner.
history-label = How much of what was written before do they see?
history-full = All of it
history-from-join = Only what comes after they joined
history-from-message = From a message on
history-whose = Of whom?
history-from-now = How much do they see from now on?
history-explained = It holds from now on, also for messages that the person has read before.
sees-all = sees all of it
sees-from = sees what was written since { $when }
role-and-sees = { $role }, { $sees }
advise-text = Recommendation { $number }
advise-kind = What recommendation { $number } asks for
advise-certainty = How certain you are of recommendation { $number }
advise-come-back = When should the patient come back?
advise-minutes = Minutes spent
advise-more = Add a recommendation
plan-decision = Your decision about recommendation { $number }
plan-reason = Why, for recommendation { $number }
plan-reason-hint = Needed if it is changed or not followed.
plan-note = The plan in words
inform-method-label = How was the patient informed?
inform-when = When?
close-outcome = What came of it?
close-helpful = How helpful was the answer?
close-educational = How much did you learn?
close-scale = From 1 (not at all) to 5 (very much).

# Problems
error-prefix = Error:
errors-title = { $count ->
    [one] One thing is not right yet
   *[other] { $count } things are not right yet
  }
errors-kept = What you typed is kept. Nothing was sent.
label-and-problem = { $label }: { $problem }
question-and-problem = { $question } { $problem }
problem-not-found = It does not exist, or is not shared with you
problem-not-permitted = Your role does not allow this
problem-idempotency-mismatch = This was sent before, with other words or another step. Nothing was sent again
problem-version-conflict = It was changed meanwhile
problem-empty = This is missing
problem-too-long = This is too long
problem-control-character = This contains a character that cannot be stored
problem-malformed = This does not have the right form
problem-out-of-range = This is too small or too large
wrong-ages-order = Write an age that is not below the one before it
wrong-has-note = There is a protection note about this person already
wrong-has-no-note = There is no protection note about this person
wrong-number = Write a whole number from { $min } to { $max }
wrong-day-missing = Write the day too
wrong-time-missing = Write the time too, for example 09:30
wrong-day = The month has no such day. Write the day as a number, for example 3
wrong-year = Write the year with four digits, for example 2026
wrong-time = Write the time as hours and minutes, for example 09:30
wrong-past = This is in the past. Write a later day or time
wrong-told-before-answer = The patient can be informed only after the answer was given. Write a day and a time after the answer
wrong-portal-message = The patient cannot read this message, so the portal does not inform them. Choose “Everyone on this thread”, leave the message empty, or choose another way of informing
wrong-portal-patient = The patient cannot read this thread here, so the portal does not inform them. Choose another way of informing
problem-not-in-state = The state does not allow this now
problem-thread-closed = The thread is closed
problem-too-late = It was closed too long ago
problem-not-owner = Only the owner can do this
problem-pool-empty = The pool has no other member
problem-owner-cannot-act = The new owner could not act in this thread
problem-same-owner = That is the owner already
problem-owner-present = The owner can act, and nothing is late
problem-own-record = A patient cannot do this in a thread about themselves
problem-self-not-allowed = This is possible only for another person
problem-other-organization = That person belongs to an organization that does not take part
problem-same-organization = That person belongs to an organization that takes part already
problem-not-invited = There is no invitation any more
problem-owner-must-transfer = The owner must hand the thread over first
problem-last-participant = Nobody else would remain in the thread
problem-not-a-participant = That person does not take part
problem-party-cannot-act = They cannot do what is awaited
problem-not-a-staff-role = That role cannot take part in such a thread
problem-no-reachable-reader = Only you could read it
problem-no-organization = You do not work at that organization
problem-already-claimed = Somebody else has claimed it
problem-already-exists = It exists already
problem-assigned-to-another = It is assigned to another member of the pool
problem-not-in-pool = That person is not a physician of the pool
problem-reason-missing = A reason is needed
problem-in-future = This is in the future
problem-no-staffed-hour = The calendar of the pool has no working hours
problem-recommendation-count = There are too few or too many recommendations
problem-no-patient = This must be about a patient
problem-not-a-pool = A pool must own this
problem-not-all-disposed = Not every recommendation has a decision
problem-not-a-clinician = Only a clinician can do this
problem-asked-today = The other side was asked for it already. It can be asked again after a working day.
problem-requester-present = The requester is there and hands over themself.
problem-patient-word-missing = Write down what the patient said.
problem-would-shut-out-patient = Nobody can be blocked from their own record.
problem-cannot-deny-oversight = Oversight cannot be blocked: a privacy officer or auditor sees who read, and never what. To block a person from everything else, choose the person.
problem-nobody-left = Nobody else could take over the open threads of that person.
problem-not-theirs = Only the patient can end what they gave themself, or block a representative by law.
problem-already-hidden = It is hidden already from those who help the patient.
problem-not-hidden = It is not hidden from those who help the patient.
problem-basis-missing = Say why.
problem-delegate-has-read = Somebody else who helps the patient has read or written in it by now. Look at the list again.
problem-hiding-not-answered = A parent helps this minor. Ask the minor, and choose the answer.
problem-list-changed = The list has changed since you saw it. Look at it again.
problem-audience-missing = Choose who may read it.
problem-no-such-message = There is no such message
problem-not-on-care-team = That person is not on the patient’s care team
problem-not-a-care-role = That role cannot be part of a care team
problem-in-another-role = That person is on the care team in another role
problem-no-role-there = That person does not hold that role there
problem-role-not-grantable = That role cannot be granted
problem-ends-before-it-begins = It would end before it begins
problem-no-administrator-yet = The first role there must be that of an administrator
problem-last-administrator = The organization would be without an administrator
problem-last-coordinator = The organization would be without a coordinator
problem-no-calendar = There is no calendar yet
problem-invalid-calendar = The calendar cannot be used
problem-erased = The texts here were erased, and none can be written here any more
problem-no-proposal = No proposal is open
problem-not-linked = The record is not linked to a person
problem-duplicate = There is a record that is similar; compare the two first
problem-draft-ended = The draft of this form was sent or discarded already, perhaps in another window
problem-draft-exists = There is another draft of this form
problem-draft-of-other-form = The draft belongs to another form
problem-draft-saved-recently = The draft was saved less than ten seconds ago
problem-too-many-drafts = You have 100 drafts. Send or discard some first
problem-relative-not-allowed = A member of staff does not decide about their own relative
problem-patient-not-present = You invite somebody’s helper while the patient is present, or where the law gives the person a right
problem-onward-not-allowed = Only a representative by law who may manage helpers does this, and within their own scope
problem-patient-alive = An executor is invited after the patient’s death is recorded
problem-patient-deceased = The patient’s death is recorded, so only an executor has access
problem-patient-adult = The patient is of adult age
problem-birth-date-unknown = The patient’s date of birth is not known to the day
problem-already-delegate = That person helps the patient in this way already, or is invited to
problem-scope-empty = This would open nothing: choose a topic with what may be done, and a kind of thread or a thread
problem-scope-too-wide = That is more than such a helper can have
problem-contact-missing = Say where the invitation goes, or choose a person
problem-organization-mismatch = Name the organization of a professional helper, and none for anybody else
problem-until-not-ahead = The end has to be in the future
problem-until-too-far = The end is too far ahead
problem-too-many-tries = You have written as often as one can within a month. Call the practice instead
problem-shared-account = A helper has an account of their own, with which nobody else signs in
problem-evidence-missing = Say what you have seen: no evidence from the last twelve months is there
problem-authority-not-verified = A verified legal authority for this person and this patient is needed
problem-authority-too-narrow = The legal authority does not cover this access
problem-employment-not-verified = The organization has to confirm that the helper works there
problem-checks-not-passed = The access has to be necessary, fit what it is for, and be safe
problem-not-asked-alone = The patient has to be asked alone
problem-opened-list-changed = Other threads would open than you have seen; look at the list again
problem-sensitive-unlabelled = Sensitive threads would open: hide each, or say why it opens
problem-protection-note = A note protects the patient from this person
problem-consent-by-delegate = A helper does not consent for the patient
problem-staff-cannot-consent = Staff record what the law gives, or the word of a patient without an account
problem-other-basis-needed = Another basis is needed: the law’s for a representative, the patient’s for every other helper
problem-witness-missing = Another member of staff is needed as witness
problem-text-not-shown = The text of the consent has changed. Read it as it is now, and press the button again
problem-own-word-missing = Say what the patient says: their own consent, or for a minor a written finding
problem-scope-changed = That is more than was checked
problem-patient-lacks-capacity = The patient lacks capacity, so the basis is the law
problem-not-narrower = That is not less than before. To take everything away, end the help
problem-not-wider = That is not more than before
problem-safeguarding-needed = Staff have to check this first: a sensitive subject, the past, or the right to act. A check serves for 30 days
problem-minor-cannot-widen = A younger minor does not give more access
problem-kind-not-by-law = The law gives no access of this kind
problem-same-person = The person who did the step before cannot do this one
problem-patient-suspended = The patient suspended this access: write down that the patient consents
problem-expired = The end has passed
problem-other-representative = A representative by law does not manage another one
problem-limits-empty = The legal authority has to cover a topic
problem-other-ground-needed = This kind of legal authority has another ground
not-available-title = This page is not available to you
not-available-text = It may not exist, it may have ended, or it may not be shared with you. To protect patients, this page is the same in each case.
go-home = Go to the home page
say-reference = If you call, say this reference:
failed-title = This did not work
failed-text = A part of the server did not answer. If you sent a form, it is not certain whether it had its effect: look at the thread before you send it again.
failed-phone = If it stays like this:
typed-title = What you typed
typed-text = It is shown so that you can copy it. It was not stored.
refused-title = This form was not accepted
refused-nothing-happened = Nothing was sent or changed.
refused-other-person = This form was opened by { $other }, and you are signed in as { $me }. Sign in as the person who should send it.
refused-other-page = This form belongs to another patient or thread, or to a sign-in that has ended. Open the page again.
refused-signed-out = You are not signed in any more. Sign in, then open the page again.
refused-foreign = The form did not come from a page of this server.
refused-unreadable = The form is too long, or it did not arrive whole.
conflict-title = It was changed while you were writing
conflict-kept = Yours is not sent yet, and not lost
conflict-text = Read what is new, change your text if you wish, then send it.
conflict-saved = Saved
conflict-now = As it is now
conflict-unsaved = Not sent yet
conflict-yours = Yours
conflict-leave = Leave it as it is now
conflict-impossible = This is not possible any more: { $act }

# Drafts
drafts = Drafts
drafts-text = What you have typed and not sent. Only you can see it.
drafts-empty = You have no drafts.
draft-save = Save draft
draft-discard = Discard draft
draft-continue = Continue
draft-saved = Saved
draft-saved-at = Draft saved at { $time }
draft-saved-on = Draft saved { $when }
draft-discarded = The draft is discarded
draft-empty = There is nothing to save yet
draft-not-saved = The draft is not saved. Check your connection, or copy the text
draft-elsewhere = This draft was saved from another window or device
draft-elsewhere-text = Your own text is in the form. If you save it, it replaces the text above.
draft-elsewhere-script = This draft was saved from another window or device. Press “Save draft” to see both texts
draft-withheld = You may not send this form now, so its text is not shown. You can discard it.
draft-of-message = Message
draft-of-other-form = Another form

# Organizations and their settings
organizations = Organizations
organizations-text = The organizations with their pools, people and calendars. You change those that you administer.
you-administer = You administer it
settings-read-only = You may read this. Who administers the organization can change it.
settings-contact = How to reach it
settings-calendar = Calendar
settings-ages = Minors and their helpers
settings-pools = Pools
settings-members = Members
settings-people = People and roles
settings-roles = Roles
settings-proposed = Proposed roles
settings-former = People without a role
proposed-by = Proposed by
proposed-on = Proposed on
proposed-role-of = Role proposed for { $name }
proposal-ends = The proposal ends
waits-for-second = You proposed it, so another administrator must confirm it.
waits-for-others = It is for you, so another administrator must confirm it.
role-declined = { $role }: declined or taken back by { $by }, { $at }
role-unanswered = { $role }: proposed; ended without an answer, { $at }
settings-threads = Open threads
no-phone = No telephone number
no-calendar = No calendar yet
no-review-age = At no age
no-holidays = None
no-pools = No pools yet
people-not-shown = You may not see who works here
pool-calendar = That of { $organization }
day-off = Day off
work-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
  }
work-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
  }
work-hours-and-minutes = { $hours } and { $minutes }
of-working-time = { $duration } of working time
asked-now-due = Asked now, due { $moment }
until = until { $moment }
remove = Remove
end = End
change-phone = Change the telephone number
change-calendar = Change the calendar
change-ages = Change the ages
change-open-pool = Open a pool
change-rename-pool = Rename the pool
change-add-member = Add a member
change-remove-member = Remove the member
change-register = Register a person
change-grant = Grant a role
change-confirm-role = Confirm the role
change-decline-role = Decline the role
change-withdraw-role = Take the proposal back
change-end-role = End the role
change-correct-name = Correct the name
changed-phone = The telephone number was changed
changed-calendar = The calendar was changed
changed-ages = The ages were changed
changed-open-pool = The pool was opened
changed-rename-pool = The pool was renamed
changed-add-member = The member was added
changed-remove-member = The member was removed
changed-register = The person was registered
changed-grant = The role was granted
changed-propose = The role is proposed. It takes effect once another administrator confirms it
changed-register-proposed = The person was registered. The role takes effect once another administrator confirms it
changed-see-below = Your change was made. See below what holds now
changed-confirm-role = You confirmed the role, and it was granted
changed-decline-role = The role was declined
changed-withdraw-role = The proposal was taken back
changed-end-role = The role has ended
changed-correct-name = The name was corrected
field-phone = Telephone number
field-phone-hint = As people write it, such as +43 1 234567. Empty: it has none.
field-zone = Time zone
field-zone-hint = Its IANA name, such as Europe/Vienna.
field-hours-hint = Such as 08:00-12:00, 13:00-17:00. Empty: a day off.
field-holidays = Days off
field-holidays-hint = One a line as year-month-day, such as 2027-12-25.
field-routine = Routine answer due after
field-urgent = Urgent answer due after
field-minutes-hint = In minutes of working time: 480 are 8 hours.
field-first-age = First age, in years
field-first-age-hint = From here on a minor is asked. Without their consent, access is cut to appointments and education.
field-review-age = Age of the review, in years
field-review-age-hint = Here access waits until it was reviewed with the minor. Empty: at no age.
field-adult-age = Adult age, in years
field-adult-age-hint = Here access by reason of minority ends. At most 21.
field-pool-name = Name of the pool
field-pool-name-hint = The people of the organization see it.
field-public-name = Public name
field-public-name-hint = Patients and other organizations see it. Empty: the same name.
field-specialty = Specialty
field-person = Person
field-person-name = Name
field-first-role = First role
field-role = Role
field-last-day = Last day
field-last-day-hint = As year-month-day, such as 2027-01-31. Empty: the role has no end.
field-reason = Why is it corrected?
no-role = No role
no-role-hint = Such as a patient
former-staff-hint = Holds no role now
no-end = No end
wrong-zone = There is no such time zone
wrong-holidays = Each day once, as year-month-day
wrong-minutes = The working hours do not reach this, or urgent is later than routine
wrong-hours = Write such as 08:00-12:00, 13:00-17:00; hours may not overlap, and one day must have hours
check-title = Check your answers
check-button = Check
check-again = What you saw has changed meanwhile, and nothing was done. Read the new preview, then confirm.
what-follows = What follows
was = Before: { $was }
change-answers = Change the answers
cancel = Cancel
follows-nothing = Nothing changes.
follows-phone = Everybody who may know of the organization sees the number at once.
follows-calendar = Due times that were set before stay as they are. New ones follow this calendar.
routine-due-now = A routine question asked now would be due { $due }. Before: { $was }.
urgent-due-now = An urgent question asked now would be due { $due }. Before: { $was }.
follows-ages = An age is reached at midnight in the time zone of the organization. A new age takes effect at once for every person who has reached it.
follows-open-pool = Staff of all organizations find the pool by its public name and can ask it. It needs members who claim what is asked.
follows-rename-pool = The names change everywhere at once, also in threads that are open.
pool-named = Pool { $pool }
a-member = { $name } is a member
not-a-member = { $name } is no member
follows-add-member = { $name } can see and claim the threads of { $pool }.
follows-remove-member = { $name } can no longer see threads by { $pool } alone, and can claim none of them.
loses-pool-threads = { $count ->
    [0] No open thread changes its owner.
    [one] 1 open thread goes back to the pool.
   *[other] { $count } open threads go back to the pool.
  }
last-member = { $pool } has no member then. What is asked there waits until somebody is added.
follows-register-staff = The person works at { $organization } from now on, and can do what the role allows.
follows-register-nobody = { $organization } knows the person from now on. They can do nothing here until a role or a record is given to them.
roles-of = Roles of { $name }
follows-grant = { $name } can do what the role allows at { $organization }, from now on.
follows-grant-alone = { $organization } has no other administrator who could confirm it, so the record says that you granted it alone.
follows-propose = Nothing changes yet: another administrator of { $organization } has fourteen days to confirm it. Until then { $name } can do no more than before.
follows-register-proposed = { $organization } knows the person from now on. The role takes effect once another administrator confirms it, within fourteen days.
follows-decline-role = { $name } does not get the role. It can be proposed again.
follows-end-role = { $name } can no longer do what the role { $role } allows. This takes effect at once.
loses-threads = { $count ->
    [0] They own no open thread here.
    [one] They own 1 open thread here. If no other role lets them answer it, it goes back to its pool or to a coordinator.
   *[other] They own { $count } open threads here. What no other role lets them answer goes back to its pool or to a coordinator.
  }
follows-end-own-administration = You will not administer { $organization } any more: you cannot change its settings, and only another administrator can give the role back to you.
follows-no-role = { $name } holds no role at { $organization } then, and works in none of its pools.
follows-correct-name = Everybody sees the new name, also in earlier threads. The correction and its reason are kept.

# The worklist on paper
filter-pools = In your pools
print-worklist = Print with telephone numbers
print-now = Print
rows-of = { $first } to { $last } of { $total }
previous-page = Previous page
not-all-read = Only the first are read; the others are not shown.
due-on-paper = { $distance }: { $moment }
sheet-help = Help with this software, { $name }
column-turn = Whose turn
column-phones = Telephone
sheet-all = { $count ->
    [one] 1 thread, which is all that waits.
   *[other] All { $count } threads that wait.
  }
sheet-part = { $count ->
    [one] 1 thread for “{ $filter }”.
   *[other] All { $count } threads for “{ $filter }”.
  }
sheet-first = The first { $count } threads. More wait and do not stand here.

# The query page
query-page = Query page
query-page-text = Ask the API as yourself. What you read is recorded, as on every page.
query-documentation = Documentation of the API
query-documentation-new = Documentation of the API (new tab)
query-document = Document
query-hint = A GraphQL query or mutation. Ctrl+Enter runs it.
query-variables = Variables
query-variables-hint = One JSON object, or empty.
query-operation = Operation
query-operation-hint = Its name, if the document has several.
query-run = Run
query-answer = Answer
query-refused = It was not run
query-examples = Examples
query-examples-text = Choosing one replaces what is in the editor. A subscription cannot be run here: it needs a client that stays connected.
documentation-find = Find a type, a field or a word
documentation-parts = Fields and words
documentation-types = { $count } types
documentation-found = { $count ->
    [one] 1 result for “{ $find }”
   *[other] { $count } results for “{ $find }”
  }

# The lists of an organization
organization-threads = Threads of { $organization }
organization-threads-text = Threads that this organization asks or answers, open and closed, as far as you may see them. The one whose state changed last comes first.
organization-threads-empty = There is none that you may see
organization-patients = Patients of { $organization }
organization-patients-text = All patients whose record is kept here, by name.
organization-patients-search = Find a patient whose record is kept here: type at least three letters of a name, or a date of birth.
organization-patients-unsearched = Search to find a patient
organization-patients-empty = No record is kept here yet.
organization-patients-none = No record here is found by “{ $search }”
organization-patients-all = New search

# Who read what
access-own = Who read your record
access-of-record = Who read the record
access-text = Who opened something of the record or tried to, what it was, when, and for which purpose; the newest first. It never says what they read there.
access-shows = Whose reads
access-by-others = Other people
access-by-everybody = Everybody, with your own
access-people = Only one person
access-only-by = Only what { $name } did.
access-only-by-one = Only what one person did.
access-everybody-again = Show all people
access-nobody-else = Nobody else has read anything about you yet
access-nothing = There is no such record
access-older = Older
access-newest = To the newest
access-conversation = Conversation:
access-some-conversation = In a conversation
access-opened = opened { $when }
access-marked = Marked for review
access-marked-text = A privacy officer looks first at what is marked for review.
access-refused = Refused: nothing was shown or done
access-times = { $count } tries
access-for = for { $name }
access-unknown-person = Somebody who is not registered here
access-wrong = Something here looks wrong?
access-wrong-call = Call { $organization } and ask for the privacy officer. Say the day and the time that you see here.
access-review = Who read what at { $organization }
access-nav = Who read what
access-review-text = Who read or tried what, the newest first; never what was read. Marked for review are reads of people who added themselves to a care team, reads of these records by staff, and refused tries to change who may do something.
access-which = Which records
access-tab-review = For review
access-tab-all = All
access-patient-id = Id of a patient
access-patient-hint = As it stands in a report or in this list. You find all records that concern the patient.
access-only-patient = Only what concerns the patient { $id }.
access-all-patients = Show all patients
access-results = { $count ->
    [one] 1 record on this page.
   *[other] { $count } records on this page.
  }
access-zone = Times are { $zone }.
access-about-person = About { $name }
access-no-patient = No patient whose record is kept here
access-thread-id = Conversation { $id }
column-when = When
column-read = What

# What an access record is about
access-read-access = The list of who read what
access-read-care-team = The care team
access-read-question = A question to join the care team
access-read-blocks = Blocks and permissions
access-read-draft = A draft
access-read-journal = The check of the log
access-read-work = How much work somebody has
access-read-organization = An organization
access-read-patients = The list of patients
access-read-patient = Name and date of birth
access-read-history = Corrections of name and date of birth
access-read-proposal = The proposal of a record
access-read-person = A person
access-read-policy = The rules of who may do what
access-read-pools = The list of pools
access-read-find = That the conversation exists, and who has it
access-read-participants = Who takes part in the conversation
access-read-thread = The conversation: what was asked and answered
access-read-helpers = Who helps the patient
access-read-authority = A right by law to act for the patient
access-read-message = Messages in the conversation
access-read-worklist = A worklist
access-try-care-team = To change the care team
access-try-block = To change a block or a permission
access-try-patient = To change the record
access-try-person = To change a person or a role
access-try-organization = To change an organization
access-try-policy = To change the rules
access-try-draft = To keep or to discard a draft
access-try-thread = To do something in a conversation
access-try-helpers = To change who helps the patient
access-try-authority = To change a right by law
access-try-other = To do something else

# Why somebody may read
purpose-treatment = For treatment
purpose-care-coordination = To coordinate care
purpose-patient-request = At the patient’s own request
purpose-family-request = At the request of who helps the patient
purpose-healthcare-operations = To run the organization, or to oversee it
reads-as-author = Writes the draft
reads-as-joined = Added themself to the care team
reads-as-invited = Is invited
reads-as-staff = Works at the organization

# Helpers: what is done about them
helper-act-refuse-offer = Refuse the offer of { $name }
helper-done-refuse-offer = The offer was refused
helper-about-refuse-offer = { $name } gets no access, and is told nothing.
helper-act-verify-identity = Verify who { $name } is
helper-done-verify-identity = It is recorded who the helper is
helper-about-verify-identity = Look at a document, or meet the person. This gives no access yet: the next step is the check of what would open.
helper-act-fail-identity = Say that it is not certain who { $name } is
helper-done-fail = The invitation has ended
helper-about-fail = This ends the invitation. The person is told that it ended, without a reason.
helper-act-pass-check = Check that the access of { $name } is safe
helper-done-pass-check = The check was passed
helper-about-pass-check = Read the list of what would open, and answer each question. Nothing opens before the consent is recorded.
helper-act-check-wider = Check that { $name } can see and do more
helper-done-check-wider = The check was passed. For 30 days the patient can let them see and do so much
helper-about-check-wider = Choose what is to be reached, and answer each question. Then the page lists what would open now, and you press the button again. Nothing opens before the patient agrees.
helper-act-fail-check = Say that the access of { $name } would not be safe
helper-act-consent = Record the consent for { $name }
helper-done-consent = { $name } has access from now on
helper-about-consent = With this, { $name } gets access to what is chosen below, until the end that was agreed.
helper-act-narrow = Let { $name } see and do less
helper-done-narrow = The access was reduced
helper-about-narrow = It takes effect at once. To extend it later, you first see what that would open.
helper-act-widen = Let { $name } see and do more
helper-done-widen = It was made more
helper-about-widen = Choose what is to be reached. Then the page lists what would open now, and you press the button again.
helper-law = What does the law say about it?
helper-agreed = Who else of the team agrees?
helper-act-renew = Let the help of { $name } end later
helper-done-renew = The new end was recorded
helper-about-renew = What { $name } sees and does stays the same.
helper-act-suspend = Pause the help of { $name }
helper-done-suspend = The help is paused
helper-about-suspend = From now on { $name } sees and does nothing. Somebody else looks before the access is given back.
helper-act-resume = Give { $name } the access back
helper-done-resume = The access was given back
helper-about-resume = Another person than the one who paused it decides this. Answer each question anew.
helper-act-end = End the help of { $name }
helper-done-end = The help has ended
helper-about-end = From now on { $name } sees and does nothing. What they wrote stays. They are told that the help ended, without a reason. This cannot be undone: to help again, the person has to be invited again.
helper-act-record-authority = Record who represents the patient by law
helper-done-record-authority = The document is on file
helper-about-record-authority = This puts a document on file. It gives no access by itself: the document is checked next.
helper-act-verify-authority = Record that the document of { $name } was checked
helper-done-verify-authority = The document was checked
helper-about-verify-authority = Say how far the document goes and how long. No access that rests on it goes further.
helper-act-reject-authority = Record that the document of { $name } does not hold
helper-done-reject-authority = It is recorded that the document does not hold
helper-about-reject-authority = No access can rest on this document.
helper-act-dispute-authority = Say that the right of { $name } is disputed
helper-done-dispute-authority = The right is disputed
helper-about-dispute-authority = Every access that rests on it is paused until the privacy officer has decided.
helper-act-uphold-authority = Decide that the right of { $name } holds
helper-done-uphold-authority = It was decided that the right holds
helper-about-uphold-authority = The dispute ends. A paused access is given back by a step of its own.
helper-act-end-authority = Record that the right of { $name } ended
helper-done-end-authority = The right has ended
helper-about-end-authority = Every access that rests on it ends too.

# What about help and directives waits for a person, or was announced to them
reminders = What waits for you about help
reminders-to-answer = { $count ->
    [one] 1 thing waits for your answer
   *[other] { $count } things wait for your answer
  }
reminders-told = What you should know about help and blocks
reminder-answer-offer = Answer the offer of { $name } to help you
reminder-give-consent = Say whether { $name } may help you
reminder-confirm = Say whether this is right. Your team wrote it down: { $whom }
reminder-answer-invitation = Answer the invitation to help
reminder-unanswered = Nobody has answered your invitation to help { $patient }
reminder-consent-overdue = Nobody has recorded the consent to the help of { $name } for { $patient }
reminder-access-ends = The access of { $name } ends. Last day: { $day }
reminder-own-access-ends = Your access for { $name } ends. Last day: { $day }
reminder-age = You will soon be of an age at which the access of { $name } changes
reminder-own-age = Your access for { $name } changes soon, because of their age
reminder-document-ends = The document for your access for { $name } ends. Last day: { $day }
reminder-directive-ends = A block or permission of yours ends: { $whom }. Last day: { $day }

# Helpers: who helps a patient
helpers = Helpers
helpers-own = People who help me
helpers-own-text = These people may see some of what you and your team write. You decide, and you can end it at any time.
helpers-text = Who helps this patient, what they may see and do, and what has to be done next.
helper-work = Helpers who wait for you
helper-work-text = What you or a colleague has to do next about people who help patients, the earliest due time first. If you paused an access, somebody else decides about it.
helper-work-none = No helper waits for you
helper-work-by-due = By due time
helper-work-no-due = No due time: the organization has no calendar
helper-work-answer = Answer the offer of { $name } to help
helper-work-review = Decide about the paused access of { $name }
helpers-now = Who helps now
helpers-none = Nobody helps now
helpers-former = Who helped before
helpers-back = Back to the helpers
helper-nobody-yet = Not known yet
helper-active-until = Active until { $day }
helper-accept-by = To be accepted by { $when }
helper-staff-by = Waits for the practice since { $when }. To be done within five working days
helper-waits-since = Waits since { $when }
helper-answer-offer = Invite { $name }, who offers to help
helper-can = What this person may see and do
helper-is-to = What this person is to see and do
helper-could = What this person could see and do
helper-cannot = What this person cannot do
helper-cannot-team = see what the care team writes among itself
helper-cannot-hidden = see conversations that are kept from helpers
helper-cannot-others = see who else helps
helper-kind-label = Why this person helps
helper-relationship-label = Relationship
helper-since = Since
helper-until = Until
helper-history = What was done
helper-step-offered = Offered to help
helper-step-invited = Was invited
helper-step-accepted = Accepted
helper-step-verified = It was verified who they are
helper-step-checked = The check was passed
helper-step-consented = The consent was recorded
helper-step-activated = The access began
helper-step-narrowed = The access was reduced
helper-step-widening-checked = It was checked that more can be reached
helper-step-widened = The access was extended
helper-step-renewed = The access ends later
helper-step-suspended = The access was paused
helper-step-resumed = The access was given back
helper-step-ended = It ended
helper-step-changed = It was changed
helper-reason-hint = The helper does not read it.
helper-reason-optional = You need not say why. The helper does not read it.
helper-patient-word-hint = Needed where the patient took the access away.

# Helpers: what they may reach
helper-topics = What may this person see and do?
helper-topics-text = Choose for each topic. What you leave empty stays closed.
helper-read = Read
helper-write = Write
helper-act = Act
helper-may-read = read
helper-may-write = write
helper-may-act = act for the patient
helper-topic = { $topic }: { $verbs }
helper-opened = also what is marked as: { $subject }
helper-listed = { $count ->
    [one] one single conversation
   *[other] { $count } single conversations
}
helper-sensitive = Sensitive subjects that may open
helper-sensitive-hint = All of them stay closed unless you choose them here.
helper-which = Which conversations?
helper-which-all = All conversations with the practice about these topics, later ones too
helper-which-listed = Single conversations
helper-which-listed-hint = You can choose confidential ones too. A conversation opens only if its topic and all its sensitive subjects are chosen too.
helper-past = How much of the past?
history-from-grant = what is written from the first access on
history-of-all = everything, also what was written before
helper-manages = The patient’s other helpers
helper-manages-yes = may invite, change and end other helpers
helper-manages-hint = Only for who represents the patient by law.
opened-title = What would open now
opened-none = No conversation would open now. Later ones of the chosen topics open when they are written.
opened-sensitive = Sensitive: { $marks }
opened-not = { $count ->
    [one] One conversation that you chose does not open: its topic or a sensitive subject of it is not chosen.
   *[other] { $count } conversations that you chose do not open: their topic or a sensitive subject of theirs is not chosen.
}
opened-unknown = The list of what would open could not be read. The practice checks it before anything opens.

# Helpers: the invitation
helper-invite = Let somebody else help
helper-invite-text = Nothing opens by an invitation alone. The person accepts, the practice checks who they are and whether it is safe, and then the consent is recorded.
helper-usual = You can begin with what is usual, and change it afterwards.
helper-begin-usual = What is usual: { $kind }
helper-closes = { $count ->
    [0] No conversation is open to them now.
    [one] One conversation is no longer open to them afterwards.
   *[other] { $count } conversations are no longer open to them afterwards.
}
helper-narrows = { $count ->
    [0] Every conversation that is open to them now stays open.
    [one] One conversation is no longer open to them afterwards.
   *[other] { $count } conversations are no longer open to them afterwards.
}
helped-closes = { $count ->
    [0] You lose no conversation.
    [one] You can no longer open one conversation afterwards.
   *[other] You can no longer open { $count } conversations afterwards.
}
helper-whom = Who is to help?
helper-another = Somebody else, who gets a code
helper-offered = Offers to help: { $relationship }
helper-contact = Name and address or telephone number
helper-contact-hint = For a person who is not in the list. Only the patient and the practice read it.
helper-kind = Why does this person help?
helper-relationship = What is this person to the patient?
helper-organization = For which organization do they work?
helper-organization-hint = Only for who helps by profession.
helper-ground = Why do you invite them?
helper-authority = On which right by law does it rest?
helper-until-hint = At most a year; for who helps by profession three months. It can be made longer later.
helper-relative = Are you a relative of this person?
helper-relative-yes = I am a relative
helper-relative-hint = Then another member of the team does this step.
helper-check = Check what would open
helper-check-title = Check before you invite
helper-check-text = Nothing was sent yet.
helper-invite-now = Invite
helper-change = Change something
helper-invited-done = The person is invited
code-title = The code of the invitation
code-text = Write this code down or read it out, and give it to the person whom you invite.
code-where = The person signs in, opens “I help” and enters the code there.
code-once = It is shown only now. Anyone who has it can accept the invitation.
code-next = Once the person has accepted, { $name } checks who they are.

# Helpers: the checks
helper-identity-how = How was it verified?
helper-identity-level = How sure is it?
helper-evidence = What was seen?
helper-evidence-hint = Leave it empty where the same person was verified in the last twelve months.
helper-employment = How did the organization confirm that they work there?
helper-employment-hint = Leave it empty where they hold a role there in this system.
helper-open-sensitive = Sensitive conversation: { $subject }
helper-open-it = Open it
helper-open-why = Why is “{ $subject }” to open?
helper-open-why-hint = Only if you open it.
check-necessary = Is the access necessary?
check-relevant = Does it fit what it is for?
check-safe = Is it safe for the patient?
check-alone = Was the patient asked without the helper?
helper-basis = Who decided this?
helper-consent-how = How was the consent given?
helper-consent-when = When was it given?
helper-witness = Who else of the team heard it?
helper-witness-hint = Needed for the word of a patient without an account.
helper-own-word = What does the patient say?
helper-own-word-hint = Needed where the law gives the access.
helper-own-word-note = What they said, or what was found

# Helpers: rights by law
authorities = Who represents the patient by law
authorities-text = A document gives no access by itself. A person who needs access has to be invited too.
authority-whose = Whose right is it?
authority-what = What kind of right?
authority-why = Why does the patient need it?
authority-document = Which document?
authority-document-hint = For example the court, the date and the number.
authority-limits = How far the right goes
authority-from-when = From when does it hold?
authority-end = Does the document name an end?
authority-has-end = Yes, it ends
authority-has-no-end = No, it names no end
authority-until-when = If it ends: until when?
authority-ended-when = When did it end?
authority-from = Holds from { $from }
authority-from-until = Holds from { $from } until { $until }

# Whom a person helps
helping = I help
helping-whom = Whom is this about?
helping-text = Choose one person first. The name then stands on every page.
helping-home = You help somebody. Choose whom.
helping-choose = Choose whom you help
helping-invited = You are invited to help somebody
helping-answer = Read the invitation
helping-open = Help { $name }
helping-see = See the state: { $name }
helping-other = Choose another person
helping-until = You may help until { $day }.
helping-as = You are for this person: { $relationship }.
helping-ask = Questions? Ring { $name }:
helping-nobody = You help nobody here
helping-code = I have the code of an invitation
helping-missing = Is somebody missing here?
helping-missing-text = You see only people who have said that you may help them, and whose help has not ended. The practice can explain how to ask.
helped-patient = A patient
helped-patient-of = A patient of { $name }
helped-invited = You are invited.
helped-accepted = You have accepted. Waiting for the practice to check who you are. Until then you see nothing.
helped-verified = The practice knows who you are and still checks what you may see. Until then you see nothing.
helped-checked = Only the consent is still missing. Until then you see nothing.
helped-active = You may help now.
helped-suspended = Your access is paused. The practice can tell you more.
helped-ended = This help has ended.
helped-messages = Messages about { $name }
helped-none = There is no message for you yet
helped-write = Write about { $name }
helped-read = Read about { $name }
helped-can = What you may see and do for { $name }
helped-narrow = See and do less for { $name }
helped-give-back = Stop helping { $name }
helped-decline = Stop helping { $name }
helped-narrow-text = It takes effect at once. You cannot take it back yourself.
helped-not-as-staff = You also work in health care. While you help, your work gives you no access to this person. It does so only if another person who knows that you help adds you to the care team.
helped-give-back-text = You then see nothing more about this person. What you wrote stays. To help again you need a new invitation.
helped-decline-text = The invitation then ends, and you get no access.
helped-narrow-done = You see and do less now
helped-give-back-done = You have stopped helping
helped-decline-done = You have taken it back
helped-reason-hint = You need not say why.
help-accepted-done = You have accepted. The practice now checks who you are
invitation-title = An invitation to help
invitation-text = Enter the code that you were given. Capital letters and hyphens do not matter.
invitation-show = Show the invitation
invitation-by = Invited by: { $by },
invitation-name = The name is not shown before the practice has checked who you are. If you are not sure, ask the person who gave you the code.
invitation-can = What you are to see and do
invitation-next = After you accept, the practice checks who you are. You see nothing before that.
invitation-accept = Accept and help
invitation-decline = Decline
invitation-declined = You have declined
invitation-until = You can answer until
invitation-others = Other invitations to you
invitation-answer = Read and answer
invitation-other-code = Another invitation with a code
help-code = Code
help-code-hint = It has letters and digits, in groups of four.
help-own-account = Your account
help-own-account-yes = Nobody else signs in with my account, and I accept the terms
help-own-account-hint = Who helps needs an account of their own.
terms = What you agree to
terms-own = You sign in as yourself. Your name stands on each message that you write.
terms-private = You keep to yourself what you read here, and use it only to help this person.
terms-seen = The patient and the practice can see when you read something.
terms-end = The help ends on the day above, and can be ended at any time by the patient, by the practice and by you.
terms-emergency = This is not for emergencies. In an emergency, ring the emergency number.

helps-patient-authorised = The patient wants this help
helps-by-profession = Help by profession
helps-as-parent = Parental responsibility for a minor
helps-by-law = Representation by law
helps-as-executor = Administration of the estate of a patient who died


helper-is-asked = Offers to help
helper-is-invited = Invited
helper-is-accepted = Accepted; identity to be verified
helper-is-verified = Identity verified; safety to be checked
helper-is-checked = Checked; consent to be recorded
helper-is-active = Active
helper-is-suspended = Paused; to be reviewed
helper-is-ended = Ended

helper-end-declined = it was declined
helper-end-revoked = somebody ended it
helper-end-refused = the offer was refused
helper-end-lapsed = nobody answered the offer
helper-end-not-needed = the person accepted an invitation instead
helper-end-unanswered = nobody answered the invitation
helper-end-identity = it was not certain who they are
helper-end-unsafe = the access would not be safe
helper-end-unfinished = the steps took too long
helper-end-expired = its end was reached
helper-end-adult = the patient is of age
helper-end-died = the patient died
helper-end-death-voided = the record of the death was an error
helper-end-authority = the right by law ended
helper-end-employment = the helper left the organization


helper-pause-age = the patient reached the age of review
helper-pause-note = a note protects the patient
helper-pause-dispute = the right by law is disputed

identity-in-person = In person
identity-document = By a document
identity-known = The team knows them
identity-provider = By an identity service

identity-low = Low
identity-substantial = Substantial
identity-high = High

alone-asked = Yes, alone
alone-cannot = The patient cannot answer
alone-not-needed = There is nobody to ask

basis-patient = The patient decided
basis-law = The law requires it
basis-patient-word = The patient decided, and a witness wrote it down

own-word-consents = Agrees
own-word-not-competent = Cannot decide it

ground-present = The patient is present and wants it
ground-law = The law gives the person a right

authority-parental = parental responsibility
authority-guardianship = guardianship
authority-power = power of attorney for health
authority-court = appointment by a court
authority-estate = for the estate of a patient who died

authority-minority = The patient is a minor
authority-incapacity = The patient lacks capacity
authority-will = The patient wants it
authority-death = The patient died

authority-recorded = On file; to be checked
authority-verified = Checked
authority-disputed = Disputed
authority-ended = Ended


# A helper writes
write-about = Write about { $patient } ({ $count ->
    [one] 1 person reads it
   *[other] { $count } people read it
  })
write-about-to-team = Write about { $patient } to the team only ({ $count ->
    [one] 1 person reads it
   *[other] { $count } people read it
  })

# Who could see what, and what a helper sees
timeline-own = Who could see what
timeline-of-record = Who could see what of this record
timeline-text = Each entry says who could see something of this record, from when to when, and why. The newest is first.
timeline-nobody = Nobody could see anything yet
timeline-now = Now
timeline-from = From
timeline-to = to
timeline-ends-itself = Ends by itself after { $day }
timeline-care-team = On the care team
timeline-asks = Asked a question about the patient
timeline-holds = Had to answer a question about the patient
timeline-takes-part = Participant in a conversation
timeline-helps = Helper, with this access
timeline-shut-out = Blocked
timeline-permitted = Permitted by the patient to see more
timeline-other = For another reason
timeline-then-narrowed = After that, the access was reduced
timeline-then-widened = After that, the access was extended
timeline-then-renewed = After that, the access got a later end
timeline-then-suspended = After that, the access was paused
timeline-then-ended = After that, the access ended
timeline-sees-from = Only what was written since { $from }
as-helper-link = See what { $name } sees
as-helper-title = What { $name } sees
as-helper-text = These are the conversations that this person can see now. Only you can open this page. The list of who read your record shows that you opened it.
as-helper-private = Messages between this person and the team alone are not shown here.
as-helper-nothing = This person can see no conversation now
as-helper-no-messages = This person can read no message in this conversation.
as-helper-older = This person can also read older messages, which are not shown here.
as-helper-answer = This person can also read the question, and the answer if there is one. They are not shown here.
access-read-preview = What a helper sees, as a preview
access-read-timeline = Who could see what, and when

# Directives: whom a patient blocks, and whom they permit something
directives = Blocks and permissions
directives-own-text = You decide whom you block. A block holds at once, and the person is not told. You can also permit clinicians of your care team to read restricted conversations and those with a sensitive subject.
directives-text = Whom the patient blocks, and whom they permit to see more, as far as you may know it. There can be more.
directives-overseen-text = What the patient said, and what staff wrote down for the patient. Look for what was entered in error.
directives-back = Back to blocks and permissions
directives-waiting = To be confirmed
directives-overseen-way = To see what patients of { $name } block and permit, choose a patient in the list of who read what.
directives-overseen-choose = Choose a patient of { $name }
directives-denied = Blocked
directives-denied-none = Nobody is blocked.
directives-denied-none-shown = No block is shown to you.
directives-permitted = Permitted to see more
directives-permitted-none = Nobody is permitted to see more.
directives-permitted-none-shown = No permission is shown to you.
directives-over = Ended
directive-state-proposed = To be confirmed; no effect yet
directive-state-active = In force
directive-state-unconfirmed-deny = In force; to be confirmed
directive-state-ended = Ended
directive-state-refused = Refused; never in force
directive-state-voided = Entered in error
directive-somebody = A person whom you may not know
directive-somewhere = an organization that you may not know
directive-role-at = Every { $role } at { $organization }
directive-role = Every { $role }
directive-at = Everybody who works at { $organization }
directive-everything = Everything about the patient
directive-not-sensitive = Restricted conversations without a sensitive subject
directive-about-label = About
directive-since = Recorded
directive-written-down = written down by
directive-giver-label = Given or confirmed by
directive-giver-patient = The patient
directive-giver-representative = A person who represents the patient by law
directive-giver-staff = Nobody yet. Staff wrote down what the patient said
directive-paper = The paper that the patient signed
directive-said = What the patient said
directive-error = Why it was an error
directive-from = In force from
directive-until-label = In force until
directive-confirm-by = Confirm before
directive-ask-by = Ask the patient before
directive-ended-label = Ended
directive-act-deny = Block somebody
directive-act-permit = Permit somebody to see more
directive-act-record-deny = Write down whom the patient blocks
directive-act-record-permit = Write down whom the patient permits to see more
directive-act-confirm = Confirm
directive-act-confirm-on-paper = Record the signed paper
directive-act-refuse = Refuse the permission
directive-act-tighten = Let people see less
directive-act-end = End the block or permission
directive-act-void = Record that it is an error
directive-done-deny = The block is recorded
directive-done-permit = The permission is recorded
directive-done-record-permit = It is written down. The patient has to confirm it
directive-done-confirm = It is confirmed
directive-done-refuse = The permission is refused
directive-done-tighten = It was changed. People see less from now on
directive-done-end = It has ended
directive-done-void = It is recorded as an error
directive-about-deny = The people whom you choose can no longer find or read what you choose, or do anything there, whatever else permits it. They get no message about it, and they are not told. What they had to do goes to others.
directive-about-permit = The clinicians of the care team whom you choose can read restricted conversations for treatment. A conversation with sensitive subjects opens only if you choose all of them. They cannot write there by this permission. It ends by itself on the day that you choose, and you can end it before.
directive-about-record-permit = It has no effect until the patient confirms it, within 14 days. You cannot write down a permission for yourself.
directive-about-confirm = You confirm what you read above. From now on it holds as your own decision.
directive-about-confirm-on-paper = Only for a patient without an account here. The person who wrote it down cannot do this.
directive-about-refuse = The permission will never have effect.
directive-about-tighten = A block can become wider or longer, and a permission narrower or shorter. What you do not change stays as it is. To let people see more, end it and give a new one.
directive-about-end = It no longer holds. From now on, everything else decides what people can see and do: their role, their place on the care team, and other blocks and permissions.
directive-about-void = For what was recorded by mistake, such as a block of the wrong person. The patient reads the reason.
directive-whom = Whom is it about?
directive-subjects = Which sensitive subjects?
directive-subjects-deny = If you choose none: everything about the patient.
directive-subjects-permit = If you choose none: only conversations without a sensitive subject. If you choose some: only conversations that have them and no other.
directive-subjects-fewer = Only conversations that have the chosen subjects and no other.
directive-purpose = For which purpose?
directive-any-purpose = For every purpose
directive-start = When does it begin?
directive-start-now = Now
directive-start-later = On a later day
directive-from-when = If it begins later: when?
directive-end = Does it have an end?
directive-no-end = No, it holds until somebody ends it
directive-has-end = Yes, it ends on a day
directive-document = Which paper is it?
directive-document-hint = What it is called and where it is kept.
directive-void-hint = The patient reads it.
directive-work = Patients whom you have to ask
directive-work-text = Staff wrote down whom these patients block, and nobody confirmed it in time. The block holds. Ask the patient whether this is right.
directive-work-ask = Ask the patient whether to block: { $whom }
directive-see-first = See what it would change
directive-preview = What it would change now
directive-preview-none = It would change nothing for those who have access now.
directive-not-yet = Nothing has changed yet. To do it, press the button below.
directive-loses = { $name } can no longer find { $count ->
    [one] 1 conversation
   *[other] { $count } conversations
  }
directive-reads-less = { $name } can no longer read { $count ->
    [one] 1 conversation
   *[other] { $count } conversations
  }
directive-gains = { $name } can read { $count ->
    [one] 1 more conversation
   *[other] { $count } more conversations
  }
directive-left-alone = { $count ->
    [one] In 1 conversation nobody else could go on. It has to be handed over first.
   *[other] In { $count } conversations nobody else could go on. They have to be handed over first.
  }
problem-whom-missing = Choose whom it is about.
problem-purpose-missing = Choose for which purpose.
problem-until-missing = A permission needs an end. Say until when.
problem-not-permittable = No rule asks the patient for this permission, so it would change nothing.
problem-has-account = The patient has an account, and confirms it there.
problem-not-tighter = A block can only become wider or longer, and a permission only narrower or shorter.
problem-conflict-of-interest = That person helps the patient, and so has no access to the patient as staff

# Messages from outside
outside-messages = Messages from outside
outside-messages-text = People without access wrote these messages, each about a patient whom they name. Find out which patient that is. The senders get no answer.
outside-none = No message from outside waits for you
outside-match-offer = Find out whom { $name } offers to help
outside-find-patient = Find out whom { $name } writes about
outside-names = The patient, as the sender wrote it
outside-claimed-by = Claimed by
outside-unclaimed = Nobody has claimed it
outside-what = The message
outside-sender = From
outside-sent = Sent
outside-unverified = Nobody has verified the relationship of the sender to the patient. Do not tell the sender whether there is such a patient.
outside-claim = Claim this message
outside-whom = Whom is it about?
outside-search = Name or date of birth
outside-search-hint = Among the patients of your organization. Write at least three letters of a name, or a date of birth.
outside-search-more = Write more of the name, or the date of birth.
outside-no-search = You cannot search for a patient at this organization. A nurse or a coordinator has to find out which patient it is: they can claim the message after you.
outside-nobody-found = No patient is found
outside-nobody-found-text = Try another spelling, or the date of birth. If it stays uncertain whom the message is about, close it below.
outside-other-patient = Choose another patient
outside-match = Record that this offer is for { $name }
outside-match-text = The patient is asked next. Nobody gets access by this step.
outside-attach = Attach it to a conversation about { $name }
outside-attach-text = Everyone who can read messages to the clinical team in that conversation can read it. You can ask the patient about the sender.
outside-thread = Which conversation?
outside-threads-more = Only the newest conversations about this patient are offered. There are more.
outside-no-newest-thread = There is no open conversation among the newest about this patient in which you can write to the clinical team. There are more conversations.
outside-no-thread = There is no open conversation about this patient in which you can write to the clinical team.
outside-ended = This message is closed.
outside-close-title = Close without effect
outside-close-ground = Why is it closed?
outside-close-hint = The sender does not read it.
outside-close = Close the message
outside-closing-unmatched = It is not certain whom it is about
outside-closing-refused = It should have no effect
outside-done-match = The patient is asked now
outside-done-attach = The message is in the conversation now
outside-done-close = The message is closed
outside-note-from = Relationship to the patient, not verified: { $relationship }
outside-note-attached = Attached by
outside-note-unknown = The senders cannot read this conversation, and do not know that their message is here.
tell = Write to a practice about somebody
tell-about = For people without access to a patient’s record: offer your help, or tell the patient’s team something that it should know.
tell-urgent = Nobody reads this at once, and you get no answer. In an emergency, ring the emergency number.
tell-wish = What do you want to do?
tell-wish-help = Offer my help
tell-wish-tell = Tell the team something
tell-to = To which practice?
tell-phone = Telephone { $phone }
tell-patient = What is the patient’s name?
tell-patient-hint = Write it as you know it.
tell-birth-date = When was the patient born?
tell-birth-date-hint = For example 1958-03-04, or only the year. Leave it empty if you do not know it.
tell-relationship = What are you to the patient?
tell-kind = Why do you want to help?
tell-kind-hint = Only if you offer your help.
tell-text = What do you want to say?
tell-text-hint = Needed if you tell the team something.
tell-send = Send to the practice
tell-sent = It was sent
tell-sent-text = You get no answer here, for any patient. If the patient wants your help, you get an invitation. You find it under “I help”.
access-read-outside = Messages from outside
access-try-outside = To do something with a message from outside
