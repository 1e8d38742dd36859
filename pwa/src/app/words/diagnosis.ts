/** Words of the self-diagnosis: what someone at the office asks on the telephone, and what the phone answers. */

export const diagnosis = {
  good: "Bien",
  bad: "Revisar",
  checks: {
    version: "Versión",
    browser: "Navegador",
    service_worker: "Funcionar sin señal",
    background_sync: "Enviar con la aplicación cerrada",
    online: "Señal",
    storage: "Espacio",
    persisted: "Conservar los datos",
    camera: "Cámara",
    geolocation: "Posición",
    time_zone: "Zona horaria",
    accounts: "Cuentas en este teléfono",
    carried: "Archivos de colegas por entregar",
    device: "Teléfono",
    enrolled: "Inscripción",
    session: "Identificación",
    chain: "Guardado hasta hoy",
    outbox: "Pendiente y enviado",
    photos: "Fotos",
    refused: "Rechazado",
    mailbox: "Reportes en este teléfono",
    clock: "Hora del teléfono",
    last_success: "Último envío",
  },
  yes: "sí",
  no: "no",
  none: "ninguno",
  noKey: "sin llave: debe inscribirse otra vez",
  never: "nunca",
  limited: "sólo entrega lo que falta",
  /** A fact of the browser, not a fault: iPhone has none. */
  noBackground: "este navegador no lo hace; se envía al abrir la aplicación",
  unsaid: "el navegador no lo dice",
  lacks: (features: string) => `le falta: ${features}`,
  space: (used: number, quota: number) =>
    `${(used / 1e6).toFixed(1)} MB de ${(quota / 1e6).toFixed(0)} MB disponibles`,
  seconds: (skew: number) =>
    skew === 0 ? "exacta" : `${Math.abs(skew)} s ${skew > 0 ? "adelantada" : "atrasada"}`,
  permission: { granted: "permitida", denied: "negada", prompt: "preguntará" } satisfies Record<
    PermissionState,
    string
  >,
} as const;

/** Every check has its word, and none is a check without one. */
export type CheckId = keyof typeof diagnosis.checks;
