import type { ServerAddress } from './connection.js';
import type { ProcessIdentity } from './process/process-identity.js';

/** What is known of a server that takes connections. */
export interface RunningServer {
  identity: ProcessIdentity;
  address: ServerAddress;
  version: string;
  isAdopted: boolean;
  /** Whether this process has to stop it. */
  isOwned: boolean;
}
