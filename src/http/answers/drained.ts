import type { ServerResponse } from 'node:http';

/** Waits until a response can take more bytes, or its connection is gone. */
export function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    // A race with a promise that lasts as long as the answer would keep something in memory for each wait.
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
