import fc from 'fast-check';
import { redactText } from './redact-text.js';

const hex = (length: number): string => '0123456789abcdef'.repeat(8).slice(0, length);

describe('redactText', () => {
  it.each([
    ['our token', 'token cmk_AbCdEfGhIjKlMnOpQr-_ is unknown', 'token cmk_*** is unknown'],
    ['the secret of a session', 'Authorization: cms_AbCdEfGhIjKlMnOpQr-_', 'Authorization: cms_***'],
    ['a link that signs in', '/explorer/#/signin/cml_AbCdEfGhIjKlMnOpQr-_', '/explorer/#/signin/cml_***'],
    ['an Unleash token', `got default:development.${hex(56)}!`, 'got default:development.***!'],
    ['an Unleash admin token', `*:*.${hex(56)}`, '*:*.***'],
    ['an Unleash token of several projects', `[]:production.${hex(20)}`, '[]:production.***'],
    ['an Unleash v2 token', `user:v2_${hex(22)}_${hex(43)}`, 'user:v2_***'],
    [
      'a password',
      'to postgres://metrics:hunter2@db:5432/metrics failed',
      'to postgres://metrics:***@db:5432/metrics failed',
    ],
    ['a password with @ and /', 'postgresql://metrics:p@ss/w:rd@db/metrics', 'postgresql://metrics:***@db/metrics'],
    [
      'a password as a parameter',
      'postgres://db/m?user=a&password=hunter2&x=1',
      'postgres://db/m?user=a&password=***&x=1',
    ],
  ])('masks %s', (_, text, expected) => expect(redactText(text)).toBe(expected));

  it.each([
    'postgres://db:5432/metrics',
    'postgres://metrics@db/metrics',
    'cmk_short',
    'a metric called v2_orders_created_total',
    'at ingest (file:///srv/dist/src/main.js:10:3)',
    'default:development.short',
  ])('leaves %j as it is', (text) => expect(redactText(text)).toBe(text));

  it('masks a secret whatever surrounds it', () => {
    const secret = fc.oneof(
      fc.stringMatching(/^[\w-]{20,60}$/).map((body) => ({ text: `cmk_${body}`, body })),
      fc.stringMatching(/^[\da-f]{20,60}$/).map((body) => ({ text: `a:b.${body}`, body })),
      fc.stringMatching(/^[!-~]{10,20}$/).map((body) => ({ text: `postgres://u:${body}@db/metrics`, body })),
    );
    fc.assert(
      fc.property(fc.string(), secret, fc.string(), (before, { text, body }, after) =>
        expect(redactText(before + text + after)).not.toContain(body),
      ),
    );
  });

  it('does not change a text that is already masked', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(postgres:\/\/|cmk_[a-z]{20}|:|@|a\.|[\da-f]{20}| ){0,12}$/), (text) => {
        const once = redactText(text);
        expect(redactText(once)).toBe(once);
      }),
    );
  });
});
