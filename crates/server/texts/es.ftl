# Los textos de las páginas en español. Las claves y las variables son las de `en.ftl`.

language-name = Español

skip = Ir al contenido
demo = Demostración
demo-banner = Demostración: aquí nadie existe. No ponga pacientes reales.
demo-change = Actuar como otra persona
you = Usted:
sign-out = Salir
session-ends = Su sesión termina en dos minutos, porque aquí no pasó nada. Lo que escribió sigue en la página.
session-stay = Seguir
session-ended = Su sesión terminó, porque aquí no pasó nada. Lo que escribió sigue en esta página: inicie la sesión en otra pestaña y pulse el botón.
refused-too-long = El formulario es más largo de lo que acepta este servidor.
send-again = Enviar lo mismo otra vez
send-again-text = No se sabe si se hizo. Enviar otra vez el mismo formulario no tiene un segundo efecto.
main-navigation = Principal
home = Inicio
worklist = Lista de trabajo
inbox = Bandeja de entrada
patients = Pacientes
messages = Mensajes
help = ¿Algo va mal o no sabe a quién preguntar?
printed = Impreso por { $name } el { $time }. Vale solo para ese minuto.

sign-in-title = ¿Como quién quiere verlo?
sign-in-text = Carefold es distinto para cada persona, porque cada una puede ver cosas distintas. Elija una; puede cambiar cuando quiera.
sign-in-again = Entrar de nuevo
sign-in-programs = Para programas
sign-in-programs-text = La API, una credencial para ella y el estado del servidor:
group-clinicians = Personal clínico
group-coordination = Coordinación
group-operation = Privacidad y operación

monday = lunes
tuesday = martes
wednesday = miércoles
thursday = jueves
friday = viernes
saturday = sábado
sunday = domingo
january = enero
february = febrero
march = marzo
april = abril
may = mayo
june = junio
july = julio
august = agosto
september = septiembre
october = octubre
november = noviembre
december = diciembre
day-with-weekday = { $weekday } { $day }
day-with-year = { $day } de { $month } de { $year }
day-without-year = { $day } de { $month }
month-with-year = { $month } de { $year }
day-today = { $day }, hoy
moment-today = hoy, { $time }
moment-yesterday = ayer, { $time }
moment-tomorrow = mañana, { $time }
moment-day = { $day }, { $time }
moment-in-zone = { $time } ({ $zone })
zone = hora de { $city }
late-minutes = { $count ->
    [one] 1 minuto de retraso
   *[other] { $count } minutos de retraso
  }
late-hours = { $count ->
    [one] 1 hora de retraso
   *[other] { $count } horas de retraso
  }
late-days = { $count ->
    [one] 1 día de retraso
   *[other] { $count } días de retraso
  }
in-minutes = { $count ->
    [one] en 1 minuto
   *[other] en { $count } minutos
  }
in-hours = { $count ->
    [one] en 1 hora
   *[other] en { $count } horas
  }
in-days = { $count ->
    [one] en 1 día
   *[other] en { $count } días
  }
by-time = antes de: { $time }
by-time-in-zone = antes del { $time }, { $zone }
no-due = Sin plazo
date-day = Día
date-month = Mes
date-year = Año
date-time = Hora

role-physician = medicina
role-nurse = enfermería
role-pharmacist = farmacia
role-coordinator = coordinación
role-social-worker = trabajo social
role-privacy-officer = protección de datos
role-administrator = administración
role-auditor = auditoría
role-service = programa
role-person = persona
role-patient = paciente
capacity-delegate = ayuda al paciente
relationship-parent = madre o padre
relationship-child = hija o hijo
relationship-partner = pareja
relationship-sibling = hermana o hermano
relationship-grandparent = abuela o abuelo
relationship-other-family = familiar
relationship-friend = amiga o amigo
relationship-neighbour = vecina o vecino
relationship-guardian = tutora o tutor
relationship-caregiver = cuidadora o cuidador
relationship-social-worker = trabajadora o trabajador social
relationship-other = otra persona
helps = { $relationship }, ayuda a { $patient }
grant-words = { $who }. { $why }
grant-by-law = { $who }. { $why }: { $authority }
role-at = { $role }, { $organization }
a-pool = grupo
audience-everyone = Todos en esta conversación
audience-clinical-team = Solo el equipo clínico
audience-named = Solo las personas nombradas
audience-named-persons = Solo { $names }
audience-team-and-one = El equipo clínico y una persona
audience-team-and-me = El equipo y yo
audience-team-and = El equipo y { $name }
only-team-and-you = Solo el equipo y usted
only-team-and = Solo el equipo y { $name }
team-and-me-hint = No lo ve nadie más a quien usted haya dado acceso.
state-submitted = Preguntada
state-assigned = Aceptada por el grupo
state-in-review = En estudio
state-answered = Respondida
state-plan-recorded = Plan anotado
state-patient-informed = Paciente informado
state-closed = Cerrada
team-active = Abierta
team-parked = Aplazada
recommend-treat = tratamiento
recommend-test = prueba
recommend-refer = derivación
recommend-visit = visita
recommend-reassure = tranquilizar
certainty-low = certeza baja
certainty-moderate = certeza media
certainty-high = certeza alta
kind-and-certainty = { $kind }, { $certainty }
disposition-accepted = Aceptada
disposition-modified = Cambiada
disposition-rejected = No se sigue
not-decided = Sin decidir todavía
inform-in-person = En persona
inform-telephone = Por teléfono
inform-portal = Por el portal
inform-portal-without-patient = El paciente no puede leer aquí esta conversación.
inform-letter = Por carta
outcome-new-plan = Un plan nuevo
outcome-plan-confirmed = Se confirmó el plan
outcome-referral-avoided = Se evitó una derivación
outcome-referral-still-needed = La derivación sigue siendo necesaria
outcome-new-referral = Se hizo una derivación nueva
reassign-workload = Demasiado trabajo
reassign-absence = Ausencia
reassign-expertise = Hace falta otra especialidad
reassign-conflict-of-interest = Un conflicto de intereses
topic-clinical-advice = Consejo clínico
topic-medications = Medicación
topic-results = Resultados
topic-scheduling = Citas
topic-education = Educación
topic-social = Necesidades sociales
topic-billing = Facturación
urgency-routine = Normal
consent-text = El texto del consentimiento
consent-shown = El texto que se mostró
consent-verbal = De palabra
consent-written = Por escrito
consent-electronic = Por vía electrónica
consent-emergency = No se preguntó: es una emergencia
consent-lacks-capacity = No se preguntó: el paciente no puede consentir
consent-required-by-law = No se preguntó: la ley lo exige
confidentiality-normal = Como toda historia clínica
confidentiality-restricted = Limitado a las personas implicadas
confidentiality-very-restricted = Solo para quien deba saberlo
sensitivity-substance-use = Consumo de sustancias
sensitivity-psychiatry = Psiquiatría
sensitivity-hiv = VIH
sensitivity-sexual-health = Salud sexual y reproductiva
sensitivity-domestic-violence = Abuso o violencia doméstica
reads-as-patient = El paciente
reads-as-opener = Abrió la conversación
reads-as-owner = Es responsable de la conversación
reads-as-participant = Participa en la conversación
reads-as-delegate = Ayuda al paciente
reads-as-care-team = Está en el equipo del paciente
reads-as-pool-member = Está en un grupo que tiene la conversación o participa
reads-as-owners-pool = Está en el grupo del que procede la persona responsable
reads-as-requesting-organization = Trabaja en la organización que preguntó
reads-as-receiving-organization = Trabaja en la organización que responde
reads-as-other = Otra regla de la política

patient-label = Paciente
open-patient = Equipo y conversaciones
born = Nacimiento
died = Fallecimiento
born-on = nac. { $day }
born-with-age = { $day } ({ $age })
about-no-patient = Sobre ningún paciente
patient-not-shown = No se le muestra de quién se trata
patient-not-shown-text = Por eso no se puede escribir nada aquí.
similar-title = Un paciente suyo tiene un nombre parecido
similar-text = Compare el nombre y la fecha de nacimiento antes de enviar.
about-you = Sobre usted
patient-unknown = No es seguro de quién se trata
patient-unknown-text = No se puede mostrar el nombre o la fecha de nacimiento, así que aquí no se puede escribir.

kind-consultation = Consulta
kind-team-thread = Conversación del equipo
kind-and-state = { $kind }, { $state }
consultation-from-to = Consulta de { $from } a { $pool }
withheld = No disponible
erased = Borrado
restricted-subject = Asunto reservado
one-of = { $number } de { $total }
looks-alike = { $number } de { $total } que parecen iguales
withheld-from-role = Su función no le permite leer este texto, o se escribió antes de lo que usted ve de esta conversación.
withheld-from-patient = Este texto se escribió para los profesionales de su equipo. Pregúnteles si quiere saber más.
withheld-from-helper = Este texto se escribió para profesionales, o antes de que empezara su acceso.
question-about-you = Pregunta sobre usted
urgent = Urgente
unread = Sin leer
with-person = Con { $name }
with-somebody = Con alguien a quien usted no puede ver
waits-in-pool = Espera en el grupo { $pool }; nadie la tiene todavía
waits-for-coordinator = Espera a la coordinación de { $pool }
waits-for-role = Espera a alguien de { $role } de { $organization }
waits-for-patient = Espera al paciente
waits-for-nobody = Aplazada: hasta entonces no se espera nada de nadie
your-turn-or-pass = Le toca a usted: { $what }, o pasar el turno
your-turn = Le toca a usted: { $what }
decide-after-death = El paciente falleció. Decida qué sigue: indique qué queda por hacer y quién lo hace, o ciérrela.
others-turn = { $whose }: { $what }
do-assign = Aceptar para el grupo
do-claim = Tomarla
do-advise = Responder a la pregunta
do-record-plan = Anotar el plan
do-inform-patient = Informar al paciente
do-close = Cerrar la conversación
do-reply = Contestar
do-accept = Contestar a la invitación
do-pass-turn = Pasar el turno
do-act = Dar el paso siguiente
invited = Le invitan a participar ({ $role })
invited-by = { $by } le invita a participar ({ $role })
invited-text = Verá de qué trata cuando haya aceptado. Conteste
next-step = Paso siguiente
where-it-stands = Cómo va
stage-done = Hecho
stage-now = Lo siguiente
stage-then = Después
other-steps = También es posible
who-can-see = Quién participa
who-can-read = Quién puede leer esto
who-can-read-count = { $count ->
    [one] Quién puede leer esto: 1 persona
   *[other] Quién puede leer esto: { $count } personas
  }
who-will-read = Lo leerán:
readers-now = { $count ->
    [one] 1 persona puede leer esta conversación ahora, { $time }.
   *[other] { $count } personas pueden leer esta conversación ahora, { $time }.
  }
readers-without-name = { $count ->
    [one] 1 persona más, cuyo nombre usted no puede saber.
   *[other] { $count } personas más, cuyos nombres usted no puede saber.
  }
readers-first = Se muestran las primeras { $count }.
readers-named-messages = Un mensaje a personas concretas lo leen solo su autor y esas personas.
readers-not-shown = Usted no puede ver quién puede leer esto.
column-person = Persona
column-why = Por qué
column-reads = Puede leer
reads-all = Todos los mensajes
reads-at-least-everyone = Al menos los mensajes a todos
reads-everyone = Los mensajes a todos
reads-not-team = No los mensajes solo al equipo clínico
column-rule = Regla
rule-patient = El paciente lee lo que se escribe a todos en las conversaciones sobre sí mismo.
rule-opener = Quien abrió una conversación la lee.
rule-owner = La persona responsable de una conversación la lee.
rule-participant = Quien participa por su nombre la lee, desde el principio o desde cuando se eligió.
rule-delegate = Quien ayuda al paciente lee las conversaciones sobre los temas de esa ayuda, salvo lo que está oculto a quienes ayudan.
rule-topic = Esta conversación trata de: { $topic }
rule-care-team = Quien está en el equipo lee las conversaciones sobre el paciente, en la medida en que su confidencialidad lo permite.
rule-pool-member = Los miembros de un grupo que tiene la conversación o participa en ella la leen.
rule-owners-pool = Los miembros del grupo del que procede la persona responsable la leen.
rule-requesting-organization = Algunas funciones en la organización que preguntó la leen.
rule-receiving-organization = Algunas funciones en la organización que responde la leen.
rule-other = Otra regla de la política permite leerla.
thread-who = Quién puede leerla y quién la leyó
who-did-read = Quién leyó esto
did-read-text = Quién abrió esta conversación o lo intentó, qué parte de ella, como los mensajes, cuándo y con qué fin. Las palabras que leyó no se muestran aquí.
did-read-all = Todo, primero lo más reciente
access-only-thread = Solo lo que toca a la conversación { $id }.
access-all-threads = Mostrar todas las conversaciones
readers-unnamed = { $count ->
    [0] Nadie más que usted
    [one] 1 persona y usted
   *[other] { $count } personas y usted
  }
