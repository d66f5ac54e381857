import { SNIPPETS } from './snippets.js';

const snippet = (id: string) => SNIPPETS.find((each) => each.id === id)!;

describe('a program that pushes', () => {
  it.each(['node', 'otlp', 'unleash'])('writes texts of %s so that they end nowhere early', (id) => {
    const code = snippet(id).write({ url: 'http://x/\'"`${1}\\', token: '"; process.exit(); "' });
    expect(code).toContain(String.raw`http://x/'\"`);
    expect(code).toContain(String.raw`\"; process.exit(); \"`);
  });

  it('reads the token from the environment if there is none', () => {
    for (const each of SNIPPETS) expect(each.write({ url: 'http://x', token: null })).toContain('INGEST_TOKEN');
  });
});
