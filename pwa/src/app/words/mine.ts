/** Words of "Mi manzana" and of the search. */
const n = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

/** 24,754: by hand, since not every browser has the country's grouping. */
const grouped = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

export const mine = {
  filter: "Qué ver",
  open: (count: number) => `Abiertos ${count}`,
  toVerify: (count: number) => `Verificar ${count}`,
  closed: "Cerrados",
  near: "Cerca",
  empty: {
    open: "Aquí verá los reportes de su manzana. El primero se hace con Nuevo reporte.",
    toVerify: "Cuando una brigada termine un trabajo, aquí le pediremos que diga si quedó.",
    closed: "Aquí quedan los reportes terminados, con sus fotos y sus fechas.",
    near: "Aquí verá los reportes abiertos a menos de 100 metros, para sumarse en lugar de repetirlos.",
  },
  held: (shown: number, total: number) =>
    `Son más reportes de los que caben en un teléfono: se muestran ${grouped(shown)} de ${grouped(total)}, primero los abiertos.`,
  more: (left: number) => `Ver ${Math.min(left, 50)} más`,
  first: "Estamos recibiendo sus reportes por primera vez. Puede hacer reportes desde ahora.",
  lost: "El teléfono borró los datos de la aplicación para liberar espacio. Los estamos trayendo de nuevo. Lo ya recibido por el municipio no se perdió.",
  update: "Hay una versión nueva. Se usará la próxima vez que abra la aplicación.",
  tooOld:
    "Esta versión es antigua. Lo que guarde se sigue enviando; cierre y abra la aplicación con señal para actualizarla.",
  full: "Queda poco espacio en el teléfono. Borre fotos o aplicaciones que no use: sus reportes no se borran solos.",
  limited:
    "Este teléfono fue dado de baja. Lo que falta por enviar se sigue entregando, pero ya no recibe reportes. Pida un código nuevo.",
  renew: "Este teléfono debe identificarse otra vez. Pida un código nuevo; lo guardado no se pierde.",
  renewGo: "Escribir el código",
  searchTitle: "Buscar",
  searchLabel: "Calle, folio, tipo, palabras",
  searchEmpty:
    "Escriba una calle, un folio o lo que recuerde. Busca en todo lo que está en este teléfono, aun sin señal.",
  searchNone: (query: string) => `No hay nada con «${query}» en este teléfono.`,
  found: (count: number) => n(count, "resultado", "resultados"),
  urgent: {
    title: "Nadie lo ha recibido aún",
    body: "Su reporte urgente está guardado en este teléfono, pero el municipio no lo ha recibido. Si hay peligro, llame.",
    call: (phone: string) => `Llamar al ${phone}`,
    sms: "Mandar mensaje a la guardia",
    text: (type: string, danger: boolean, where: string, folio: string) =>
      `URGENTE: ${type}.${danger ? " HAY ALGUIEN EN PELIGRO." : ""} Lugar: ${where}. Folio provisional ${folio}. Enviado sin internet desde Manzana.`,
  },
} as const;