readers-named = { $names } y usted
readers-named-and-more = { $count ->
    [one] { $names }, 1 persona más y usted
   *[other] { $names }, { $count } personas más y usted
  }
seen-by-consultation = Estas personas participan. También pueden verla el equipo del paciente, los miembros del grupo y el paciente, cada uno según las reglas.
seen-by-team = Solo estas personas y los miembros de estos grupos saben de esta conversación. El paciente no.
about-thread = Sobre esta conversación
messages-oldest-first = Mensajes, primero los más antiguos
older-messages = Mensajes anteriores
the-question = La pregunta
the-answer = La respuesta
recommendations = { $count ->
    [one] 1 recomendación
   *[other] { $count } recomendaciones
  }
come-back-when = Volver cuando:
plan-note-title = El plan:
you-in-brackets = (usted)
read-by = Leído por { $names }
write-message = Escribir un mensaje
write-to-team = Escribir al equipo
reply-about = Su mensaje sobre { $patient }
reply-about-nobody = Su mensaje
reply-label = Mensaje
reply-hint = Si alguien cambia la conversación mientras tanto, su texto se conserva.
emergency = ¿Dolor en el pecho, dificultad para respirar, una hemorragia fuerte? No escriba. Llame ahora al número de emergencias.
who-may-read = Quién puede leerlo
send-named = Enviar solo a las personas elegidas
choose-readers = Elegir quién lo lee
named-whom = ¿Quién debe leerlo?
named-not-all = No están en la lista todas las personas que pueden leer esta conversación.
named-not-read = No se pudo leer la lista de quienes pueden leer esta conversación. Inténtelo de nuevo.
named-kept = Un mensaje a personas elegidas está guardado como borrador y sin enviar.
named-without-step = Un mensaje a personas elegidas no puede ir con otro paso. Elija abajo «Nada más» o envíelo a una de las audiencias
named-explained = Solo las personas que elija, y usted, pueden leer este mensaje. La lista contiene a quienes pueden leer esta conversación ahora.
send-clinical = Enviar solo al equipo clínico
send-everyone = Enviar a todos en esta conversación
send-to-clinical = { $count ->
    [0] Enviar al equipo clínico; nadie más forma parte
    [one] Enviar a 1 persona del equipo clínico
   *[other] Enviar a { $count } personas del equipo clínico
  }
send-team-and-one = Enviar solo al equipo clínico y a una persona
send-to-team-and = { $count ->
    [one] Enviar a 1 persona: { $patient }
   *[other] Enviar a { $count } personas: el equipo y { $patient }
  }
send-to-your-team-only = { $count ->
    [0] Enviar solo a su equipo; todavía no hay nadie en él
    [one] Enviar solo a su equipo (1 persona)
   *[other] Enviar solo a su equipo ({ $count } personas)
  }
send-to = { $count ->
    [0] Enviar; nadie más puede leerlo aún
    [one] Enviar a 1 persona
   *[other] Enviar a { $count } personas
  }
send-to-with = { $count ->
    [one] Enviar a 1 persona, { $patient }
   *[other] Enviar a { $count } personas, incluido el paciente { $patient }
  }
send-to-your-team = { $count ->
    [one] Enviar a su equipo (1 persona)
   *[other] Enviar a su equipo ({ $count } personas)
  }
and-then = Y después:
then-nothing = Nada más
message-too = Un mensaje que lo acompaña
sent-prefix = Enviado:
sent-title = Su mensaje se envió
sent-show = Mostrarlo
back-to-inbox = Volver a la bandeja de entrada
back-to-thread = Volver a la conversación
back-to-list = Volver a la lista

narrow = Acotar la lista
narrow-by-state = Acotar la lista por estado
filter-overdue = Con retraso
filter-today = Para hoy
filter-mine = Le toca a usted
filter-unowned = Sin asignar
filter-waiting = Esperan a otros
filter-all = Todo lo abierto
column-what = Qué hacer
column-patient = Paciente
column-due = Plazo
column-owner = A cargo
nobody-yet = Nadie todavía
nobody-in-pool = { $pool } (grupo), nadie todavía
claim = Tomar
results-for = { $count ->
    [one] 1 resultado para «{ $filter }», primero lo más urgente.
   *[other] { $count } resultados para «{ $filter }», primero lo más urgente.
  }
worklist-empty = 0 resultados para «{ $filter }»
worklist-empty-text = La lista se leyó y no hay nada en ella.
show-all = Mostrar todo lo abierto
more-follow = Hay más.
complete-as-of = Completa a fecha de { $time }.
refresh = Actualizar
live-messages = { $count ->
    [one] { $shown } mensaje nuevo
   *[other] { $shown } mensajes nuevos
  }
live-thread = Esta conversación ha cambiado
live-people = Ha cambiado quién participa
live-list = Esta lista ha cambiado
live-show = Mostrar
live-stale = Sin actualizar desde las { $time }.
live-over = Esta página ya no se actualiza.
live-full = Esta página no se actualiza sola, porque hay demasiadas páginas suyas abiertas.
live-signed-out = Usted ha salido.
live-expired = Su sesión ha terminado.
next-page = Página siguiente
try-again = Intentar de nuevo
list-failed = Esta lista no se pudo leer. No está vacía.
list-failed-text = Se intentó el { $time }. Lo que falta aquí no se ha perdido.
list-partial = Una parte de esta lista falta o llega tarde
list-partial-text = Se leyó el { $time }. Lo que falta aquí no se ha perdido.
all-of-them = Ver { $count }
inbox-parts = Partes de la bandeja de entrada
tab-open = En curso
tab-done = Terminadas
tab-put-away = Apartadas
tab-sent = Enviados por mí
inbox-unread = Sin leer
inbox-unread-empty = Nada sin leer
inbox-yours = Le esperan a usted
inbox-others = Esperan a otros
inbox-others-empty = Nada espera a otras personas
inbox-put-away-empty = No ha apartado nada
inbox-sent-empty = Aún no ha escrito en ninguna conversación
inbox-none-on-page = Ninguno en esta página de la lista
inbox-done-empty = Nada terminado todavía
unread-among-newest = { $count ->
    [0] Nada sin leer en las { $rows } conversaciones más recientes.
    [one] 1 de las { $rows } conversaciones más recientes tiene mensajes sin leer.
   *[other] { $count } de las { $rows } conversaciones más recientes tienen mensajes sin leer.
  }
unread-threads = { $count ->
    [0] Nada sin leer.
    [one] 1 conversación con mensajes sin leer.
   *[other] { $count } conversaciones con mensajes sin leer.
  }
good-day = Buenos días, { $name }
home-mine-empty = Nada le espera
home-pools = Sin tomar en sus grupos
your-patients = Sus pacientes
your-patients-empty = Todavía no atiende a ningún paciente.
patients-text = Las personas que usted atiende, por nombre.
patients-none = Ningún paciente suyo coincide con «{ $search }»
patients-all = Mostrar todos sus pacientes
find-patient = Buscar un paciente
find-patient-hint = El nombre o su comienzo, o la fecha de nacimiento como 1957-03-14.
find = Buscar
results = Resultados
record-kept-by = Historia llevada por { $organization }
care-team = Equipo asistencial
care-team-not-shown = Usted no puede ver quién forma el equipo.
care-team-empty = Aún no hay nadie en el equipo.
care-team-asked = Con pregunta, aún sin respuesta
care-team-former = Antes en el equipo
care-team-joined = Se añadió por su cuenta:
care-team-conflict = También ayuda al paciente. { $name } lo sabe y lo anotó: { $at }
period-until = Desde { $since } hasta { $until }
blocks = Excluidos
blocks-none = Ninguna persona está excluida de todo. Vea «Exclusiones y permisos».
blocks-none-written = Aquí no hay nada anotado sobre personas a las que el paciente excluye de todo. Vea «Exclusiones y permisos».
block-by-patient = Por el propio paciente, desde { $since }
block-by-representative = Por una persona que representa al paciente por ley, desde { $since }
block-written-by = Anotado por { $by }, desde { $since }
block-written = Anotado por el paciente, desde { $since }
block-ended = (terminó { $when })
own-record = Su equipo asistencial y a quién excluye
back-to-patient = Volver al paciente
act-join = Entrar en el equipo
act-block = Excluir a una persona
act-end-block = Terminar la exclusión
done-join = Usted está ahora en el equipo
done-block = La persona está excluida desde ahora
done-end-block = La exclusión terminó
join-role = ¿Con qué función?
join-reason-hint = Lo leen el paciente y el equipo.
join-explained = El primer día usted puede leer solo conversaciones ordinarias, y cada lectura queda marcada para revisión. El paciente y el equipo ven que usted está en el equipo, también después de que lo deje.
block-whom = ¿A quién se excluye?
block-people-newest = Se puede elegir entre el equipo asistencial, de ahora y de antes, y quienes participan en las conversaciones más recientes. Puede haber otras personas.
block-people-older = Se puede elegir entre el equipo asistencial, de ahora y de antes, y algunas de las otras personas que participan en conversaciones.
block-people-more = Mostrar otras personas que participan
block-people-back = Mostrar quién participa en las conversaciones más recientes
block-word = ¿Qué dijo el paciente?
block-part = Para excluir a alguien solo de una parte o solo por un tiempo: exclusiones y permisos
block-explained = Desde ahora la persona no puede leer ni hacer nada sobre el paciente, y no recibe ningún aviso. Lo que tenía que hacer pasa a otros.
end-block-explained = { $name } puede ver y hacer de nuevo lo que permiten su función y su lugar en el equipo.
act-protect = Escribir una nota de protección
act-lift-protection = Retirar una nota de protección
act-record-death = Anotar el fallecimiento del paciente
act-void-death = Anular la anotación del fallecimiento
done-protect = La nota de protección está escrita
done-lift-protection = La nota de protección está retirada
done-record-death = El fallecimiento está anotado
done-void-death = La anotación del fallecimiento está anulada
protect-explained = Una nota de protección dice que una persona es un peligro para el paciente. Su acceso como ayudante se suspende en el acto, y no recibe ninguno mientras haya una nota. A la persona no se le avisa.
protect-whom = ¿Quién es un peligro para el paciente?
protect-reason-hint = Ninguna página lo muestra.
lift-protection-explained = La persona puede recibir acceso de nuevo. Un acceso suspendido sigue así hasta que el personal lo reanude.
lift-protection-whom = ¿Sobre quién es la nota?
record-death-explained = Con él termina toda la ayuda de otras personas. Antes de anotarlo, usted ve las consecuencias.
void-death-explained = Solo si la anotación del fallecimiento fue un error. Termina el acceso del albacea. El acceso de otros ayudantes no vuelve: se les invita de nuevo.
death-when = ¿Cuándo falleció el paciente?
death-source = ¿Por quién o por qué documento lo sabe usted?
death-check = Compruebe antes de anotar el fallecimiento
death-follows = Consecuencias
death-ends-help = Toda la ayuda de otras personas termina en el acto. No vuelve si se anula la anotación.
death-stops-queue = Lo que está en curso se detiene: invitaciones, ofertas de ayuda y lo que los ayudantes han escrito y no han enviado.
death-executor = Desde ahora solo se puede invitar a un albacea.
death-record-now = Anotar el fallecimiento
place-title = ¿Entra usted en un equipo asistencial?
place-waiting = Una organización le pide entrar en un equipo asistencial
place-at = Un equipo asistencial en { $organization }
place-somewhere = Un equipo asistencial
place-asked = Se le pide como { $role }, el
place-text = Usted ve de quién es cuando haya aceptado.
place-accept = Sí, entrar
place-decline = No, rechazar
place-declined = Usted rechazó el lugar
threads-of-patient = Conversaciones sobre este paciente
threads-of-patient-none = Ninguno que pueda leer
threads-of-patient-text = Abiertos y cerrados, primero los más recientes: los que usted puede leer.
proposal-open = La historia se ha propuesto a una persona como suya
proposal-to = { $name } aún no ha respondido; la propuesta termina
proposal-to-somebody = Aún no ha respondido; la propuesta termina
new-consultation = Nueva consulta
new-consultation-about = Nueva consulta sobre { $patient }
new-thread = Nueva conversación de equipo
new-thread-text = El personal habla entre sí. El paciente no lo ve.
choose-patient = Primero elija de quién se trata.
cannot-choose = usted no puede preguntar sobre esta persona
another-patient = Elegir otro paciente
choose-pool = Después elija quién debe responder.
another-pool = Elegir otro grupo
asks-pool = Pregunta a
find-pool = Buscar un grupo
find-pool-hint = Por su nombre, su especialidad o su organización.
pools-empty = Usted no puede preguntar a ningún grupo
pools-none = Ningún grupo coincide con «{ $search }»
ask-subject = ¿De qué se trata, en una línea?
ask-subject-hint = Aparece en todas las listas. No ponga nombres.
ask-question = Su pregunta
ask-question-hint = Con lo necesario para responderla.
ask-topic = Tema
ask-urgency = ¿Con qué prisa?
ask-urgency-hint = ¿Peligro en horas? No escriba; llame por teléfono.
ask-consent = ¿Cómo dio su acuerdo el paciente?
ask-consent-when = ¿Cuándo dio su acuerdo?
ask-convert = ¿Puede el especialista convertirla en una derivación?
ask-confidentiality = ¿Cómo de confidencial es?
ask-sensitivities = Temas sensibles
ask-sensitivities-hint = Déjelos vacíos si no hay ninguno.
yes = Sí
no = No
asked-readers = { $patient }, el equipo asistencial y los miembros de { $pool }, según permitan las reglas. La confidencialidad lo reduce.
send-question = Enviar a { $pool } sobre { $patient }
thread-people = ¿Quién participa?
thread-people-hint = A una persona de otra organización se la invita, y ve la conversación cuando acepta.
thread-owner = ¿Quién es responsable?
person-you = { $name } (usted)
open-thread = Abrir la conversación
open-thread-about = Abrir la conversación sobre { $patient }
is-this-you = ¿Es usted?
record-at = Una historia en { $organization }
record-somewhere = Una historia
record-proposed = Propuesta por { $role } el
record-text = Si es la suya, verá lo que su equipo le escribe. Nadie más ve por ello más que antes.
record-unsure = ¿No lo sabe? Pregunte:
record-until = La pregunta termina sola el
record-accept = Sí, es mi historia
record-decline = No, no es la mía
record-declined = Ha dicho que no es la suya
record-accepted = La historia es suya ahora
no-question = Ahora no hay ninguna pregunta para usted
record-waiting = ¿Es esta su historia? Alguien le pregunta
record-answer = Mirar y responder
happening = Qué está pasando
happening-nothing = Nada nuevo
happening-nothing-text = Cuando su equipo le escriba o necesite algo, lo verá aquí.
messages-before = Terminado
finished = Terminado
all-messages = Todos los mensajes
read-and-reply = Leer y contestar
read-it = Leer
reply = Responder
messages-of-team = Mensajes del equipo

