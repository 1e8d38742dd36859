"""What the people of the demonstration write: as it is said in the street. All invented."""

from __future__ import annotations

REFERENCES = (
    "frente a la tienda de la esquina",
    "junto al portón verde",
    "afuera de la papelería",
    "casa de dos pisos, barda azul",
    "frente al jardín de niños",
    "donde está el taller",
    "a un lado de la capilla",
    "en la bajada",
    "junto a la ferretería",
    "frente al parque",
    "donde dan vuelta los camiones",
    "casa con árbol de limón",
)
NEIGHBOURS = (
    "Sra. Martha Olvera",
    "Don Chuy Cárdenas",
    "Sra. Eva Landeros",
    "Luis Ángel Mejía",
    "Sra. Conchita Rivas",
    "Don Beto Salinas",
    "Karla Zamora",
    "Sra. Irma Partida",
    "Óscar Medrano",
    "Doña Luz Cervantes",
)
NOT_SOLVED = (
    "Vinieron pero volvió a fallar en la noche",
    "Sólo arreglaron una parte",
    "Sigue igual",
    "Quedó peor que antes",
)
SAID: dict[str, tuple[str, ...]] = {
    "luminaria-apagada": (
        "Tiene una semana apagada y está muy oscuro",
        "Se fundió el foco desde el lunes",
        "No prende, pasan muchos muchachos de la secundaria",
        "Ya van dos veces que la reporto",
    ),
    "luminaria-intermitente": ("Prende y apaga toda la noche",),
    "luminaria-prendida": ("Está prendida todo el día, gasta mucha luz",),
    "circuito-apagado": ("Toda la cuadra sin luz desde antier",),
    "bache": (
        "Está hondo, ya se poncharon dos carros",
        "Cada que llueve crece",
        "Frente a mi casa, ya tiene meses",
        "Las motos se caen ahí",
    ),
    "banqueta-rota": ("La levantó la raíz, las personas mayores se tropiezan",),
    "fuga-agua": (
        "Se está tirando mucha agua limpia",
        "Sale del medidor, corre por toda la calle",
        "Desde anoche",
    ),
    "drenaje-tapado": ("Huele muy feo", "Se regresa el agua por la coladera del patio"),
    "rejilla-tapada": ("Está llena de basura y ya viene el agua",),
    "basura-no-recogida": ("No pasó el camión el jueves ni hoy", "Ya hay moscas"),
    "tiradero-clandestino": ("Vienen en la noche a tirar llantas", "Hasta colchones tiran"),
    "poda-arbol": ("Las ramas tapan la lámpara", "Ya topan con los cables"),
    "maleza": ("El camellón está enmontado, no se ve al cruzar",),
    "juegos-rotos": ("El columpio tiene la cadena suelta",),
    "perro-agresivo": ("Se sale del mismo patio y persigue a las bicis",),
    "perros-callejeros": ("Son cinco, andan en manada por la tarde",),
    "senal-danada": ("Tumbaron el alto y nadie respeta",),
    "inundacion": ("Ya se metió el agua a tres casas", "El arroyo viene crecido"),
    "arbol-caido": ("Cayó sobre la calle, no pasan los carros",),
    "cable-caido": ("Está echando chispas en la banqueta",),
    "alcantarilla-sin-tapa": ("Se robaron la tapa, pasan niños",),
    "fuga-gas": ("Huele mucho a gas en toda la cuadra",),
    "ruido-fuente-fija": ("Las bocinas hasta las tres de la mañana",),
    "venta-droga": ("Llegan motos toda la noche a la misma puerta",),
    "maltrato-animal": ("El perro está amarrado al sol sin agua",),
    "unknown": (
        "Hay un hoyo con agua verde junto al muro, no sé a quién le toca",
        "Sale vapor de una coladera",
        "Dejaron unos tubos grandes en la calle",
        "Hay una máquina abandonada en el terreno",
    ),
}
#: What a repair uses, by family: name and unit.
MATERIALS: dict[str, tuple[tuple[str, str], ...]] = {
    "lamp": (("Foco LED 60 W", "pieza"), ("Fotocelda", "pieza"), ("Cable calibre 10", "metro")),
    "pothole": (("Mezcla asfáltica", "bulto"), ("Emulsión", "litro")),
    "leak": (("Abrazadera de 2 pulgadas", "pieza"), ("Tubo PVC", "metro")),
    "drain": (("Rejilla de fierro", "pieza"), ("Tapa de polietileno", "pieza")),
    "tree": (("Cuerda", "metro"),),
    "traffic": (("Poste galvanizado", "pieza"), ("Pintura amarilla", "litro")),
}
