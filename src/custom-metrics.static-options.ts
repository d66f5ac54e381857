import type {
  CustomMetricsForRootAsyncOptions,
  CustomMetricsForRootOptions,
} from './custom-metrics.module-definition.js';
import { completeOptions } from './custom-metrics.options.js';
import { InvalidOptionsError, type OptionProblem } from './settings/invalid-options.error.js';
import { isObject, ownValuesOf } from './settings/own-values.js';
import { show } from './settings/read-options.js';
import { SETTING_GROUPS } from './settings/setting-groups.js';
import { isPagePath, isRelativeUrl } from './settings/rules/page-path.js';
import { ALLOWED_SCHEMA_NAMES, isSchemaName } from './settings/rules/schema-name.js';

interface Check {
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
}

const TEXT: Check = {
  allowed: 'the name of a DataSource',
  accepts: (value) => typeof value === 'string' && value !== '',
};
const FLAG: Check = { allowed: 'true or false', accepts: (value) => typeof value === 'boolean' };

/** The options that decide which classes the app has and which connections they use. They are not settings. */
const STATIC_OPTIONS: Readonly<Record<string, Check>> = {
  dataSource: TEXT,
  historyDataSource: TEXT,
  schema: { allowed: ALLOWED_SCHEMA_NAMES, accepts: (value) => typeof value === 'string' && isSchemaName(value) },
  migrationsRun: FLAG,
  // The names and values in this object are checked where the routes are mounted.
  routes: { allowed: 'an object', accepts: isObject },
  explorer: {
    allowed:
      "false, or an object with path: 'own/path', apiBase: '../', and files: '/a/folder', each of which may be left out",
    accepts: isExplorer,
  },
  guard: { allowed: 'the class of a guard', accepts: (value) => typeof value === 'function' },
  decorators: {
    allowed: 'a list of decorators',
    accepts: (value) => Array.isArray(value) && [...value].every((each) => typeof each === 'function'),
  },
  imports: { allowed: 'a list of modules', accepts: Array.isArray },
  isGlobal: FLAG,
};

/**
 * Checks all options of `forRoot`, so that a wrong value makes the call of `forRoot` fail, before an app starts.
 *
 * @returns a copy of the options; each was read only once, so that a getter can't return another value later
 * @throws InvalidOptionsError with every problem
 */
export function checkOptions(given: CustomMetricsForRootOptions): CustomMetricsForRootOptions {
  const { options, settings, problems } = read(given, Object.keys(SETTING_GROUPS));
  try {
    completeOptions(settings);
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error;
    problems.push(...error.problems);
  }
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return options;
}

/**
 * Checks the options of `forRootAsync` that do not come from its factory.
 *
 * @returns a copy of the options; each was read only once, so that a getter can't return another value later
 * @throws InvalidOptionsError with every problem
 */
export function checkStaticOptions(given: CustomMetricsForRootAsyncOptions): CustomMetricsForRootAsyncOptions {
  const { options, problems } = read(given, []);
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return options;
}

interface ReadOptions<T> {
  readonly options: T;
  /** The options that are not in STATIC_OPTIONS: the settings, and options that do not exist. */
  readonly settings: Record<string, unknown>;
  readonly problems: OptionProblem[];
}

function read<T>(given: T, groups: readonly string[]): ReadOptions<T> {
  const own = isObject(given) ? ownValuesOf(given, [...Object.keys(STATIC_OPTIONS), ...groups]) : undefined;
  if (own === undefined) {
    throw new InvalidOptionsError([{ path: 'options', message: `found ${show(given)}; allowed: an object` }]);
  }
  const problems: OptionProblem[] = own.problems.map(({ name, problem }) => ({ path: name, message: problem }));
  const settings: Record<string, unknown> = {};
  for (const [name, value] of own.values) {
    const check = Object.hasOwn(STATIC_OPTIONS, name) ? STATIC_OPTIONS[name] : undefined;
    if (check === undefined) settings[name] = value;
    else if (value !== undefined && !isAccepted(check, value)) {
      problems.push({ path: name, message: `found ${show(value)}; allowed: ${check.allowed}` });
    }
  }
  return { options: Object.fromEntries(own.values) as T, settings, problems };
}

const EXPLORER_OPTION_NAMES = new Set(['path', 'apiBase', 'files']);

function isExplorer(value: unknown): boolean {
  if (value === false) return true;
  if (!isObject(value) || Array.isArray(value)) return false;
  const { path, apiBase, files } = value as { path?: unknown; apiBase?: unknown; files?: unknown };
  return (
    Object.keys(value).every((name) => EXPLORER_OPTION_NAMES.has(name)) &&
    (path === undefined || (typeof path === 'string' && isPagePath(path))) &&
    (files === undefined || (typeof files === 'string' && files !== '')) &&
    (apiBase === undefined || (typeof apiBase === 'string' && isRelativeUrl(apiBase)))
  );
}

function isAccepted({ accepts }: Check, value: unknown): boolean {
  try {
    return accepts(value);
  } catch {
    // A getter or a proxy has thrown.
    return false;
  }
}