step-accept = Aceptar la invitación
step-decline = Rechazar la invitación
step-advise = Responder a la pregunta
step-plan = Anotar el plan
step-inform = Anotar que se informó al paciente
step-close = Cerrar la conversación
step-claim = Tomarla
step-assign = Aceptar para el grupo
step-ask-for-assignment = Pedir a la otra parte que la asigne
step-hand-over-request = Pasar la consulta a un colega
step-turn = Decir a quién le toca
step-pass-turn = Pasar el turno
step-park = Aplazar hasta una fecha
step-reopen = Abrir de nuevo
step-add = Añadir a una persona
step-invite = Invitar a una persona de otra organización
step-history = Cambiar cuánto ve una persona
step-remove = Quitar a una persona
step-release = Devolver al grupo
step-transfer = Traspasar
step-take-over = Asumir
step-leave = Salir de la conversación
step-put-away = Apartar
step-take-back = Devolver a la bandeja
step-hide = Ocultar a quienes ayudan al paciente
step-show = Mostrar a quienes ayudan al paciente
step-reply = Enviar
step-named = Escribir a personas elegidas
step-read = Marcar como leído
act-about = { $act }: { $patient }
done-accept = Ahora participa usted
done-decline = La invitación se rechazó
done-advise = Su respuesta se envió
done-plan = El plan quedó anotado
done-inform = Quedó anotado que se informó al paciente
done-close = Cerrada
done-claim = Ahora la tiene usted
done-assign = Aceptada para el grupo
done-ask-for-assignment = Se pidió a la otra parte que la asigne
done-hand-over-request = La consulta pasó a otra persona
done-turn = Ahora le toca a esa parte
done-pass-turn = Se pasó el turno
done-park = Aplazado
done-reopen = Abierta de nuevo
done-add = Se añadió a la persona
done-invite = Se envió la invitación
done-history = Se cambió cuánto ve la persona
done-remove = Se quitó a la persona
done-release = Devuelta al grupo
done-transfer = Traspasada
done-take-over = Ahora es usted responsable
done-leave = Ha salido de la conversación
done-put-away = Apartada. Vuelve cuando llegue algo para usted
done-take-back = Está de nuevo en su bandeja
done-hide = Quienes ayudan al paciente ya no la ven
done-show = Quienes ayudan al paciente la ven de nuevo, cada persona hasta donde puede
done-asked = Enviado: el grupo tiene su pregunta
done-opened = Enviado: la conversación está abierta
done-reply = Enviado
done-read = Marcado como leído
optional = Déjelo vacío si no hay nada que decir.
assign-to = ¿Quién debe responder?
assign-any = Cualquier miembro del grupo
assign-any-hint = Quien la tome primero
assign-reason = ¿Por qué se asigna de nuevo?
assignment-asked = La última vez que se pidió asignarla:
ask-for-assignment-explained = Decide la parte que responde. Puede pedirlo de nuevo después de un día laborable.
hand-over-request-explained = Desde entonces es el colega quien registra el plan, informa al paciente y cierra la consulta.
hand-over-request-whom = ¿Quién consulta desde ahora?
any-member = Cualquier miembro de este grupo
coordinators-of = Quienes coordinan { $pool }
further-people = { $count ->
    [one] Una persona más de sus organizaciones
   *[other] { $count } personas más de sus organizaciones
}
nobody-to-choose = Ahora no se puede elegir a nadie aquí.
invited-not-answered = invitación sin responder
turn-whose = ¿A quién le toca?
turn-note = ¿Qué se espera?
until-when = ¿Hasta cuándo?
optional-due = { $zone }. Deje vacíos el día y la hora si no hay plazo.
park-reason = ¿Por qué espera?
park-explained = Hasta entonces no se espera nada de nadie. Después le toca de nuevo a la persona responsable. Como máximo 90 días.
reopen-reason = ¿Por qué se abre de nuevo?
add-whom = ¿Quién debe participar?
add-reason-hint = Necesario si la persona no está en el equipo del paciente.
invite-whom = ¿A quién se invita?
invite-explained = La persona ve de qué se trata cuando acepta.
remove-whom = ¿Quién deja de participar?
transfer-whom = ¿Quién debe ser responsable?
reason-why = Motivo
leave-explained = Ya no verá esta conversación, salvo que alguien le añada de nuevo.
hide-explained = Para quienes ayudan al paciente, esta conversación deja de existir desde ahora. No se les avisa. Lo que ya han leído, lo saben.
hide-known-to = Quiénes de ellos han leído o escrito en ella
hide-known-to-nobody = Nadie de ellos
hide-basis = Por qué se oculta
hide-basis-hint = El paciente no tiene que decirlo. Las demás personas, sí.
show-explained = Quienes se nombran aquí verán de nuevo esta conversación.
show-to-whom = Quién la vería
show-to-nobody = Nadie ahora
hidden-from-delegates = Quienes ayudan al paciente no ven esta conversación.
ask-hidden = ¿Ocultarla a quienes ayudan al paciente?
ask-hidden-hint = Para ellos no existe. Solo el paciente puede mostrársela después. Pregunte al menor a quien ayudan sus padres: la respuesta consta como suya.
readers-and-chosen = { $who }. También pueden leerlo personas que el paciente ha elegido.
readers-chosen = También pueden leerlo personas que el paciente ha elegido.
release-explained = Entonces puede asumirla cualquier miembro del grupo.
take-over-explained = Usted pasa a ser responsable en lugar de la persona actual.
history-label = ¿Cuánto de lo escrito antes ve esa persona?
history-full = Todo
history-from-join = Solo lo que llegue después
history-from-message = A partir de un mensaje
history-whose = ¿De quién?
history-from-now = ¿Cuánto ve desde ahora?
history-explained = Vale desde ahora, también para mensajes que la persona ya leyó.
sees-all = ve todo
sees-from = ve lo escrito desde { $when }
role-and-sees = { $role }, { $sees }
advise-text = Recomendación { $number }
advise-kind = Qué pide la recomendación { $number }
advise-certainty = Con qué certeza da la recomendación { $number }
advise-come-back = ¿Cuándo debe volver el paciente?
advise-minutes = Minutos dedicados
advise-more = Añadir una recomendación
plan-decision = Su decisión sobre la recomendación { $number }
plan-reason = Por qué, para la recomendación { $number }
plan-reason-hint = Hace falta si se cambia o no se sigue.
plan-note = El plan en palabras
inform-method-label = ¿Cómo se informó al paciente?
inform-when = ¿Cuándo?
close-outcome = ¿En qué quedó?
close-helpful = ¿Cuánto ayudó la respuesta?
close-educational = ¿Cuánto aprendió?
close-scale = De 1 (nada) a 5 (mucho).

error-prefix = Error:
errors-title = { $count ->
    [one] Una cosa no está bien todavía
   *[other] { $count } cosas no están bien todavía
  }
