import { Logger } from '@nestjs/common';
import { loadSettings, type Settings } from './config/settings.js';
import { InvalidEnvironmentError } from './config/invalid-environment.error.js';
import { DatabaseUnavailableError } from './database/wait-for-database.js';
import { JsonLogger } from './logging/json-logger.js';
import { printWelcome } from './welcome.js';
import { startServer } from './server.js';

/** The exit code EX_CONFIG of sysexits.h: the configuration is wrong, so restarting the process does not help. */
const EXIT_CONFIGURATION = 78;
const EXIT_FAILURE = 1;

/**
 * Runs the server with the settings of the environment. The promise resolves when it is ready, or never, because the process ends
 * if the server can't start.
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
  for (const warning of settings.warnings) logger.warn(warning, 'Settings');

  try {
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
    printWelcome(server);
  } catch (error) {
    // The message is enough without a stack, because the cause is outside the service.
    if (error instanceof DatabaseUnavailableError) logger.error(error.message, 'Server');
    else logger.error(error, 'Server');
    process.exit(EXIT_FAILURE);
  }
}
