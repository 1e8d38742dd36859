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

/** Pictograms a type may have that are no family's. */
const OWN: ReadonlySet<string> = new Set([
  "protection",
  "shelter",
  "gas",
  "flood",
  "collapse",
  "chemical",
  "rescue",
  "bees",
  "crash",
  "pole",
  "manhole",
  "home-danger",
]);

/** A type's own pictogram where the sprite has it (a catalogue may name any), else its family's. */
export const pictogramOf = (type: { family: string; pictogram: string }): string =>
  Object.hasOwn(families, type.pictogram) || OWN.has(type.pictogram) ? type.pictogram : type.family;
