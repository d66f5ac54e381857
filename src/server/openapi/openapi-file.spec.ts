import { openApiOperations } from '../../../test/support/openapi-operations.js';

describe('openapi.json', () => {
  const operations = openApiOperations().map(
    (operation) => [`${operation.method} ${operation.path}`, operation] as const,
  );

  // Header names ignore case, so a client that is generated from the document would otherwise have two fields for one header.
  test.each(operations)('lists each parameter once: %s', (_route, { parameters }) => {
    const keys = parameters.map(({ name, in: place }) => `${place} ${place === 'header' ? name.toLowerCase() : name}`);
    expect(keys).toEqual([...new Set(keys)]);
  });
});
