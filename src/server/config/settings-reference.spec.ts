import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ENVIRONMENT_GROUPS } from './environment.js';
import { declaredSettings } from './rules/setting.decorator.js';
import { renderEnvExample, renderSettingsMarkdown } from './settings-reference.js';
import { loadSettings } from './settings.js';

const root = path.resolve(import.meta.dirname, '../../..');

describe('the reference of the settings', () => {
  it.each([
    ['.env.example', renderEnvExample],
    ['docs/settings.md', renderSettingsMarkdown],
  ])('is committed as %s (after a change: npm run docs:generate)', (file, render) => {
    expect(readFileSync(path.join(root, file), 'utf8')).toBe(render());
  });

  it('has every variable in both documents', () => {
    for (const { name, description } of declaredSettings(...ENVIRONMENT_GROUPS)) {
      expect(renderEnvExample()).toContain(`\n#${name}=`);
      expect(renderSettingsMarkdown()).toContain(`| \`${name}\``);
      expect(renderSettingsMarkdown()).toContain(description);
    }
  });

  it('gives examples that the service accepts, and defaults that are the defaults', () => {
    const examples = Object.fromEntries(
      [...renderEnvExample().matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name = '', text = '']) => [name, text]),
    );
    expect(Object.keys(examples)).toHaveLength(declaredSettings(...ENVIRONMENT_GROUPS).length);
    expect(Object.values(examples)).not.toContain('');
    expect(() => loadSettings(examples)).not.toThrow();

    const withoutDefault = declaredSettings(...ENVIRONMENT_GROUPS).filter(
      (declaration) => declaration.default === undefined,
    );
    for (const { name } of withoutDefault) delete examples[name];
    expect(loadSettings(examples)).toEqual(loadSettings({}));
  });
});
