import { slotsOf } from './line-slots.js';

describe('the colours of lines', () => {
  it('are all different as long as there are six or fewer', () => {
    const slots = slotsOf(['de', 'fr', 'uk', 'nl', 'es', 'it']);
    expect(slots.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('begin a second round after that', () => {
    const slots = slotsOf(Array.from({ length: 20 }, (_, index) => `line ${index}`));
    expect(new Set(slots).size).toBe(20);
    expect(slots.slice(6, 12).every((slot) => slot >= 6 && slot < 12)).toBe(true);
  });

  it('belong to the name, whatever else is drawn', () => {
    expect(slotsOf(['de'])).toEqual(slotsOf(['de', 'fr']).slice(0, 1));
    expect(slotsOf(['de', 'fr'])).toEqual(slotsOf(['de', 'fr']));
  });
});
