import { readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const COMPOSE = readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8');
const [EXTENSIONS, SERVICES] = COMPOSE.split(/^services:\n/m) as [string, string];

/** The name and the text of each service. The anchors in the text are not expanded. */
const services = SERVICES.split(/^networks:\n/m)[0]!
  .split(/^ {2}(?=\w+:\n)/m)
  .slice(1)
  .map((text) => [text.slice(0, text.indexOf(':')), text] as const);

it.each(services)('the service %s has limits, few rights and an exact version', (_name, text) => {
  const anchor = /<<: \*(app|service)/.exec(text)?.[1];
  expect(anchor).toBeDefined();
  const whole = text + (anchor === 'app' ? EXTENSIONS : '');
  expect(whole).toMatch(/mem_limit: /);
  expect(text).not.toMatch(/privileged|read_only: false|security_opt/);
  if (anchor === 'app') return;
  expect(text).toMatch(/image: (?:&\S+ )?(?:\*postgres-image|\S+:v?\d+\.\d+(?:\.\d+)?)\n/);
});

it('all services drop all capabilities', () => {
  const service = EXTENSIONS.split('x-app:')[0]!;
  for (const line of [
    "security_opt: ['no-new-privileges:true']",
    'cap_drop: [ALL]',
    'read_only: true',
    'pids_limit: ',
  ]) {
    expect(service).toContain(line);
  }
  expect(services.map(([name]) => name)).toEqual(
    expect.arrayContaining(['app', 'migrate', 'postgres', 'passwords', 'prometheus', 'grafana']),
  );
});

it('the image has an exact version of Node', () => {
  const images = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8').match(/^FROM node:.*$/gm)!;
  for (const image of images) expect(image).toMatch(/^FROM node:\d+\.\d+\.\d+-slim(?: AS \w+)?$/);
});
