// The chat without reloading: the page is the truth, this only fetches it anew. Everything works without it.
const say = (id) => document.getElementById(id);
let busy = false;

function take(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const typed = say("texto").value;
  document.querySelector("main").replaceWith(fresh.querySelector("main"));
  ready();
  return typed;
}

async function send(body) {
  if (busy) return;
  busy = true;
  try {
    const answer = await fetch("/chat", { method: "POST", body, credentials: "same-origin" });
    take(await answer.text());
    say("texto").focus();
  } catch {
    const alert = document.createElement("p");
    alert.className = "alert";
    alert.setAttribute("role", "alert");
    alert.textContent = "No hay conexión. Lo que escribió sigue aquí: envíelo de nuevo.";
    say("escribir").before(alert);
  } finally {
    busy = false;
  }
}

function ready() {
  const form = say("escribir");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(new FormData(form, event.submitter));
  });
  say("charla").lastElementChild?.scrollIntoView({ block: "nearest" });
  if ("geolocation" in navigator) {
    document.querySelector(".where").hidden = false;
    say("aqui").addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          const body = new FormData(form);
          body.set("lat", String(coords.latitude));
          body.set("lon", String(coords.longitude));
          body.delete("foto");
          send(body);
        },
        () => {
          say("texto").placeholder = "No se pudo saber su ubicación: escriba la dirección.";
        },
        { enableHighAccuracy: true, timeout: 20000 },
      );
    });
  }
}

// While a person of the desk is waited for, what they answer comes by itself.
setInterval(async () => {
  const talk = say("charla");
  if (busy || document.hidden || !("waits" in talk.dataset) || say("texto").value || say("foto").files.length) return;
  try {
    const answer = await fetch("/chat", { credentials: "same-origin" });
    const html = await answer.text();
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("charla");
    if (!busy && fresh && fresh.dataset.number !== talk.dataset.number && !say("texto").value) take(html);
  } catch {
    // Without signal there is nothing new.
  }
}, 5000);

ready();
