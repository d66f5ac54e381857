import type { DataFolder } from './data-folder.js';

/** The options of a start, and the findings of earlier attempts. */
export interface StartContext {
  folder: DataFolder;
  database: string;
  isEphemeral: boolean;
  port: number | undefined;
  signal: AbortSignal | undefined;
  log: (message: string) => void;
  logError: (message: string) => void;
  /** True if the credentials file does not match the cluster. */
  isPasswordLost: boolean;
  /** True if another program took the saved port between our check and the start of the server. */
  isSavedPortTaken: boolean;
  /** The reason why the last attempt must be repeated. */
  obstacle: string | undefined;
}

/** Records why an attempt must be repeated, and logs it once. */
export function noteObstacle(context: StartContext, obstacle: string): void {
  if (context.obstacle !== obstacle) context.log(obstacle);
  context.obstacle = obstacle;
}
