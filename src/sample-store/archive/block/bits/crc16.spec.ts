import { crc16 } from './crc16.js';

describe('crc16', () => {
  it('is CRC-16/IBM-3740', () => {
    expect(crc16(Buffer.from('123456789'), 0, 9)).toBe(0x29b1);
    expect(crc16(new Uint8Array(0), 0, 0)).toBe(0xffff);
  });

  it('gives the same whether it takes eight bytes at once or one after the other', () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, index) => index * 37);
    for (let from = 0; from < 20; from++) {
      for (let to = from; to < 100; to++) {
        let expected = 0xffff;
        for (let at = from; at < to; at++) expected = crc16(bytes, at, at + 1, expected);
        expect(crc16(bytes, from, to)).toBe(expected);
      }
    }
  });

  it('gives the same for many bytes', () => {
    const bytes = Uint8Array.from({ length: 1_000 }, (_, index) => (index * index * 37) >>> 3);
    for (let length = 200; length < 1_000; length += 7) {
      const from = length % 5;
      const to = Math.min(from + length, 1_000);
      let expected = 0x1234;
      for (let at = from; at < to; at++) expected = crc16(bytes, at, at + 1, expected);
      expect(crc16(bytes, from, to, 0x1234)).toBe(expected);
    }
  });
});
