import { Injectable } from '@nestjs/common';
import { DatabaseSchema } from './schema/database-schema.js';

/** The SQLSTATE that `custom_metrics_is_known` raises on an unknown database. */
export const UNKNOWN_DATABASE = 'UM001';

/** A row that this process has seen: its id and its creation time in milliseconds since the epoch. */
export interface Landmark {
  readonly id: number;
  readonly at: number;
}

/** The newest rows that this process has seen in the tables whose ids it uses. */
export interface Landmarks {
  readonly metric: Landmark | undefined;
  readonly series: Landmark | undefined;
  readonly token: Landmark | undefined;
  /** The writer row of this process. */
  readonly writer: Landmark | undefined;
}

/** The error for data that was read from a database that this process no longer works with. */
export class DatabaseChangedError extends Error {
  override readonly name = 'DatabaseChangedError';
  readonly code = UNKNOWN_DATABASE;

  constructor() {
    super('Postgres has become a different database in the meantime, such as a standby after a failover.');
  }
}

/**
 * Remembers which database this process has read, so that data from one database is never used on another.
 *
 * A client of Postgres does not see that the server behind its address has changed: a standby was promoted, a backup was
 * restored, or a pooler sends the next statement to another server. An asynchronous standby lacks the newest rows, and assigns
 * their ids to other rows. Every statement with remembered ids therefore also contains {@link condition}, and every change of the
 * database starts a new generation, by which the caller of a statement recognises an outdated answer.
 */
@Injectable()
export class KnownDatabase {
  private currentPlace: string | null = null;
  private currentGeneration = 0;
  private landmarksOf: () => Landmarks | undefined = () => undefined;
  private suspect: () => Promise<void> = () => Promise.resolve();

  constructor(private readonly schema: DatabaseSchema) {}

  /** A number that grows each time this process has loaded another database. */
  get generation(): number {
    return this.currentGeneration;
  }

  /** What `custom_metrics_place` returned; null until a database has been read. */
  get place(): string | null {
    return this.currentPlace;
  }

  /** True until a database has been read. Until then, every database is accepted. */
  get isAnything(): boolean {
    return this.currentPlace === null;
  }

  /**
   * Returns a condition for a statement. The condition is true on the database that this process has read. On every other one,
   * the statement fails with {@link UNKNOWN_DATABASE}. Until a database has been read, every database is accepted.
   *
   * @param first the number of the first of its two parameters, see {@link values}
   */
  condition(first: number): string {
    return `${this.schema}.custom_metrics_is_known($${first}::text, $${first + 1}::float8[])`;
  }

  /**
   * The values of the two parameters of {@link condition}. They must be read together with the ids in the statement, with no
   * `await` in between.
   */
  get values(): readonly [string | null, readonly (number | null)[]] {
    return [this.currentPlace, this.landmarks];
  }

  /**
   * The first four parameters of `custom_metrics_append`: the place, the id and the time of the newest series, and the time of
   * the writer. Other landmarks are not needed, because a row of the log contains no other ids. They must be read synchronously
   * with the ids of the statement.
   */
  get valuesOfRow(): readonly [string | null, number | null, number | null, number | null] {
    const { series, writer } = this.landmarksOf() ?? {};
    return [this.currentPlace, series?.id ?? null, series?.at ?? null, writer?.at ?? null];
  }

  /** The landmarks as the array that `custom_metrics_has_landmarks` receives. */
  get landmarks(): readonly (number | null)[] {
    const { metric, series, token, writer } = this.landmarksOf() ?? {};
    return [metric, series, token, writer].flatMap((landmark) => [landmark?.id ?? null, landmark?.at ?? null]);
  }

  /**
   * Sets the source of the landmarks, and the function that examines the database after a statement has failed on an unknown one.
   */
  watchBy(landmarksOf: () => Landmarks, suspect: () => Promise<void>): void {
    this.landmarksOf = landmarksOf;
    this.suspect = suspect;
  }

  /** Notes that the server of the same database has restarted, so that `custom_metrics_place` returns another value. */
  moveTo(place: string): void {
    this.currentPlace = place;
  }

  /** Notes that this process has loaded another database. */
  changeTo(place: string): void {
    this.currentPlace = place;
    this.currentGeneration++;
  }

  /**
   * Checks whether the database has changed and, if so, has everything read again. The promise resolves when statements can be
   * tried again.
   */
  examine(): Promise<void> {
    return this.suspect();
  }

  /** @throws DatabaseChangedError if the database has changed since the given generation */
  assertStill(generation: number): void {
    if (generation !== this.currentGeneration) throw new DatabaseChangedError();
  }
}
