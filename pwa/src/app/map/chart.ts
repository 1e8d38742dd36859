/**
 * A Leaflet map without tiles: the municipality's own areas, drawn from what is on the phone.
 *
 * Law: no request leaves the phone for a map; marks carry the semáforo's shape as well as its colour.
 */
import L from "leaflet";
import "leaflet/dist/leaflet.css";
import "./map.css";
import type { Geometry } from "../../shared/documents.ts";
import type { ReportRow } from "../state/contract.ts";
import { areas, blocks, municipality, now, outline, profile } from "../state/index.ts";
import { zone } from "../ui/Card.tsx";
import { centre, rings } from "../ui/centre.ts";
import { type Shade, shade } from "../ui/Light.tsx";
import { map as w } from "../words/map.ts";
import { clear } from "./labels.ts";

export type Point = { lat: number; lon: number };

/** Token colours as they are now: the canvas cannot read a stylesheet's variables by itself. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

const lines = (geometry: Geometry): L.LatLngExpression[][] =>
  rings(geometry).map((ring) => ring.map(([lon = 0, lat = 0]) => [lat, lon] as [number, number]));

export function home(): { at: L.LatLngExpression; zoom: number } {
  const own = profile.value?.blocks[0];
  const shape = own ? blocks.value.get(own)?.geometry : undefined;
  const middle = shape ? centre(shape) : null;
  if (middle) return { at: [middle.lat, middle.lon], zoom: 17 };
  const centred = municipality.value?.center;
  if (Array.isArray(centred)) return { at: [centred[1], centred[0]], zoom: 14 };
  if (centred) return { at: [centred.lat, centred.lon], zoom: 14 };
  const first = [...areas.value.values()].map((area) => centre(area.geometry)).find(Boolean);
  return first ? { at: [first.lat, first.lon], zoom: 14 } : { at: [19.43, -99.13], zoom: 5 };
}

export function chart(element: HTMLElement, label: string): L.Map {
  const map = L.map(element, {
    attributionControl: false,
    zoomControl: false,
    preferCanvas: true,
    // An animation that outlives its screen would move a map that is gone; and motion tells nothing here.
    zoomAnimation: false,
    fadeAnimation: false,
    markerZoomAnimation: false,
    inertia: false,
    minZoom: 9,
    maxZoom: 20,
    zoomSnap: 0.5,
  });
  L.control.zoom({ position: "topright", zoomInTitle: w.zoomIn, zoomOutTitle: w.zoomOut }).addTo(map);
  element.setAttribute("role", "application");
  element.setAttribute("aria-label", label);
  const start = home();
  map.setView(start.at, start.zoom);
  drawAreas(map);
  return map;
}

/** Ends a map with its screen. */
export function close(map: L.Map): void {
  map.stop();
  map.off();
  map.remove();
}

function drawAreas(map: L.Map): void {
  const edge = token("edge");
  const brand = token("brand-ink");
  if (outline.value)
    for (const ring of lines(outline.value))
      L.polyline(ring, { color: edge, weight: 3, interactive: false }).addTo(map);
  for (const area of areas.value.values()) {
    const sector = area.kind === "sector";
    for (const ring of lines(area.geometry))
      L.polyline(ring, {
        color: edge,
        weight: sector ? 2.5 : 1.5,
        ...(sector ? {} : { dashArray: "4 4" }),
        interactive: false,
      }).addTo(map);
  }
  const own = new Set(profile.value?.blocks ?? []);
  for (const [id, block] of blocks.value) {
    const mine = own.has(id);
    for (const ring of lines(block.geometry))
      L.polygon(ring, {
        color: mine ? brand : edge,
        weight: mine ? 4 : 1,
        fill: true,
        fillColor: mine ? brand : token("ground-2"),
        fillOpacity: mine ? 0.12 : 0.7,
        interactive: false,
      }).addTo(map);
  }
  drawNames(map);
}