errors-kept = Lo que escribió se conserva. No se envió nada.
label-and-problem = { $label }: { $problem }
question-and-problem = { $question } { $problem }
problem-not-found = No existe o no se comparte con usted
problem-not-permitted = Su función no lo permite
problem-idempotency-mismatch = Esto ya se envió, con otro texto u otro paso. No se envió nada de nuevo
problem-version-conflict = Cambió mientras tanto
problem-empty = Esto falta
problem-too-long = Esto es demasiado largo
problem-control-character = Contiene un carácter que no se puede guardar
problem-malformed = No tiene la forma correcta
problem-out-of-range = Es demasiado pequeño o demasiado grande
wrong-ages-order = Escriba una edad que no sea menor que la anterior
wrong-has-note = Ya hay una nota de protección sobre esta persona
wrong-has-no-note = No hay ninguna nota de protección sobre esta persona
wrong-number = Escriba un número entero del { $min } al { $max }
wrong-day-missing = Escriba también el día
wrong-time-missing = Escriba también la hora, por ejemplo 09:30
wrong-day = El mes no tiene ese día. Escriba el día como número, por ejemplo 3
wrong-year = Escriba el año con cuatro cifras, por ejemplo 2026
wrong-time = Escriba la hora con horas y minutos, por ejemplo 09:30
wrong-past = Esto ya pasó. Escriba un día o una hora posteriores
wrong-told-before-answer = Solo se puede informar al paciente después de la respuesta. Escriba un día y una hora posteriores a ella
wrong-portal-message = El paciente no puede leer este mensaje, así que el portal no le informa. Elija «Todos los de esta conversación», deje vacío el mensaje o elija otro modo de informar
wrong-portal-patient = El paciente no puede leer aquí esta conversación, así que el portal no le informa. Elija otro modo de informar
problem-not-in-state = El estado no lo permite ahora
problem-thread-closed = La conversación está cerrada
problem-too-late = Se cerró hace demasiado tiempo
problem-not-owner = Solo puede hacerlo la persona responsable
problem-pool-empty = El grupo no tiene otro miembro
problem-owner-cannot-act = Esa persona no podría actuar en esta conversación
problem-same-owner = Esa persona ya es la responsable
problem-owner-present = La persona responsable puede actuar y nada llega tarde
problem-own-record = Un paciente no puede hacerlo en una conversación sobre sí mismo
problem-self-not-allowed = Solo es posible para otra persona
problem-other-organization = Esa persona es de una organización que no participa
problem-same-organization = Esa persona es de una organización que ya participa
problem-not-invited = Ya no hay ninguna invitación
problem-owner-must-transfer = La persona responsable debe traspasarla primero
problem-last-participant = No quedaría nadie más en la conversación
problem-not-a-participant = Esa persona no participa
problem-party-cannot-act = No pueden hacer lo que se espera
problem-not-a-staff-role = Esa función no puede participar en una conversación así
problem-no-reachable-reader = Solo usted podría leerlo
problem-no-organization = Usted no trabaja en esa organización
problem-already-claimed = Otra persona la ha tomado
problem-already-exists = Ya existe
problem-assigned-to-another = Está asignada a otro miembro del grupo
problem-not-in-pool = Esa persona no es médica del grupo
problem-reason-missing = Hace falta un motivo
problem-in-future = Está en el futuro
problem-no-staffed-hour = El calendario del grupo no tiene horas de trabajo
problem-recommendation-count = Hay demasiadas recomendaciones o demasiado pocas
problem-no-patient = Debe tratar de un paciente
problem-not-a-pool = Debe ser de un grupo
problem-not-all-disposed = No todas las recomendaciones tienen una decisión
problem-not-a-clinician = Solo puede hacerlo el personal clínico
problem-asked-today = Ya se le pidió a la otra parte. Se le puede pedir de nuevo después de un día laborable.
problem-requester-present = Quien lo solicitó está presente y lo entrega por sí mismo.
problem-patient-word-missing = Escriba lo que dijo el paciente.
problem-would-shut-out-patient = Nadie queda excluido de su propia historia.
problem-cannot-deny-oversight = La supervisión no se puede excluir: un responsable de privacidad o auditor ve quién leyó, nunca qué. Para excluir a una persona de todo lo demás, elija a la persona.
problem-nobody-left = Nadie más podría ocuparse de las conversaciones abiertas de esa persona.
problem-not-theirs = Solo el paciente puede terminar lo que él mismo dijo, o excluir a un representante legal.
problem-already-hidden = Ya está oculta a quienes ayudan al paciente.
problem-not-hidden = No está oculta a quienes ayudan al paciente.
problem-basis-missing = Diga por qué.
problem-delegate-has-read = Otra persona que ayuda al paciente ya ha leído o escrito en ella. Mire de nuevo la lista.
problem-hiding-not-answered = Uno de los padres ayuda a este menor. Pregunte al menor y elija la respuesta.
problem-list-changed = La lista ha cambiado desde que la vio. Mírela de nuevo.
problem-audience-missing = Elija quién puede leerlo.
problem-no-such-message = Ese mensaje no existe
problem-not-on-care-team = Esa persona no está en el equipo del paciente
problem-not-a-care-role = Esa función no puede estar en un equipo
problem-in-another-role = Esa persona está en el equipo con otra función
problem-no-role-there = Esa persona no tiene esa función allí
problem-role-not-grantable = Esa función no se puede conceder
problem-ends-before-it-begins = Terminaría antes de empezar
problem-no-administrator-yet = La primera función allí debe ser la de administración
problem-last-administrator = La organización quedaría sin administración
problem-last-coordinator = La organización quedaría sin coordinación
problem-no-calendar = Todavía no hay calendario
problem-invalid-calendar = El calendario no se puede usar
problem-erased = Los textos de aquí se borraron y ya no se puede escribir ninguno
problem-no-proposal = No hay ninguna propuesta abierta
problem-not-linked = El registro no está vinculado a ninguna persona
problem-duplicate = Hay un registro parecido; compare primero los dos
problem-draft-ended = El borrador de este formulario ya se envió o se descartó, quizá en otra ventana
problem-draft-exists = Hay otro borrador de este formulario
problem-draft-of-other-form = El borrador pertenece a otro formulario
problem-draft-saved-recently = El borrador se guardó hace menos de diez segundos
problem-too-many-drafts = Tiene 100 borradores. Envíe o descarte alguno primero
problem-relative-not-allowed = El personal no decide sobre sus propios familiares
problem-patient-not-present = Se invita a quien ayuda cuando el paciente está presente o cuando la ley da un derecho a la persona
problem-onward-not-allowed = Solo un representante legal que puede gestionar a quienes ayudan hace esto, y dentro de su propio alcance
problem-patient-alive = Un albacea se invita después de registrar el fallecimiento del paciente
problem-patient-deceased = Consta el fallecimiento del paciente, así que solo un albacea tiene acceso
problem-patient-adult = El paciente es mayor de edad
problem-birth-date-unknown = No se conoce el día de nacimiento del paciente
problem-already-delegate = Esa persona ya ayuda así al paciente o está invitada a hacerlo
problem-scope-empty = Esto no abriría nada: elija un tema con lo que se puede hacer y un tipo de conversación o una conversación
problem-scope-too-wide = Eso es más de lo que puede tener quien ayuda así
problem-contact-missing = Diga adónde va la invitación o elija a una persona
problem-organization-mismatch = Indique la organización de quien ayuda por profesión, y ninguna para los demás
problem-until-not-ahead = El final tiene que estar en el futuro
problem-until-too-far = El final está demasiado lejos
problem-too-many-tries = Ya ha escrito todas las veces que se puede en un mes. Llame al centro
problem-shared-account = Quien ayuda tiene su propia cuenta, con la que nadie más entra
problem-evidence-missing = Diga qué ha visto: no hay ningún justificante de los últimos doce meses
problem-authority-not-verified = Hace falta una facultad legal verificada de esta persona sobre este paciente
problem-authority-too-narrow = La facultad legal no llega tan lejos
problem-employment-not-verified = La organización tiene que confirmar que la persona trabaja allí
problem-checks-not-passed = El acceso tiene que ser necesario, adecuado y seguro
problem-not-asked-alone = Hay que preguntar al paciente a solas
problem-opened-list-changed = Se abrirían otras conversaciones que las que ha visto; mire la lista de nuevo
problem-sensitive-unlabelled = Se abrirían conversaciones delicadas: oculte cada una o diga por qué se abre
problem-protection-note = Una nota protege al paciente de esta persona
problem-consent-by-delegate = Quien ayuda no consiente por el paciente
problem-staff-cannot-consent = El personal registra lo que da la ley o la palabra de un paciente sin cuenta
problem-other-basis-needed = Hace falta otra base: la ley para un representante, el paciente para los demás
problem-witness-missing = Hace falta otra persona del personal como testigo
problem-text-not-shown = El texto del consentimiento ha cambiado. Léalo como está ahora y pulse el botón de nuevo
problem-own-word-missing = Diga qué dice el paciente: su consentimiento o, si es menor, una constatación por escrito
problem-scope-changed = Eso es más de lo que se comprobó
problem-patient-lacks-capacity = El paciente no tiene capacidad, así que la base es la ley
problem-not-narrower = Eso no es menos que antes. Para quitarlo todo, termine la ayuda
problem-not-wider = Eso no es más que antes
problem-safeguarding-needed = El personal tiene que comprobar esto antes: un asunto delicado, el pasado o el derecho a actuar. Una comprobación sirve durante 30 días
problem-minor-cannot-widen = Un menor de poca edad no da más acceso
problem-kind-not-by-law = La ley no da un acceso de este tipo
problem-same-person = La persona que hizo el paso anterior no puede hacer este
problem-patient-suspended = El paciente quitó el acceso: anote su palabra
problem-expired = El plazo ha pasado
problem-other-representative = Un representante legal no gestiona a otro
problem-limits-empty = La facultad legal tiene que abarcar un tema
problem-other-ground-needed = Este tipo de facultad legal tiene otro fundamento
not-available-title = Esta página no está disponible para usted
not-available-text = Puede que no exista, que haya terminado o que no se comparta con usted. Para proteger a los pacientes, esta página es la misma en todos los casos.
go-home = Ir al inicio
say-reference = Si llama, diga esta referencia:
failed-title = Esto no funcionó
failed-text = Una parte del servidor no respondió. Si envió un formulario, no es seguro que tuviera efecto: mire la conversación antes de enviarlo otra vez.
failed-phone = Si sigue así:
typed-title = Lo que escribió
typed-text = Se muestra para que pueda copiarlo. No se guardó.
refused-title = Este formulario no se aceptó
refused-nothing-happened = No se envió ni se cambió nada.
refused-other-person = Este formulario lo abrió { $other }, y usted ha entrado como { $me }. Entre como la persona que debe enviarlo.
refused-other-page = Este formulario es de otro paciente, de otra conversación o de una sesión que terminó. Abra la página de nuevo.
refused-signed-out = Su sesión terminó. Entre y abra la página de nuevo.
refused-foreign = El formulario no vino de una página de este servidor.
refused-unreadable = El formulario es demasiado largo o no llegó entero.
conflict-title = Cambió mientras usted escribía
conflict-kept = Lo suyo no se ha enviado todavía, y no se ha perdido
conflict-text = Lea lo nuevo, cambie su texto si quiere y envíelo después.
conflict-saved = Guardado
conflict-now = Como está ahora
conflict-unsaved = Sin enviar
conflict-yours = Lo suyo
conflict-leave = Dejarlo como está ahora
conflict-impossible = Esto ya no es posible: { $act }

# Drafts
drafts = Borradores
drafts-text = Lo que ha escrito y no ha enviado. Solo usted puede verlo.
drafts-empty = No tiene borradores.
draft-save = Guardar borrador
draft-discard = Descartar borrador
draft-continue = Continuar
draft-saved = Guardado
draft-saved-at = Borrador guardado a las { $time }
draft-saved-on = Borrador guardado { $when }
draft-discarded = El borrador se ha descartado
draft-empty = Todavía no hay nada que guardar
draft-not-saved = El borrador no se ha guardado. Compruebe la conexión o copie el texto
draft-elsewhere = Este borrador se guardó desde otra ventana u otro dispositivo
draft-elsewhere-text = Su propio texto está en el formulario. Si lo guarda, sustituye al texto de arriba.
draft-elsewhere-script = Este borrador se guardó desde otra ventana u otro dispositivo. Pulse «Guardar borrador» para ver ambos textos
draft-withheld = Ahora no puede enviar este formulario, por eso no se muestra su texto. Puede descartarlo.
draft-of-message = Mensaje
draft-of-other-form = Otro formulario

# Organizaciones y su configuración
organizations = Organizaciones
organizations-text = Las organizaciones con sus grupos, personas y calendarios. Usted cambia las que administra.
you-administer = Usted la administra
settings-read-only = Puede leer esto. Quien administra la organización puede cambiarlo.
settings-contact = Cómo contactarla
settings-calendar = Calendario
settings-ages = Menores y sus ayudantes
settings-pools = Grupos
settings-members = Miembros
settings-people = Personas y funciones
settings-roles = Funciones
settings-proposed = Funciones propuestas
settings-former = Personas sin función
proposed-by = Propuesta por
proposed-on = Propuesta el
proposed-role-of = Función propuesta para { $name }
proposal-ends = La propuesta termina
waits-for-second = Usted la propuso; por eso debe confirmarla otro administrador.
waits-for-others = Es para usted; por eso debe confirmarla otro administrador.
role-declined = { $role }: rechazada o retirada por { $by }, { $at }
role-unanswered = { $role }: propuesta; terminó sin respuesta, { $at }
settings-threads = Conversaciones abiertas
no-phone = Sin número de teléfono
no-calendar = Todavía sin calendario
no-review-age = A ninguna edad
no-holidays = Ninguno
no-pools = Todavía no hay grupos
people-not-shown = No puede ver quién trabaja aquí
pool-calendar = El de { $organization }
day-off = Día libre
work-hours = { $count ->
    [one] 1 hora
   *[other] { $count } horas
  }
work-minutes = { $count ->
    [one] 1 minuto
   *[other] { $count } minutos
  }
