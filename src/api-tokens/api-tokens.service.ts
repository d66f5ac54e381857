import { timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { DatabaseClock } from '../database/database-clock.js';
import { KnownDatabase, type Landmark } from '../database/known-database.js';
import { StoreUnavailableError } from '../database/store-unavailable.error.js';
import { databaseMessageOf, isOutage, waitOutOutage, withDeadline } from '../database/outage.js';
import type { AdmittedToken, ApiToken, NewApiToken, Scope } from './api-token.js';
import { ApiTokenRepository, type StoredToken } from './api-token.repository.js';
import { createSecret, hashSecret, secretOf } from './token-secret.js';
import { TokenMissingError, TokenScopeError } from './token-errors.js';

/** Time between two reloads. It is short enough that a revocation by any process takes effect everywhere within a second. */
const RELOAD_INTERVAL_MS = 500;

/** Minimum time between two reloads for unknown tokens, so that guessed tokens cause little load on Postgres. */
const RELOAD_PAUSE_MS = 50;

/** Maximum time for a load. Without it, a silent connection would keep this process from noticing revocations. */
const LOAD_DEADLINE_MS = 3_000;

/** Time between two writes of `last_used_at`. It is long, because the column only has to show whether a token is still in use. */
const TOUCH_INTERVAL_MS = 30_000;

/**
 * Maximum number of remembered Authorization headers. Without it, a client could fill the memory by varying the spaces in its
 * header.
 */
const MAX_RECOGNISED = 1_000;

/** A new token and its secret, which can't be read again later. */
export interface CreatedToken {
  readonly token: ApiToken;
  readonly secret: string;
}

/**
 * Keeps all usable tokens in memory and polls the table, which has few rows. The check of a known token thus needs no query, and
 * works even while Postgres is unavailable.
 */
@Injectable()
export class ApiTokensService implements OnApplicationShutdown {
  private readonly logger = new Logger(ApiTokensService.name);
  private byHash = new Map<string, StoredToken>();
  /**
   * The tokens of requests since the last load, keyed by the whole Authorization header, so that not every request needs a hash.
   */
  private readonly recognised = new Map<string, ApiToken>();
  private usableIds: ReadonlySet<number> = new Set();
  private usableSessionIds: ReadonlySet<number> = new Set();
  /** The time at which the last finished load began, by `performance.now()`. */
  private loadedAt = -Infinity;
  private newest: ApiToken | undefined;
  private reloading: Promise<void> | undefined;
  private nextReload: Promise<void> | undefined;
  private reloadTimer: NodeJS.Timeout | undefined;
  private touchTimer: NodeJS.Timeout | undefined;
  private readonly used = new Set<number>();

  /** @internal */
  constructor(
    private readonly repository: ApiTokenRepository,
    private readonly known: KnownDatabase,
    private readonly clock: DatabaseClock,
  ) {}

  /** Loads the tokens, and then reloads them regularly. */
  async open(): Promise<void> {
    await this.reload();
    this.reloadTimer = setInterval(() => void this.reload().catch(() => {}), RELOAD_INTERVAL_MS).unref();
    this.touchTimer = setInterval(() => void this.touchUsed(), TOUCH_INTERVAL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.reloadTimer);
    clearInterval(this.touchTimer);
    await this.touchUsed();
  }

  /**
   * Finds the token of a request and checks its scope.
   *
   * @param scope the required scope; undefined accepts any token
   * @param waitMs maximum time that the request may wait for Postgres, which is queried for an unknown token
   * @throws TokenMissingError, TokenScopeError, or StoreUnavailableError if the token is unknown and Postgres is unavailable
   */
  async authorize(authorization: string | undefined, scope: Scope | undefined, waitMs: number): Promise<AdmittedToken> {
    const secret = secretOf(authorization);
    if (secret === undefined) throw new TokenMissingError();
    const hash = hashSecret(secret);
    const token = this.find(hash) ?? (await this.findAnew(hash, waitMs));
    if (token === undefined) throw new TokenMissingError();
    if (scope !== undefined && !token.scopes.includes(scope)) throw new TokenScopeError(token.id);
    this.used.add(token.id);
    return token;
  }

  /**
   * Finds the token of a request in memory only. If it is not found, callers use {@link authorize}, which also queries
   * Postgres.
   *
   * @returns undefined if the token is unknown or lacks the scope
   */
  findKnown(authorization: string | undefined, scope: Scope): ApiToken | undefined {
    const token = this.recognise(authorization);
    if (!token?.scopes.includes(scope)) return undefined;
    this.used.add(token.id);
    return token;
  }

  /** Finds a usable token by its hash, in memory only. */
  findByHash(hash: Buffer): ApiToken | undefined {
    const token = this.find(hash);
    if (token !== undefined) this.used.add(token.id);
    return token;
  }

  /**
   * Reloads the tokens, and finds one that the caller has just created or found in the table.
   *
   * @returns undefined if it is revoked
   * @throws StoreUnavailableError
   */
  findCreated(hash: Buffer, waitMs: number): Promise<AdmittedToken | undefined> {
    return this.findAnew(hash, waitMs);
  }

  /** Reloads the tokens after a change. If that fails, the regular reload follows within half a second. */
  async refresh(): Promise<void> {
    await this.reloadAfterChange().catch(() => undefined);
  }

  /** The newest token, which is one of the rows that identify a database. */
  get landmark(): Landmark | undefined {
    return this.newest && { id: this.newest.id, at: this.newest.createdAt.getTime() };
  }

  /**
   * Drops all tokens and loads those of the database to which this process has switched. Requests that arrive meanwhile
   * wait until the tokens are loaded.
   */
  async loadAnew(): Promise<void> {
    this.byHash = new Map();
    this.recognised.clear();
    this.usableIds = new Set();
    this.usableSessionIds = new Set();
    this.used.clear();
    this.newest = undefined;
    this.loadedAt = -Infinity;
    await this.reloadAfterChange();
  }

  async create(token: NewApiToken): Promise<CreatedToken> {
    const secret = createSecret();
    const created = { token: await this.repository.create(token, hashSecret(secret)), secret };
    await this.reloadAfterChange();
    return created;
  }

  list(): Promise<ApiToken[]> {
    return this.repository.findAll();
  }

  /** @returns false if the token does not exist or is already revoked */
  async revoke(id: number): Promise<boolean> {
    const isRevoked = await this.repository.revoke(id);
    await this.reloadAfterChange();
    return isRevoked;
  }

  /** Returns whether an admitted token or session may still be used, as far as this process knows. */
  isUsable({ id, sessionId, expiresAt }: ApiToken): boolean {
    const isThere = sessionId === undefined ? this.usableIds.has(id) : this.usableSessionIds.has(sessionId);
    return isThere && !this.isExpired({ expiresAt });
  }

  private find(hash: Buffer): ApiToken | undefined {
    const stored = this.byHash.get(hash.toString('base64'));
    if (stored === undefined || !timingSafeEqual(stored.hash, hash)) return undefined;
    return this.isExpired(stored.token) ? undefined : stored.token;
  }

  /**
   * Finds the token for a header that may have been seen before. The header stays in memory until the next load, which follows
   * within about half a second. The duration of a look-up reveals nothing about a secret, because the engine compares only
   * strings with equal hashes, and the seed of the hash is random.
   */
  private recognise(authorization: string | undefined): ApiToken | undefined {
    if (authorization === undefined) return undefined;
    const recognised = this.recognised.get(authorization);
    if (recognised !== undefined) return this.isExpired(recognised) ? undefined : recognised;
    const secret = secretOf(authorization);
    const token = secret === undefined ? undefined : this.find(hashSecret(secret));
    if (token !== undefined && this.recognised.size < MAX_RECOGNISED) this.recognised.set(authorization, token);
    return token;
  }

  /** Reloads the tokens and searches again, because another process may have just created the token. */
  private async findAnew(hash: Buffer, waitMs: number): Promise<AdmittedToken | undefined> {
    const askedAt = performance.now();
    try {
      await waitOutOutage(() => this.reloadSince(askedAt), waitMs);
    } catch (error) {
      // A 401 would make an SDK stop sending permanently, although the token merely can't be checked at the moment.
      if (isOutage(error)) throw new StoreUnavailableError('Postgres is unavailable, so the token cannot be checked.');
      throw error;
    }
    const token = this.find(hash);
    return token && { ...token, waitedMs: performance.now() - askedAt };
  }

  /** Makes sure that the last load of the tokens began at or after the given time, as measured by `performance.now()`. */
  private async reloadSince(time: number): Promise<void> {
    // Two attempts are enough: the first may join a reload that began before that time, but the second can't.
    for (let attempt = 0; attempt < 2 && this.loadedAt < time; attempt++) await this.reloadAfterPause();
  }

  /** Reloads after a pause. Concurrent callers share one reload. */
  private reloadAfterPause(): Promise<void> {
    const pause = Math.max(0, this.loadedAt + RELOAD_PAUSE_MS - performance.now());
    this.nextReload ??= sleep(pause)
      .then(() => this.reload())
      .finally(() => (this.nextReload = undefined));
    return this.nextReload;
  }

  /** Reloads after a change of the table. A load that began before the change may not have seen it, and ends first. */
  private async reloadAfterChange(): Promise<void> {
    await this.reloading?.catch(() => undefined);
    await this.reload();
  }

  private reload(): Promise<void> {
    this.reloading ??= withDeadline(this.load(), LOAD_DEADLINE_MS).finally(() => (this.reloading = undefined));
    return this.reloading;
  }

  private async load(): Promise<void> {
    const startedAt = performance.now();
    const { generation } = this.known;
    const stored = await this.repository.findUsable();
    this.known.assertStill(generation);
    // This load was given up after its deadline, and another one has ended before it.
    if (startedAt < this.loadedAt) return;
    this.byHash = new Map(stored.map((each) => [each.hash.toString('base64'), each]));
    this.recognised.clear();
    const all = stored.map(({ token }) => token);
    const tokens = all.filter(({ sessionId }) => sessionId === undefined);
    this.usableIds = new Set(tokens.map(({ id }) => id));
    this.usableSessionIds = new Set(all.flatMap(({ sessionId }) => sessionId ?? []));
    this.newest = tokens.reduce<ApiToken | undefined>(newerOf, undefined);
    this.loadedAt = startedAt;
  }

  /** Returns whether a token has expired by the clock of Postgres, because the clocks of the processes may differ or be wrong. */
  private isExpired({ expiresAt }: Pick<ApiToken, 'expiresAt'>): boolean {
    return expiresAt !== null && expiresAt.getTime() <= this.clock.nowForExpiry();
  }

  private async touchUsed(): Promise<void> {
    if (this.used.size === 0) return;
    const ids = [...this.used];
    this.used.clear();
    try {
      await this.repository.touch(ids, new Date(this.clock.now()));
    } catch (error) {
      for (const id of ids) this.used.add(id);
      this.logger.debug(`Could not write last_used_at of ${ids.length} tokens: ${databaseMessageOf(error)}`);
    }
  }
}

function newerOf(one: ApiToken | undefined, other: ApiToken): ApiToken {
  return one === undefined || one.id < other.id ? other : one;
}
