/** Nothing that the app lets a person save is refused for its form: what the form may hold, against the schemas. */
import citizenSchema from "@schemas/citizen.v1.json" with { type: "json" };
import eventSchema from "@schemas/event.v1.json" with { type: "json" };
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, it } from "vitest";
import { blank, type CaptureBody } from "../../../src/app/capture/body.ts";
import { toCapture } from "../../../src/app/capture/form.ts";
import { seal } from "../../../src/app/sealer/sealer.ts";
import { enrolledPhone, freshStorage } from "../../phone.ts";

freshStorage();
const ajv = new Ajv2020({ strict: false });
const isEvent = ajv.compile(eventSchema);
const isCitizen = ajv.compile(citizenSchema);

/** Whatever a keyboard, a paste or a dictation leaves in a field of this length; a browser counts UTF-16 units. */
const typed = (max: number) =>
  fc
    .oneof(
      fc.string({ unit: "binary", maxLength: max }),
      fc.string({ unit: "grapheme", maxLength: max }),
      fc.constantFrom(
        "",
        " ",
        "\u0000",
        "662\u00a0555 0199",
        "55-1234 ext. 5",
        "\ud83d",
        "a\u0085b",
        "x".repeat(max),
      ),
    )
    .map((text) => text.slice(0, max));
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const degrees = (most: number) => fc.double({ min: -most, max: most, noNaN: true });

const body: fc.Arbitrary<CaptureBody> = fc.record({
  type: fc.constantFrom("lamp", "unknown", null),
  answers: fc.dictionary(
    fc.constantFrom("how_many", "state", "dark"),
    fc.oneof(typed(4000), fc.boolean(), fc.double({ noNaN: true, min: 0 })),
    { noNullPrototype: true },
  ),
  text: typed(4000),
  for_whom: fc.constantFrom("self", "neighbour", "anonymous"),
  consent: fc.boolean(),
  name: typed(120),
  phone: typed(20),
  call_me: fc.boolean(),
  own_phone: typed(20),
  where: fc.constantFrom("gps", "block", "pin", "streets", null),
  point: fc.option(fc.record({ lat: degrees(90), lon: degrees(180) })),
  block: fc.constantFrom("m-1", null),
  place: fc.record({
    street: some(typed(200)),
    between: some(typed(200)),
    reference: some(typed(200)),
    pole: some(typed(40)),
  }) as fc.Arbitrary<CaptureBody["place"]>,
  urgent: fc.boolean(),
  danger: fc.option(fc.boolean()),
});

it("gives an event and a citizen that the schemas take, whatever the form holds", {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(body, async (held) => {
      const phone = await enrolledPhone(`p${crypto.randomUUID()}`);
      const { type, for_whom, answers, place, urgent, text, danger, position, citizen } = toCapture({
        ...blank(),
        ...held,
      });
      await phone.capture({
        payload: {
          type,
          channel: "app",
          for_whom,
          answers,
          place,
          urgent,
          ...(text === undefined ? {} : { text }),
          ...(danger === undefined ? {} : { danger }),
        },
        position,
        ...(citizen === undefined ? {} : { citizen }),
      });
      await seal(phone.db, phone.now);
      const [record] = await phone.db.getAll("outbox");
      phone.db.close();
      // As it goes over the line.
      const sent = JSON.parse(JSON.stringify({ event: record?.event, citizen: record?.citizen ?? null }));
      expect(isEvent(sent.event), JSON.stringify(isEvent.errors)).toBe(true);
      if (sent.citizen) expect(isCitizen(sent.citizen), JSON.stringify(isCitizen.errors)).toBe(true);
    }),
    { numRuns: 150 },
  );
});
