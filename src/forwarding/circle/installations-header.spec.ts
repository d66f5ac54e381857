import { randomUUID } from 'node:crypto';
import { installationsIn, MAX_INSTALLATIONS } from './installations-header.js';

describe('the header that names installations', () => {
  const [one, other] = [randomUUID(), randomUUID()];

  it('has ids between commas', () => {
    expect(installationsIn(one)).toEqual([one]);
    expect(installationsIn(`${one}, ${other}`)).toEqual([one, other]);
  });

  it.each([
    ['nothing', ''],
    ['only commas', ',,'],
    ['a long text', 'a'.repeat(10_000)],
    ['SQL', `'; DROP TABLE forwarding; --`],
    ['an id in another notation', `{${one.replaceAll('-', '')}}`],
  ])('may contain anything else, which is ignored: %s', (_name, text) => {
    expect(installationsIn(`${text},${one}`)).toEqual([one]);
  });

  it('is read up to a limit', () => {
    const many = Array.from({ length: MAX_INSTALLATIONS + 10 }, () => randomUUID());
    expect(installationsIn(many.join(','))).toEqual(many.slice(0, MAX_INSTALLATIONS));
  });
});
