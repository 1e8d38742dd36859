/** One draft, one report: what the form keeps, under which key, and what two windows make of it. */
import { beforeEach, expect, it, vi } from "vitest";
import { blank, type CaptureBody } from "../../../src/app/capture/body.ts";
import { newKey, touched, unfinished } from "../../../src/app/capture/unfinished.ts";
import { Drafts } from "../../../src/app/saving/drafts.ts";
import { createDraft } from "../../../src/app/ui/draft.ts";
import { enter, freshPhone, opened } from "../../opened.ts";
import { NOON, TestPhone } from "../../phone.ts";

freshPhone();

let phone: TestPhone;
beforeEach(async () => {
  const { db, around } = await enter(await opened());
  phone = new TestPhone("lupita", db, around.phone);
});

const open = () => createDraft<CaptureBody>("capture", blank, touched);
const keys = () => phone.db.getAllKeys("drafts");

it("begins clean, and leaves what was written before under its own key", async () => {
  const form = open();
  form.begin("capture:1");
  form.edit({ type: "pothole" });
  form.edit({ name: "Eva Ruiz", phone: "662 555 0199", for_whom: "neighbour", consent: true });
  await form.keep();
  form.begin("capture:2");
  expect(form.body.value).toEqual(blank());
  form.edit({ type: "garbage", text: "No pasó" });
  await form.keep();
  const [first, second] = await phone.db.getAll("drafts");
  expect([first?.key, second?.key]).toEqual(["capture:1", "capture:2"]);
  expect(second?.body).toEqual({ ...blank(), type: "garbage", text: "No pasó" });
  await form.load("capture:1");
  expect([form.body.value.name, form.body.value.text, form.resumed.value]).toEqual(["Eva Ruiz", "", true]);
});

it("leaves nothing of a form that was only named, not even where a camera was opened and closed", async () => {
  const form = open();
  form.begin("capture:1");
  form.edit({ type: "pothole" });
  form.leave();
  expect(await keys()).toEqual([]);
  await form.keep(); // before the camera
  expect(await keys()).toEqual(["capture:1"]);
  form.leave();
  await vi.waitFor(async () => expect(await keys()).toEqual([]));
});

it("offers what was touched, newest first, with the one draft of earlier versions", () => {
  const draft = (key: string, minute: number, body: Partial<CaptureBody>, photos: string[] = []) => ({
    key,
    body: { ...blank(), type: "lamp", ...body },
    photos,
    updated_at: `2026-11-22T10:${minute}:00.000Z`,
  });
  const offered = unfinished([
    draft("capture", 10, { text: "hola" }),
    draft("capture:a", 11, {}),
    draft("capture:b", 12, {}, ["p1"]),
    draft("capture:c", 13, { text: "x", type: null }),
    draft("finish:1", 14, { text: "x" }),
    draft("capture:d", 15, { danger: false }),
  ]);
  expect(offered.map(({ key }) => key)).toEqual(["capture:d", "capture:b", "capture"]);
  expect(newKey(NOON)).not.toBe(newKey(NOON));
});

it("becomes one report in two windows: the second is told which, and writes nothing", async () => {
  const key = "capture:1";
  await phone.db.put("drafts", { key, body: {}, photos: [], updated_at: "" });
  const [first, second] = await Promise.all([phone.capture({ draft: key }), phone.capture({ draft: key })]);
  expect(first.already).toBeUndefined();
  expect(second).toEqual({ ...first, already: true });
  expect(await phone.db.count("outbox")).toBe(1);
  // A keystroke in the window that does not know yet brings nothing back.
  const other = new Drafts(phone.db, phone.now, () => undefined);
  await other.save(key, { text: "más" }, []);
  await other.save("capture:2", { text: "otro" }, []);
  expect(await keys()).toEqual(["capture:2"]);
});

it("is not mistaken for an act's draft, whose key serves again", async () => {
  const act = { kind: "amended" as const, payload: {}, draft: "amend:1" };
  await phone.capture(act as never);
  await phone.capture(act as never);
  expect(await phone.db.count("outbox")).toBe(2);
});
