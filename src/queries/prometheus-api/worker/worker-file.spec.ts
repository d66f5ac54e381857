import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { givenWorkerFile, MissingWorkerError, missingWorkerOf } from './worker-file.js';

describe('the file of the worker threads', () => {
  it('may be a path or a URL', () => {
    expect(givenWorkerFile(undefined)).toBeUndefined();
    expect(givenWorkerFile(__filename)?.href).toBe(pathToFileURL(__filename).href);
    expect(givenWorkerFile(pathToFileURL(__filename).href)?.href).toBe(pathToFileURL(__filename).href);
  });

  it('has to exist, and the error names the option', () => {
    expect(() => givenWorkerFile('/nowhere/worker.js')).toThrow(MissingWorkerError);
    expect(() => givenWorkerFile('/nowhere/worker.js')).toThrow(/promql\.workerFile is \/nowhere\/worker\.js/);
  });

  it('is named when a thread does not find it or a file that it imports', async () => {
    const import404 = 'data:text/javascript,import "file:///nowhere/part.js"';
    for (const program of [pathToFileURL('/nowhere/worker.js'), new URL(import404)]) {
      const [error] = (await once(new Worker(program), 'error')) as [Error];
      expect(missingWorkerOf(error)?.message).toMatch(/Cannot find module .*nowhere.* option promql\.workerFile/);
    }
    const [other] = (await once(new Worker('throw new Error("other")', { eval: true }), 'error')) as [Error];
    expect(missingWorkerOf(other)).toBeUndefined();
  });
});
