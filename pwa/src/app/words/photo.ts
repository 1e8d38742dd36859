/** Words about photos and the camera. */
export const photo = {
  photos: "Fotos",
  take: "Tomar foto",
  gallery: "Galería",
  photoNumber: (n: number) => `Foto ${n}`,
  remove: (n: number) => `Quitar la foto ${n}`,
  full: (max: number) => `Caben ${max} fotos: las demás no se agregaron.`,
  unusable: "Este teléfono no puede abrir esa foto. Tome o elija otra.",
  shoot: "Tomar la foto",
  close: "Cerrar la cámara",
  starting: "Abriendo la cámara…",
  refused: "El teléfono no dejó usar la cámara. Puede elegir la foto de la galería o guardar sin foto.",
  scanning: "Apunte al código",
  scanRefused: "El teléfono no dejó usar la cámara. Escriba el código de ocho cifras.",
  notHere: "La foto está en el municipio y ahora no hay señal",
  open: "Ver la foto en grande",
} as const;
