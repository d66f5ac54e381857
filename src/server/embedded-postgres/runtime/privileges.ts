import { existsSync, readFileSync, statSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { pathCandidates } from './child-environment.js';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';
import type { Command } from './run-command.js';

/** The account that runs Postgres if this process is root, because Postgres refuses uid 0. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** A way to run a program with the privileges that Postgres requires. */
export interface LaunchWay {
  description: string;
  /** True if the kernel stops the server when Node.js dies without stopping it (kill -9). */
  isTiedToNode: boolean;
  wrap(file: string, args: string[]): Command;
}

/** Accounts that can run the server. `node` is the account of the official Node.js images. */
const FALLBACK_ACCOUNTS = ['postgres', 'node', 'nobody'];

/**
 * Chooses the account that runs Postgres: none if this process is not root, otherwise the owner of the cluster or of its future
 * folder (so that a later start without root can use its files), and otherwise an account that nearly every machine has.
 */
export function chooseAccount(dataDir: string, cluster: string): Account | undefined {
  if (!isRoot()) return undefined;
  const accounts = readAccounts();
  if (existsSync(cluster)) {
    const { uid, gid } = statSync(cluster);
    // The uid needs no entry in passwd, because only initdb requires one, and the cluster already exists.
    if (uid !== 0) return accounts.find((account) => account.uid === uid) ?? { name: String(uid), uid, gid };
  }
  const ownerUid = statSync(nearestExisting(dataDir)).uid;
  const owner = ownerUid === 0 ? undefined : accounts.find((account) => account.uid === ownerUid);
  const account = owner ?? FALLBACK_ACCOUNTS.map((name) => accounts.find((found) => found.name === name)).find(Boolean);
  if (!account) {
    throw new EmbeddedPostgresError(
      'NO_ACCOUNT_FOR_ROOT',
      `Postgres refuses to run as root, and this machine has none of the accounts ${FALLBACK_ACCOUNTS.join(', ')} ` +
        'that could run it. Start the program as an ordinary user, or set DATABASE_URL to your own Postgres.',
    );
  }
  return account;
}

/** Returns the ways to run a program, best first. The caller uses the first that works on this machine. */
export function launchWays(account: Account | undefined): LaunchWay[] {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined;
  const dieWithNode = ['--pdeathsig', 'INT'];
  const viaSetpriv = (description: string, options: string[]): LaunchWay[] =>
    setpriv
      ? [
          {
            description,
            isTiedToNode: true,
            wrap: (file, args) => ({ file: setpriv, args: [...dieWithNode, ...options, '--', file, ...args] }),
          },
        ]
      : [];
  if (!account) {
    return [
      ...viaSetpriv('setpriv', []),
      { description: 'directly', isTiedToNode: false, wrap: (file, args) => ({ file, args }) },
    ];
  }
  const { uid, gid } = account;
  const asAccount = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups'];
  // This way is for a project in a folder that only root may enter (/root is 0700). Without no_setuid_fixup, access(2), which
  // initdb uses, would ignore the capability. This way is the second choice, because an SQL superuser could read every file
  // with it.
  const passEverywhere = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'];
  return [
    ...viaSetpriv(`setpriv as ${account.name}`, asAccount),
    ...viaSetpriv(`setpriv as ${account.name} with CAP_DAC_OVERRIDE`, [...asAccount, ...passEverywhere]),
    {
      description: `as ${account.name}`,
      isTiedToNode: false,
      wrap: (file, args) => ({ file, args, uid, gid }),
    },
  ];
}

/**
 * Wraps initdb if its uid has no name, because initdb fails without an entry in /etc/passwd (in a container with an arbitrary
 * --user). In its own user namespace, initdb runs as `nobody`; outside of the namespace, its files still belong to the real
 * uid.
 */
export function withAccountName(command: Command): Command {
  const unshare = findProgram('unshare');
  if (isRoot() || hasAccountName() || !unshare) return command;
  const asNobody = ['--user', '--map-user=65534', '--map-group=65534', '--'];
  return { ...command, file: unshare, args: [...asNobody, command.file, ...command.args] };
}

/** Returns whether the uid of this process has a name. */
export function hasAccountName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** Changes the owner of a file that root has created to the account that runs Postgres. */
export async function giveTo(account: Account | undefined, path: string): Promise<void> {
  if (account) await chown(path, account.uid, account.gid);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}

function readAccounts(): Account[] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .filter((fields) => fields.length >= 7)
      .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  } catch {
    return [];
  }
}

function findProgram(name: string): string | undefined {
  return pathCandidates(name).find((path) => existsSync(path));
}
