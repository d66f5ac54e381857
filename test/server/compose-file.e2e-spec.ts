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

it('the servers of Citus have the same limits and rights, and an exact version', () => {
  const [extensions, own] = readFileSync(path.join(ROOT, 'docker-compose.citus.yml'), 'utf8').split(
    /^services:\n/m,
  ) as [string, string];
  const withoutTmpfs = (text: string) => text.replace('  tmpfs: [/tmp]\n', '');
  const serviceOf = (text: string) => /^x-service: &service\n(?: .*\n)+/m.exec(text)![0];
  expect(withoutTmpfs(serviceOf(extensions))).toBe(withoutTmpfs(serviceOf(EXTENSIONS)));
  expect(extensions).toMatch(/image: &citus-image citusdata\/citus:\d+\.\d+\.\d+\n/);
  for (const anchor of ['worker', 'job']) {
    const text = extensions.split(`x-${anchor}:`)[1]!.split(/^x-/m)[0]!;
    expect(text).toMatch(/<<: \[?\*service/);
    expect(text).toMatch(/mem_limit: /);
    expect(text).toMatch(/user: postgres/);
  }
  const added = own
    .split(/^volumes:\n/m)[0]!
    .split(/^ {2}(?=[\w-]+:\n)/m)
    .slice(1);
  for (const text of added) {
    if (services.some(([name]) => text.startsWith(`${name}:`))) continue;
    expect(text).toMatch(/<<: \*(?:worker|job)\n/);
    expect(text).not.toMatch(/privileged|read_only|security_opt|cap_add|ports:/);
  }
});

it('the image has an exact version of Node', () => {
  const images = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8').match(/^FROM node:.*$/gm)!;
  for (const image of images) expect(image).toMatch(/^FROM node:\d+\.\d+\.\d+-slim(?: AS \w+)?$/);
});
