/** Words every screen uses. Spanish of Mexico, usted, short. */

import {
  custody,
  kind as kinds,
  photo,
  priority as priorities,
  role as roles,
  status as statuses,
} from "@schemas/words.v1.json";
import type { Kind, Priority, Role, Status } from "../../shared/documents.ts";
import type { Custody, PhotoState } from "../storage/custody.ts";
import { texts, told } from "./book.ts";

const n = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

export const common = {
  app: "Manzana",
  back: "Regresar",
  close: "Cerrar",
  cancel: "Cancelar",
  save: "Guardar",
  send: "Enviar",
  next: "Seguir",
  ready: "Listo",
  change: "Cambiar",
  retry: "Intentar de nuevo",
  seeAll: "Ver todo",
  skip: "Ir al contenido",
  loading: "Abriendo…",
  chunkLost: "Esta pantalla no se pudo abrir. No se perdió nada. Cierre la aplicación y ábrala otra vez.",
  reload: "Abrir de nuevo",
  newReport: "Nuevo reporte",
  find: "Buscar",
  optional: "opcional",
  wrong: "Algo salió mal. Lo que usted guardó sigue en este teléfono.",
  tabs: {
    mine: "Mi manzana",
    sector: "Mi cuartel",
    map: "Mapa",
    more: "Más",
    orders: "Órdenes",
    board: "Tablero",
    registry: "Padrón",
  },
  nav: "Secciones",

  status: {
    onPhone: (count: number) => `${count} en este teléfono`,
    photosOnPhone: (count: number) => `${n(count, "foto", "fotos")} en este teléfono`,
    refused: (count: number) => n(count, "rechazado", "rechazados"),
    allReceived: "Todo recibido",
    offline: "Sin señal",
    /** Beside "Sin señal" the header has room for two words. */
    unsent: (count: number) => `${count} sin enviar`,
    photosUnsent: (count: number) => (count === 1 ? "Falta 1 foto" : `Faltan ${count} fotos`),
    sending: "Enviando…",
    receiving: "Recibiendo…",
    first: "Recibiendo sus reportes…",
    open: "Ver lo enviado y lo pendiente",
  },
  seal: {
    phone: "Guardado en este teléfono",
    hall: "Recibido por el municipio",
    nobody: "Nadie lo ha recibido aún",
  },
  undo: {
    offer: "Deshacer",
    done: "Deshecho. No salió de este teléfono.",
    late: "Ya se había enviado: no se puede deshacer aquí.",
  },
  custody: texts(custody) satisfies Record<Custody, string>,
  photo: texts(photo) satisfies Record<PhotoState, string>,
  statusOf: texts(statuses) satisfies Record<Status, string>,
  priority: texts(priorities) as Record<Priority, string>,
  role: texts(roles) satisfies Record<Role, string>,
  kind: told(kinds) satisfies Record<Kind, string>,
  emergency: "Emergencia",
  danger: "Hay alguien en peligro",
  attended: "En atención",
  unattended: "Sin atender",
  unknownType: "No sé qué es",
  inColonia: (name: string) => `Col. ${name}`,
  noPlace: "Sin lugar",
  changed: "Con novedad",
  unseen: "Nuevo",
  card: "Reporte cercano",
  own: "Confidencial",
  local: "Sólo en este teléfono",
  folio: "Folio",
  provisional: "Folio provisional",
  counts: {
    reports: (count: number) => n(count, "reporte", "reportes"),
    days: (count: number) => n(count, "día", "días"),
  },
  errors: {
    save: "No se pudo guardar en este teléfono. No cierre esta pantalla: lo escrito sigue aquí. Libere espacio e intente de nuevo.",
    network: "No hay señal o el municipio no responde. No se perdió nada. Intente de nuevo en un momento.",
  },
} as const;
