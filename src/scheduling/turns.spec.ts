import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { inTurns, Turns } from './turns.js';

/** Blocks the event loop for some milliseconds. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Counts the rounds of the event loop, as a timer or a socket would see them. */
function countRounds(): () => number {
  let rounds = 0;
  let isOver = false;
  const count = () => {
    rounds++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  return () => {
    isOver = true;
    return rounds;
  };
}

describe('Turns', () => {
  it('runs the event loop after each shared turn, not after a turn of every task', async () => {
    const rounds = countRounds();
    const turns = Array.from({ length: 20 }, () => new Turns());
    await Promise.all(
      turns.map(async (each) => {
        for (let step = 0; step < 3; step++) {
          work(11);
          await each.give();
        }
      }),
    );
    // There are 60 steps, each longer than a turn. With one turn per task the event loop would run only about three rounds.
    expect(rounds()).toBeGreaterThanOrEqual(40);
  });

  it.each(['give', 'next'] as const)('accepts all waiting connections between two turns (%s)', async (wait) => {
    let accepted = 0;
    const server = createServer((socket) => {
      accepted++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sockets = Array.from({ length: 40 }, () => connect(port, '127.0.0.1'));
    const turns = new Turns();
    // The work first waits for something else, so that the current turn is over when it continues.
    for (let round = 0; round < 3; round++) await new Promise(setImmediate);
    let steps = 0;
    while (accepted < sockets.length) {
      await turns[wait]();
      work(11);
      steps++;
    }
    for (const socket of sockets) socket.destroy();
    server.close();
    // Accepting one connection after each step would take 40 steps. A slow machine accepts a few connections during one turn.
    expect(steps).toBeLessThan(20);
  });

  it('continues the work that has waited longest', async () => {
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 5 }, async (_, index) => {
        const turns = new Turns();
        work(11);
        for (let step = 0; step < 2; step++) {
          await turns.give();
          order.push(index);
          work(11);
        }
      }),
    );
    expect(order).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
  });

  it('does not wait while there is time', async () => {
    const turns = new Turns();
    await new Promise(setImmediate);
    let hasWaited = false;
    setImmediate(() => (hasWaited = true));
    // The clock stands still, because another process may take the processor for longer than a turn.
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now);
    for (let step = 0; step < 100; step++) await turns.give();
    jest.restoreAllMocks();
    expect(hasWaited).toBe(false);
  });

  it('runs work of many steps to completion', async () => {
    function* steps(): Generator<void, string> {
      for (let step = 0; step < 5; step++) {
        work(6);
        yield;
      }
      return 'done';
    }
    await expect(Promise.all([inTurns(steps()), inTurns(steps())])).resolves.toEqual(['done', 'done']);
  });
});
