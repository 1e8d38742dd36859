"""What a flag asks of whoever reviews it, in a sentence (es-MX).

Law: every flag of the transition table has its sentence; a test holds it. Phones do not need it.
"""

from __future__ import annotations

HELP = {
    "after_closing": "Mire en la historia qué hizo: si cambia algo, reábralo.",
    "after_duplicate": "Vea si también debe quedar dicho en el reporte con el que se unió.",
    "after_withdrawal": "Si sigue haciendo falta, reábralo; si no, no hay que hacer nada.",
    "amended_after_closing": "Vea si lo corregido pide otra atención; entonces reábralo.",
    "amended_at_once": "Vale lo último que llegó: compare en la historia y corrija si no es.",
    "based_on_unknown": "Suele llegar solo, cuando ese teléfono tenga señal.",
    "chain_broken": "Puede ser un teléfono restaurado o cambiado: pregunte a quien lo trae.",
    "clock_wrong": "Se usó la hora del servidor. Pida que pongan la hora automática.",
    "closed_from_afar": "Vea las fotos del cierre y, si hace falta, pregunte a la brigada.",
    "closed_without_photo": "Pida la foto a quien lo cerró, o reábralo.",
    "closing_unverifiable": "El GPS no alcanzó: bastan las fotos si se ve el lugar.",
    "contradictory_closing": "Vale el primero: pregunte a ambos y reábralo si quedó mal.",
    "duplicate_cycle": "Abra los dos y una el que sobra al que se queda.",
    "duplicate_disputed": "Vea si el otro también es el mismo y únalos.",
    "duplicate_of_itself": "No cambió nada: basta con revisarlo.",
    "incident_disputed": "Protección Civil decide a cuál incidente pertenece.",
    "late": "Lea lo que dice: si pide algo todavía, reábralo o anótelo.",
    "left_for_risk": "Hable con la dependencia antes de mandar a otra brigada.",
    "not_about_reports": "Avise a soporte: no debería ocurrir.",
    "not_merged": "No cambió nada: basta con revisarlo.",
    "not_solved": "Llame a quien lo reportó; si sigue mal, reábralo.",
    "outside": "Vea el lugar: corríjalo si está mal o diga que no procede.",
    "photo_missing": "El teléfono la enviará cuando tenga señal; si ya no existe, pida otra.",
    "priority_disputed": "Quedó la más urgente: bájela si ya no lo es.",
    "redacted": "Se hizo por una solicitud de ley: no hay que hacer nada.",
    "reopened_while_open": "No cambió nada: basta con revisarlo.",
    "rerouted": "Avise a la brigada que ya iba: puede que no le toque.",
    "returned": "Asígnelo a quien sí le toca.",
    "second_capture": "Vea si las dos capturas dicen lo mismo.",
    "second_closing": "Vale el primer cierre: basta con revisarlo.",
    "sequence_gap": "Suele llegar solo, cuando ese teléfono tenga señal.",
    "sequence_reused": "Puede ser un teléfono restaurado: pregunte a quien lo trae.",
    "supported_after_closing": "Llame a la persona; si sigue, reábralo.",
    "two_brigades": "Decida cuál va y avise a la otra.",
    "two_takers": "Póngase de acuerdo con la otra persona: basta una.",
    "type_unknown": "Elija el tipo que le corresponde en el catálogo de hoy.",
    "unassigned_work": "El trabajo cuenta: asígnelo a esa brigada si debe constar.",
    "verified_before_closing": "Vea si ya se atendió y falta cerrarlo.",
    "withdrawn_after_start": "Pregunte a la brigada si ya lo hizo, y ciérrelo.",
}
