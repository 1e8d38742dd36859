/** The app's types against those generated from the schemas: tsc is the judge, running only lists what was judged. */
import { expectTypeOf, it } from "vitest";
import type {
  Kind,
  Payloads,
  PetitionType,
  Report,
  Role,
  TimelineEntry,
} from "../../src/shared/documents.ts";
import type * as account from "../../src/shared/generated/account.v1.d.ts";
import type * as event from "../../src/shared/generated/event.v1.d.ts";
import type * as report from "../../src/shared/generated/report.v1.d.ts";
import type * as type from "../../src/shared/generated/type.v1.d.ts";

type Loose<T> = { [K in keyof T]: T[K] extends 1 | 2 | 3 | 4 ? number : T[K] };

it("gives every kind of event the payload its schema names", () => {
  expectTypeOf<keyof Payloads>().toEqualTypeOf<Kind>();
  expectTypeOf<Kind>().toEqualTypeOf<event.CaseEvent["kind"]>();
  expectTypeOf<Payloads["captured"]>().toExtend<event.Captured>();
  expectTypeOf<event.Captured>().toExtend<Payloads["captured"]>();
  expectTypeOf<event.Visited>().toExtend<Payloads["visited"]>();
  expectTypeOf<Payloads["marked_duplicate"]>().not.toBeAny();
  expectTypeOf<{ text: string }>().not.toExtend<Payloads["finished"]>();
  expectTypeOf<Loose<Payloads["prioritized"]>>().toEqualTypeOf<event.Prioritized>();
});

it("reads whatever the schemas let the municipality send", () => {
  // Narrower by range or by role: what the server sends there, its own tests hold.
  type Sent = Omit<report.Report, "priority" | "timeline">;
  expectTypeOf<Sent>().toExtend<Omit<Report, "priority" | "timeline">>();
  expectTypeOf<Omit<report.TimelineEntry, "role">>().toExtend<Omit<TimelineEntry, "role">>();
  expectTypeOf<keyof Report>().toEqualTypeOf<Exclude<keyof report.Report, "schema">>();
  expectTypeOf<keyof TimelineEntry>().toEqualTypeOf<keyof report.TimelineEntry | "pending">();
  expectTypeOf<keyof PetitionType>().toEqualTypeOf<keyof type.PetitionType>();
  expectTypeOf<Role>().toEqualTypeOf<account.Account["role"]>();
});