work-hours-and-minutes = { $hours } y { $minutes }
of-working-time = { $duration } de trabajo
asked-now-due = Si se pregunta ahora, vence el { $moment }
until = hasta { $moment }
remove = Quitar
end = Terminar
change-phone = Cambiar el número de teléfono
change-calendar = Cambiar el calendario
change-ages = Cambiar las edades
change-open-pool = Abrir un grupo
change-rename-pool = Cambiar el nombre del grupo
change-add-member = Añadir un miembro
change-remove-member = Quitar al miembro
change-register = Registrar a una persona
change-grant = Conceder una función
change-confirm-role = Confirmar la función
change-decline-role = Rechazar la función
change-withdraw-role = Retirar la propuesta
change-end-role = Terminar la función
change-correct-name = Corregir el nombre
changed-phone = El número de teléfono se cambió
changed-calendar = El calendario se cambió
changed-ages = Las edades se cambiaron
changed-open-pool = El grupo se abrió
changed-rename-pool = El nombre del grupo se cambió
changed-add-member = El miembro se añadió
changed-remove-member = El miembro se quitó
changed-register = La persona se registró
changed-grant = La función se concedió
changed-propose = La función está propuesta. Tiene efecto cuando otro administrador la confirme
changed-register-proposed = La persona se registró. La función tiene efecto cuando otro administrador la confirme
changed-see-below = Su cambio se hizo. Abajo ve lo que vale ahora
changed-confirm-role = Usted confirmó la función, y se concedió
changed-decline-role = La función se rechazó
changed-withdraw-role = La propuesta se retiró
changed-end-role = La función terminó
changed-correct-name = El nombre se corrigió
field-phone = Número de teléfono
field-phone-hint = Como se escribe, por ejemplo +43 1 234567. Vacío: no tiene.
field-zone = Zona horaria
field-zone-hint = Su nombre IANA, por ejemplo Europe/Vienna.
field-hours-hint = Por ejemplo 08:00-12:00, 13:00-17:00. Vacío: un día libre.
field-holidays = Días libres
field-holidays-hint = Uno por línea como año-mes-día, por ejemplo 2027-12-25.
field-routine = La respuesta normal vence después de
field-urgent = La respuesta urgente vence después de
field-minutes-hint = En minutos de trabajo: 480 son 8 horas.
field-first-age = Primera edad, en años
field-first-age-hint = Desde aquí se pregunta al menor. Sin su consentimiento, el acceso se limita a citas y educación.
field-review-age = Edad de la revisión, en años
field-review-age-hint = Aquí el acceso espera hasta que se revise con el menor. Vacío: a ninguna edad.
field-adult-age = Mayoría de edad, en años
field-adult-age-hint = Aquí termina el acceso por minoría de edad. Como máximo 21.
field-pool-name = Nombre del grupo
field-pool-name-hint = Lo ven las personas de la organización.
field-public-name = Nombre público
field-public-name-hint = Lo ven los pacientes y otras organizaciones. Vacío: el mismo nombre.
field-specialty = Especialidad
field-person = Persona
field-person-name = Nombre
field-first-role = Primera función
field-role = Función
field-last-day = Último día
field-last-day-hint = Como año-mes-día, por ejemplo 2027-01-31. Vacío: la función no tiene fin.
field-reason = ¿Por qué se corrige?
no-role = Sin función
no-role-hint = Por ejemplo, un paciente
former-staff-hint = Ahora no tiene ninguna función
no-end = Sin fin
wrong-zone = No existe esa zona horaria
wrong-holidays = Cada día una vez, como año-mes-día
wrong-minutes = Las horas de trabajo no llegan a tanto, o lo urgente vence después de lo normal
wrong-hours = Escriba por ejemplo 08:00-12:00, 13:00-17:00; las horas no pueden solaparse, y un día debe tener horas
check-title = Revise sus respuestas
check-button = Revisar
check-again = Lo que usted vio ha cambiado mientras tanto, y no se hizo nada. Lea la nueva vista previa y confirme.
what-follows = Qué consecuencias tiene
was = Antes: { $was }
change-answers = Cambiar las respuestas
cancel = Cancelar
follows-nothing = No cambia nada.
follows-phone = Quien puede conocer la organización ve el número enseguida.
follows-calendar = Los plazos ya fijados no cambian. Los nuevos siguen este calendario.
routine-due-now = Una pregunta normal hecha ahora vencería el { $due }. Antes: { $was }.
urgent-due-now = Una pregunta urgente hecha ahora vencería el { $due }. Antes: { $was }.
follows-ages = Una edad se alcanza a medianoche en la zona horaria de la organización. A quien ya la alcanzó según una edad nueva le concierne enseguida.
follows-open-pool = El personal de todas las organizaciones encuentra el grupo por su nombre público y puede preguntarle. Necesita miembros que asuman lo que se pregunta.
follows-rename-pool = Los nombres cambian enseguida en todas partes, también en las conversaciones abiertas.
pool-named = Grupo { $pool }
a-member = { $name } es miembro
not-a-member = { $name } no es miembro
follows-add-member = { $name } puede ver y asumir las conversaciones de { $pool }.
follows-remove-member = { $name } ya no puede ver conversaciones solo por { $pool }, ni asumir ninguna.
loses-pool-threads = { $count ->
    [0] Ninguna conversación abierta cambia de responsable.
    [one] 1 conversación abierta vuelve al grupo.
   *[other] { $count } conversaciones abiertas vuelven al grupo.
  }
last-member = { $pool } se queda sin miembros. Lo que se pregunte espera hasta que se añada a alguien.
follows-register-staff = La persona trabaja en { $organization } desde ahora y puede hacer lo que la función permite.
follows-register-nobody = { $organization } conoce a la persona desde ahora. No puede hacer nada aquí hasta que se le dé una función o una historia.
roles-of = Funciones de { $name }
follows-grant = { $name } puede hacer en { $organization } lo que la función permite, desde ahora.
follows-grant-alone = { $organization } no tiene otro administrador que pueda confirmarla; por eso queda anotado que usted la concedió por su cuenta.
follows-propose = Aún no cambia nada: otro administrador de { $organization } tiene catorce días para confirmarla. Hasta entonces { $name } no puede hacer más que antes.
follows-register-proposed = { $organization } conoce a la persona desde ahora. La función tiene efecto cuando otro administrador la confirme, dentro de catorce días.
follows-decline-role = { $name } no recibe la función. Se puede proponer de nuevo.
follows-end-role = { $name } ya no puede hacer lo que permite la función { $role }. Tiene efecto enseguida.
loses-threads = { $count ->
    [0] No es responsable de ninguna conversación abierta aquí.
    [one] Es responsable de 1 conversación abierta aquí. Si ninguna otra función le permite responder, vuelve a su grupo o a un coordinador.
   *[other] Es responsable de { $count } conversaciones abiertas aquí. Lo que ninguna otra función le permite responder vuelve a su grupo o a un coordinador.
  }
follows-end-own-administration = Usted deja de administrar { $organization }: ya no puede cambiar sus ajustes, y solo otro administrador puede devolverle la función.
follows-no-role = { $name } se queda sin función en { $organization } y no trabaja en ninguno de sus grupos.
follows-correct-name = Todos ven el nombre nuevo, también en conversaciones anteriores. La corrección y su motivo se conservan.

# La lista de trabajo en papel
filter-pools = En sus grupos
print-worklist = Imprimir con teléfonos
print-now = Imprimir
rows-of = { $first } a { $last } de { $total }
previous-page = Página anterior
not-all-read = Solo se leyeron los primeros; los demás no se muestran.
due-on-paper = { $distance }: { $moment }
sheet-help = Ayuda con este programa, { $name }
column-turn = A quién le toca
column-phones = Teléfono
sheet-all = { $count ->
    [one] 1 conversación, que es todo lo que espera.
   *[other] Las { $count } conversaciones que esperan.
  }
sheet-part = { $count ->
    [one] 1 conversación de «{ $filter }».
   *[other] Las { $count } conversaciones de «{ $filter }».
  }
sheet-first = Las primeras { $count } conversaciones. Hay más que esperan y no están aquí.

# La página de consultas
query-page = Página de consultas
query-page-text = Pregunte a la API como usted mismo. Lo que lee queda registrado, como en cada página.
query-documentation = Documentación de la API
query-documentation-new = Documentación de la API (pestaña nueva)
query-document = Documento
query-hint = Una consulta o mutación de GraphQL. Ctrl+Intro la ejecuta.
query-variables = Variables
query-variables-hint = Un objeto JSON, o nada.
query-operation = Operación
query-operation-hint = Su nombre, si el documento tiene varias.
query-run = Ejecutar
query-answer = Respuesta
query-refused = No se ejecutó
query-examples = Ejemplos
query-examples-text = Elegir uno reemplaza lo que hay en el editor. Una suscripción no se puede ejecutar aquí: necesita un cliente que siga conectado.
documentation-find = Buscar un tipo, un campo o una palabra
documentation-parts = Campos y palabras
documentation-types = { $count } tipos
documentation-found = { $count ->
    [one] 1 resultado para “{ $find }”
   *[other] { $count } resultados para “{ $find }”
  }

# The lists of an organization
organization-threads = Conversaciones de { $organization }
organization-threads-text = Conversaciones en que esta organización pregunta o responde, abiertas y cerradas, hasta donde usted puede verlas. Primero la que cambió de estado por último.
organization-threads-empty = No hay ninguna que usted pueda ver
organization-patients = Pacientes de { $organization }
organization-patients-text = Todos los pacientes cuya historia se lleva aquí, por nombre.
organization-patients-search = Busque a un paciente cuya historia se lleva aquí: escriba al menos tres letras de un nombre o una fecha de nacimiento.
organization-patients-unsearched = Busque para encontrar a un paciente
organization-patients-empty = Aquí aún no se lleva ninguna historia.
organization-patients-none = Ninguna historia de aquí coincide con «{ $search }»
organization-patients-all = Nueva búsqueda

# Who read what
access-own = Quién leyó su historia
access-of-record = Quién leyó la historia
access-text = Quién abrió algo de la historia o lo intentó, qué era, cuándo y con qué fin; primero lo más reciente. Nunca dice lo que leyó allí.
access-shows = Lecturas de quién
access-by-others = Otras personas
access-by-everybody = Todas, también las suyas
access-people = Solo una persona
access-only-by = Solo lo que hizo { $name }.
access-only-by-one = Solo lo que hizo una persona.
access-everybody-again = Mostrar a todas las personas
access-nobody-else = Nadie más ha leído aún nada sobre usted
access-nothing = No hay ningún registro así
access-older = Anteriores
access-newest = Ir a lo más reciente
access-conversation = Conversación:
access-some-conversation = En una conversación
access-opened = abierta { $when }
access-marked = Marcado para revisión
access-marked-text = La persona encargada de protección de datos mira primero lo que está marcado para revisión.
access-refused = Rechazado: no se mostró ni se hizo nada
access-times = { $count } intentos
access-for = en nombre de { $name }
access-unknown-person = Alguien que no está registrado aquí
access-wrong = ¿Algo aquí parece incorrecto?
access-wrong-call = Llame a { $organization } y pregunte por la persona encargada de protección de datos. Diga el día y la hora que ve aquí.
access-review = Quién leyó qué en { $organization }
access-nav = Quién leyó qué
access-review-text = Quién leyó o intentó qué, primero lo más reciente; nunca lo que se leyó. Están marcadas para revisión las lecturas de quien se añadió a un equipo asistencial, las lecturas de estos registros por el personal y los intentos rechazados de cambiar quién puede hacer algo.
access-which = Qué registros
access-tab-review = Para revisión
access-tab-all = Todos
access-patient-id = Identificador de un paciente
access-patient-hint = Como consta en un informe o en esta lista. Encuentra todos los registros que tocan al paciente.
access-only-patient = Solo lo que toca al paciente { $id }.
access-all-patients = Mostrar a todos los pacientes
access-results = { $count ->
    [one] 1 registro en esta página.
   *[other] { $count } registros en esta página.
  }
access-zone = Las horas son en { $zone }.
access-about-person = Sobre { $name }
access-no-patient = Ningún paciente cuya historia se lleva aquí
access-thread-id = Conversación { $id }
column-when = Cuándo
column-read = Qué

# What an access record is about
access-read-access = La lista de quién leyó qué
access-read-care-team = El equipo asistencial
access-read-question = Una pregunta para unirse al equipo asistencial
access-read-blocks = Exclusiones y permisos
access-read-draft = Un borrador
access-read-journal = La comprobación del registro
access-read-work = Cuánto trabajo tiene alguien
access-read-organization = Una organización
access-read-patients = La lista de pacientes
access-read-patient = Nombre y fecha de nacimiento
access-read-history = Correcciones de nombre y fecha de nacimiento
access-read-proposal = La propuesta de una historia
access-read-person = Una persona
access-read-policy = Las reglas de quién puede hacer qué
access-read-pools = La lista de grupos
access-read-find = Que la conversación existe y quién la tiene
access-read-participants = Quién participa en la conversación
access-read-thread = La conversación: qué se preguntó y se respondió
access-read-helpers = Quién ayuda al paciente
access-read-authority = Un derecho por ley a actuar por el paciente
access-read-message = Mensajes de la conversación
access-read-worklist = Una lista de trabajo
access-try-care-team = Cambiar el equipo asistencial
access-try-block = Cambiar una exclusión o un permiso
access-try-patient = Cambiar la historia
access-try-person = Cambiar una persona o una función
access-try-organization = Cambiar una organización
access-try-policy = Cambiar las reglas
access-try-draft = Guardar o descartar un borrador
access-try-thread = Hacer algo en una conversación
access-try-helpers = Cambiar quién ayuda al paciente
access-try-authority = Cambiar un derecho por ley
access-try-other = Hacer otra cosa

