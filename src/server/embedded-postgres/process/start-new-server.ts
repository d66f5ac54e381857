import { ensureCluster, resetPassword } from '../cluster.js';
import { ensureDatabase, isWrongPassword } from '../connection.js';
import { readClusterMajor } from '../data-folder.js';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';
import type { RunningServer } from '../running-server.js';
import { findFreePort, isPortFree } from '../free-port.js';
import { removeStalePostmasterFile } from './postmaster-file.js';
import { type Runtime, findRuntime } from '../runtime/runtime.js';
import { type ServerProcess, spawnServer, stopServer, waitUntilReady } from './server-process.js';
import { type StartContext, noteObstacle } from '../start-context.js';
import {
  type Credentials,
  claimOwnership,
  createCredentials,
  readCredentials,
  releaseOwnership,
  writeJson,
} from '../state-files.js';

const PROGRESS_MS = 5_000;

/** Starts a server. Returns undefined after a temporary obstacle, or after one that the next attempt can avoid. */
export async function startNewServer(context: StartContext): Promise<RunningServer | undefined> {
  const { folder, log, signal } = context;
  const clusterMajor = await readClusterMajor(folder);
  const runtime = await findRuntime({
    account: folder.account,
    dataDir: folder.path,
    libraryFolder: folder.libraries,
    clusterMajor,
    log,
    signal,
  });
  const credentials = await ensureCredentials(context);
  const { isEphemeral } = context;
  const isNew = await ensureCluster(folder, runtime, { password: credentials.password, isEphemeral, log, signal });

  const remaining = await removeStalePostmasterFile(folder.cluster, log);
  if (remaining.length > 0) {
    noteObstacle(context, `Waiting for processes of an earlier Postgres to end (pid ${remaining.join(', ')})`);
    return undefined;
  }
  if (context.isPasswordLost && !isNew) {
    log('The password of the data folder was lost; setting a new one');
    await resetPassword(folder, runtime, credentials.password);
  }
  context.isPasswordLost = false;
  return spawnAndConnect(context, runtime, credentials);
}

async function spawnAndConnect(
  context: StartContext,
  runtime: Runtime,
  credentials: Credentials,
): Promise<RunningServer | undefined> {
  const { folder, isEphemeral, log } = context;
  const port = await choosePort(context, credentials.port);
  await claimOwnership(folder.owner, folder.account);
  const process = await spawnServer(folder, runtime, { port, isEphemeral });
  const { identity } = process;
  let isUp = false;
  try {
    if (!(await waitWithProgress(context, process))) {
      noteFailure(context, await process.readLog(), port);
      return undefined;
    }
    const address = { port, password: credentials.password };
    const version = await ensureDatabase(address, context.database);
    if (port !== credentials.port) await writeJson(folder.credentials, { ...credentials, port }, folder.account);
    isUp = true;
    log(`Postgres ${version} is ready on 127.0.0.1:${port} (pid ${identity.pid}, data in ${folder.path})`);
    logUnexpectedEnd(process, context);
    return { identity, address, version, isAdopted: false, isOwned: true };
  } catch (error) {
    if (!isWrongPassword(error)) throw error;
    // An earlier start was killed after it had written a new password to the file, but before it had set it in the cluster.
    context.isPasswordLost = true;
    return undefined;
  } finally {
    if (!isUp) {
      await stopServer(identity, folder.cluster);
      await releaseOwnership(folder.owner);
    }
  }
}

/** Reads or creates the credentials. They are written before initdb, so that the file exists whenever the cluster does. */
async function ensureCredentials(context: StartContext): Promise<Credentials> {
  const { folder } = context;
  const found = await readCredentials(folder.credentials);
  if (found) return found;
  const credentials = createCredentials();
  await writeJson(folder.credentials, credentials, folder.account);
  context.isPasswordLost = true;
  return credentials;
}

async function choosePort(context: StartContext, saved: number | undefined): Promise<number> {
  if (context.port === undefined) return findFreePort(context.isSavedPortTaken ? undefined : saved);
  if (await isPortFree(context.port)) return context.port;
  throw portTaken(context.port);
}

async function waitWithProgress(context: StartContext, server: ServerProcess): Promise<boolean> {
  const progress = setInterval(
    () => context.log('Postgres is still starting; after a crash it first recovers its data'),
    PROGRESS_MS,
  );
  try {
    return await waitUntilReady(server, context.folder.cluster, context.signal);
  } finally {
    clearInterval(progress);
  }
}

/**
 * Notes the obstacle if the failure is temporary, and throws otherwise. The server's log, which is in English because of
 * LC_ALL=C, shows which of the two it is.
 */
function noteFailure(context: StartContext, serverLog: string, port: number): void {
  if (/Address already in use|could not create any TCP\/IP sockets/.test(serverLog)) {
    if (context.port !== undefined) throw portTaken(port);
    context.isSavedPortTaken = true;
    noteObstacle(context, `Port ${port} was taken by another program; using another one`);
  } else if (/is still in use|lock file "postmaster\.pid" already exists/.test(serverLog)) {
    noteObstacle(context, 'Waiting for processes of an earlier Postgres to end');
  } else {
    throw new EmbeddedPostgresError(
      'START_FAILED',
      `Postgres did not start on ${context.folder.path}:\n${serverLog || '(its log is empty)'}`,
    );
  }
}

function portTaken(port: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'PORT_TAKEN',
    `Port ${port} of 127.0.0.1 is used by another program. Choose another port, or none to get any free one.`,
  );
}

function logUnexpectedEnd({ child, identity }: ServerProcess, { folder, log }: StartContext): void {
  child.once('exit', (code, signal) => {
    if (code === 0) return;
    log(
      `The embedded Postgres (pid ${identity.pid}) ended with ${signal ?? `exit code ${code}`}. ` +
        `Its log is ${folder.serverLog}; the next start recovers its data.`,
    );
  });
}
