import { describe, expect, it } from "vitest";
import { incidentActs, withActs } from "../../../src/app/state/incidents.ts";
import type { OutboxRecord } from "../../../src/app/storage/records.ts";
import type { Incident, Kind } from "../../../src/shared/documents.ts";

function act(kind: Kind, subject: string, payload: object, custody: OutboxRecord["custody"] = "saved") {
  return {
    kind,
    subject,
    custody,
    actor: "sergio",
    saved_at: "2026-11-22T04:00:00.000Z",
    raw: { payload },
  } as unknown as OutboxRecord;
}

const rain: Incident = {
  _id: "incident:rain",
  name: "Lluvia",
  opened_at: "2026-11-21T00:00:00.000Z",
  opened_by: "sergio",
  closed_at: null,
  reports: ["a"],
};

describe("incidents with this phone's acts", () => {
  it("is the municipality's where nothing is pending", () => {
    const copies = new Map([["rain", rain]]);
    expect(withActs(copies, [])).toBe(copies);
  });

  it("shows one opened and joined without signal", () => {
    const acts = [
      act("incident_opened", "spill", { name: "Derrame" }),
      act("incident_joined", "b", { incident: "spill" }),
      act("incident_joined", "b", { incident: "spill" }),
    ];
    const spill = withActs(new Map(), acts).get("spill");
    expect(spill).toMatchObject({ name: "Derrame", closed_at: null, reports: ["b"], opened_by: "sergio" });
  });

  it("closes at once, and joins what the municipality opened", () => {
    const acts = [
      act("incident_joined", "b", { incident: "rain" }),
      act("incident_closed", "rain", {}),
      act("incident_closed", "unknown", {}),
    ];
    const found = withActs(new Map([["rain", rain]]), acts);
    expect(found.get("rain")).toMatchObject({
      reports: ["a", "b"],
      closed_at: "2026-11-22T04:00:00.000Z",
    });
    expect([...found.keys()]).toEqual(["rain"]);
    expect(rain.reports).toEqual(["a"]);
  });

  it("counts an act only until it is decided", () => {
    const acts = [
      act("incident_opened", "one", { name: "1" }, "received"),
      act("incident_opened", "two", { name: "2" }, "accepted"),
      act("incident_opened", "three", { name: "3" }, "refused"),
      act("captured", "four", {}),
    ];
    expect(incidentActs(acts).map((one) => one.subject)).toEqual(["one"]);
  });
});
