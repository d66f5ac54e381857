import { readOptions } from '../../settings/read-options.js';
import { wholeNumber } from '../../settings/rules/setting-rules.js';
import { setting, settingGroup } from '../../settings/setting.js';
import { readEnvironment } from './read-environment.js';
import { renderEnvExample, renderSettingsMarkdown } from './settings-reference.js';
import { findWarnings } from './settings.js';

/** Settings that are declared only in this test. */
const TOYS = {
  toys: settingGroup({
    title: 'Toys',
    settings: {
      maxBlocks: setting({
        env: 'TOYS_MAX_BLOCKS',
        aliases: ['BLOCKS_OF_TOYS'],
        default: '7',
        rule: wholeNumber(1, 9),
        description: 'Most blocks of one tower.',
      }),
    },
  }),
};

describe('a setting that is declared once', () => {
  it('is read from the environment, and has its default', () => {
    const blocks: number = readEnvironment(TOYS, { TOYS_MAX_BLOCKS: '8' }).toys.maxBlocks;
    expect(blocks).toBe(8);
    expect(readEnvironment(TOYS, {}).toys.maxBlocks).toBe(7);
  });

  it('is an option with the same default', () => {
    const blocks: number = readOptions(TOYS, { toys: { maxBlocks: 8 } }).toys.maxBlocks;
    expect(blocks).toBe(8);
    expect(readOptions(TOYS, {}).toys.maxBlocks).toBe(7);
  });

  it('is checked in both places', () => {
    expect(() => readEnvironment(TOYS, { TOYS_MAX_BLOCKS: '10' })).toThrow(
      'TOYS_MAX_BLOCKS: found "10"; allowed: a whole number from 1 to 9',
    );
    expect(() => readOptions(TOYS, { toys: { maxBlocks: 10 } })).toThrow(
      'toys.maxBlocks: found 10; allowed: a whole number from 1 to 9',
    );
  });

  it('works under its old name with a warning, and is suggested for a misspelled name', () => {
    expect(readEnvironment(TOYS, { BLOCKS_OF_TOYS: '3' }).toys.maxBlocks).toBe(3);
    expect(findWarnings(TOYS, { BLOCKS_OF_TOYS: '3', TOYS_MAX_BLOKS: '4' })).toEqual([
      'TOYS_MAX_BLOKS is not a setting and does nothing. Did you mean TOYS_MAX_BLOCKS?',
      'BLOCKS_OF_TOYS is the old name of TOYS_MAX_BLOCKS and will be removed in the next release. Rename it.',
    ]);
    expect(() => readOptions(TOYS, { toys: { maxBlock: 4 } })).toThrow('did you mean toys.maxBlocks?');
  });

  it('is in both documents', () => {
    expect(renderEnvExample(TOYS)).toContain('#TOYS_MAX_BLOCKS=7');
    const row = renderSettingsMarkdown(TOYS)
      .split('\n')
      .find((line) => line.includes('TOYS_MAX_BLOCKS'));
    expect(row?.split('|').map((cell) => cell.trim())).toEqual([
      '',
      '`TOYS_MAX_BLOCKS`',
      '`toys.maxBlocks`',
      '`7`',
      'a whole number from 1 to 9',
      'Most blocks of one tower. Old name: `BLOCKS_OF_TOYS`.',
      '',
    ]);
  });
});
