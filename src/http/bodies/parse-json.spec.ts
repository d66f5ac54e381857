import { UnreadableBodyError } from '../answers/errors.js';
import { isLargeBody, parseJson, parseLargeJson } from './parse-json.js';

const TEXT = '{"größe":"\ud83d\ude80"}';
const VALUE: unknown = JSON.parse(TEXT);

describe('a JSON body', () => {
  test.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${TEXT}`)],
    ['UTF-16, little endian', Buffer.from(TEXT, 'utf16le')],
    ['UTF-16, little endian with a byte order mark', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
    ['UTF-16, big endian', Buffer.from(TEXT, 'utf16le').swap16()],
    ['UTF-16, big endian with a byte order mark', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16()],
  ])('may be %s', (_name, body) => expect(parseJson(body)).toEqual(VALUE));

  it('is an empty object if it is empty', () => expect(parseJson(Buffer.alloc(0))).toEqual({}));

  it('is refused if it is not JSON', () => {
    for (const body of [Buffer.from([0, 0]), Buffer.from([0xff]), Buffer.from('{'), Buffer.from([0x7b, 0])]) {
      expect(() => parseJson(body)).toThrow(expect.objectContaining({ status: 400 }));
    }
  });
});

describe('a JSON body with bytes that are not text', () => {
  // If invalid bytes were replaced by U+FFFD, the labels in the first two cases would be the same, and two series would become
  // one.
  const labelOf = (...bytes: number[]) =>
    Buffer.concat([Buffer.from('{"größe":"Espa'), Buffer.from(bytes), Buffer.from('a"}')]);

  it.each([
    ['Latin-1', labelOf(0xf1), '0xF1 at position 16'],
    ['another letter of Latin-1', labelOf(0xe9), '0xE9 at position 16'],
    ['a surrogate in UTF-8', labelOf(0xed, 0xa0, 0x80), '0xED at position 16'],
    ['an overlong slash', labelOf(0xc0, 0xaf), '0xC0 at position 16'],
    ['a character that breaks off', Buffer.from('"größe').subarray(0, 4), '0xC3 at position 3'],
    ['a byte order mark before it', Buffer.concat([Buffer.from('\ufeff'), labelOf(0xf1)]), '0xF1 at position 19'],
    ['a genuine U+FFFD before it', Buffer.concat([Buffer.from('["\ufffd",'), labelOf(0xf1)]), '0xF1 at position 23'],
  ])('is refused with the position: %s', (_name, body, place) => {
    expect(() => parseJson(body)).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining(place) as string }),
    );
  });

  it('is refused if a surrogate of UTF-16 has no partner', () => {
    const body = Buffer.from('{"a":"\ud800"}', 'utf16le');
    expect(() => parseJson(body)).toThrow('lone surrogate');
    expect(() => parseJson(Buffer.from(body).swap16())).toThrow('lone surrogate');
  });

  it('is accepted if the replacement character was sent', () =>
    expect(parseJson(Buffer.from('"\ufffd"'))).toBe('\ufffd'));
});

describe('parseLargeJson', () => {
  it('parses one body per round of the event loop, so that concurrent bodies do not block it together', async () => {
    const body = Buffer.from(JSON.stringify({ metrics: Array.from({ length: 20_000 }, (_, index) => ({ a: index })) }));
    expect(isLargeBody(body)).toBe(true);
    let round = 0;
    let isOver = false;
    const count = () => {
      round++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const rounds = await Promise.all(
      Array.from({ length: 8 }, async () => {
        expect(await parseLargeJson(body)).toEqual(JSON.parse(body.toString()));
        return round;
      }),
    );
    isOver = true;
    expect(new Set(rounds).size).toBe(8);
  });

  it('refuses what parseJson refuses', async () => {
    await expect(parseLargeJson(Buffer.from(`[${'{},'.repeat(250_000)}{}]`))).rejects.toThrow('objects and lists');
    await expect(parseLargeJson(Buffer.from(`[${' '.repeat(100_000)}`))).rejects.toThrow(UnreadableBodyError);
    await expect(parseLargeJson(Buffer.from(`["${'\xf1'.repeat(100_000)}"]`, 'latin1'))).rejects.toThrow('position 2');
  });
});
