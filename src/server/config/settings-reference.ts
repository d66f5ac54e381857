import {
  isOption,
  type PlacedSetting,
  type SettingDeclaration,
  type SettingGroups,
  settingsOf,
} from '../../settings/setting.js';
import { SETTING_GROUPS } from '../../settings/setting-groups.js';

const GENERATED = 'Generated from src/settings/declarations/ by `npm run docs:generate`; edit what is there instead.';

/** Width at which comment lines of `.env.example` are wrapped, so that they are readable in a terminal. */
const COMMENT_WIDTH = 100;

/** Renders `docs/settings.md` in the format that Prettier would produce. */
export function renderSettingsMarkdown(groups: SettingGroups = SETTING_GROUPS): string {
  const optionsOnly = settingsOf(groups).filter(({ declaration }) => declaration.env === undefined);
  return [
    `<!-- ${GENERATED} -->`,
    '# Settings',
    'This page lists every setting with its default and the values that it allows. The server reads them from environment ' +
      'variables once, at the start. Every variable has a default, so you can try the server without setting any.',
    [
      '- An empty variable counts as not set, and white space around a value is ignored.',
      '- Words like `true` or `info` may be written in upper or lower case.',
      '- A secret may be in a file, as Docker and Kubernetes provide it: `DATABASE_URL_FILE` is the path of a file with the ' +
        'URL. The same works for every other variable that is marked as secret. The variable itself takes precedence.',
      '- A wrong value stops the start with a message that lists every problem at once; secrets are masked in it.',
      '- Unknown variables are ignored. If one differs from a name below by only a letter or two, the start logs a warning.',
      '- The old name of a variable keeps working for one release, with a warning at the start. If both are set, the new one wins.',
      '- Kubernetes sets `METRICS_PORT` to an address in every pod of a namespace with a service called `metrics`; ' +
        '`enableServiceLinks: false` in the pod prevents that.',
    ].join('\n'),
    '[`.env.example`](../.env.example) is a file to copy.',
    'An app that uses [the module](module.md) passes the same settings as options, by the names in the column "Option": ' +
      '`RETENTION_DAYS=30` is `CustomMetricsModule.forRoot({ store: { retentionDays: 30 } })`. A dash marks a setting that only the server has.',
    [
      '- Options are checked by the same rules. A wrong value or an unknown name stops the start with a message that lists every ' +
        'problem at once. An option that is `undefined` counts as not set.',
      '- An option whose name ends in `Seconds`, `Bytes` or `Ms` is a whole number of that unit, and 0 seconds stand for `never`. ' +
        'A switch is `true` or `false`, and a list is an array.',
    ].join('\n'),
    ...settingsByGroup(groups).flatMap(([title, settings]) => [
      `## ${title}`,
      renderTable([HEADER, ...settings.map(rowOf)]),
    ]),
    ...(optionsOnly.length === 0
      ? []
      : [
          '## Options without a variable',
          renderTable([OPTIONS_HEADER, ...optionsOnly.map((setting) => rowOf(setting).slice(1))]),
        ]),
  ]
    .join('\n\n')
    .concat('\n');
}

const OPTIONS_HEADER = ['Option', 'Default', 'Allowed', 'What it does'];
const HEADER = ['Name', ...OPTIONS_HEADER];

function rowOf(setting: PlacedSetting): string[] {
  const { declaration, path } = setting;
  const { env, aliases = [], default: text, whenUnset, rule, description } = declaration;
  return [
    `\`${env}\``,
    isOption(setting) ? `\`${path}\`` : '–',
    text === undefined ? `not set: ${whenUnset}` : `\`${text}\``,
    rule.allowed,
    description + (isSecret(declaration) ? ' Secret.' : '') + oldNames(aliases),
  ];
}

function oldNames(aliases: readonly string[]): string {
  if (aliases.length === 0) return '';
  return ` Old name: ${aliases.map((name) => `\`${name}\``).join(', ')}.`;
}

/** Renders `.env.example`. Every variable is commented out, so that a copy changes nothing until it is edited. */
export function renderEnvExample(groups: SettingGroups = SETTING_GROUPS): string {
  return [
    toComment(
      `Every setting with its default. Copy to .env and remove the # of what you change. ${GENERATED}`.replaceAll(
        '`',
        '',
      ),
    ),
    ...settingsByGroup(groups).map(([title, settings]) =>
      [`# ---- ${title} ----`, ...settings.map(({ declaration }) => renderExample(declaration))].join('\n\n'),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

function renderExample(declaration: SettingDeclaration): string {
  const { env, default: defaultText, whenUnset, example, rule, description } = declaration;
  const unset = whenUnset === undefined ? '' : ` Not set: ${whenUnset}.`;
  const secret = isSecret(declaration) ? ' Secret.' : '';
  return [
    toComment(`${description}${secret} Allowed: ${rule.allowed}.${unset}`.replaceAll('`', '')),
    `#${env}=${defaultText ?? example ?? ''}`,
  ].join('\n');
}

/** Returns the settings that have a variable, by the titles of their groups. */
function settingsByGroup(groups: SettingGroups): readonly (readonly [string, readonly PlacedSetting[]])[] {
  const settings = settingsOf(groups).filter(({ declaration }) => declaration.env !== undefined);
  return Object.entries(groups)
    .map(([group, { title }]) => [title, settings.filter((setting) => setting.group === group)] as const)
    .filter(([, ofGroup]) => ofGroup.length > 0);
}

function isSecret({ rule }: SettingDeclaration): boolean {
  return rule.isSecret === true;
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