# Why somebody may read
purpose-treatment = Para el tratamiento
purpose-care-coordination = Para coordinar la asistencia
purpose-patient-request = A petición del propio paciente
purpose-family-request = A petición de quien ayuda al paciente
purpose-healthcare-operations = Para dirigir la organización o supervisarla
reads-as-author = Escribe el borrador
reads-as-joined = Se añadió al equipo asistencial
reads-as-invited = Tiene una invitación
reads-as-staff = Trabaja en la organización

# Helpers: what is done about them
helper-act-refuse-offer = Rechazar la oferta de { $name }
helper-done-refuse-offer = La oferta se ha rechazado
helper-about-refuse-offer = { $name } no obtiene acceso, y no se le dice nada.
helper-act-verify-identity = Verificar quién es { $name }
helper-done-verify-identity = Consta quién es la persona que ayuda
helper-about-verify-identity = Vea un documento o encuéntrese con la persona. Esto todavía no da acceso: el paso siguiente es comprobar qué se abriría.
helper-act-fail-identity = Indicar que no es seguro quién es { $name }
helper-done-fail = La invitación ha terminado
helper-about-fail = Esto termina la invitación. Se le dice a la persona que ha terminado, sin un motivo.
helper-act-pass-check = Comprobar que el acceso de { $name } es seguro
helper-done-pass-check = La comprobación se ha superado
helper-about-pass-check = Lea la lista de lo que se abriría y responda a cada pregunta. Nada se abre antes de que conste el consentimiento.
helper-act-check-wider = Comprobar que { $name } puede ver y hacer más
helper-done-check-wider = La comprobación se ha superado. Durante 30 días, el paciente puede permitir hasta tanto
helper-about-check-wider = Elija lo que debe alcanzar y responda a cada pregunta. Después la página muestra lo que se abriría ahora, y usted pulsa el botón otra vez. Nada se abre antes de que el paciente esté de acuerdo.
helper-act-fail-check = Indicar que el acceso de { $name } no sería seguro
helper-act-consent = Registrar el consentimiento para { $name }
helper-done-consent = { $name } tiene acceso desde ahora
helper-about-consent = Con esto, { $name } obtiene acceso a lo que se elige abajo, hasta el final acordado.
helper-act-narrow = Que { $name } vea y haga menos
helper-done-narrow = Se ha reducido
helper-about-narrow = Tiene efecto en seguida. Para dar más después, primero verá qué se abriría.
helper-act-widen = Que { $name } vea y haga más
helper-done-widen = Se ha ampliado
helper-about-widen = Elija lo que debe alcanzar. Después la página muestra lo que se abriría ahora, y usted pulsa el botón otra vez.
helper-law = ¿Qué dice la ley sobre ello?
helper-agreed = ¿Quién más del equipo está de acuerdo?
helper-act-renew = Que la ayuda de { $name } termine más tarde
helper-done-renew = El nuevo final consta
helper-about-renew = Lo que { $name } ve y hace sigue igual.
helper-act-suspend = Pausar la ayuda de { $name }
helper-done-suspend = La ayuda está en pausa
helper-about-suspend = Desde ahora { $name } no ve ni hace nada. Otra persona lo revisa antes de devolver el acceso.
helper-act-resume = Devolver el acceso a { $name }
helper-done-resume = El acceso se ha devuelto
helper-about-resume = Lo decide otra persona que quien lo puso en pausa. Responda de nuevo a cada pregunta.
helper-act-end = Terminar la ayuda de { $name }
helper-done-end = La ayuda ha terminado
helper-about-end = Desde ahora { $name } no ve ni hace nada. Lo que escribió se queda. Se le dice que la ayuda ha terminado, sin un motivo. No se puede deshacer: quien deba ayudar otra vez recibe una nueva invitación.
helper-act-record-authority = Registrar quién representa al paciente por ley
helper-done-record-authority = El documento consta
helper-about-record-authority = Esto registra un documento. No da acceso por sí mismo: el documento se comprueba después.
helper-act-verify-authority = Registrar que el documento de { $name } se ha comprobado
helper-done-verify-authority = El documento está comprobado
helper-about-verify-authority = Indique hasta dónde llega el documento y por cuánto tiempo. Ningún acceso basado en él llega más lejos.
helper-act-reject-authority = Registrar que el documento de { $name } no es válido
helper-done-reject-authority = Consta que el documento no es válido
helper-about-reject-authority = Ningún acceso puede basarse en este documento.
helper-act-dispute-authority = Indicar que el derecho de { $name } está en disputa
helper-done-dispute-authority = El derecho está en disputa
helper-about-dispute-authority = Todo acceso basado en él queda en pausa hasta que decida el responsable de privacidad.
helper-act-uphold-authority = Decidir que el derecho de { $name } es válido
helper-done-uphold-authority = Se ha decidido que el derecho es válido
helper-about-uphold-authority = La disputa termina. Un acceso en pausa se devuelve con un paso propio.
helper-act-end-authority = Registrar que el derecho de { $name } ha terminado
helper-done-end-authority = El derecho ha terminado
helper-about-end-authority = Todo acceso basado en él termina también.

# Lo que espera a una persona, o se le anunció, sobre la ayuda y las exclusiones
reminders = Lo que le espera sobre la ayuda
reminders-to-answer = { $count ->
    [one] 1 asunto espera su respuesta
   *[other] { $count } asuntos esperan su respuesta
  }
reminders-told = Lo que debe saber sobre la ayuda y las exclusiones
reminder-answer-offer = Responder a la oferta de ayuda de { $name }
reminder-give-consent = Decir si { $name } puede ayudarle
reminder-confirm = Decir si esto es correcto. Su equipo lo anotó: { $whom }
reminder-answer-invitation = Responder a la invitación a ayudar
reminder-unanswered = Nadie ha respondido a su invitación para ayudar a { $patient }
reminder-consent-overdue = Nadie ha registrado el consentimiento a la ayuda de { $name } para { $patient }
reminder-access-ends = El acceso de { $name } termina. Último día: { $day }
reminder-own-access-ends = Su acceso para { $name } termina. Último día: { $day }
reminder-age = Pronto tendrá una edad a la que cambia el acceso de { $name }
reminder-own-age = Su acceso para { $name } cambia pronto, por la edad de esa persona
reminder-document-ends = El documento de su acceso para { $name } termina. Último día: { $day }
reminder-directive-ends = Termina una exclusión o un permiso suyo: { $whom }. Último día: { $day }

# Helpers: who helps a patient
helpers = Personas que ayudan
helpers-own = Personas que me ayudan
helpers-own-text = Estas personas pueden ver parte de lo que usted y su equipo escriben. Usted decide y puede terminarlo en cualquier momento.
helpers-text = Quién ayuda a este paciente, qué puede ver y hacer, y qué hay que hacer ahora.
helper-work = Personas que ayudan y le esperan
helper-work-text = Lo que usted o un colega debe hacer ahora sobre quienes ayudan a pacientes; primero lo que vence antes. Si usted puso un acceso en pausa, decide otra persona.
helper-work-none = Ninguna persona que ayuda le espera
helper-work-by-due = Por vencimiento
helper-work-no-due = Sin vencimiento: la organización no tiene calendario
helper-work-answer = Responder a la oferta de ayuda de { $name }
helper-work-review = Decidir sobre el acceso en pausa de { $name }
helpers-now = Quién ayuda ahora
helpers-none = Nadie ayuda ahora
helpers-former = Quién ayudó antes
helpers-back = Volver a las personas que ayudan
helper-nobody-yet = Todavía no se sabe
helper-active-until = Activa hasta el { $day }
helper-accept-by = Debe aceptarse hasta: { $when }
helper-staff-by = Espera al centro desde: { $when }. Debe hacerse en cinco días laborables
helper-waits-since = Espera desde: { $when }
helper-answer-offer = Invitar a { $name }, que ofrece ayudar
helper-can = Lo que esta persona puede ver y hacer
helper-is-to = Lo que esta persona podrá ver y hacer
helper-could = Lo que esta persona podía ver y hacer
helper-cannot = Lo que esta persona no puede hacer
helper-cannot-team = ver lo que el equipo escribe entre sí
helper-cannot-hidden = ver conversaciones que se ocultan a quienes ayudan
helper-cannot-others = ver quién más ayuda
helper-kind-label = Por qué ayuda esta persona
helper-relationship-label = Relación
helper-since = Desde
helper-until = Hasta
helper-history = Lo que se hizo
helper-step-offered = Ofreció ayudar
helper-step-invited = Recibió la invitación
helper-step-accepted = Aceptó
helper-step-verified = Se verificó quién es
helper-step-checked = La comprobación se superó
helper-step-consented = Consta el consentimiento
helper-step-activated = El acceso empezó
helper-step-narrowed = El acceso se redujo
helper-step-widening-checked = Se comprobó que se puede alcanzar más
helper-step-widened = El acceso se amplió
helper-step-renewed = El acceso termina más tarde
helper-step-suspended = El acceso se puso en pausa
helper-step-resumed = El acceso se devolvió
helper-step-ended = Terminó
helper-step-changed = Se cambió
helper-reason-hint = La persona que ayuda no lo lee.
helper-reason-optional = No tiene que decir por qué. La persona que ayuda no lo lee.
helper-patient-word-hint = Necesario si el paciente retiró el acceso.

# Helpers: what they may reach
helper-topics = ¿Qué puede ver y hacer esta persona?
helper-topics-text = Elija para cada tema. Lo que deje vacío queda cerrado.
helper-read = Leer
helper-write = Escribir
helper-act = Actuar
helper-may-read = leer
helper-may-write = escribir
helper-may-act = actuar por el paciente
helper-topic = { $topic }: { $verbs }
helper-opened = también lo marcado como: { $subject }
helper-listed = { $count ->
    [one] una conversación suelta
   *[other] { $count } conversaciones sueltas
}
helper-sensitive = Temas delicados que pueden abrirse
helper-sensitive-hint = Todos quedan cerrados si no los elige aquí.
helper-which = ¿Qué conversaciones?
helper-which-all = Todas las conversaciones con el centro sobre estos temas, también las posteriores
helper-which-listed = Conversaciones sueltas
helper-which-listed-hint = Puede elegir también las confidenciales. Una conversación se abre solo si su tema y todos sus temas delicados también están elegidos.
helper-past = ¿Cuánto del pasado?
history-from-grant = lo que se escriba desde el primer acceso
history-of-all = todo, también lo escrito antes
helper-manages = Otras personas que ayudan al paciente
helper-manages-yes = puede invitar, cambiar y terminar a otras personas que ayudan
helper-manages-hint = Solo para quien representa al paciente por ley.
opened-title = Lo que se abriría ahora
opened-none = Ahora no se abriría ninguna conversación. Las posteriores de los temas elegidos se abren cuando se escriben.
opened-sensitive = Delicado: { $marks }
opened-not = { $count ->
    [one] Una conversación que ha elegido no se abre: su tema o un tema delicado suyo no está elegido.
   *[other] { $count } conversaciones que ha elegido no se abren: su tema o un tema delicado suyo no está elegido.
}
opened-unknown = No se ha podido leer la lista de lo que se abriría. El centro lo comprueba antes de que se abra nada.

