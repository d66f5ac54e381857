import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds sessions and one-time sign-in secrets to the table of tokens. Both belong to a token, their parent, and always expire.
 *
 * A process of an older version takes every row for a token. A sign-in secret has no scopes, so that such a process does not let
 * it do anything.
 */
export class AddSessions1764600000000 implements MigrationInterface {
  readonly name = 'AddSessions1764600000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE api_token
        ADD COLUMN kind text NOT NULL DEFAULT 'token',
        ADD COLUMN parent_id int,
        ADD CONSTRAINT api_token_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES api_token (id) ON DELETE CASCADE,
        ADD CONSTRAINT api_token_kind_known CHECK (kind IN ('token', 'session', 'sign_in')),
        ADD CONSTRAINT api_token_session_has_parent CHECK ((kind = 'token') = (parent_id IS NULL)),
        ADD CONSTRAINT api_token_session_expires CHECK (kind = 'token' OR expires_at IS NOT NULL)`);
    await queryRunner.query('CREATE INDEX api_token_parent_id ON api_token (parent_id) WHERE parent_id IS NOT NULL');
  }

  /** Ends all sessions, because an older version would take them for tokens that nobody can revoke through their parent. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DELETE FROM api_token WHERE kind <> 'token'`);
    await queryRunner.query('ALTER TABLE api_token DROP COLUMN parent_id, DROP COLUMN kind');
  }
}
