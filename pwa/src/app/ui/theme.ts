/** Large text, high contrast, night, gloves: attributes on the root that tokens.css reads. */
import { effect } from "@preact/signals";
import { account, municipality, settings } from "../state/index.ts";

const LIGHT_COLOUR = /^#[0-9a-f]{6}$/i;

/** WCAG 2.2 relative luminance contrast between a colour and white. */
export function contrastWithWhite(hex: string): number {
  const channel = (i: number) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return 1.05 / (luminance + 0.05);
}

/** The municipality's own colour, where white on it can be read (7:1); null otherwise. */
export function brandColour(brand: unknown): string | null {
  const colour =
    typeof brand === "string" ? brand : (brand as { colour?: unknown } | null | undefined)?.colour;
  if (typeof colour !== "string" || !LIGHT_COLOUR.test(colour)) return null;
  return contrastWithWhite(colour) >= 7 ? colour : null;
}

export function theme(): void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const apply = () => {
    const chosen = settings.value;
    const night = chosen.theme === "night" || (chosen.theme === "auto" && dark.matches);
    root.dataset.theme = night ? "night" : "day";
    root.dataset.contrast = chosen.high_contrast ? "high" : "normal";
    root.dataset.hands = account.value?.role === "brigade" ? "gloves" : "bare";
    root.dataset.text = chosen.large_text ? "large" : "normal";
    const colour = chosen.high_contrast ? null : brandColour(municipality.value?.brand);
    if (colour) {
      root.style.setProperty("--brand", colour);
      // On the night's ground the municipality's colour, dark by rule, would not be read as ink.
      if (night) root.style.removeProperty("--brand-ink");
      else root.style.setProperty("--brand-ink", colour);
    } else {
      root.style.removeProperty("--brand");
      root.style.removeProperty("--brand-ink");
    }
  };
  dark.addEventListener("change", apply);
  effect(apply);
}
