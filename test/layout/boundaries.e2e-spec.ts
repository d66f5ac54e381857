import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CHECK = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const RULES = path.join(ROOT, '.dependency-cruiser.cjs');

/** The suffix of the rules that say which other rooms a room may import. */
const OF_ROOM = '-imports-only-what-it-stands-on';

/** Texts of files by their paths. */
type Files = Readonly<Record<string, string>>;

/** For each other rule, a file that breaks it and the files that this one needs. */
const VIOLATIONS: Readonly<Record<string, Files>> = {
  'every-room-has-a-rule': { 'src/garage/car.ts': `import '../database/row.js';` },
  'receivers-do-not-know-each-other': {
    'src/receivers/otlp/neighbour.ts': `import '../remote-write/body.js';`,
    'src/receivers/remote-write/body.ts': '',
  },
  'queries-do-not-know-each-other': {
    'src/queries/history/neighbour.ts': `import '../prometheus-api/answer.js';`,
    'src/queries/prometheus-api/answer.ts': '',
  },
  'only-the-server-knows-the-environment': { 'src/index.ts': `import './server/environment.js';` },
  'promql-is-pure': { 'src/promql/injected.ts': `import '@nestjs/common';` },
  'sql-only-in-repositories': { 'src/catalog/catalog.ts': `import 'typeorm';` },
  'client-stands-alone': { 'client/leaning.ts': `import '../src/database/row.js';` },
  'server-does-not-know-the-client': {
    'src/http/calling.ts': `import '../../client/index.js';`,
  },
  'explorer-stands-alone': { 'explorer/leaning.ts': `import '../src/database/row.js';` },
  'nobody-knows-the-explorer': {
    'src/http/drawing.ts': `import '../../explorer/main.js';`,
  },
  'no-test-code-in-production': {
    'src/http/tested.ts': `import './tested.spec.js';`,
    'src/http/tested.spec.ts': '',
  },
  'no-circular': {
    'src/http/hen.ts': `import type { Egg } from './egg.js';\nexport interface Hen { egg: Egg }`,
    'src/http/egg.ts': `import type { Hen } from './hen.js';\nexport interface Egg { hen: Hen }`,
  },
  'no-orphans': { 'src/http/forgotten.ts': 'export {};' },
};

/** Imports that the rules allow. */
const ALLOWED = {
  'src/receivers/otlp/receiver.ts': `import '../../ingestion/ingestion.js';`,
  'src/ingestion/ingestion.ts': `import '../database/row.js';`,
  'src/catalog/catalog.repository.ts': `import 'typeorm';`,
  'src/queries/history/history.ts': `import '../selection/selection.js';`,
  'src/queries/selection/selection.ts': `import '../../database/row.js';`,
};

/** The files that the others import. */
const SHARED = {
  'tsconfig.json': '{ "compilerOptions": { "module": "nodenext" } }',
  'package.json': '{ "type": "module", "dependencies": { "typeorm": "*", "@nestjs/common": "*" } }',
  'node_modules/typeorm/package.json': '{ "name": "typeorm", "main": "index.js" }',
  'node_modules/typeorm/index.js': '',
  'node_modules/@nestjs/common/package.json': '{ "name": "@nestjs/common", "main": "index.js" }',
  'node_modules/@nestjs/common/index.js': '',
  'src/database/row.ts': '',
  'src/server/environment.ts': '',
  'src/admin/administration.ts': '',
  'client/index.ts': '',
  'explorer/main.ts': '',
};

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

describe('the boundaries between rooms', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'custom-metrics-boundaries-'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function check(files: Files): Report['summary'] {
    for (const [file, text] of Object.entries(files)) {
      const target = path.join(folder, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    const args = [CHECK, '--config', RULES, '--output-type', 'json', 'src', 'client', 'explorer'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    if (stdout === '') throw new Error(stderr);
    return (JSON.parse(stdout) as Report).summary;
  }

  it('are checked: a violation of each rule is found, and allowed imports are not', () => {
    const rooms = readdirSync(path.join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const violations: Record<string, Files> = {
      ...VIOLATIONS,
      // No other room may import what is in these two. The server is the only one that may import everything.
      ...Object.fromEntries(
        rooms
          .filter(({ name }) => name !== 'server')
          .map(({ name }) => {
            const text = `import '../admin/administration.js';\nimport '../receivers/otlp/receiver.js';`;
            return [name + OF_ROOM, { [`src/${name}/wrong.ts`]: text }];
          }),
      ),
    };
    const { violations: found, ruleSetUsed } = check(
      Object.assign({}, SHARED, ALLOWED, ...Object.values(violations)) as Files,
    );
    const isFound = (name: string) =>
      found.some(({ from, rule }) => rule.name === name && from in (violations[name] ?? {}));
    expect(ruleSetUsed.forbidden.map(({ name }) => name).filter((name) => !isFound(name))).toEqual([]);
    expect(found.filter(({ from, rule }) => from in ALLOWED && rule.name !== 'no-orphans')).toEqual([]);
  });
});
