import fc from 'fast-check';
import { JoinedChunks } from './joined-chunks.js';

function join(chunks: readonly Buffer[]): Buffer[] {
  const passed: Buffer[] = [];
  const joined = new JoinedChunks((chunk) => passed.push(chunk));
  for (const chunk of chunks) joined.add(chunk);
  joined.flush();
  return passed;
}

describe('the chunks of a body', () => {
  it('stay complete and in their order', () => {
    const size = fc.oneof(fc.nat(3), fc.nat(3_000));
    fc.assert(
      fc.property(fc.array(size, { maxLength: 200 }), (sizes) => {
        const chunks = sizes.map((length, index) => Buffer.alloc(length, index));
        expect(Buffer.concat(join(chunks)).equals(Buffer.concat(chunks))).toBe(true);
      }),
    );
  });

  it('are joined if they are small, so that a body in chunks of one byte needs no more memory than another', () => {
    expect(join(Array.from({ length: 100_000 }, () => Buffer.from('1')))).toHaveLength(7);
  });

  it('are not copied if there is one, or if they are large', () => {
    const small = Buffer.from('{}');
    const large = Buffer.alloc(2_000);
    expect(join([small])[0]).toBe(small);
    expect(join([large, large]).every((chunk) => chunk === large)).toBe(true);
  });
});
