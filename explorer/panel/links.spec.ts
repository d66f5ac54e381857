import { curlOf } from './links.js';

describe('the curl of a panel', () => {
  it('holds the place of the token, and no quote that would end its address', () => {
    expect(curlOf("http://localhost:3000/api/history/query?label=a%3Dit's")).toBe(
      `curl -sS -H "Authorization: $READ_TOKEN" 'http://localhost:3000/api/history/query?label=a%3Dit%27s'`,
    );
  });
});
