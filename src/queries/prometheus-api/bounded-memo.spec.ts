import fc from 'fast-check';
import { BoundedMemo } from './bounded-memo.js';

it('forgets the value that was used longest ago when there is no room for another', () => {
  const memo = new BoundedMemo<number>(30);
  memo.remember('a', 1, 10);
  memo.remember('b', 2, 10);
  memo.remember('c', 3, 10);
  memo.find('a');
  memo.remember('d', 4, 10);
  expect(['a', 'b', 'c', 'd'].map((key) => memo.find(key))).toEqual([1, undefined, 3, 4]);
});

it('does not remember a value that is larger than the limit, nor the former value of its key', () => {
  const memo = new BoundedMemo<number>(30);
  memo.remember('a', 1, 10);
  memo.remember('a', 2, 31);
  expect([memo.find('a'), memo.bytes]).toEqual([undefined, 0]);
});

it('forgets outdated values once they are the oldest', () => {
  const outdated = new Set<number>();
  const memo = new BoundedMemo<number>(100, (value) => outdated.has(value));
  for (const value of [1, 2, 3]) memo.remember(String(value), value, 10);
  outdated.add(1).add(3);
  memo.remember('4', 4, 10);
  expect(['1', '2', '3', '4'].map((key) => memo.find(key))).toEqual([undefined, 2, 3, 4]);
});

it('counts the bytes of what it holds, which never exceed the limit', () => {
  const calls = fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      bytes: fc.nat(40),
      way: fc.constantFrom('remember', 'find', 'forget'),
    }),
  );
  fc.assert(
    fc.property(calls, (all) => {
      const memo = new BoundedMemo<number>(50);
      for (const { key, bytes, way } of all) {
        if (way === 'remember') memo.remember(key, bytes, bytes);
        else if (way === 'find') memo.find(key);
        else memo.forget(key);
        const held = ['a', 'b', 'c', 'd'].map((each) => memo.find(each) ?? 0);
        expect(memo.bytes).toBe(held.reduce((sum, each) => sum + each));
        expect(memo.bytes).toBeLessThanOrEqual(50);
      }
    }),
  );
});
