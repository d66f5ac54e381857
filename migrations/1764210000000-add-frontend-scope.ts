import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the scope of tokens for browsers, which may only push to the frontend API. */
export class AddFrontendScope1764210000000 implements MigrationInterface {
  readonly name = 'AddFrontendScope1764210000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE api_token
        DROP CONSTRAINT api_token_scopes_known,
        ADD CONSTRAINT api_token_scopes_known CHECK (scopes <@ ARRAY['ingest', 'frontend', 'read', 'scrape', 'admin'])`);
  }

  /** Removes the scope from tokens. A token that had no other scope can do nothing afterwards, but keeps its row and its name. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`UPDATE api_token SET scopes = array_remove(scopes, 'frontend')`);
    await queryRunner.query(`
      ALTER TABLE api_token
        DROP CONSTRAINT api_token_scopes_known,
        ADD CONSTRAINT api_token_scopes_known CHECK (scopes <@ ARRAY['ingest', 'read', 'scrape', 'admin'])`);
  }
}
