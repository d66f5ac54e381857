import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isOption, settingsOf } from '../../settings/setting.js';
import { SETTING_GROUPS } from '../../settings/setting-groups.js';
import { renderEnvExample, renderSettingsMarkdown } from './settings-reference.js';
import { loadSettings } from './settings.js';

const WITH_VARIABLE = settingsOf(SETTING_GROUPS).filter(({ declaration }) => declaration.env !== undefined);

const root = path.resolve(import.meta.dirname, '../../..');

describe('the reference of the settings', () => {
  it.each([
    ['.env.example', renderEnvExample],
    ['docs/settings.md', renderSettingsMarkdown],
  ])('is committed as %s (after a change: npm run docs:generate)', (file, render) => {
    expect(readFileSync(path.join(root, file), 'utf8')).toBe(render());
  });

  it('has every variable in both documents', () => {
    for (const {
      declaration: { env, description },
    } of WITH_VARIABLE) {
      expect(renderEnvExample()).toContain(`\n#${env}=`);
      expect(renderSettingsMarkdown()).toContain(`| \`${env}\``);
      expect(renderSettingsMarkdown()).toContain(description);
    }
  });

  it('has every option, and lists no setting as an option that only the server has', () => {
    for (const setting of settingsOf(SETTING_GROUPS)) {
      expect([setting.path, renderSettingsMarkdown().includes(`| \`${setting.path}\``)]).toEqual([
        setting.path,
        isOption(setting),
      ]);
    }
  });

  it('names the old names of variables', () => {
    expect(renderSettingsMarkdown()).toContain('Old name: `SERIES_IDLE_HIDE`.');
  });

  it('gives examples that the service accepts, and the real defaults', () => {
    const examples = Object.fromEntries(
      [...renderEnvExample().matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name = '', text = '']) => [name, text]),
    );
    expect(Object.keys(examples)).toHaveLength(WITH_VARIABLE.length);
    expect(Object.values(examples)).not.toContain('');
    expect(() => loadSettings(examples)).not.toThrow();

    for (const { declaration } of WITH_VARIABLE) {
      if (declaration.default === undefined) delete examples[declaration.env!];
    }
    expect(loadSettings(examples)).toEqual(loadSettings({}));
  });
});
