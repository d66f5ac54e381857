import { readFileSync } from 'node:fs';
import path from 'node:path';
import { VERSION } from './version.js';

describe('the version', () => {
  test.each(['package.json', 'module/package.json'])('is that of %s', (file) => {
    const text = readFileSync(path.resolve(import.meta.dirname, '../../..', file), 'utf8');
    expect(VERSION).toBe((JSON.parse(text) as { version: string }).version);
  });
});
