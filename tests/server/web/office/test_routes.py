"""Each role is given its pages and no other, and every page is whole."""

from __future__ import annotations

import httpx2
import pytest

from server.context import Context
from tests.server.web.office.office import Outline, enter, office, seed

pytestmark = pytest.mark.anyio

PATHS = {
    "/gestion/": {"desk", "admin", "auditor", "agency"},
    "/gestion/asuntos": {"desk", "agency", "auditor"},
    "/gestion/asuntos?solo=abiertos&semaforo=red": {"desk", "agency", "auditor"},
    "/gestion/buscar?q=12": {"desk", "agency", "auditor"},
    "/gestion/cifras": {"desk", "agency", "auditor"},
    "/gestion/cifras?capturado_desde=2026-01-01&capturado_hasta=2026-12-31": {"desk", "agency", "auditor"},
    "/gestion/llamadas": {"desk", "agency"},
    "/gestion/meses": {"desk", "admin", "auditor", "agency"},
    "/gestion/captura": {"desk", "agency"},
    "/gestion/colas": {"auditor"},
    "/gestion/vistas": {"desk", "agency", "auditor"},
    "/gestion/asuntos?agrupar=dependencia": {"desk", "agency", "auditor"},
    "/gestion/asuntos?agrupar=general&ver=mapa&ver=persona": {"desk", "agency", "auditor"},
    "/gestion/lotes": {"auditor"},
    "/gestion/lotes/nuevo": set(),
    "/gestion/avisos": {"desk", "admin", "auditor"},
    "/gestion/cuarentena": {"desk", "admin", "auditor"},
    "/gestion/padron": {"desk", "admin", "auditor"},
    "/gestion/padron/m-1": {"desk", "admin", "auditor"},
    "/gestion/cuentas": {"desk", "admin", "auditor"},
    "/gestion/cuentas/rosa": {"desk", "admin", "auditor"},
    "/gestion/cuentas/nueva": {"desk", "admin"},
    "/gestion/personas": {"desk", "auditor"},
    "/gestion/personas?q=rosa": {"desk", "auditor"},
    "/gestion/catalogo": {"agency", "admin", "auditor"},
    "/gestion/catalogo/tipos": {"agency", "admin", "auditor"},
    "/gestion/catalogo/tipos/nuevo": {"agency", "admin"},
    "/gestion/catalogo/historia": {"admin", "auditor"},
    "/gestion/catalogo/solicitudes": {"agency", "admin", "auditor"},
    "/gestion/catalogo/tipos/importar": {"admin"},
    "/gestion/correo": {"desk", "admin"},
    "/gestion/auditoria": {"auditor", "admin"},
    "/gestion/auditoria/posiciones": {"auditor"},
}


@pytest.mark.parametrize("role", ["desk", "admin", "auditor", "agency"])
async def test_each_role_is_given_its_pages_and_no_other(
    context: Context, http: httpx2.AsyncClient, role: str
) -> None:
    await seed(context)
    await office(context, "oficina", role, agency="obras" if role == "agency" else None)
    await enter(http, "oficina")
    for path, roles in PATHS.items():
        answer = await http.get(path)
        assert answer.status_code == (200 if role in roles else 403), path
        Outline.check(answer.text)
