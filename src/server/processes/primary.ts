import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { getHeapStatistics } from 'node:v8';
import { Logger } from '@nestjs/common';
import type { Settings } from '../config/settings.js';
import { startEmbedded } from '../start-embedded.js';
import { printWelcome } from '../welcome/welcome.js';
import type { Machine } from './machine.js';
import { LostConnections } from './lost-connections.js';
import { ProcessGroup } from './process-group.js';
import { fitConnections, heapFlags } from './process-plan.js';
import { ServiceProcess } from './service-process.js';

/** Marks a process of a group. Being a cluster worker is not enough, because a process manager can also use Node's cluster. */
const PROCESS_ARGUMENT = '--process-of-group';

const EXIT_FAILURE = 1;

const logger = new Logger('Server');

/** Returns whether this process belongs to a group that {@link runPrimary} has started. */
export function isProcessOfGroup(): boolean {
  return cluster.isWorker && process.argv.includes(PROCESS_ARGUMENT);
}

/**
 * Runs the server in several processes that share its ports. This process, the primary, hands connections over to them, and
 * neither reads requests nor uses the database.
 */
export async function runPrimary(settings: Settings, machine: Machine, count: number): Promise<void> {
  const embedded = settings.database.url === undefined ? await startEmbedded(settings) : undefined;
  // These are options of Node.js itself. The settings of the service are read by loadSettings alone.
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''];
  cluster.setupPrimary({
    args: [PROCESS_ARGUMENT],
    execArgv: [...process.execArgv, ...heapFlags(count, machine, given, getHeapStatistics().heap_size_limit)],
  });
  const secret = randomBytes(32).toString('hex');
  const lostConnections = new LostConnections();
  let isStopping = false;
  const group = new ProcessGroup({
    shutdownTimeoutMs: settings.http.shutdownTimeoutMs,
    fork: (number, onStopping) => {
      const worker = cluster.fork();
      lostConnections.watch(worker);
      return new ServiceProcess(worker, { kind: 'start', number, embeddedUrl: embedded?.url, secret }, onStopping);
    },
    onGiveUp: () => void stop(EXIT_FAILURE),
  });

  /** @param code the exit code of this process if all others exit with code 0 in time */
  async function stop(code: number): Promise<void> {
    if (isStopping) return;
    isStopping = true;
    const isClean = await group.stop();
    await embedded?.stop();
    logger.log('Stopped.');
    process.exit(isClean ? code : EXIT_FAILURE);
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // The handler runs once. A second signal ends this process, and Node.js then ends the others.
    process.once(signal, () => {
      logger.log(`${signal}: stopping after the running requests have finished`);
      void stop(0);
    });
  }

  const first = await group.startFirst();
  if (isStopping) return;
  if (typeof first === 'number') {
    // The process has logged the reason.
    await embedded?.stop();
    process.exit(first);
  }
  const { poolSize } = settings.database;
  const isAuto = settings.http.processes === 'auto';
  const plan = fitConnections(count, isAuto, { poolSize, available: first.connections });
  if (plan.warning !== undefined) logger.warn(plan.warning);
  printWelcome(first.announcement);
  await group.startOthers(plan.count);
}
