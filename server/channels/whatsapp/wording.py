"""A message as the Cloud API takes it: text, buttons, a list, a request for the location, a template.

Law: nothing is longer than the reference allows; what is cut is cut in a title, never in the text. Outside
the 24 hours after the citizen's last word only a template goes out. Pure. (Cloud API, Messages reference.)
"""

from __future__ import annotations

from typing import Any

from server.channels.carrying import NotTaken, Outgoing

Json = dict[str, Any]

#: Cloud API: reply buttons and their titles; rows of a list, their titles and descriptions; bodies.
_BUTTONS, _BUTTON_TITLE = 3, 20
_ROWS, _ROW_TITLE, _ROW_MORE = 10, 24, 72
_INTERACTIVE_BODY, _TEXT_BODY, _VALUE = 1_024, 4_096, 1_000
#: Templates of the municipality, by notice; it makes them under these names (docs/operators.md).
TEMPLATES = {
    "folio": "manzana_folio",
    "in_progress": "manzana_en_proceso",
    "finished": "manzana_terminado",
    "not_viable": "manzana_no_procede",
    "survey": "manzana_encuesta",
}
_LANGUAGE = "es_MX"


def payload(message: Outgoing) -> Json:
    """The body of ``POST /<number>/messages``. Raises ``NotTaken`` where no template may carry it."""
    base: Json = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.to,
        "biz_opaque_callback_data": message.id,
    }
    if not message.open:
        if message.step not in TEMPLATES:
            raise NotTaken("pasaron más de 24 horas desde el último mensaje del vecino")
        return base | {"type": "template", "template": _template(message)}
    if message.ask == "location" and len(message.text) <= _INTERACTIVE_BODY:
        action = {"name": "send_location"}
        body = {"type": "location_request_message", "body": {"text": message.text}, "action": action}
        return base | {"type": "interactive", "interactive": body}
    if message.choices and len(message.choices) <= _ROWS and len(message.text) <= _INTERACTIVE_BODY:
        return base | {"type": "interactive", "interactive": _choices(message)}
    text = message.text
    for number, (_, title) in enumerate(message.choices, 1):
        text += f"\n{number}. {title}"
    return base | {"type": "text", "text": {"preview_url": False, "body": text[:_TEXT_BODY]}}


def _choices(message: Outgoing) -> Json:
    titles = [title for _, title in message.choices]
    if len(titles) <= _BUTTONS and all(len(title) <= _BUTTON_TITLE for title in titles):
        buttons = [
            {"type": "reply", "reply": {"id": key[:256], "title": title}} for key, title in message.choices
        ]
        return {"type": "button", "body": {"text": message.text}, "action": {"buttons": buttons}}
    rows = []
    for key, title in message.choices:
        row = {"id": key[:200], "title": _cut(title, _ROW_TITLE)}
        if len(title) > _ROW_TITLE:
            row["description"] = _cut(title, _ROW_MORE)
        rows.append(row)
    action = {"button": "Ver opciones", "sections": [{"title": "Opciones", "rows": rows}]}
    return {"type": "list", "body": {"text": message.text}, "action": action}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _template(message: Outgoing) -> Json:
    # A parameter holds no line break, no tab and not four spaces in a row (Cloud API, Message templates).
    values = [" ".join(value.split())[:_VALUE] or "—" for value in message.values]
    parts: list[Json] = [{"type": "body", "parameters": [{"type": "text", "text": one} for one in values]}]
    for number, (key, _) in enumerate(message.choices[:_BUTTONS]):
        given = [{"type": "payload", "payload": key}]
        parts.append({"type": "button", "sub_type": "quick_reply", "index": str(number), "parameters": given})
    return {"name": TEMPLATES[message.step], "language": {"code": _LANGUAGE}, "components": parts}
