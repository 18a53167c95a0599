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
main-navigation = Principal
home = Inicio
worklist = Lista de trabajo
inbox = Bandeja de entrada
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
group-patients = Pacientes
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
by-time-in-zone = antes de: { $time } ({ $zone })
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
role-at = { $role }, { $organization }
a-pool = grupo
audience-everyone = Todos en esta conversación
audience-clinical-team = Solo el equipo clínico
audience-named = Solo las personas nombradas
audience-named-persons = Solo { $names }
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

patient-label = Paciente
born = Nacimiento
born-on = nac. { $day }
born-with-age = { $day } ({ $age })
about-no-patient = Sobre ningún paciente
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
question-about-you = Una pregunta sobre usted
urgent = Urgente
unread = Sin leer
with-person = Con { $name }
with-somebody = Con alguien a quien usted no puede ver
waits-in-pool = Espera en el grupo { $pool }; nadie la tiene todavía
waits-for-coordinator = Espera a la coordinación de { $pool }
waits-for-role = Espera a alguien de { $role } de { $organization }
waits-for-patient = Espera al paciente
waits-for-nobody = Aplazada: hasta entonces no se espera nada de nadie
your-turn = Le toca a usted: { $what }
others-turn = { $whose }: { $what }
do-assign = Aceptar para el grupo
do-claim = Tomarla
do-advise = Responder a la pregunta
do-record-plan = Anotar el plan
do-inform-patient = Informar al paciente
do-close = Cerrar la conversación
do-reply = Contestar
do-accept = Contestar a la invitación
do-pass-turn = Decir a quién le toca
do-act = Dar el paso siguiente
invited = Le invitan a participar como { $role }
invited-by = { $by } le invita a participar como { $role }
invited-text = Verá de qué trata cuando haya aceptado. Conteste
next-step = Paso siguiente
where-it-stands = Cómo va
stage-done = Hecho
stage-now = Ahora
stage-then = Después
other-steps = También es posible
who-can-see = Quién participa
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
mark-read = Marcar como leído
write-message = Escribir un mensaje
write-to-team = Escribir al equipo
reply-about = Su mensaje sobre { $patient }
reply-about-nobody = Su mensaje
reply-label = Mensaje
reply-hint = Si alguien cambia la conversación mientras tanto, su texto se conserva.
emergency = ¿Dolor en el pecho, dificultad para respirar, una hemorragia fuerte? No escriba. Llame ahora al número de emergencias.
who-may-read = Quién puede leerlo
send-clinical = Enviar solo al equipo clínico
send-everyone = Enviar a todos en esta conversación
send-everyone-with = Enviar a todos, también a { $patient }
send-to-your-team = Enviar a su equipo
sent-prefix = Enviado:
sent-title = Su mensaje se envió
sent-show = Mostrarlo
back-to-inbox = Volver a la bandeja de entrada
back-to-list = Volver a la lista

narrow = Acotar la lista
narrow-by-state = Acotar la lista por estado
filter-overdue = Con retraso
filter-today = Para hoy
filter-mine = Le toca a usted
filter-unowned = Sin responsable
filter-waiting = Esperan a otros
filter-all = Todo lo abierto
column-what = Qué hacer
column-patient = Paciente
column-due = Plazo
column-owner = Responsable
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
next-page = Página siguiente
pages-of-list = Páginas de la lista
try-again = Intentar de nuevo
list-failed = Esta lista no se pudo leer. No está vacía.
list-failed-text = Se intentó el { $time }. Lo que falta aquí no se ha perdido.
list-partial = Una parte de esta lista falta o llega tarde
list-partial-text = Se leyó el { $time }. Lo que falta aquí no se ha perdido.
all-of-them = Ver { $count }
inbox-parts = Partes de la bandeja de entrada
tab-open = En curso
tab-done = Terminadas
inbox-unread = Sin leer
inbox-unread-empty = Nada sin leer
inbox-yours = Le esperan a usted
inbox-others = Esperan a otros
inbox-done = Terminadas
inbox-done-empty = Nada terminado todavía
unread-threads = { $count ->
    [0] Nada sin leer.
    [one] 1 conversación con mensajes sin leer.
   *[other] { $count } conversaciones con mensajes sin leer.
  }
good-day = Buenos días, { $name }
home-mine = Le esperan a usted
home-mine-empty = Nada le espera
home-pools = Sin tomar en sus grupos
your-patients = Sus pacientes
your-patients-empty = Todavía no atiende a ningún paciente.
happening = Qué está pasando
happening-nothing = No hay nada abierto
happening-nothing-text = Cuando su equipo pregunte algo sobre usted, lo verá aquí.
messages-before = Terminado
finished = Terminado
all-messages = Todos los mensajes
read-and-reply = Leer y contestar

step-accept = Aceptar la invitación
step-decline = Rechazar la invitación
step-advise = Responder a la pregunta
step-plan = Anotar el plan
step-inform = Anotar que se informó al paciente
step-close = Cerrar la conversación
step-claim = Tomarla
step-assign = Aceptar para el grupo
step-reply = Enviar
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
done-reply = Enviado
done-read = Marcado como leído
optional = Déjelo vacío si no hay nada que decir.
assign-to = ¿Quién debe responder?
assign-any = Cualquier miembro del grupo
assign-any-hint = Quien la tome primero
assign-reason = ¿Por qué se asigna de nuevo?
advise-question = La pregunta
advise-text = Recomendación { $number }
advise-kind = Qué pide la recomendación { $number }
advise-certainty = Con qué certeza da la recomendación { $number }
advise-come-back = ¿Cuándo debe volver el paciente?
advise-minutes = Minutos dedicados
advise-more = Añadir una recomendación
plan-recommendation = Recomendación { $number }
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
close-in-words = ¿En qué quedó?

