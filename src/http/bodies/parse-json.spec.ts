import { parseJson } from './parse-json.js';

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

  it('is refused if it is none', () => {
    for (const body of [Buffer.from([0, 0]), Buffer.from([0xff]), Buffer.from('{'), Buffer.from([0x7b, 0])]) {
      expect(() => parseJson(body)).toThrow(expect.objectContaining({ status: 400 }));
    }
  });
});
