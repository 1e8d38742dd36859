/** Words of reports left unfinished; few, since the first screen has them. */
export const unfinished = {
  name: (type: string, when: string) => `${type}, sin terminar, ${when}`,
  go: "Seguir",
  drop: "Tirar",
  ask: (type: string) => `¿Tirar lo escrito y las fotos de «${type}»?`,
  yes: "Sí, tirar",
  no: "No",
  thrown: "Se tiró",
} as const;
