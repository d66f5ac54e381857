import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Gives sessions and one-time sign-in secrets a table of their own. Processes of older versions take every row of `api_token` for
 * a token, so they still accepted the secret of a session after it had ended, until its row was removed.
 *
 * Everybody who is signed in has to sign in again.
 */
export class MoveSessions1764815000000 implements MigrationInterface {
  readonly name = 'MoveSessions1764815000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE explorer_session (
        id int GENERATED ALWAYS AS IDENTITY,
        kind text NOT NULL,
        token_id int NOT NULL,
        secret_hash bytea NOT NULL,
        scopes text[] NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        CONSTRAINT explorer_session_pkey PRIMARY KEY (id),
        CONSTRAINT explorer_session_secret_hash_key UNIQUE (secret_hash),
        CONSTRAINT explorer_session_kind_known CHECK (kind IN ('session', 'sign_in')),
        CONSTRAINT explorer_session_token_id_fkey FOREIGN KEY (token_id) REFERENCES api_token (id) ON DELETE CASCADE
      )`);
    await queryRunner.query('CREATE INDEX explorer_session_token_id ON explorer_session (token_id)');
    await queryRunner.query(`DELETE FROM api_token WHERE kind <> 'token'`);
    await queryRunner.query('ALTER TABLE api_token DROP COLUMN parent_id, DROP COLUMN kind');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE api_token
        ADD COLUMN kind text NOT NULL DEFAULT 'token',
        ADD COLUMN parent_id int,
        ADD CONSTRAINT api_token_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES api_token (id) ON DELETE CASCADE,
        ADD CONSTRAINT api_token_kind_known CHECK (kind IN ('token', 'session', 'sign_in')),
        ADD CONSTRAINT api_token_session_has_parent CHECK ((kind = 'token') = (parent_id IS NULL)),
        ADD CONSTRAINT api_token_session_expires CHECK (kind = 'token' OR expires_at IS NOT NULL)`);
    await queryRunner.query('CREATE INDEX api_token_parent_id ON api_token (parent_id) WHERE parent_id IS NOT NULL');
    await queryRunner.query('DROP TABLE explorer_session');
  }
}
