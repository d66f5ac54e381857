import { SampleArrays } from './sample-arrays.js';

/** Runs a task that takes a number of arrays, and returns them. */
function run(arrays: SampleArrays, count: number): Set<Float64Array> {
  const taken = new Set(Array.from({ length: count }, () => arrays.take()));
  arrays.endTask();
  return taken;
}

describe('the arrays for samples', () => {
  it('are used by one task after the other, and never twice in a task', () => {
    const arrays = new SampleArrays();
    const first = run(arrays, 3);
    expect(first.size).toBe(3);
    expect([...run(arrays, 3)].filter((array) => first.has(array))).toHaveLength(3);
  });

  it('are used again within a task after it has given them back', () => {
    const arrays = new SampleArrays();
    const kept = arrays.take();
    const { taken } = arrays;
    const given = [arrays.take(), arrays.take()];
    arrays.giveBackTo(taken);
    expect([arrays.take(), arrays.take()]).toEqual(given);
    expect(given).not.toContain(kept);
  });

  it('are dropped when tasks no longer need them', () => {
    const arrays = new SampleArrays();
    const first = run(arrays, 8);
    for (let task = 0; task < 3; task++) run(arrays, 1);
    const again = [...run(arrays, 8)].filter((array) => first.has(array));
    expect(again).toHaveLength(1);
  });

  it('are made for one task if it needs too many to keep all of them', () => {
    const arrays = new SampleArrays();
    const first = run(arrays, 200);
    expect(first.size).toBe(200);
    expect([...run(arrays, 200)].filter((array) => first.has(array))).toHaveLength(192);
  });
});
