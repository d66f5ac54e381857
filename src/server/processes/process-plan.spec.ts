import { coresOf } from './machine.js';
import { fitConnections, heapFlags, processCount } from './process-plan.js';

const GIB = 1024 ** 3;

test.each([
  [3, { cores: 8, memoryBytes: 16 * GIB }, false, 3],
  ['auto', { cores: 8, memoryBytes: 16 * GIB }, false, 8],
  // An embedded Postgres needs cores, too.
  ['auto', { cores: 8, memoryBytes: 16 * GIB }, true, 4],
  ['auto', { cores: 8, memoryBytes: 3 * GIB }, false, 3],
  ['auto', { cores: 1, memoryBytes: GIB / 2 }, true, 1],
] as const)('PROCESSES=%s on %j (shared with Postgres: %s) is %d', (setting, machine, sharesMachine, count) => {
  expect(processCount(setting, machine, sharesMachine)).toBe(count);
});

test.each([
  ['200000 100000', 2],
  ['150000 100000\n', 2],
  ['max 100000', Infinity],
  ['', Infinity],
  ['0 100000', Infinity],
])('a limit of processor time of "%s" is worth %d cores', (limit, cores) => {
  expect(coresOf(limit)).toBe(cores);
});

describe('the heap of each process', () => {
  const machine = { cores: 4, memoryBytes: 8 * GIB };

  it('is its share of half of the memory', () => {
    expect(heapFlags(4, machine, [], 4 * GIB)).toEqual(['--max-old-space-size=1024']);
  });

  it('is not larger than that of a single process', () => {
    expect(heapFlags(2, { cores: 4, memoryBytes: 64 * GIB }, [], 4 * GIB)).toEqual([]);
  });

  it.each(['--max-old-space-size=300', '--inspect --max_old_space_size=300'])('is what %s says', (flag) => {
    expect(heapFlags(4, machine, ['--max-semi-space-size=64', flag], 4 * GIB)).toEqual([]);
  });
});

describe('the connections to Postgres', () => {
  it('allow as many processes as fit', () => {
    expect(fitConnections(9, false, { poolSize: 10, available: 97 })).toEqual({ count: 9 });
    expect(fitConnections(9, true, { poolSize: 10, available: undefined })).toEqual({ count: 9 });
  });

  it('lower the number of processes that the server has chosen itself', () => {
    const { count, warning } = fitConnections(32, true, { poolSize: 10, available: 97 });
    expect(count).toBe(9);
    expect(warning).toContain('9 processes are started and not 32');
  });

  it('are too few for the number of processes that the operator has chosen', () => {
    const { count, warning } = fitConnections(16, false, { poolSize: 10, available: 97 });
    expect(count).toBe(16);
    expect(warning).toContain('16 processes may open 160 connections');
  });
});
