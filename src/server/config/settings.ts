import type { TokenSeed } from '../../settings/rules/token-seed.js';
import { type SettingDeclaration, type SettingGroups, settingsOf, type SettingValues } from '../../settings/setting.js';
import { SETTING_GROUPS } from '../../settings/setting-groups.js';
import { findMisspelledSettings } from './misspelled-settings.js';
import { readEnvironment } from './read-environment.js';
import { setNamesOf } from './setting-text.js';

/** All settings of the server. They are read once at the start, frozen, and passed on as a value. */
export interface Settings extends SettingValues<typeof SETTING_GROUPS> {
  /** Warnings about probable mistakes that do not prevent a start. They are logged once the logger exists. */
  readonly warnings: readonly string[];
}

/**
 * Converts the environment to settings, and reads the files that variables like `DATABASE_URL_FILE` name. The environment is
 * not changed.
 *
 * @param env the environment, by default that of the process; no other code reads settings from it
 * @throws InvalidEnvironmentError with all problems
 */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const values = readEnvironment(SETTING_GROUPS, env);
  const exposition = { ...values.exposition, port: separateMetricsPort(values) };
  return deepFreeze({
    ...values,
    exposition,
    warnings: [...findWarnings(SETTING_GROUPS, env), ...contradictions(values)],
  });
}

/** Returns the tokens to create in an empty token table. */
export function initialTokensOf({ tokens }: Pick<Settings, 'tokens'>): readonly TokenSeed[] {
  return [
    ...(tokens.initBackendApiTokens ?? tokens.initClientApiTokens ?? []),
    ...(tokens.initFrontendApiTokens ?? []),
    ...(tokens.initAdminApiTokens ?? []),
  ];
}

/**
 * Returns the port of the exposition if it is a separate one. An operator who sets the same number twice wants one port, and a
 * second listener could not use it. Port 0 means any free port, so two zeros do not conflict.
 */
function separateMetricsPort({ http, exposition }: SettingValues<typeof SETTING_GROUPS>): number | undefined {
  return exposition.port === http.port && http.port !== 0 ? undefined : exposition.port;
}

/** Warns about variables that are probably misspelled, and about old names of variables. */
export function findWarnings(groups: SettingGroups, env: NodeJS.ProcessEnv): readonly string[] {
  const declarations = settingsOf(groups).map(({ declaration }) => declaration);
  const known = declarations.flatMap(({ env: name, aliases = [] }) => (name === undefined ? [] : [name, ...aliases]));
  const misspelled = findMisspelledSettings(Object.keys(env), known).map(
    ({ name, meant }) => `${name} is not a setting and does nothing. Did you mean ${meant}?`,
  );
  return [...misspelled, ...declarations.flatMap((declaration) => warningsOfOldNames(declaration, env))];
}

function warningsOfOldNames(declaration: SettingDeclaration, env: NodeJS.ProcessEnv): string[] {
  const [used, ...ignored] = setNamesOf(declaration, env);
  const warnings = ignored.map((name) => `${name} is ignored, because ${used} is set as well.`);
  if (used !== undefined && used !== declaration.env) {
    warnings.unshift(
      `${used} is the old name of ${declaration.env} and will be removed in the next release. Rename it.`,
    );
  }
  return warnings;
}

function contradictions({
  tokens,
  history,
  database,
  forwarding,
}: SettingValues<typeof SETTING_GROUPS>): readonly string[] {
  const warnings: string[] = [];
  if (tokens.initBackendApiTokens && tokens.initClientApiTokens) {
    warnings.push('INIT_CLIENT_API_TOKENS is ignored, because INIT_BACKEND_API_TOKENS is set as well.');
  }
  if (history.databaseUrl && !database.url) {
    warnings.push(
      'HISTORY_DATABASE_URL is set without DATABASE_URL: pushes go to the embedded Postgres, queries elsewhere.',
    );
  }
  if (forwarding.bearerToken && forwarding.username) {
    warnings.push('REMOTE_WRITE_USERNAME is ignored, because REMOTE_WRITE_BEARER_TOKEN is set as well.');
  }
  return warnings;
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) deepFreeze(part);
  }
  return Object.freeze(value);
}
