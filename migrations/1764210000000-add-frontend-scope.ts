import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens for browsers, which may push there and nowhere else. */
export class AddFrontendScope1764210000000 implements MigrationInterface {
  readonly name = 'AddFrontendScope1764210000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE api_token
        DROP CONSTRAINT api_token_scopes_known,
        ADD CONSTRAINT api_token_scopes_known CHECK (scopes <@ ARRAY['ingest', 'frontend', 'read', 'scrape', 'admin'])`);
  }

  /** Tokens lose the scope: what is left of one that had no other may do nothing, and keeps its row and its name. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`UPDATE api_token SET scopes = array_remove(scopes, 'frontend')`);
    await queryRunner.query(`
      ALTER TABLE api_token
        DROP CONSTRAINT api_token_scopes_known,
        ADD CONSTRAINT api_token_scopes_known CHECK (scopes <@ ARRAY['ingest', 'read', 'scrape', 'admin'])`);
  }
}
