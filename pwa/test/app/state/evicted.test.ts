// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import { forget, remember, remembered } from "../../../src/app/state/evicted.ts";

beforeEach(() => localStorage.clear());

test("an emptied store does not take the mark along", () => {
  remember(["ana", "luis"]);
  remember([]);
  expect(remembered()).toEqual(["ana", "luis"]);
});

test("an account that left as it should is not missed", () => {
  remember(["ana", "luis"]);
  forget("luis");
  expect(remembered()).toEqual(["ana"]);
  forget("ana");
  expect(remembered()).toEqual([]);
});

test("a mark nobody can read is no mark", () => {
  localStorage.setItem("manzana.accounts", "{");
  expect(remembered()).toEqual([]);
  localStorage.setItem("manzana.accounts", '{"ana": 1}');
  expect(remembered()).toEqual([]);
});