# Helpers: the invitation
helper-invite = Pedir ayuda a otra persona
helper-invite-text = Con la invitación sola no se abre nada. La persona acepta, el centro comprueba quién es y si es seguro, y después consta el consentimiento.
helper-usual = Puede empezar con lo habitual y cambiarlo después.
helper-begin-usual = Lo habitual: { $kind }
helper-closes = { $count ->
    [0] Ahora no hay ninguna conversación abierta para esa persona.
    [one] Una conversación deja de estar abierta para esa persona.
   *[other] { $count } conversaciones dejan de estar abiertas para esa persona.
}
helper-narrows = { $count ->
    [0] Todas las conversaciones que ahora están abiertas para esa persona siguen abiertas.
    [one] Una conversación deja de estar abierta para esa persona.
   *[other] { $count } conversaciones dejan de estar abiertas para esa persona.
}
helped-closes = { $count ->
    [0] No pierde ninguna conversación.
    [one] Después ya no puede abrir una conversación.
   *[other] Después ya no puede abrir { $count } conversaciones.
}
helper-whom = ¿Quién debe ayudar?
helper-another = Otra persona, que recibe un código
helper-offered = Ofrece ayudar: { $relationship }
helper-contact = Nombre y dirección o teléfono
helper-contact-hint = Para quien no está en la lista. Solo lo leen el paciente y el centro.
helper-kind = ¿Por qué ayuda esta persona?
helper-relationship = ¿Qué es esta persona para el paciente?
helper-organization = ¿Para qué organización trabaja?
helper-organization-hint = Solo para quien ayuda por profesión.
helper-ground = ¿Por qué invita a esta persona?
helper-authority = ¿En qué derecho por ley se basa?
helper-until-hint = Un año como máximo; para quien ayuda por profesión tres meses. Después puede prolongarse.
helper-relative = ¿Es usted familiar de esta persona?
helper-relative-yes = Soy familiar
helper-relative-hint = Entonces este paso lo hace otro miembro del equipo.
helper-check = Comprobar lo que se abriría
helper-check-title = Compruebe antes de invitar
helper-check-text = Todavía no se ha enviado nada.
helper-invite-now = Invitar
helper-change = Cambiar algo
helper-invited-done = La persona está invitada
code-title = El código de la invitación
code-text = Anote este código o léalo en voz alta, y déselo a la persona que invita.
code-where = La persona inicia sesión, abre «Yo ayudo» y escribe allí el código.
code-once = Solo se muestra ahora. Quien lo tenga puede aceptar la invitación.
code-next = Cuando la persona haya aceptado, { $name } comprueba quién es.

# Helpers: the checks
helper-identity-how = ¿Cómo se verificó?
helper-identity-level = ¿Qué seguridad hay?
helper-evidence = ¿Qué se vio?
helper-evidence-hint = Déjelo vacío si la misma persona se verificó en los últimos doce meses.
helper-employment = ¿Cómo confirmó la organización que trabaja allí?
helper-employment-hint = Déjelo vacío si tiene allí una función en este sistema.
helper-open-sensitive = Conversación delicada: { $subject }
helper-open-it = Abrirla
helper-open-why = ¿Por qué debe abrirse «{ $subject }»?
helper-open-why-hint = Solo si la abre.
check-necessary = ¿Es necesario el acceso?
check-relevant = ¿Corresponde a su finalidad?
check-safe = ¿Es seguro para el paciente?
check-alone = ¿Se preguntó al paciente sin la persona que ayuda?
helper-basis = ¿Quién lo decidió?
helper-consent-how = ¿Cómo se dio el consentimiento?
helper-consent-when = ¿Cuándo se dio?
helper-witness = ¿Quién más del equipo lo oyó?
helper-witness-hint = Necesario para la palabra de un paciente sin cuenta.
helper-own-word = ¿Qué dice el paciente?
helper-own-word-hint = Necesario si el acceso lo da la ley.
helper-own-word-note = Lo que dijo, o lo que se comprobó

# Helpers: rights by law
authorities = Quién representa al paciente por ley
authorities-text = Un documento no da acceso por sí mismo. Quien deba tener acceso recibe también una invitación.
authority-whose = ¿De quién es el derecho?
authority-what = ¿Qué clase de derecho?
authority-why = ¿Por qué lo necesita el paciente?
authority-document = ¿Qué documento?
authority-document-hint = Por ejemplo el juzgado, la fecha y el número.
authority-limits = Hasta dónde llega el derecho
authority-from-when = ¿Desde cuándo es válido?
authority-end = ¿Indica el documento un final?
authority-has-end = Sí, termina
authority-has-no-end = No, no indica un final
authority-until-when = Si termina: ¿hasta cuándo?
authority-ended-when = ¿Cuándo terminó?
authority-from = Válido desde el { $from }
authority-from-until = Válido desde el { $from } hasta el { $until }

# Whom a person helps
helping = Yo ayudo
helping-whom = ¿De quién se trata?
helping-text = Elija primero a una persona. Su nombre está después en cada página.
helping-home = Usted ayuda a alguien. Elija a quién.
helping-choose = Elegir a quién ayuda
helping-invited = Se le invita a ayudar a alguien
helping-answer = Leer la invitación
helping-open = Ayudar a { $name }
helping-see = Ver cómo está: { $name }
helping-other = Elegir a otra persona
helping-until = Puede ayudar hasta el { $day }.
helping-as = Usted es para esta persona: { $relationship }.
helping-ask = ¿Preguntas? Llame a { $name }:
helping-nobody = Aquí no ayuda a nadie
helping-code = Tengo el código de una invitación
helping-missing = ¿Falta alguien aquí?
helping-missing-text = Solo ve a personas que han dicho que usted puede ayudarlas y cuya ayuda no ha terminado. El centro puede explicar cómo pedirlo.
helped-patient = Un paciente
helped-patient-of = Un paciente de { $name }
helped-invited = Tiene una invitación.
helped-accepted = Ha aceptado. El centro debe comprobar quién es usted. Hasta entonces no ve nada.
helped-verified = El centro sabe quién es usted y todavía comprueba qué puede ver. Hasta entonces no ve nada.
helped-checked = Solo falta el consentimiento. Hasta entonces no ve nada.
helped-active = Ahora puede ayudar.
helped-suspended = Su acceso está en pausa. El centro puede decirle más.
helped-ended = Esta ayuda ha terminado.
helped-messages = Mensajes sobre { $name }
helped-none = Todavía no hay ningún mensaje para usted
helped-write = Escribir sobre { $name }
helped-read = Leer sobre { $name }
helped-can = Lo que puede ver y hacer por { $name }
helped-narrow = Ver y hacer menos por { $name }
helped-give-back = Dejar de ayudar a { $name }
helped-decline = Retirar que ayuda a { $name }
helped-narrow-text = Tiene efecto en seguida. No puede deshacerlo usted.
helped-not-as-staff = Usted también trabaja en la atención sanitaria. Mientras ayude, su trabajo no le da acceso a esta persona. Solo lo da si otra persona que sepa que usted ayuda le añade al equipo asistencial.
helped-give-back-text = Después no verá nada más sobre esta persona. Lo que escribió se queda. Para ayudar otra vez necesita una nueva invitación.
helped-decline-text = La invitación termina y no obtiene acceso.
helped-narrow-done = Ahora ve y hace menos
helped-give-back-done = Ha dejado de ayudar
helped-decline-done = Lo ha retirado
helped-reason-hint = No tiene que decir por qué.
help-accepted-done = Ha aceptado. El centro comprueba ahora quién es usted
invitation-title = Una invitación a ayudar
invitation-text = Escriba el código que recibió. Las mayúsculas y los guiones no importan.
invitation-show = Mostrar la invitación
invitation-by = Invita: { $by },
invitation-name = El nombre no se muestra antes de que el centro compruebe quién es usted. Pregunte a quien le dio el código si no lo sabe con seguridad.
invitation-can = Lo que podrá ver y hacer
invitation-next = Después de aceptar, el centro comprueba quién es usted. Antes no ve nada.
invitation-accept = Aceptar y ayudar
invitation-decline = Rechazar
invitation-declined = Ha rechazado la invitación
invitation-until = Puede responder hasta
invitation-others = Otras invitaciones para usted
invitation-answer = Leer y responder
invitation-other-code = Otra invitación con un código
help-code = Código
help-code-hint = Tiene letras y cifras, en grupos de cuatro.
help-own-account = Su cuenta
help-own-account-yes = Nadie más inicia sesión con mi cuenta, y acepto las condiciones
help-own-account-hint = Quien ayuda necesita una cuenta propia.
terms = Lo que usted acepta
terms-own = Inicia sesión con su propia identidad. Su nombre está en cada mensaje que escribe.
terms-private = No cuenta a nadie lo que lee aquí, y lo usa solo para ayudar a esta persona.
terms-seen = El paciente y el centro pueden ver cuándo lee algo.
terms-end = La ayuda termina el día indicado arriba, y el paciente, el centro y usted pueden terminarla en cualquier momento.
terms-emergency = Esto no es para emergencias. En una emergencia llame al número de emergencias.

helps-patient-authorised = El paciente quiere esta ayuda
helps-by-profession = Ayuda profesional
helps-as-parent = Responsabilidad parental de un menor
helps-by-law = Representación por ley
helps-as-executor = Administración de la herencia de un paciente fallecido


helper-is-asked = Ofrece ayudar
helper-is-invited = Con invitación
helper-is-accepted = Ha aceptado; falta verificar quién es
helper-is-verified = Identidad verificada; falta comprobar la seguridad
helper-is-checked = Comprobado; falta el consentimiento
helper-is-active = Activa
helper-is-suspended = En pausa; falta la revisión
helper-is-ended = Terminada

helper-end-declined = se rechazó
helper-end-revoked = alguien la terminó
helper-end-refused = la oferta se rechazó
helper-end-lapsed = nadie respondió a la oferta
helper-end-not-needed = la persona aceptó una invitación
helper-end-unanswered = nadie respondió a la invitación
helper-end-identity = no era seguro quién es
helper-end-unsafe = el acceso no sería seguro
helper-end-unfinished = los pasos tardaron demasiado
helper-end-expired = llegó su final
helper-end-adult = el paciente es mayor de edad
helper-end-died = el paciente falleció
helper-end-death-voided = la constancia del fallecimiento era un error
helper-end-authority = el derecho por ley terminó
helper-end-employment = la persona dejó la organización


helper-pause-age = el paciente llegó a la edad de revisión
helper-pause-note = una nota protege al paciente
helper-pause-dispute = el derecho por ley está en disputa

identity-in-person = En persona
identity-document = Con un documento
identity-known = El equipo la conoce
identity-provider = Con un servicio de identidad

identity-low = Baja
identity-substantial = Sustancial
identity-high = Alta

alone-asked = Sí, a solas
alone-cannot = El paciente no puede responder
alone-not-needed = No hay a quién preguntar

basis-patient = Lo decidió el paciente
basis-law = Lo exige la ley
basis-patient-word = Lo decidió el paciente, y un testigo lo anotó

own-word-consents = Está de acuerdo
own-word-not-competent = No puede decidirlo

ground-present = El paciente está presente y lo quiere
ground-law = La ley da un derecho a la persona

authority-parental = responsabilidad parental
authority-guardianship = tutela
authority-power = poder para asuntos de salud
authority-court = nombramiento judicial
authority-estate = para la herencia de un paciente fallecido

authority-minority = El paciente es menor
authority-incapacity = El paciente no tiene capacidad
authority-will = El paciente lo quiere
authority-death = El paciente falleció

authority-recorded = Consta; falta comprobarlo
authority-verified = Comprobado
authority-disputed = En disputa
authority-ended = Terminado


# Escribe quien ayuda
write-about = Escribir sobre { $patient } ({ $count ->
    [one] lo lee 1 persona
   *[other] lo leen { $count } personas
  })
write-about-to-team = Escribir sobre { $patient } solo al equipo ({ $count ->
    [one] lo lee 1 persona
   *[other] lo leen { $count } personas
  })

# Quién pudo ver qué, y qué ve quien ayuda
timeline-own = Quién pudo ver qué
timeline-of-record = Quién pudo ver qué de esta historia
timeline-text = Cada entrada dice quién pudo ver algo de esta historia, desde cuándo hasta cuándo y por qué. Primero lo más reciente.
timeline-nobody = Nadie ha podido ver nada todavía
timeline-now = Ahora
timeline-from = Desde
timeline-to = hasta
timeline-ends-itself = Termina por sí solo después del { $day }
timeline-care-team = En el equipo asistencial
timeline-asks = Hizo una pregunta sobre el paciente
timeline-holds = Tenía que responder a una pregunta sobre el paciente
timeline-takes-part = Participante en una conversación
timeline-helps = Persona que ayuda, con este acceso
timeline-shut-out = Exclusión
timeline-permitted = Con permiso del paciente para ver más
timeline-other = Por otro motivo
timeline-then-narrowed = Después, el acceso se redujo
timeline-then-widened = Después, el acceso se amplió
timeline-then-renewed = Después, el acceso recibió un final posterior
timeline-then-suspended = Después, el acceso se puso en pausa
timeline-then-ended = Después, el acceso terminó
timeline-sees-from = Solo lo escrito desde { $from }
as-helper-link = Ver lo que ve { $name }
as-helper-title = Lo que ve { $name }
as-helper-text = Estas son las conversaciones que esta persona puede ver ahora. Solo usted puede abrir esta página. La lista de quién leyó su historia muestra que usted la ha abierto.
as-helper-private = Los mensajes que esta persona y el equipo se escriben solo entre ellos no se muestran aquí.
as-helper-nothing = Esta persona no puede ver ninguna conversación ahora
as-helper-no-messages = Esta persona no puede leer ningún mensaje de esta conversación.
as-helper-older = Esta persona también puede leer mensajes más antiguos, que no se muestran aquí.
as-helper-answer = Esta persona también puede leer la pregunta, y la respuesta si la hay. No se muestran aquí.
access-read-preview = Lo que ve quien ayuda, como vista previa
access-read-timeline = Quién pudo ver qué, y cuándo

