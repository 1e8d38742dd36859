import { expect, test } from "vitest";
import { inAppBrowser, missingFeatures, mustInstallFirst } from "../../../src/app/diagnosis/floor.ts";

const ANDROID = "Mozilla/5.0 (Linux; Android 13; moto e13) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/";

test.each([
  [`${ANDROID}120.0 Mobile Safari/537.36`, null],
  [`${ANDROID}120.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/440.0]`, "Facebook"],
  ["Mozilla/5.0 (Linux; Android 13; moto e13; wv) AppleWebKit/537.36 Chrome/120.0", "otra aplicación"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit/605 Mobile/15E148 Instagram 300.0", "Instagram"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit/605 Version/17.0 Mobile/15E148 Safari/604.1", null],
])("%s", (agent, app) => {
  expect(inAppBrowser(agent)).toBe(app);
});

test("an old browser is told by what it lacks", () => {
  const scope = { navigator: {}, structuredClone: undefined } as unknown as typeof globalThis;
  expect(missingFeatures(scope)).toEqual(
    expect.arrayContaining([
      "indexedDB",
      "crypto",
      "workers",
      "canvas",
      "structuredClone",
      "locks",
      "serviceWorker",
    ]),
  );
});

test("on iOS the app is installed first", () => {
  const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_4)";
  expect(mustInstallFirst({ userAgent: iphone })).toBe(true);
  expect(mustInstallFirst({ userAgent: iphone, standalone: true })).toBe(false);
  expect(mustInstallFirst({ userAgent: "Mozilla/5.0 (Macintosh)", maxTouchPoints: 5 })).toBe(true);
  expect(mustInstallFirst({ userAgent: "Mozilla/5.0 (Macintosh)", maxTouchPoints: 0 })).toBe(false);
  expect(mustInstallFirst({ userAgent: ANDROID })).toBe(false);
});
