/** Words of the map. */
export const map = {
  title: "Mapa",
  label: "Mapa de la zona con los reportes",
  mine: "Mi posición",
  noFix: "El teléfono aún no da su posición.",
  legend: "Qué significa cada marca",
  inView: (count: number) => (count === 1 ? "1 reporte a la vista" : `${count} reportes a la vista`),
  none: "Ningún reporte a la vista. Aleje o mueva el mapa.",
  list: "Reportes a la vista",
  pinLabel: "Mueva el mapa hasta que el pin quede en el lugar",
  pinHelp: "Con teclado: flechas para mover, + y − para acercar.",
  zoomIn: "Acercar",
  zoomOut: "Alejar",
  open: "Ver reporte",
} as const;
