import fc from 'fast-check';
import { shownMessage, shownText } from './shown-text.js';

const BASE64_URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The random part of a token, often with many underscores. */
const randomPart = fc
  .string({ unit: fc.constantFrom(...BASE64_URL, '_', '_', '_', '_', '_', '_'), minLength: 43, maxLength: 43 })
  .filter((text) => /[A-Z]/.test(text.slice(0, 40)));

describe('the shown text of a refusal', () => {
  it('hides our own secrets, wherever they are in a word', () => {
    fc.assert(
      fc.property(fc.constantFrom('', 'leak_', 'a', '0-'), randomPart, (before, random) => {
        for (const shown of [shownText, shownMessage]) {
          expect(shown(`The name is "${before}cmk_${random}".`)).toBe('The name is "(hidden)".');
        }
      }),
    );
  });

  it('shows long names of metrics', () => {
    for (const name of ['app_cmd_duration_of_all_commands_that_were_run_seconds_total', 'a'.repeat(60)]) {
      expect(shownText(name)).toBe(name);
    }
  });
});
