/** The app starts here: storage first, then the screen. Part of the main bundle: nothing heavy is imported. */
import { render } from "preact";
import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/parts.css";
import { App } from "./App.tsx";
import { listen } from "./route.ts";
import { start } from "./state/index.ts";
import { bringSymbols } from "./ui/sprite.ts";
import { theme } from "./ui/theme.ts";

listen();
theme();
const root = document.getElementById("app");
if (!root) throw new Error("the shell has no #app");
// What the shell wrote (a name while this loads) gives way to the app.
root.textContent = "";
render(<App />, root);
void start().then(async () => {
  await bringSymbols();
  const { watchUrgent } = await import("./alert/alert.ts");
  watchUrgent();
});
