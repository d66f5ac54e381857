import { Column, Entity, type MigrationInterface, PrimaryGeneratedColumn, type QueryRunner } from 'typeorm';

/** A table of the app with the name of one of ours. */
@Entity('metric')
export class OwnMetric {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('text')
  colour: string;
}

export class CreateOwnMetric1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE metric (id serial PRIMARY KEY, colour text NOT NULL)`);
    await runner.query(`INSERT INTO metric (colour) VALUES ('red'), ('blue')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE metric`);
  }
}
