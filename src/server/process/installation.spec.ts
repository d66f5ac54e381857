import { readFileSync } from 'node:fs';
import path from 'node:path';

it('an installation sends no telemetry, neither here nor where this package is a dependency', () => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({
    // This setting makes npm itself skip the script in this project.
    allowScripts: { '@scarf/scarf': false },
    // This setting is for apps that install this package. The script reads it from each package that depends on it.
    scarfSettings: { enabled: false },
  });
});
