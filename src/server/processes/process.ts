import { Logger, type LoggerService } from '@nestjs/common';
import type { Settings } from '../config/settings.js';
import { availableConnections } from '../database/available-connections.js';
import { type RunningServer, startServer } from '../server.js';
import type { Order, Report, StartOrder } from './messages.js';
import { Siblings } from './siblings.js';

const EXIT_FAILURE = 1;

const logger = new Logger('Server');

/** Runs one of several processes of a server. The primary says when it starts and when it stops. */
export async function runProcess(settings: Settings, sink: LoggerService): Promise<void> {
  let siblings: Siblings | undefined;
  let server: RunningServer | undefined;
  let isStopping = false;

  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    // Before the start is complete, nothing has been accepted that could be lost.
    if (server === undefined) process.exit(0);
    report({ kind: 'stopping' });
    void server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error(error);
        process.exit(EXIT_FAILURE);
      },
    );
  };
  // Ctrl-C reaches every process of the terminal, and the primary passes it on as an order to stop.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', stop);
  const started = new Promise<StartOrder>((resolve) => {
    process.on('message', (order: Order) => {
      if (order.kind === 'start') resolve(order);
      else if (order.kind === 'siblings') siblings?.update(order);
      else stop();
    });
  });
  report({ kind: 'listening' });

  const order = await started;
  siblings = new Siblings(order);
  server = await startServer(settings, sink, { siblings, embeddedUrl: order.embeddedUrl });
  report({
    kind: 'ready',
    port: server.processPort!,
    connections: await availableConnections(settings.database.url ?? order.embeddedUrl!).catch(() => undefined),
    announcement: server.announcement,
  });
}

/** Sends a message to the primary. Without a primary, Node.js ends this process. */
function report(message: Report): void {
  process.send?.(message, undefined, undefined, () => undefined);
}