error-prefix = Error:
errors-title = { $count ->
    [one] Una cosa no está bien todavía
   *[other] { $count } cosas no están bien todavía
  }
errors-kept = Lo que escribió se conserva. No se envió nada.
label-and-problem = { $label }: { $problem }
problem-not-found = No existe o no se comparte con usted
problem-not-permitted = Su función no lo permite
problem-idempotency-mismatch = Este formulario ya se envió con otro texto. Abra la página de nuevo para enviar otro
problem-version-conflict = Cambió mientras tanto
problem-empty = Esto falta
problem-too-long = Esto es demasiado largo
problem-control-character = Contiene un carácter que no se puede guardar
problem-malformed = No tiene la forma correcta
problem-out-of-range = Es demasiado pequeño o demasiado grande
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

# Organizaciones y su configuración
organizations = Organizaciones
you-administer = Usted la administra
settings-read-only = Puede leer esto. Quien administra la organización puede cambiarlo.
settings-contact = Cómo contactarla
settings-calendar = Calendario
settings-pools = Grupos
settings-members = Miembros
settings-people = Personas y funciones
settings-roles = Funciones
settings-threads = Hilos abiertos
no-phone = Sin número de teléfono
no-calendar = Todavía sin calendario
no-holidays = Ninguno
no-pools = Todavía no hay grupos
no-members = Nadie todavía
people-not-shown = No puede saber quién trabaja aquí
pool-calendar = El de { $organization }
day-off = Día libre
minutes-of-work = { $count ->
    [one] 1 minuto de trabajo
   *[other] { $count } minutos de trabajo
  }
asked-now-due = Si se pregunta ahora, vence el { $moment }
until = hasta { $moment }
remove = Quitar
end = Terminar
change-phone = Cambiar el número de teléfono
change-calendar = Cambiar el calendario
change-open-pool = Abrir un grupo
change-rename-pool = Cambiar el nombre del grupo
change-add-member = Añadir un miembro
change-remove-member = Quitar al miembro
change-register = Registrar a una persona
change-grant = Conceder una función
change-end-role = Terminar la función
change-correct-name = Corregir el nombre
changed-phone = El número de teléfono se cambió
changed-calendar = El calendario se cambió
changed-open-pool = El grupo se abrió
changed-rename-pool = El nombre del grupo se cambió
changed-add-member = El miembro se añadió
changed-remove-member = El miembro se quitó
changed-register = La persona se registró
changed-grant = La función se concedió
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
field-until = Termina
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
check-again = Lo que había antes no es lo que usted vio. Lea la nueva vista previa y confirme.
what-follows = Qué consecuencias tiene
was = Antes: { $was }
change-answers = Cambiar las respuestas
cancel = Cancelar
follows-nothing = No cambia nada.
follows-phone = Quien puede conocer la organización ve el número enseguida.
follows-calendar = Los plazos ya fijados no cambian. Los nuevos siguen este calendario.
routine-due-now = Una pregunta normal hecha ahora vencería el { $due }. Antes: { $was }.
urgent-due-now = Una pregunta urgente hecha ahora vencería el { $due }. Antes: { $was }.
follows-open-pool = El personal de todas las organizaciones encuentra el grupo por su nombre público y puede preguntarle. Necesita miembros que asuman lo que se pregunta.
follows-rename-pool = Los nombres cambian enseguida en todas partes, también en los hilos abiertos.
pool-named = Grupo { $pool }
a-member = { $name } es miembro
not-a-member = { $name } no es miembro
follows-add-member = { $name } puede ver y asumir los hilos de { $pool }.
follows-remove-member = { $name } ya no puede ver hilos solo por { $pool }, ni asumir ninguno.
loses-pool-threads = { $count ->
    [0] Ningún hilo abierto cambia de responsable.
    [one] 1 hilo abierto vuelve al grupo.
   *[other] { $count } hilos abiertos vuelven al grupo.
  }
last-member = { $pool } se queda sin miembros. Lo que se pregunte espera hasta que se añada a alguien.
follows-register-staff = La persona trabaja en { $organization } desde ahora y puede hacer lo que la función permite.
follows-register-nobody = { $organization } conoce a la persona desde ahora. No puede hacer nada aquí hasta que se le dé una función o un expediente.
roles-of = Funciones de { $name }
follows-grant = { $name } puede hacer en { $organization } lo que la función permite, desde ahora.
follows-end-role = { $name } ya no puede hacer lo que permite la función { $role }. Tiene efecto enseguida.
loses-threads = { $count ->
    [0] No es responsable de ningún hilo abierto aquí.
    [one] Es responsable de 1 hilo abierto aquí. Si ninguna otra función le permite responder, vuelve a su grupo o a un coordinador.
   *[other] Es responsable de { $count } hilos abiertos aquí. Lo que ninguna otra función le permite responder vuelve a su grupo o a un coordinador.
  }
follows-no-role = { $name } se queda sin función en { $organization } y no trabaja en ninguno de sus grupos.
follows-correct-name = Todos ven el nombre nuevo, también en hilos anteriores. La corrección y su motivo se conservan.

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
    [one] 1 hilo, que es todo lo que espera.
   *[other] Los { $count } hilos que esperan.
  }
sheet-first = Los primeros { $count } hilos. Hay más que esperan y no están aquí.

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
query-examples-text = Elegir uno reemplaza lo que hay en el editor.
documentation-find = Buscar un tipo, un campo o una palabra
find = Buscar
documentation-parts = Campos y palabras
documentation-types = { $count } tipos
documentation-found = { $count ->
    [one] 1 resultado para “{ $find }”
   *[other] { $count } resultados para “{ $find }”
  }
