import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

// All hosts install and start at once, so on a busy machine with two cores a start takes a minute.
const START_MS = 180_000;
const STOP_MS = 60_000;

/** Runs a host in a separate process, as its user would start it. */
export class HostProcess {
  #child;
  #output = '';

  /** Starts the program and waits until it prints its port. */
  static async start(cwd, program, databaseUrl) {
    const host = new HostProcess();
    host.#child = spawn(process.execPath, ['--enable-source-maps', program], {
      cwd,
      env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, NODE_ENV: 'production' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    host.exited = once(host.#child, 'exit');
    host.#child.stderr.on('data', (text) => (host.#output += text));
    const listening = new Promise((resolve) => {
      createInterface(host.#child.stdout).on('line', (line) => {
        host.#output += `${line}\n`;
        const port = /^listening on (\d+)$/.exec(line)?.[1];
        if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
      });
    });
    host.url = await within(START_MS, Promise.race([listening, host.exited.then(() => undefined)]));
    if (host.url === undefined) {
      // The caller gets no handle with which it could end the process.
      host.kill();
      throw new Error(`The host did not start:\n${host.#output}`);
    }
    return host;
  }

  get output() {
    return this.#output;
  }

  /** Asks the app to close itself, and expects the process to end, because nothing in the package may keep it alive. */
  async stop() {
    this.#child.stdin.write('stop\n');
    const exit = await within(STOP_MS, this.exited);
    if (exit?.[0] !== 0) {
      this.kill();
      throw new Error(
        `The host ${exit === undefined ? 'was still running' : `ended with ${exit.join(' ')}`} after its close():\n${this.#output}`,
      );
    }
  }

  kill() {
    this.#child.kill('SIGKILL');
  }
}

async function within(ms, promise) {
  let timer;
  const timeout = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
