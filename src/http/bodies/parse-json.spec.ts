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
  });
});
