import type { DataFolder } from './data-folder.js';

/** One start: its wishes, and what was learned in earlier attempts. */
export interface StartContext {
  folder: DataFolder;
  database: string;
  isEphemeral: boolean;
  port: number | undefined;
  signal: AbortSignal | undefined;
  log: (message: string) => void;
  logError: (message: string) => void;
  /** The credentials file does not fit the cluster. */
  isPasswordLost: boolean;
  /** The saved port was taken between our look and the server's. */
  isSavedPortTaken: boolean;
  /** Why the last attempt has to be repeated. */
  obstacle: string | undefined;
}

/** Remembers, and says once, why an attempt has to be repeated. */
export function noteObstacle(context: StartContext, obstacle: string): void {
  if (context.obstacle !== obstacle) context.log(obstacle);
  context.obstacle = obstacle;
}
