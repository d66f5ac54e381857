import type { Worker } from 'node:cluster';

/**
 * A message of Node's cluster. The primary hands a connection over with `act` "newconn", and the process confirms it with the number
 * `seq` as `ack`. A process that has opened a port is told its `key`, and says "close" when it has closed the port.
 */
interface ClusterMessage {
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly key?: string;
  readonly accepted?: boolean;
}

interface Connection {
  close(): void;
}

/** The ports and connections of a process, as far as the primary knows them. */
interface ProcessPorts {
  /** The keys of the ports that the process has opened. */
  readonly open: Set<string>;
  /** The connections that were handed over to the process and are not confirmed. */
  readonly unconfirmed: Map<number, { readonly key: string; readonly connection: Connection }>;
}

/**
 * Closes connections that no process will ever read, because Node.js would keep them open: the client would wait for an answer.
 * They were on their way to a process when it ended, or when it closed its port as the last one. The messages are not documented.
 * If they change, nothing is closed.
 */
export class LostConnections {
  private readonly processes = new Set<ProcessPorts>();
  /** The connections that a process has not accepted, with the keys of their ports, until they are on their way to another one. */
  private readonly refused = new Map<Connection, string>();

  watch(worker: Worker): void {
    const ports: ProcessPorts = { open: new Set(), unconfirmed: new Map() };
    this.processes.add(ports);
    const send = worker.process.send.bind(worker.process) as (...message: unknown[]) => boolean;
    worker.process.send = (...sent: unknown[]) => {
      const [message, connection] = sent as [ClusterMessage, Connection | undefined];
      this.noteSent(ports, message, connection);
      return send(...sent);
    };
    // Node.js has handled the message before, and may already have handed a refused connection over to another process.
    worker.process.on('internalMessage', (message: ClusterMessage) => this.noteReceived(ports, message));
    worker.once('exit', () => {
      this.processes.delete(ports);
      for (const { connection } of ports.unconfirmed.values()) connection.close();
      this.closeRefused();
    });
  }

  private noteSent(ports: ProcessPorts, { act, seq, ack, key }: ClusterMessage, connection?: Connection): void {
    if (key === undefined) return;
    if (ack !== undefined) ports.open.add(key);
    if (act === 'newconn' && seq !== undefined && typeof connection?.close === 'function') {
      ports.unconfirmed.set(seq, { key, connection });
      this.refused.delete(connection);
    }
  }

  private noteReceived(ports: ProcessPorts, { act, ack, key, accepted }: ClusterMessage): void {
    if (act === 'close' && key !== undefined) ports.open.delete(key);
    const answered = ack === undefined ? undefined : ports.unconfirmed.get(ack);
    if (answered !== undefined) {
      ports.unconfirmed.delete(ack!);
      if (accepted === false && !this.isOnItsWay(answered.connection)) {
        this.refused.set(answered.connection, answered.key);
      }
    }
    this.closeRefused();
  }

  private isOnItsWay(connection: Connection): boolean {
    return [...this.processes].some(({ unconfirmed }) =>
      [...unconfirmed.values()].some((each) => each.connection === connection),
    );
  }

  /** Closes the refused connections of ports that no process has open. While one has, Node.js hands them over to it. */
  private closeRefused(): void {
    for (const [connection, key] of this.refused) {
      if ([...this.processes].some(({ open }) => open.has(key))) continue;
      this.refused.delete(connection);
      connection.close();
    }
  }
}