# Directivas: a quién excluye un paciente y a quién permite algo
directives = Exclusiones y permisos
directives-own-text = Usted decide a quién excluye. La exclusión vale de inmediato, y a la persona no se le dice nada. También puede permitir al personal clínico de su equipo asistencial leer conversaciones restringidas y las que tienen un tema delicado.
directives-text = A quién excluye el paciente y a quién permite ver más, en la medida en que usted puede saberlo. Puede haber más.
directives-overseen-text = Lo que dijo el paciente y lo que el personal anotó por él. Busque lo que se anotó por error.
directives-back = Volver a exclusiones y permisos
directives-waiting = Por confirmar
directives-overseen-way = Para ver qué excluyen y permiten los pacientes de { $name }, elija un paciente en la lista de quién leyó qué.
directives-overseen-choose = Elegir un paciente de { $name }
directives-denied = Excluidos
directives-denied-none = Nadie está excluido.
directives-denied-none-shown = No se le muestra ninguna exclusión.
directives-permitted = Con permiso para ver más
directives-permitted-none = Nadie tiene permiso para ver más.
directives-permitted-none-shown = No se le muestra ningún permiso.
directives-over = Terminados
directive-state-proposed = Por confirmar; aún sin efecto
directive-state-active = En vigor
directive-state-unconfirmed-deny = En vigor; por confirmar
directive-state-ended = Ya no está en vigor
directive-state-refused = Rechazado; nunca estuvo en vigor
directive-state-voided = Se anotó por error
directive-somebody = Una persona a la que usted no puede conocer
directive-somewhere = una organización que usted no puede conocer
directive-role-at = Todos en { $organization } con la función: { $role }
directive-role = Todos con la función: { $role }
directive-at = Todos los que trabajan en { $organization }
directive-everything = Todo sobre el paciente
directive-not-sensitive = Conversaciones restringidas sin un tema delicado
directive-about-label = Sobre
directive-since = Consta desde
directive-written-down = anotado por
directive-giver-label = Dado o confirmado por
directive-giver-patient = El paciente
directive-giver-representative = Una persona que representa al paciente por ley
directive-giver-staff = Nadie todavía. El personal anotó lo que dijo el paciente
directive-paper = El papel que firmó el paciente
directive-said = Lo que dijo el paciente
directive-error = Por qué fue un error
directive-from = En vigor desde
directive-until-label = En vigor hasta
directive-confirm-by = Confirmar antes de
directive-ask-by = Preguntar al paciente antes de
directive-ended-label = Terminó
directive-act-deny = Excluir a alguien
directive-act-permit = Permitir a alguien ver más
directive-act-record-deny = Anotar a quién excluye el paciente
directive-act-record-permit = Anotar a quién permite el paciente ver más
directive-act-confirm = Confirmar
directive-act-confirm-on-paper = Anotar el papel firmado
directive-act-refuse = Rechazar el permiso
directive-act-tighten = Dejar que se vea menos
directive-act-end = Terminar la exclusión o el permiso
directive-act-void = Anotar que es un error
directive-done-deny = La exclusión está registrada
directive-done-permit = El permiso está registrado
directive-done-record-permit = Está anotado. El paciente debe confirmarlo
directive-done-confirm = Se ha confirmado
directive-done-refuse = El permiso se ha rechazado
directive-done-tighten = Se ha cambiado. Desde ahora se ve menos
directive-done-end = Ha terminado
directive-done-void = Consta como error
directive-about-deny = Las personas que elija ya no pueden encontrar ni leer lo que elija, ni hacer nada allí, aunque otra cosa se lo permita. No reciben ningún aviso y no se les dice nada. Lo que tenían que hacer pasa a otros.
directive-about-permit = El personal clínico del equipo asistencial que usted elija puede leer conversaciones restringidas para el tratamiento. Una conversación con temas delicados se abre solo si usted los elige todos. Con este permiso no puede escribir allí. El permiso termina por sí solo el día que usted elija, y puede terminarlo antes.
directive-about-record-permit = No tiene efecto hasta que el paciente lo confirme, dentro de 14 días. Usted no puede anotar un permiso para sí.
directive-about-confirm = Usted confirma lo que se lee arriba. Desde ahora vale como decisión suya.
directive-about-confirm-on-paper = Solo para un paciente sin cuenta aquí. La persona que lo anotó no puede hacerlo.
directive-about-refuse = El permiso no tendrá efecto nunca.
directive-about-tighten = Una exclusión puede ser más amplia o más larga, y un permiso, más limitado o más corto. Lo que no cambie queda como está. Para que se vea más, termínelo y dé uno nuevo.
directive-about-end = Ya no vale. Desde ahora, lo demás decide qué puede ver y hacer cada persona: su función, su lugar en el equipo asistencial y las otras exclusiones y permisos.
directive-about-void = Para lo que se anotó por error, como la exclusión de una persona equivocada. El paciente lee el motivo.
directive-whom = ¿De quién se trata?
directive-subjects = ¿Qué temas delicados?
directive-subjects-deny = Si no elige ninguno: todo sobre el paciente.
directive-subjects-permit = Si no elige ninguno: solo conversaciones sin un tema delicado. Si elige algunos: solo conversaciones que los tienen y ningún otro.
directive-subjects-fewer = Solo conversaciones que tienen los temas elegidos y ningún otro.
directive-purpose = ¿Para qué fin?
directive-any-purpose = Para cualquier fin
directive-start = ¿Cuándo empieza?
directive-start-now = Ahora
directive-start-later = Un día posterior
directive-from-when = Si empieza después: ¿cuándo?
directive-end = ¿Tiene un final?
directive-no-end = No, vale hasta que alguien la termine
directive-has-end = Sí, termina un día
directive-document = ¿Qué papel es?
directive-document-hint = Cómo se llama y dónde se guarda.
directive-void-hint = El paciente lo lee.
directive-work = Pacientes a quienes debe preguntar
directive-work-text = El personal anotó a quién excluyen estos pacientes, y nadie lo confirmó a tiempo. La exclusión vale. Pregunte al paciente si es correcto.
directive-work-ask = Preguntar al paciente si excluye a: { $whom }
directive-see-first = Ver qué cambiaría
directive-preview = Lo que cambiaría ahora
directive-preview-none = No cambiaría nada para quienes tienen acceso ahora.
directive-not-yet = Todavía no ha cambiado nada. Para hacerlo, pulse el botón de abajo.
directive-loses = { $name } ya no encuentra { $count ->
    [one] 1 conversación
   *[other] { $count } conversaciones
  }
directive-reads-less = { $name } ya no puede leer { $count ->
    [one] 1 conversación
   *[other] { $count } conversaciones
  }
directive-gains = { $name } puede leer { $count ->
    [one] 1 conversación más
   *[other] { $count } conversaciones más
  }
directive-left-alone = { $count ->
    [one] En 1 conversación nadie más podría seguir. Antes hay que entregarla.
   *[other] En { $count } conversaciones nadie más podría seguir. Antes hay que entregarlas.
  }
problem-whom-missing = Elija de quién se trata.
problem-purpose-missing = Elija para qué fin.
problem-until-missing = Un permiso necesita un final. Diga hasta cuándo.
problem-not-permittable = Ninguna regla pide este permiso al paciente, así que no cambiaría nada.
problem-has-account = El paciente tiene una cuenta y lo confirma allí.
problem-not-tighter = Una exclusión solo puede ampliarse o durar más, y un permiso solo puede reducirse o durar menos.
problem-conflict-of-interest = Esa persona ayuda al paciente y no actúa como personal con él

# Messages from outside
outside-messages = Mensajes de fuera
outside-messages-text = Personas sin acceso escribieron estos mensajes, cada uno sobre un paciente que nombran. Averigüe qué paciente es. Quienes escriben no reciben respuesta.
outside-none = Ningún mensaje de fuera le espera
outside-match-offer = Averiguar a quién ofrece ayudar { $name }
outside-find-patient = Averiguar sobre quién escribe { $name }
outside-names = El paciente, según quien escribe
outside-claimed-by = Lo ha tomado
outside-unclaimed = Nadie lo ha tomado
outside-what = El mensaje
outside-sender = De
outside-sent = Enviado
outside-unverified = Nadie ha verificado la relación de quien escribe con el paciente. No le diga si existe ese paciente.
outside-claim = Tomar este mensaje
outside-whom = ¿De quién se trata?
outside-search = Nombre o fecha de nacimiento
outside-search-hint = Entre los pacientes de su organización. Escriba al menos tres letras de un nombre o una fecha de nacimiento.
outside-search-more = Escriba más del nombre, o la fecha de nacimiento.
outside-no-search = Usted no puede buscar a un paciente en esta organización. Debe averiguar qué paciente es alguien de enfermería o de coordinación: puede tomar el mensaje después de usted.
outside-nobody-found = No se encuentra a ningún paciente
outside-nobody-found-text = Pruebe otra grafía o la fecha de nacimiento. Si sigue sin saberse de quién se trata, cierre el mensaje abajo.
outside-other-patient = Elegir a otro paciente
outside-match = Anotar que esta oferta es para { $name }
outside-match-text = Después se pregunta al paciente. Con este paso nadie obtiene acceso.
outside-attach = Añadirlo a una conversación sobre { $name }
outside-attach-text = Puede leerlo quien pueda leer los mensajes al equipo clínico en esa conversación. Usted puede preguntar al paciente por quien lo envió.
outside-thread = ¿Qué conversación?
outside-threads-more = Solo se ofrecen las conversaciones más recientes sobre este paciente. Hay más.
outside-no-newest-thread = Entre las conversaciones más recientes sobre este paciente no hay ninguna abierta en la que pueda escribir al equipo clínico. Hay más conversaciones.
outside-no-thread = No hay ninguna conversación abierta sobre este paciente en la que pueda escribir al equipo clínico.
outside-ended = Este mensaje está cerrado.
outside-close-title = Cerrar sin efecto
outside-close-ground = ¿Por qué se cierra?
outside-close-hint = Quien lo envió no lo lee.
outside-close = Cerrar el mensaje
outside-closing-unmatched = No es seguro de quién se trata
outside-closing-refused = No debe tener efecto
outside-done-match = Ahora se pregunta al paciente
outside-done-attach = El mensaje está ahora en la conversación
outside-done-close = El mensaje está cerrado
outside-note-from = Relación con el paciente, sin verificar: { $relationship }
outside-note-attached = Lo añadió
outside-note-unknown = Quienes escribieron no pueden leer esta conversación, y no saben que su mensaje está aquí.
tell = Escribir a un centro sobre alguien
tell-about = Para personas sin acceso a la historia de un paciente: ofrezca su ayuda, o diga al equipo del paciente algo que debería saber.
tell-urgent = Nadie lo lee en seguida, y usted no recibe respuesta. En una emergencia, llame al número de emergencias.
tell-wish = ¿Qué quiere hacer?
tell-wish-help = Ofrecer mi ayuda
tell-wish-tell = Decir algo al equipo
tell-to = ¿A qué centro?
tell-phone = Teléfono { $phone }
tell-patient = ¿Cómo se llama el paciente?
tell-patient-hint = Escríbalo como lo conoce.
tell-birth-date = ¿Cuándo nació el paciente?
tell-birth-date-hint = Por ejemplo 1958-03-04, o solo el año. Déjelo vacío si no lo sabe.
tell-relationship = ¿Qué es usted para el paciente?
tell-kind = ¿Por qué quiere ayudar?
tell-kind-hint = Solo si ofrece su ayuda.
tell-text = ¿Qué quiere decir?
tell-text-hint = Necesario si dice algo al equipo.
tell-send = Enviar al centro
tell-sent = Se ha enviado
tell-sent-text = Aquí no recibe respuesta, sea quien sea el paciente. Si el paciente quiere su ayuda, recibirá una invitación. La encontrará en «Yo ayudo».
access-read-outside = Mensajes de fuera
access-try-outside = Hacer algo con un mensaje de fuera
