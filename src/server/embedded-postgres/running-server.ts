import type { ServerAddress } from './connection.js';
import type { ProcessIdentity } from './process/process-identity.js';

/** A server that accepts connections. */
export interface RunningServer {
  identity: ProcessIdentity;
  address: ServerAddress;
  version: string;
  isAdopted: boolean;
  /** True if this process has to stop it. */
  isOwned: boolean;
}
