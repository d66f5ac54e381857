import { answerQuery } from '../../../test/support/promql-query.js';
import { UNCOMPARED_FUNCTIONS } from '../../../test/support/promql-vocabulary.js';
import { RandomPromql } from '../../../test/support/random-promql.js';
import { SeededRandom } from '../../../test/support/seeded-random.js';
import type { ValueType } from './ast.js';
import { FUNCTIONS, type FunctionSignature } from './functions.js';

const ARGUMENTS: Readonly<Record<ValueType, string>> = { vector: 'x', matrix: 'x[5m]', scalar: '1', string: '"label"' };

/** Number of random expressions, which is large enough for each function to occur in dozens of them. */
const EXPRESSIONS = 10_000;

function callOf({ name, argumentTypes }: FunctionSignature): string {
  // The second argument of `info` is not an expression like `x`, but a selector without a name. It is optional.
  const given = name === 'info' ? ['x'] : argumentTypes.map((type) => ARGUMENTS[type]);
  return `${name}(${given.join(', ')})`;
}

describe('a declared function', () => {
  const all = [...FUNCTIONS.values()];

  it.each(all.map((signature) => [callOf(signature)]))('can be evaluated: %s', (call) => {
    expect(() => answerQuery(call, [])).not.toThrow();
  });

  it('is compared with a real Prometheus, or is named in promql-vocabulary.ts', () => {
    const random = new RandomPromql(new SeededRandom(1), ['0']);
    const expressions = Array.from({ length: EXPRESSIONS }, () => random.expression()).join('\n');
    const compared = new Set([
      ...UNCOMPARED_FUNCTIONS,
      ...[...expressions.matchAll(/\w+(?=\()/g)].map(([name]) => name),
    ]);
    const missing = all.filter(({ name, isExperimental }) => !isExperimental && !compared.has(name));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});
