import { existsSync, readFileSync, statSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { pathCandidates } from './child-environment.js';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';
import type { Command } from './run-command.js';

/** The account that Postgres runs as when this process is root, because Postgres refuses uid 0. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** One way to run a program with the rights Postgres wants. */
export interface LaunchWay {
  description: string;
  /** The kernel shuts the server down if node dies without stopping it (kill -9). */
  isTiedToNode: boolean;
  wrap(file: string, args: string[]): Command;
}

/** Accounts that a server can borrow; `node` is the one of the official Node.js images. */
const FALLBACK_ACCOUNTS = ['postgres', 'node', 'nobody'];

/**
 * The account to run Postgres as: none if this process is not root; else whoever owns the cluster or the folder it will
 * lie in (so that a later start without root finds its own files), else one that nearly every machine has.
 */
export function chooseAccount(dataDir: string, cluster: string): Account | undefined {
  if (!isRoot()) return undefined;
  const accounts = readAccounts();
  if (existsSync(cluster)) {
    const { uid, gid } = statSync(cluster);
    // A running server needs no passwd entry, only initdb does.
    if (uid !== 0) return accounts.find((account) => account.uid === uid) ?? { name: String(uid), uid, gid };
  }
  const ownerUid = statSync(nearestExisting(dataDir)).uid;
  const owner = ownerUid === 0 ? undefined : accounts.find((account) => account.uid === ownerUid);
  const account = owner ?? FALLBACK_ACCOUNTS.map((name) => accounts.find((found) => found.name === name)).find(Boolean);
  if (!account) {
    throw new EmbeddedPostgresError(
      'NO_ACCOUNT_FOR_ROOT',
      `Postgres refuses to run as root, and this machine has none of the accounts ${FALLBACK_ACCOUNTS.join(', ')} ` +
        'to run it as. Start the program as an ordinary user, or set DATABASE_URL to a Postgres of your own.',
    );
  }
  return account;
}

/** The ways to run a program, best first; the caller takes the first that works on this machine. */
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
  // For a project that only root may enter (/root is 0700). access(2), which initdb relies on, ignores the capability
  // without no_setuid_fixup. Second choice only: whoever can run SQL as superuser could read every file with it.
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
 * initdb asks for the name of its uid and fails if /etc/passwd has none (a container run with an arbitrary --user). In a
 * user namespace of its own it is `nobody`, and what it writes still belongs to the real uid outside.
 */
export function withAccountName(command: Command): Command {
  const unshare = findProgram('unshare');
  if (isRoot() || hasAccountName() || !unshare) return command;
  const asNobody = ['--user', '--map-user=65534', '--map-group=65534', '--'];
  return { ...command, file: unshare, args: [...asNobody, command.file, ...command.args] };
}

/** Whether the uid of this process has a name. */
export function hasAccountName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** Makes what root created belong to the account Postgres runs as. */
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
