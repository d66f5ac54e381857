import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isSupportedNode, SUPPORTED_NODE_VERSIONS } from './node-version.js';

it.each([
  ['18.20.8', false],
  ['20.19.4', false],
  ['20.20.1', false],
  ['20.20.2', true],
  ['20.21.0', true],
  ['22.12.0', false],
  ['22.22.2', true],
  ['23.11.1', false],
  ['24.14.0', false],
  ['24.14.1', true],
  ['24.22.3', true],
  ['25.8.1', false],
  ['25.8.2', true],
  ['26.0.0', true],
  ['26.0.0-nightly20261101', true],
])('Node %s is supported: %s', (version, isSupported) => {
  expect(isSupportedNode(version)).toBe(isSupported);
});

it('package.json requires the same versions', () => {
  const { engines } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8')) as {
    engines: { node: string };
  };
  expect(engines.node).toBe(SUPPORTED_NODE_VERSIONS);
});

/** Returns a JSON list of strings that collide in an unseeded hash table of 2^19 slots. */
function craftedBody(count: number): string {
  const strings: number[] = [];
  for (let place = 0; strings.length < count; place++) {
    for (let value = 2 ** 30 + place; value < 2 ** 32 - 1 && strings.length < count; value += 2 ** 19)
      strings.push(value);
  }
  return `[${strings.map((value) => `"${value}"`).join(',')}]`;
}

it('this Node.js quickly parses strings that are crafted to collide', () => {
  // This runs in a separate process, because the strings stay in the string table of their process. The parse takes 0.1 s, but
  // 11 s on Node.js 20.19.4.
  const script =
    'const { user } = (JSON.parse(require("fs").readFileSync(0, "utf8")), process.cpuUsage()); console.log(user / 1e3)';
  const { stdout } = spawnSync(process.execPath, ['-e', script], { input: craftedBody(200_000), encoding: 'utf8' });
  expect(Number(stdout)).toBeGreaterThan(0);
  expect(Number(stdout)).toBeLessThan(3_000);
});
