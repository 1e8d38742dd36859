/** Words of "Enviado y pendiente". */
const n = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

export const outbox = {
  title: "Enviado y pendiente",
  sendNow: "Enviar ahora",
  sending: "Enviando…",
  onPhone: (count: number) => `En este teléfono · ${count}`,
  refused: (count: number) => `Rechazados · ${count}`,
  received: (count: number) => `Recibidos por el municipio · ${count}`,
  empty: "Aquí verá cada cosa que guarde: primero en este teléfono, después recibida por el municipio.",
  allReceived: "Todo lo que guardó ya lo recibió el municipio.",
  last: (when: string) => `Último envío: ${when}`,
  never: "Aún no se ha enviado nada desde este teléfono.",
  next: (when: string) => `Se intentará de nuevo ${when}`,
  offline: "Sin señal. Se enviará solo cuando vuelva.",
  trouble: {
    offline: "Sin señal. Se enviará solo cuando vuelva.",
    timeout: "La señal es débil: el municipio no alcanzó a responder. Se intenta de nuevo solo.",
    server_unwell: "El municipio tiene una falla. No se perdió nada; se intenta de nuevo solo.",
    busy: "El municipio está ocupado. Lo suyo se envía en cuanto se pueda.",
    session: "Este teléfono debe identificarse otra vez. Lo guardado no se pierde.",
    revoked: "Este teléfono fue dado de baja. Lo que falta se entrega, pero pida un código nuevo.",
    garbage: "La respuesta no vino del municipio (quizá una red que pide contraseña). Cambie de red.",
  } as Record<string, string>,
  savedAt: (when: string) => `Guardado ${when}`,
  photos: (count: number) => n(count, "foto", "fotos"),
  why: "Por qué",
  doRefused: "Nada se borró. Si sigue haciendo falta, haga un reporte nuevo o avise a la ventanilla.",
  doQuarantined: "La ventanilla lo está revisando. No tiene que hacer nada.",
  dismiss: "Ya lo vi, quitar",
  share: "Compartir lo no enviado",
  shareLead:
    "Un archivo cerrado con llave del municipio. Cualquier colega o la ventanilla lo puede entregar.",
  shareNone: "Falta la llave del municipio en este teléfono: conéctese una vez con señal.",
  shareNothing: "No hay nada sin enviar.",
  carry: "Entregar el archivo de un colega",
  carried: "El archivo del colega sale con el próximo envío.",
  /** The person's own choice, "sólo Wi-Fi", holds photos back. */
  photosWait: {
    wifi: (count: number) =>
      count === 1 ? "1 foto espera una red Wi-Fi." : `${count} fotos esperan una red Wi-Fi.`,
    a_touch: (count: number) =>
      `${count === 1 ? "1 foto espera" : `${count} fotos esperan`}: usted eligió sólo Wi-Fi y este teléfono no dice en qué red está.`,
  },
  photosWaitDo: "Nada se pierde. «Enviar ahora» las manda por la red que tenga.",
  photoWaits: "espera Wi-Fi",
  photosGoing: "Enviando fotos: deje la aplicación abierta.",
} as const;
