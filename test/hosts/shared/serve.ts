import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';

/** Listens on any free port of this machine, prints the port, and closes the app when a line of input arrives. */
export async function serve(app: NestExpressApplication): Promise<void> {
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  console.log(`listening on ${port}`);
  // The process must then end by itself, because nothing in the package may keep it alive.
  process.stdin.once('data', () => {
    process.stdin.destroy();
    void app.close();
  });
}
