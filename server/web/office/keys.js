/* Keys, picking and the map of the office's pages.
   Law: nothing is only here. Every key does what a link, a box or a button of the page does; without this file
   the pages are whole. A key alone does nothing while somebody types, and all of them can be switched off. */

const OFF = "manzana-teclas";
const $ = (query, root = document) => root.querySelector(query);
const all = (query, root = document) => [...root.querySelectorAll(query)];
const rows = () => all("table.dense tbody tr").filter((row) => link(row));
const link = (row) => $("a[href]", row);
const box = (row) => $("input[type=checkbox]", row);

function stored() {
  try {
    return localStorage.getItem(OFF);
  } catch {
    return null; // storage is barred: the keys work, and forget that they were switched off
  }
}

function store(off) {
  try {
    off ? localStorage.setItem(OFF, "off") : localStorage.removeItem(OFF);
  } catch {
    /* as above */
  }
}

let off = stored() === "off";

const HELP = [
  ["/", "Buscar"],
  ["n", "Tomar un reporte"],
  ["j", "Siguiente de la lista"],
  ["k", "Anterior de la lista"],
  ["x", "Escoger el reporte"],
  ["Enter", "Abrir el reporte"],
  ["a", "Asignar; en la lista con escogidos, actuar sobre ellos"],
  ["r", "Responder"],
  ["?", "Estas teclas"],
];

function element(name, members = {}, ...inside) {
  const made = Object.assign(document.createElement(name), members);
  made.append(...inside);
  return made;
}

const dialog = element("dialog", { className: "keys" });

function drawHelp() {
  const list = element("dl", { className: "facts" });
  for (const [key, what] of HELP) {
    list.append(element("dt", {}, element("kbd", { textContent: key })), element("dd", { textContent: what }));
  }
  const use = element("input", { type: "checkbox", id: "usar-teclas", checked: !off });
  use.addEventListener("change", () => {
    off = !use.checked;
    store(off);
  });
  const check = element("p", { className: "check" }, use);
  check.append(element("label", { htmlFor: "usar-teclas", textContent: "Usar teclas" }));
  const close = element("button", { type: "button", textContent: "Cerrar" });
  close.addEventListener("click", () => dialog.close());
  const title = element("h2", { id: "titulo-teclas", textContent: "Teclas" });
  dialog.setAttribute("aria-labelledby", "titulo-teclas");
  dialog.append(title, list, check, close);
  document.body.append(dialog);
  const open = element("button", { type: "button", className: "plain", textContent: "Teclas" });
  open.addEventListener("click", () => dialog.showModal());
  $("header.top .who")?.after(open);
}

/* -- the list ------------------------------------------------------------------------------------------ */

function here() {
  return rows().find((row) => row.contains(document.activeElement));
}

function move(step) {
  const found = rows();
  const at = found.indexOf(here());
  const next = found[at < 0 ? (step > 0 ? 0 : found.length - 1) : at + step];
  if (next) {
    link(next).focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

function pick() {
  const mine = here() && box(here());
  if (mine) {
    mine.checked = !mine.checked;
    mine.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function counted() {
  const form = $("#lote");
  const button = form && $("button", form);
  if (!button) return;
  const words = button.textContent;
  const say = () => {
    const picked = all("input[form=lote]:checked").length;
    button.textContent = picked ? `${words} (${picked})` : words;
  };
  document.addEventListener("change", (event) => event.target.matches?.("input[form=lote]") && say());
  // A page that comes back from the browser's history has its boxes as they were.
  addEventListener("pageshow", say);
  say();
}

/* -- acts ---------------------------------------------------------------------------------------------- */

function openAct(name) {
  const details = $(`#acto-${name}`);
  if (!details) return false;
  details.open = true;
  details.scrollIntoView({ block: "nearest" });
  $("select, textarea, input:not([type=hidden])", details)?.focus();
  return true;
}

function act(name) {
  const row = here();
  if (openAct(name)) return;
  if (name === "asignar" && all("input[form=lote]:checked").length) $("#lote").requestSubmit();
  else if (row) location.assign(`${link(row).href}#acto-${name}`);
}

const KEYS = {
  "/": () => ($("#q") ? ($("#q").focus(), $("#q").select()) : $("nav a[href='/gestion/asuntos']") && location.assign("/gestion/buscar")),
  n: () => $("nav a[href='/gestion/captura']")?.click(),
  j: () => move(1),
  k: () => move(-1),
  x: pick,
  a: () => act("asignar"),
  r: () => act("responder"),
  "?": () => dialog.showModal(),
};

function typing(target) {
  if (target.matches("input")) return !["checkbox", "radio", "button", "submit"].includes(target.type);
  return target.matches("select, textarea, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (off || dialog.open || event.defaultPrevented || event.isComposing) return;
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  const what = Object.hasOwn(KEYS, event.key) && KEYS[event.key];
  if (what) {
    event.preventDefault();
    what();
  }
});

/* -- the pin ------------------------------------------------------------------------------------------- */

function pins() {
  const details = $("details.pin");
  if (!details) return;
  const field = $("#punto");
  const colonia = $("#colonia");
  const place = $(".here", details);
  details.hidden = false;
  let shown;

  const mark = (svg) => {
    const [west, south, east, north] = svg.dataset.window.split(" ").map(Number);
    const { width, height } = svg.viewBox.baseVal;
    const told = field.value.split(",").map(Number);
    $("circle", svg)?.remove();
    if (told.length !== 2 || !told.every(Number.isFinite)) return;
    const dot = document.createElementNS(svg.namespaceURI, "circle");
    dot.setAttribute("class", "spot red");
    dot.setAttribute("r", "8");
    dot.setAttribute("cx", String(((told[1] - west) / (east - west)) * width));
    dot.setAttribute("cy", String(((north - told[0]) / (north - south)) * height));
    svg.append(dot);
  };

  const point = (svg, event) => {
    const [west, south, east, north] = svg.dataset.window.split(" ").map(Number);
    const { width, height } = svg.viewBox.baseVal;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const lat = north - (y / height) * (north - south);
    const lon = west + (x / width) * (east - west);
    field.value = `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
    mark(svg);
  };

  const show = async () => {
    if (!details.open || shown === colonia.value) return;
    shown = colonia.value;
    const answer = await fetch(`/gestion/mapa?colonia=${encodeURIComponent(shown)}`);
    if (!answer.ok) return;
    const svg = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
    svg.addEventListener("click", (event) => point(svg, event));
    place.replaceChildren(document.adoptNode(svg));
    mark(svg);
  };

  details.addEventListener("toggle", show);
  colonia.addEventListener("change", show);
  field.addEventListener("input", () => $("svg", place) && mark($("svg", place)));
}

drawHelp();
counted();
pins();
if (location.hash.startsWith("#acto-")) openAct(location.hash.slice("#acto-".length));
