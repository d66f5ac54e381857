import type { SeededRandom } from '../support/seeded-random.js';
import type { Route } from './routes.js';
import { costlyExpression } from './text-bodies.js';
import { longText, oddText } from './texts.js';

/** The kind of content of a path and its query string. */
export type TargetKind = 'valid' | 'costly' | 'odd' | 'huge' | 'deep' | 'many';

/** Maximum length of a target. Node.js itself refuses headers above 16 KiB, and slightly less reaches the service. */
const LONGEST_TARGET = 15_000;

/** The usual values of a parameter. */
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
  type: ['counter'],
  order: ['name'],
  format: ['csv', 'excel'],
  locale: ['de-DE'],
};

/** The value of a parameter that is left out of the request. */
const LEFT_OUT = '';

/** Values that request as much as is allowed. */
const COSTLY: Readonly<Record<string, readonly string[]>> = {
  // A CSV has no limit.
  limit: [LEFT_OUT, '10000', '1000', '100000'],
  groupBy: ['*', 'instance,path'],
  from: ['-90d', '-1h'],
  step: ['1s', '1m'],
  aggregate: ['increase', 'p95', 'avg', 'last', 'avg,min,max,p95,stddev,last'],
  tz: [LEFT_OUT, 'America/Havana'],
  compare: [LEFT_OUT, 'previous'],
  lines: [LEFT_OUT, '1000'],
  format: [LEFT_OUT, 'csv', 'excel', 'excel'],
  locale: [LEFT_OUT, LEFT_OUT, 'de_DE'],
  values: ['100'],
  families: ['true'],
  order: [LEFT_OUT, 'series', 'lastPush'],
  'match[]': ['{__name__=~".+"}', '{instance=~".*.*.*x"}'],
};

/** Returns the path and query string of a request. */
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
  // The attacks must not delete the data that is stored for the queries.
  if (kind === 'valid' || kind === 'costly' || (route.method === 'DELETE' && random.isTrue(0.3))) {
    const isDryRun = hasDryRun(route) && (kind === 'valid' || kind === 'costly');
    return route.method === 'DELETE' && name === 'name' && !isDryRun ? 'attacked_nobody' : usual;
  }
  if (kind === 'huge') return encodeURIComponent(longText(random, 3_000).toWellFormed()).slice(0, LONGEST_TARGET - 100);
  if (kind === 'deep' || kind === 'many') return 'a/b/'.repeat(random.pick([10, 2_000])).slice(0, -1);
  const text = oddText(random);
  return random.isTrue(0.8)
    ? encodeURIComponent(text.toWellFormed())
    : text.replaceAll(/[^\u0021-\u007e]|[?#]/g, '%00') || 'x';
}

/**
 * Returns whether valid and costly requests to a route read the stored data although it is a route that deletes. They always have
 * `dryRun=true`.
 */
function hasDryRun({ method, path }: Route): boolean {
  return method === 'DELETE' && path.endsWith('/samples');
}

function queryValue(name: string, route: Route, kind: TargetKind, random: SeededRandom): string | undefined {
  const isRequired = route.parameters.some(
    (each) => each.name === name && each.in === 'query' && each.required === true,
  );
  const isNeeded = isRequired || ['metric', 'query', 'match[]', 'start', 'end', 'step', 'dryRun'].includes(name);
  const usual = random.pick(USUAL[name] ?? ['']);
  switch (kind) {
    case 'valid':
      return isNeeded ? usual : undefined;
    case 'costly':
      if (name === 'query') return costlyExpression(random);
      return name in COSTLY ? random.pick(COSTLY[name]!) || undefined : isNeeded ? usual : undefined;
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
