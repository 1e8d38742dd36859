/** What the semáforo says of an emergency: never that there is time. */
import { expect, test } from "vitest";
import { shade } from "../../../src/app/ui/Light.tsx";

const now = new Date("2026-11-22T16:00:00.000Z");
const due = {
  status: "captured" as const,
  amber_at: "2026-11-24T06:00:00.000Z",
  due_at: "2026-11-25T05:59:59.999Z",
};

test("an open emergency is never green: it says whether anybody is at it", () => {
  const unattended = { shade: "late", words: "Sin atender" };
  const attended = { shade: "soon", words: "En atención" };
  expect(shade({ ...due, priority: 3 }, now).shade).toBe("ok");
  expect(shade({ ...due, priority: 1 }, now)).toEqual(unattended);
  expect(shade({ ...due, due_at: null, priority: 1 }, now)).toEqual(unattended);
  expect(shade({ ...due, priority: 1, assignments: [{ status: "assigned" }] }, now)).toEqual(unattended);
  expect(shade({ ...due, priority: 1, taken_by: ["rocio"] }, now)).toEqual(attended);
  expect(shade({ ...due, priority: 1, assignments: [{ status: "started" }] }, now)).toEqual(attended);
});

test("an overdue one is late, a finished one done", () => {
  const late = { ...due, priority: 1 as const, due_at: "2026-10-11T06:00:00.000Z" };
  expect(shade(late, now).shade).toBe("late");
  expect(shade({ ...due, priority: 1, status: "finished" }, now).shade).toBe("done");
});
