import { readFileSync } from 'node:fs';
import path from 'node:path';

it('an installation sends no telemetry, neither here nor where this package is a dependency', () => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({
    // For this project, by npm itself.
    allowScripts: { '@scarf/scarf': false },
    // For apps that install this package: the script asks each package that leads to it.
    scarfSettings: { enabled: false },
  });
});
