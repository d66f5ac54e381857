import type { Worker } from 'node:cluster';

/** A message by which Node's cluster hands a connection to a process, or by which the process confirms one. */
interface HandOver {
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

interface Connection {
  close(): void;
}

/**
 * Closes the connections that were on their way to a process when it ended. Node.js would keep them open forever: no process
 * would read the request, and the client would wait for an answer. The messages are not documented. If they change, this function
 * closes nothing.
 */
export function closeLostConnections(worker: Worker): void {
  const unconfirmed = new Map<number, Connection>();
  const send = worker.process.send.bind(worker.process) as (...message: unknown[]) => boolean;
  worker.process.send = (...sent: unknown[]) => {
    const [message, connection] = sent as [HandOver, Connection | undefined];
    if (message.act === 'newconn' && message.seq !== undefined && typeof connection?.close === 'function') {
      unconfirmed.set(message.seq, connection);
    }
    return send(...sent);
  };
  worker.process.on('internalMessage', ({ ack }: HandOver) => {
    if (ack !== undefined) unconfirmed.delete(ack);
  });
  worker.once('exit', () => {
    for (const connection of unconfirmed.values()) connection.close();
  });
}
