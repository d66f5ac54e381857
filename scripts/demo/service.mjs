// The service that the demo fills: one that is already running, or one that the demo starts.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '../..');

/** The folder in which a service that the demo has started keeps its data. */
export const DEMO_FOLDER = path.join(root, 'data/demo');

/** Maximum number of attempts for a request while the service is busy or unavailable. */
const TRIES = 20;

/** An error that ends the demo. Its message is shown on the terminal. */
export class DemoError extends Error {}

/** The HTTP routes of a service that the demo needs. */
export class Service {
  constructor(url, token) {
    this.url = url.replace(/\/$/, '');
    this.token = token;
  }

  /** Sends a request, repeats it while the service is busy, and returns the JSON of the answer, or null after a 404. */
  async ask(method, route, { json, token = this.token, key } = {}) {
    for (let tries = 1; ; tries++) {
      const answer = await fetch(this.url + route, {
        method,
        headers: {
          Authorization: token,
          ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...(key === undefined ? {} : { 'Idempotency-Key': key }),
        },
        body: json === undefined ? undefined : JSON.stringify(json),
      }).catch((error) => {
        if (tries < TRIES) return null;
        throw new DemoError(`${this.url} does not answer: ${error.cause?.message ?? error.message}`);
      });
      const text = (await answer?.text()) ?? '';
      if (answer?.ok) return text === '' ? undefined : JSON.parse(text);
      if (answer?.status === 404) return null;
      if (tries >= TRIES || (answer !== null && answer.status !== 429 && answer.status !== 503)) {
        throw new DemoError(`${method} ${route} was answered ${answer.status}: ${text.slice(0, 500)}`);
      }
      await sleep(1000 * Number(answer?.headers.get('Retry-After') ?? 1));
    }
  }
}

/** Returns whether a service answers at a URL. */
export async function answers(url) {
  const answer = await fetch(`${url}/health/live`).catch(() => null);
  return answer?.ok === true;
}

/** Reads the admin token that a service wrote at its first start, or returns undefined. */
export function firstAdminToken(folder) {
  const file = path.join(folder, 'first-tokens.env');
  if (!existsSync(file)) return undefined;
  return /^export ADMIN_TOKEN=(\S+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
}

/** Starts a service with an embedded Postgres, and returns its URL and a function that stops it. */
export async function startService(port) {
  const environment = { ...process.env, DATA_DIR: DEMO_FOLDER, HOST: '127.0.0.1', PORT: String(port) };
  delete environment.DATABASE_URL;
  const child = spawn(process.execPath, [path.join(root, 'dist/server/main.js')], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C on the terminal reaches the whole group. The demo stops the service itself, after its last push.
    detached: true,
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let output = '';
  const url = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-20_000);
        const ready = /ready at (http:\S+)/.exec(output);
        if (ready !== null) resolve(ready[1]);
      });
    }
    void exited.then(() => reject(new DemoError(`The service did not start:\n${output}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  return { url, stop, link: () => signInLink(environment, url) };
}

/** Returns a link that signs in to the explorer once, or undefined. */
function signInLink(environment, url) {
  const child = spawn(process.execPath, [path.join(root, 'dist/server/cli.js'), 'tokens', 'link', '--url', url], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => child.once('close', () => resolve(/https?:\S+#\/signin\/\S+/.exec(output)?.[0])));
}
