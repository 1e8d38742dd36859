import { afterEach, expect, test, vi } from "vitest";
import { watchFix } from "../../../src/app/state/position.ts";

afterEach(() => vi.unstubAllGlobals());

test("the 0, 0 of a phone without a fix is no fix; what comes after it is", () => {
  let tell: (position: unknown) => void = () => {};
  const watchPosition = (told: typeof tell) => {
    tell = told;
    return 1;
  };
  const geolocation = { watchPosition, clearWatch: () => {} };
  vi.stubGlobal("navigator", { geolocation });
  const watch = watchFix();
  const reading = (latitude: number, longitude: number) =>
    tell({ coords: { latitude, longitude, accuracy: 5 }, timestamp: 1_800_000_000_000 });
  reading(0, 0);
  expect(watch.fix.value).toBeNull();
  reading(20.97, -89.62);
  expect(watch.fix.value).toMatchObject({ lat: 20.97, lon: -89.62 });
  reading(0.00001, -0.00002);
  expect(watch.fix.value).toMatchObject({ lat: 20.97, lon: -89.62 });
  watch.stop();
});