/** Names of colonias from zoom 14, of blocks from 17, one's own first: as many as do not cover one another. */
function drawNames(map: L.Map): void {
  const names = L.layerGroup().addTo(map);
  const letters = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const put = (found: { name: string; geometry: Geometry }[], css: string) => {
    const labels = found.flatMap(({ name, geometry }) => {
      const at = centre(geometry);
      if (!at || !map.getBounds().pad(0.1).contains([at.lat, at.lon])) return [];
      const { x, y } = map.latLngToContainerPoint([at.lat, at.lon]);
      return [{ text: name, at, x, y }];
    });
    for (const { text, at } of clear(labels, letters)) {
      const mark = document.createElement("span");
      mark.textContent = text;
      L.marker([at.lat, at.lon], {
        interactive: false,
        keyboard: false,
        icon: L.divIcon({ className: css, html: mark, iconSize: [0, 0] }),
      }).addTo(names);
    }
  };
  const draw = () => {
    names.clearLayers();
    const zoom = map.getZoom();
    if (zoom >= 17) {
      const own = new Set(profile.value?.blocks ?? []);
      const all = [...blocks.value];
      const mine = all.filter(([id]) => own.has(id));
      put(
        [...mine, ...all.filter(([id]) => !own.has(id))].map(([, block]) => block),
        "block-name",
      );
    } else if (zoom >= 14)
      put(
        [...areas.value.values()].filter((area) => area.kind === "colonia"),
        "area-name",
      );
  };
  map.on("moveend zoomend", draw);
  draw();
}

const FILL: Record<Shade, string> = { ok: "ok", soon: "soon", late: "late", done: "edge", other: "edge" };

interface Shaped extends L.CircleMarkerOptions {
  shape: Shade | "alarm";
}

/** A circle, a triangle, an octagon or a bar, on the canvas. */
class Mark extends L.CircleMarker {
  _updatePath(): void {
    const renderer = (
      this as unknown as {
        _renderer: {
          _ctx: CanvasRenderingContext2D;
          _fillStroke: (c: CanvasRenderingContext2D, l: unknown) => void;
          _drawing: boolean;
        };
      }
    )._renderer;
    if (!renderer._drawing || (this as unknown as { _empty(): boolean })._empty()) return;
    const { x, y } = (this as unknown as { _point: L.Point })._point;
    const r = this.getRadius();
    const shape = (this.options as Shaped).shape;
    const ctx = renderer._ctx;
    const corners: [number, number][] =
      shape === "soon" || shape === "alarm"
        ? [0, 1, 2].map((i) => [-Math.PI / 2 + (i * 2 * Math.PI) / 3, r * 1.25])
        : shape === "late"
          ? Array.from({ length: 8 }, (_, i) => [Math.PI / 8 + (i * Math.PI) / 4, r * 1.08])
          : shape === "done"
            ? [0, 1, 2, 3].map((i) => [Math.PI / 4 + (i * Math.PI) / 2, r * 1.2])
            : [];
    ctx.beginPath();
    if (corners.length === 0) ctx.arc(x, y, r, 0, Math.PI * 2);
    corners.forEach(([angle, radius], i) => {
      const px = x + Math.cos(angle) * radius;
      const py = y + Math.sin(angle) * radius;
      if (i === 0) ctx.moveTo(px, py);
      else ctx.lineTo(px, py);
    });
    ctx.closePath();
    renderer._fillStroke(ctx, this);
  }
}

export function mark(row: ReportRow, onOpen: (row: ReportRow) => void): L.CircleMarker | null {
  if (row.lat === null || row.lon === null) return null;
  const light = shade(row, now.value, zone()).shade;
  const alarm = row.priority === 1 && (light === "ok" || light === "soon" || light === "late");
  const options: Shaped = {
    radius: alarm ? 12 : 9,
    weight: 2,
    color: token("ground"),
    fillColor: alarm ? token("alarm") : token(FILL[light]),
    fillOpacity: 1,
    shape: alarm ? "alarm" : light,
  };
  return new Mark([row.lat, row.lon], options).on("click", () => onOpen(row));
}

/** Own position: a ring as wide as the accuracy, and a dot. */
export function me(map: L.Map): (fix: { lat: number; lon: number; accuracy: number } | null) => void {
  const layer = L.layerGroup().addTo(map);
  return (fix) => {
    layer.clearLayers();
    if (!fix) return;
    L.circle([fix.lat, fix.lon], {
      radius: fix.accuracy,
      color: token("brand-ink"),
      weight: 2,
      fillOpacity: 0.08,
      interactive: false,
    }).addTo(layer);
    L.circleMarker([fix.lat, fix.lon], {
      radius: 8,
      color: token("ground"),
      weight: 3,
      fillColor: token("brand-ink"),
      fillOpacity: 1,
      interactive: false,
    }).addTo(layer);
  };
}

export { L };
