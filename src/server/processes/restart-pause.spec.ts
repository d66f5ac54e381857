import { RestartPause } from './restart-pause.js';

it('waits longer after each end in a row, up to half a minute', () => {
  const pause = new RestartPause();
  expect(Array.from({ length: 7 }, () => pause.afterEnd(100))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
  expect(pause.endsInARow).toBe(7);
});

it('starts a process again at once that has worked for a minute', () => {
  const pause = new RestartPause();
  pause.afterEnd(100);
  expect(pause.afterEnd(60_000)).toBe(0);
  expect(pause.endsInARow).toBe(0);
  expect(pause.afterEnd(100)).toBe(1_000);
});
