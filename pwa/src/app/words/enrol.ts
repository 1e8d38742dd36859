/** Words before there is an account, and of changing account. */
export const enrol = {
  title: "Inscribir este teléfono",
  lead: "Se hace una sola vez y con señal. Después la aplicación funciona sin internet.",
  lost: "El teléfono borró los datos de la aplicación para liberar espacio. Lo ya recibido por el municipio no se perdió y volverá. Pida un código nuevo.",
  scan: "Leer el código QR",
  code: "Código de ocho cifras",
  codeHelp: "Viene en la hoja que le dieron.",
  enter: "Entrar",
  working: "Inscribiendo…",
  codeWrong: "El código tiene ocho cifras.",
  notACode: "Ese código QR no es de inscripción.",
  password: "Entrar con usuario y contraseña",
  passwordLead: "Para ventanilla y dependencias.",
  username: "Usuario",
  passwordLabel: "Contraseña",
  demo: "Demostración: toque quién quiere ser",
  demoNote: "Datos inventados. Sólo en esta computadora.",
  office: "Auditoría y administración: páginas de gestión",
  offline: "No hay señal. Para inscribir el teléfono hace falta sólo esta vez.",
  unusable: {
    title: "Aquí no se puede usar",
    old_browser: {
      lead: "El navegador de este teléfono es muy antiguo para guardar su trabajo con seguridad.",
      todo: "Actualice Chrome (o Safari, en iPhone) desde la tienda de aplicaciones y vuelva a abrir esta página.",
    },
    in_app: {
      lead: (app: string) => `Abrió esta página dentro de ${app}. Ahí lo guardado se borra.`,
      someApp: "otra aplicación",
      todo: "Toque los tres puntos (o compartir) y elija «Abrir en el navegador».",
    },
    private: {
      lead: "El navegador está en modo privado o de incógnito: al cerrarlo borraría sus reportes.",
      todo: "Abra esta dirección en una ventana normal.",
    },
    storage_refused: {
      lead: "El teléfono no deja guardar datos a esta página.",
      todo: "Revise que haya espacio y que el navegador permita guardar datos de este sitio. Luego abra otra vez.",
    },
    key_refused: {
      lead: "El teléfono no puede guardar la llave con que se firma su trabajo.",
      todo: "Actualice el navegador o use otro teléfono. Avise a quien le dio el código.",
    },
    copy: "Copiar la dirección",
    again: "Intentar de nuevo",
  },
  install: {
    title: "Primero instálela",
    lead: "En iPhone, la aplicación guarda su trabajo con seguridad sólo desde la pantalla de inicio.",
    steps: [
      "Toque Compartir, el cuadro con la flecha hacia arriba.",
      "Elija «Agregar a inicio».",
      "Abra Manzana desde la pantalla de inicio y ahí escriba su código.",
    ],
  },
  lock: {
    title: "Escriba su PIN",
    pin: "PIN",
    open: "Abrir",
    wrong: "Ese PIN no es.",
    tooMany: "Hubo varios intentos equivocados. Por ahora no se revisa ningún PIN, tampoco el correcto.",
    wait: (seconds: number) =>
      seconds < 60
        ? `Podrá escribirlo en ${seconds} ${seconds === 1 ? "segundo" : "segundos"}.`
        : `Podrá escribirlo en ${Math.ceil(seconds / 60)} ${seconds <= 60 ? "minuto" : "minutos"}.`,
    forgotten: "Olvidé mi PIN",
    forgottenDo:
      "Pida un código nuevo a quien le dio el primero y escríbalo aquí, con señal. La cuenta se abre sin PIN y puede poner otro. Lo que falta por enviar se queda en el teléfono y se envía.",
    code: "Tengo un código nuevo",
    other: "Usar otra cuenta",
    note: "El PIN evita confusiones en un teléfono compartido; no cifra los datos.",
  },
} as const;
