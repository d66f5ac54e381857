import { execFile } from 'node:child_process';

/** A program to run, and the user that runs it. */
export interface Command {
  file: string;
  args: string[];
  uid?: number;
  gid?: number;
}

export interface CommandResult {
  isSuccess: boolean;
  stdout: string;
  /** The text of stdout and stderr, or the error message if both are empty. */
  output: string;
}

export interface CommandOptions {
  environment: NodeJS.ProcessEnv;
  cwd?: string;
  input?: string;
  signal?: AbortSignal;
}

/** Runs a program to its end. If the program fails, the result says so; the promise rejects only after an abort. */
export function runCommand(command: Command, options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const { uid, gid } = command;
    const child = execFile(
      command.file,
      command.args,
      // The default folder always exists. In a deleted working directory, the child would fail.
      { env: options.environment, cwd: options.cwd ?? '/', uid, gid, signal: options.signal },
      (error, stdout, stderr) => {
        if (options.signal?.aborted) return reject(options.signal.reason as Error);
        const output = `${stdout}${stderr}`.trim() || (error?.message ?? '');
        resolve({ isSuccess: error === null, stdout, output });
      },
    );
    // A child that ends without reading its input breaks the pipe. Its exit code already shows the failure.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}
