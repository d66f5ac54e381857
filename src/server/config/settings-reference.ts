import { ENVIRONMENT_GROUPS } from './environment.js';
import { SETTING_GROUPS, type SettingGroup } from './rules/setting-group.js';
import { declaredSettings, type SettingDeclaration } from './rules/setting.decorator.js';

const GENERATED =
  'Generated from src/server/config/environment/ by `npm run docs:generate`; edit what is there instead.';

/** Comment lines of `.env.example` are broken here, to be readable beside a terminal. */
const COMMENT_WIDTH = 100;

/** Renders `docs/settings.md`, formatted as Prettier would. */
export function renderSettingsMarkdown(): string {
  return [
    `<!-- ${GENERATED} -->`,
    '# Settings',
    'The service is set up by environment variables alone, and every one of them has a default: nothing needs to be ' +
      'set to try it out. They are read once, at the start.',
    [
      '- An empty variable counts as not set, and white space around a value is ignored.',
      '- Words like `true` or `info` may be written in upper or lower case.',
      '- A secret may be in a file instead, as Docker and Kubernetes hand it over: `DATABASE_URL_FILE` is the path of ' +
        'a file with the URL, and likewise for every other variable that is marked as secret. The variable itself wins.',
      '- A wrong value stops the start with a message that lists every problem at once; secrets are masked in it.',
      '- Unknown variables are ignored. One that is a letter or two away from a name below is warned about.',
      '- Kubernetes sets `METRICS_PORT` to an address in every pod beside a service called `metrics`; ' +
        '`enableServiceLinks: false` in the pod stops that.',
    ].join('\n'),
    'As a file to copy: [`.env.example`](../.env.example).',
    ...settingsByGroup().flatMap(([group, declarations]) => [
      `## ${SETTING_GROUPS[group]}`,
      renderTable([
        ['Name', 'Default', 'Allowed', 'What it does'],
        ...declarations.map((declaration) => [
          `\`${declaration.name}\``,
          declaration.default === undefined ? `not set: ${declaration.whenUnset}` : `\`${declaration.default}\``,
          declaration.rule.allowed,
          declaration.description + (isSecret(declaration) ? ' Secret.' : ''),
        ]),
      ]),
    ]),
  ]
    .join('\n\n')
    .concat('\n');
}

/** Renders `.env.example`: every variable commented out, so that a copy changes nothing until it is edited. */
export function renderEnvExample(): string {
  return [
    toComment(
      `Every setting with its default. Copy to .env and remove the # of what you change. ${GENERATED}`.replaceAll(
        '`',
        '',
      ),
    ),
    ...settingsByGroup().map(([group, declarations]) =>
      [`# ---- ${SETTING_GROUPS[group]} ----`, ...declarations.map(renderExample)].join('\n\n'),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

function renderExample(declaration: SettingDeclaration): string {
  const { name, default: defaultText, whenUnset, example, rule, description } = declaration;
  const unset = whenUnset === undefined ? '' : ` Not set: ${whenUnset}.`;
  const secret = isSecret(declaration) ? ' Secret.' : '';
  return [
    toComment(`${description}${secret} Allowed: ${rule.allowed}.${unset}`.replaceAll('`', '')),
    `#${name}=${defaultText ?? example ?? ''}`,
  ].join('\n');
}

function settingsByGroup(): readonly (readonly [SettingGroup, readonly SettingDeclaration[]])[] {
  const declarations = declaredSettings(...ENVIRONMENT_GROUPS);
  return (Object.keys(SETTING_GROUPS) as SettingGroup[]).map((group) => [
    group,
    declarations.filter((declaration) => declaration.group === group),
  ]);
}

function isSecret({ rule }: SettingDeclaration): boolean {
  return rule.mask !== undefined;
}

function renderTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const [header = [], ...body] = cells;
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const renderRow = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [header, widths.map((width) => '-'.repeat(width)), ...body].map(renderRow).join('\n');
}

function toComment(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line.length + word.length + 3 > COMMENT_WIDTH) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.map((line) => `# ${line}`).join('\n');
}
