import { maxClientConnections, openFileLimit } from './open-files.js';

describe('the limit of open files', () => {
  it('can be read', () => expect(openFileLimit()).toBeGreaterThan(64));

  test.each([
    [256, { database: 10, isForwarding: false }, 182],
    [256, { database: 20, isForwarding: true }, 86],
    [10, { database: 10, isForwarding: false }, 16],
  ])('of %p leaves a reserve for Postgres', (openFiles, others, connections) => {
    expect(maxClientConnections(openFiles, others)).toBe(connections);
  });
});
