import type { SeededRandom } from '../support/seeded-random.js';
import type { Route } from './routes.js';
import { costlyExpression } from './text-bodies.js';
import { longText, oddText } from './texts.js';

/** What a path and its query string hold. */
export type TargetKind = 'valid' | 'costly' | 'odd' | 'huge' | 'deep' | 'many';

/** Node refuses heads above 16 KiB by itself; a little less reaches the service. */
const LONGEST_TARGET = 15_000;

/** Values that a parameter usually has. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  grouping: ['attacked', 'attacked/instance/one'],
  name: ['stored_0', 'instance'],
  // No token has this id.
  id: ['2147483000'],
  metric: ['stored_0', 'stored_1'],
  query: ['sum(stored_0)'],
  'match[]': ['stored_0'],
  from: ['-1h'],
  to: ['now'],
  start: ['-1h'],
  end: ['now'],
  step: ['1m'],
  dryRun: ['true'],
  aggregate: ['avg'],
};

/** Values that ask for as much as is allowed. */
const COSTLY: Readonly<Record<string, readonly string[]>> = {
  limit: ['10000', '1000', '100000'],
  groupBy: ['*', 'instance,path'],
  from: ['-90d', '-1h'],
  step: ['1s', '1m'],
  aggregate: ['increase', 'p95', 'avg', 'last'],
  'match[]': ['{__name__=~".+"}', '{instance=~".*.*.*x"}'],
};

/** A request's path and query string. */
export function targetOf(route: Route, kind: TargetKind, random: SeededRandom): string {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => pathValue(name, route, kind, random));
  const pairs = route.parameters
    .filter((parameter) => parameter.in === 'query')
    .flatMap(({ name }) => {
      const value = queryValue(name, route, kind, random);
      return value === undefined ? [] : [`${encodeURIComponent(name)}=${encode(value, kind, random)}`];
    });
  if (kind === 'many' && pairs.length > 0) {
    const pair = random.pick(pairs);
    const copies = Math.floor(LONGEST_TARGET / (pair.length + 1));
    pairs.push(...Array.from({ length: copies }, (_, index) => (random.isTrue(0.9) ? pair : `x${index}=1`)));
  }
  return `${path}${pairs.length > 0 ? '?' : ''}${pairs.join('&')}`.slice(0, LONGEST_TARGET);
}

function pathValue(name: string, route: Route, kind: TargetKind, random: SeededRandom): string {
  const usual = random.pick(USUAL[name] ?? ['x']);
  // Nothing that is stored for the queries may be deleted by chance.
  if (kind === 'valid' || kind === 'costly' || (route.method === 'DELETE' && random.isTrue(0.3))) {
    return route.method === 'DELETE' && name === 'name' ? 'attacked_nobody' : usual;
  }
  if (kind === 'huge') return encodeURIComponent(longText(random, 3_000).toWellFormed()).slice(0, LONGEST_TARGET - 100);
  if (kind === 'deep' || kind === 'many') return 'a/b/'.repeat(random.pick([10, 2_000])).slice(0, -1);
  const text = oddText(random);
  return random.isTrue(0.8)
    ? encodeURIComponent(text.toWellFormed())
    : text.replaceAll(/[^\u0021-\u007e]|[?#]/g, '%00') || 'x';
}

function queryValue(name: string, route: Route, kind: TargetKind, random: SeededRandom): string | undefined {
  const isNeeded = ['metric', 'query', 'match[]', 'start', 'end', 'step', 'dryRun'].includes(name);
  const usual = random.pick(USUAL[name] ?? ['']);
  switch (kind) {
    case 'valid':
      return isNeeded ? usual : undefined;
    case 'costly':
      if (name === 'query') return costlyExpression(random);
      return name in COSTLY ? random.pick(COSTLY[name]!) : isNeeded ? usual : undefined;
    case 'odd':
      return random.isTrue(0.6) ? oddText(random) : isNeeded ? usual : undefined;
    case 'huge':
      return random.isTrue(0.5) ? longText(random, 10_000) : isNeeded ? usual : undefined;
    case 'deep':
      return name === 'query'
        ? random.pick(['(', '-', 'sum(', '1+', 'a[']).repeat(2_000)
        : isNeeded
          ? usual
          : undefined;
    case 'many':
      return isNeeded ? usual : random.pick(['a=b', '1', 'x']);
  }
}

function encode(value: string, kind: TargetKind, random: SeededRandom): string {
  if (kind === 'odd' && random.isTrue(0.1)) return value.replaceAll(/[^\u0021-\u007e]|[#&]/g, '%');
  return encodeURIComponent(value.toWellFormed());
}
