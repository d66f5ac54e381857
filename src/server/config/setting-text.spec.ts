import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InvalidEnvironmentError } from './invalid-environment.error.js';
import { initialTokensOf, loadSettings } from './settings.js';

const URL_IN_FILE = 'postgres://metrics:hunter2@db:5432/metrics';

describe('secrets in files', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'secrets-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function fileWith(content: string): string {
    const file = path.join(folder, 'secret');
    writeFileSync(file, content);
    return file;
  }

  function refusalOf(env: NodeJS.ProcessEnv): string {
    try {
      loadSettings(env);
    } catch (error) {
      if (error instanceof InvalidEnvironmentError) return error.message;
      throw error;
    }
    throw new Error('The environment was accepted.');
  }

  it('reads a secret from the file that NAME_FILE names, without the line break at its end', () => {
    expect(loadSettings({ DATABASE_URL_FILE: fileWith(`${URL_IN_FILE}\n`) }).database.url).toBe(URL_IN_FILE);
    const settings = loadSettings({ INIT_ADMIN_API_TOKENS_FILE: fileWith('*:*.abc\n') });
    expect(initialTokensOf(settings)).toEqual([{ secret: '*:*.abc', kind: 'admin' }]);
    expect(settings.warnings).toEqual([]);
  });

  it('prefers the variable, and then does not read the file', () => {
    const env = { DATABASE_URL: 'postgres://other/db', DATABASE_URL_FILE: path.join(folder, 'missing') };
    expect(loadSettings(env).database.url).toBe('postgres://other/db');
    expect(loadSettings({ DATABASE_URL: ' ', DATABASE_URL_FILE: fileWith(URL_IN_FILE) }).database.url).toBe(
      URL_IN_FILE,
    );
  });

  it('reads no file for a setting that is not a secret', () => {
    expect(loadSettings({ PORT_FILE: fileWith('8080') }).http.port).toBe(3000);
  });

  it('reads no file for a public URL, whose refused texts are masked all the same', () => {
    expect(loadSettings({ PUBLIC_URL_FILE: fileWith('https://a.example') }).explorer.publicUrl).toBeUndefined();
    expect(refusalOf({ PUBLIC_URL: 'https://me:hunter2@a.example' })).toContain('PUBLIC_URL: found https://***;');
    const url = 'https://unleash.example/api';
    expect(loadSettings({ UNLEASH_UPSTREAM_URL_FILE: fileWith(url) }).unleash.upstreamUrl).toBe(url);
  });

  it('refuses a file that is missing or empty, instead of taking the default', () => {
    const missing = path.join(folder, 'missing');
    expect(refusalOf({ DATABASE_URL_FILE: missing })).toContain(
      `DATABASE_URL: found the file ${missing}, which can't be used (ENOENT); allowed:`,
    );
    expect(refusalOf({ DATABASE_URL_FILE: fileWith(' \n') })).toContain("which can't be used (it is empty);");
  });

  it('masks the content of a file', () => {
    const message = refusalOf({ DATABASE_URL_FILE: fileWith('mysql://metrics:hunter2@db/metrics') });
    expect(message).not.toContain('hunter2');
    expect(message).toContain(`found mysql://*** in the file ${path.join(folder, 'secret')};`);
  });
});
