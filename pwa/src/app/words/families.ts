/** Families of petition types in the order of the tiles; each id is also its pictogram. */
export const families: Record<string, string> = {
  lamp: "Alumbrado",
  leak: "Agua",
  drain: "Drenaje",
  garbage: "Basura",
  pothole: "Calles y banquetas",
  tree: "Árboles",
  park: "Parques y jardines",
  traffic: "Tránsito y señales",
  cable: "Cables y postes",
  animal: "Animales",
  noise: "Ruido y comercios",
  building: "Construcciones",
  police: "Seguridad",
  fire: "Protección Civil",
  health: "Salud",
  question: "No sé qué es",
};
