import { timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { KnownDatabase, type Landmark } from '../database/known-database.js';
import { StoreUnavailableError } from '../database/store-unavailable.error.js';
import { databaseMessageOf, isOutage, withDeadline } from '../database/outage.js';
import type { ApiToken, NewApiToken, Scope } from './api-token.js';
import { ApiTokenRepository, type StoredToken } from './api-token.repository.js';
import { createSecret, hashSecret, secretOf } from './token-secret.js';
import { TokenMissingError, TokenScopeError } from './token-errors.js';

/** How old the known tokens may be: a revocation on any process has effect everywhere within a second. */
const RELOAD_INTERVAL_MS = 500;

/** An unknown token asks Postgres at most this often, however many of them come: guessing must not become load. */
const RELOAD_PAUSE_MS = 50;

/** A connection that has gone silent must not keep revocations from being seen. */
const LOAD_DEADLINE_MS = 3_000;

/** `last_used_at` is written so often at most; it says "still in use", not "when exactly". */
const TOUCH_INTERVAL_MS = 30_000;

/** A token and its secret, which is never seen again. */
export interface CreatedToken {
  readonly token: ApiToken;
  readonly secret: string;
}

/**
 * Knows the tokens, by polling the few rows there are: the check of a request then costs one hash and one look-up, and
 * works while Postgres is away.
 */
@Injectable()
export class ApiTokensService implements OnApplicationShutdown {
  private readonly logger = new Logger(ApiTokensService.name);
  private byHash = new Map<string, StoredToken>();
  private usableIds: ReadonlySet<number> = new Set();
  /** When the newest finished load began, ms since the epoch. */
  private loadedAt = -Infinity;
  private newest: ApiToken | undefined;
  private reloading: Promise<void> | undefined;
  private nextReload: Promise<void> | undefined;
  private reloadTimer: NodeJS.Timeout | undefined;
  private touchTimer: NodeJS.Timeout | undefined;
  private readonly used = new Set<number>();

  constructor(
    private readonly repository: ApiTokenRepository,
    private readonly known: KnownDatabase,
  ) {}

  /** Loads the tokens and keeps them fresh from now on. */
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
   * Finds the token of a request and checks what it may do.
   *
   * @param scope undefined = any token will do
   * @throws TokenMissingError, TokenScopeError, or StoreUnavailableError when Postgres is away and can't tell
   */
  async authorize(authorization: string | undefined, scope: Scope | undefined): Promise<ApiToken> {
    const secret = secretOf(authorization);
    if (secret === undefined) throw new TokenMissingError();
    const hash = hashSecret(secret);
    const token = this.find(hash) ?? (await this.findAnew(hash));
    if (token === undefined) throw new TokenMissingError();
    if (scope !== undefined && !token.scopes.includes(scope)) throw new TokenScopeError();
    this.used.add(token.id);
    return token;
  }

  /**
   * The same without asking Postgres, for a path that hands everything but the usual case to {@link authorize}.
   *
   * @returns undefined if the token is not known to have the scope
   */
  findKnown(authorization: string | undefined, scope: Scope): ApiToken | undefined {
    const secret = secretOf(authorization);
    const token = secret === undefined ? undefined : this.find(hashSecret(secret));
    if (!token?.scopes.includes(scope)) return undefined;
    this.used.add(token.id);
    return token;
  }

  /** The newest token, by which a database is recognised. */
  get landmark(): Landmark | undefined {
    return this.newest && { id: this.newest.id, at: this.newest.createdAt.getTime() };
  }

  /**
   * Lets go of all tokens, because they are of a database that this process does not work on any more, and reads those of the
   * new one. Whoever comes meanwhile waits for them.
   */
  async loadAnew(): Promise<void> {
    this.byHash = new Map();
    this.usableIds = new Set();
    this.used.clear();
    this.newest = undefined;
    this.loadedAt = -Infinity;
    await this.reloading?.catch(() => undefined);
    await this.reload();
  }

  async create(token: NewApiToken): Promise<CreatedToken> {
    const secret = createSecret();
    const created = { token: await this.repository.create(token, hashSecret(secret)), secret };
    await this.reload();
    return created;
  }

  list(): Promise<ApiToken[]> {
    return this.repository.findAll();
  }

  /** @returns false if there is no such token, or it is revoked already */
  async revoke(id: number): Promise<boolean> {
    const isRevoked = await this.repository.revoke(id);
    await this.reload();
    return isRevoked;
  }

  /** Whether a token that was let through a moment ago still may be used, as far as this process knows. */
  isUsable({ id, expiresAt }: ApiToken): boolean {
    return this.usableIds.has(id) && (expiresAt === null || expiresAt.getTime() > Date.now());
  }

  private find(hash: Buffer): ApiToken | undefined {
    const stored = this.byHash.get(hash.toString('base64'));
    if (stored === undefined || !timingSafeEqual(stored.hash, hash)) return undefined;
    const { expiresAt } = stored.token;
    return expiresAt !== null && expiresAt.getTime() <= Date.now() ? undefined : stored.token;
  }

  /** Another process may have created the token a moment ago. */
  private async findAnew(hash: Buffer): Promise<ApiToken | undefined> {
    const askedAt = performance.now();
    try {
      // Twice at most: a reload that was joined may have begun before the token was there.
      for (let attempt = 0; attempt < 2 && this.loadedAt < askedAt; attempt++) await this.reloadAfterPause();
    } catch (error) {
      // 401 would silence an SDK for ever; "not now" is what is true.
      if (isOutage(error)) throw new StoreUnavailableError('Postgres is away, so the token cannot be checked.');
      throw error;
    }
    return this.find(hash);
  }

  /** One reload for all who ask meanwhile. */
  private reloadAfterPause(): Promise<void> {
    const pause = Math.max(0, this.loadedAt + RELOAD_PAUSE_MS - performance.now());
    this.nextReload ??= sleep(pause)
      .then(() => this.reload())
      .finally(() => (this.nextReload = undefined));
    return this.nextReload;
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
    this.byHash = new Map(stored.map((each) => [each.hash.toString('base64'), each]));
    this.usableIds = new Set(stored.map(({ token }) => token.id));
    this.newest = stored.map(({ token }) => token).reduce<ApiToken | undefined>(newerOf, undefined);
    this.loadedAt = startedAt;
  }

  private async touchUsed(): Promise<void> {
    if (this.used.size === 0) return;
    const ids = [...this.used];
    this.used.clear();
    try {
      await this.repository.touch(ids, new Date());
    } catch (error) {
      for (const id of ids) this.used.add(id);
      this.logger.debug(`last_used_at of ${ids.length} tokens could not be written: ${databaseMessageOf(error)}`);
    }
  }
}

function newerOf(one: ApiToken | undefined, other: ApiToken): ApiToken {
  return one === undefined || one.id < other.id ? other : one;
}
