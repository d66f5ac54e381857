import { Logger } from '@nestjs/common';
import { loadSettings, type Settings } from './config/settings.js';
import { InvalidEnvironmentError } from './config/invalid-environment.error.js';
import { JsonLogger } from './logging/json-logger.js';
import { ownMachine } from './processes/machine.js';
import { isProcessOfGroup, runPrimary } from './processes/primary.js';
import { processCount } from './processes/process-plan.js';
import { runProcess } from './processes/process.js';
import { printWelcome } from './welcome/welcome.js';
import { plainReasonOf } from './start-failure.js';
import { startServer } from './server.js';

/** The exit code EX_CONFIG of sysexits.h: the configuration is wrong, so restarting the process does not help. */
const EXIT_CONFIGURATION = 78;
const EXIT_FAILURE = 1;

/**
 * Runs the server with the settings of the environment. The promise resolves when the server is ready. If it can't start, the
 * process ends instead.
 */
export async function runServer(): Promise<void> {
  let settings: Settings;
  try {
    settings = loadSettings();
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error;
    console.error(error.message);
    process.exit(EXIT_CONFIGURATION);
  }

  const logger = new JsonLogger(settings.logging);
  Logger.overrideLogger(logger);
  try {
    if (isProcessOfGroup()) return await runProcess(settings, logger);
    for (const warning of settings.warnings) logger.warn(warning, 'Settings');
    const machine = ownMachine();
    const count = processCount(settings.http.processes, machine, settings.database.url === undefined);
    if (count > 1) await runPrimary(settings, machine, count);
    else await runAlone(settings, logger);
  } catch (error) {
    logger.error(plainReasonOf(error) ?? error, 'Server');
    process.exit(EXIT_FAILURE);
  }
}

/** Runs the server in this process alone. */
async function runAlone(settings: Settings, logger: JsonLogger): Promise<void> {
  const server = await startServer(settings, logger);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // The handler runs once, so that a second signal ends the process immediately.
    process.once(signal, () => {
      logger.log(`${signal}: stopping after the running requests have finished`, 'Server');
      void server.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error(error, 'Server');
          process.exit(EXIT_FAILURE);
        },
      );
    });
  }
  printWelcome(server.announcement);
}
